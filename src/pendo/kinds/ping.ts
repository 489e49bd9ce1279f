import { drop } from "../../pipeline/outcome.ts";
import type { PendoKind } from "./kind.ts";

export const ping: PendoKind = {
  kind: "ping",
  label: "Test message",
  becomes: "nothing: shown as test received",
  read: () => drop("test-message"),
  samples: [{ event: "ping", app: { name: "webhook-test" } }],
};
