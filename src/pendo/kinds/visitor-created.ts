import { ok } from "../../pipeline/outcome.ts";
import { createSample } from "./envelope.ts";
import type { PendoKind } from "./kind.ts";

export const visitorCreated: PendoKind = {
  kind: "visitorCreated",
  label: "Visitor Created",
  becomes: "event (first seen), and the record itself",
  read({ properties }) {
    return ok({ event: { name: "Visitor Created", guideId: null, properties }, nps: null, polls: [] });
  },
  samples: [
    createSample("visitorCreated", "1a2c20ed531bf920781d7f1449968b772840e36c", {
      browserName: "Chrome",
      browserVersion: "91.0.4472",
      sampleGroup: 17,
    }),
  ],
};
