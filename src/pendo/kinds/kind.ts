// What every kind of Pendo event gives: a fixed set of names and one pure reader.
import type { EventFact, NpsFact, PollFact } from "../../pipeline/facts.ts";
import type { Outcome } from "../../pipeline/outcome.ts";
import type { JsonObject } from "../../platform/json.ts";

export type PendoMessage = {
  /** Pendo's `event`. */
  kind: string;
  /** Pendo's `properties`; empty where it was none or no object. */
  properties: JsonObject;
  /** The whole object. */
  message: JsonObject;
};

export type Facts = { event: EventFact | null; nps: NpsFact | null; polls: readonly PollFact[] };

export type PendoKind = {
  /** The `event` string in the body. */
  kind: string;
  /** What people call it. */
  label: string;
  /** What becomes of it, in a few words. */
  becomes: string;
  read: (message: PendoMessage) => Outcome<Facts>;
  /** Bodies as Pendo sends them, for samples and tests. */
  samples: readonly JsonObject[];
};
