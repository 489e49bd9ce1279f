import { ok } from "../../pipeline/outcome.ts";
import { createSample } from "./envelope.ts";
import type { PendoKind } from "./kind.ts";

export const accountCreated: PendoKind = {
  kind: "accountCreated",
  label: "Account Created",
  becomes: "event (first seen), and the record itself",
  read({ properties }) {
    return ok({ event: { name: "Account Created", guideId: null, properties }, nps: null, polls: [] });
  },
  samples: [createSample("accountCreated", "38993a6dd7ff256c0112528ca44b291255603647", {})],
};
