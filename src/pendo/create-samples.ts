// Samples of every kind of event, as Pendo would send them now, about a visitor and an account that nobody mistakes for real ones.
import type { JsonObject } from "../platform/json.ts";
import { pendoKinds } from "./kinds/index.ts";

/** Whoever meets these ids knows where they come from. */
export const sampleIds = { visitorId: "plumbline-sample-visitor", accountId: "plumbline-sample-account" } as const;

export type PendoSample = { kind: string; label: string; becomes: string; body: JsonObject };

/** `uniqueIds` makes each sample one that has never been: a second sending is recorded, too. */
export function createSamples(now: Date, createUniqueId: () => string): PendoSample[] {
  return pendoKinds.flatMap(({ kind, label, becomes, samples }) => {
    const sample = samples.at(-1);
    if (!sample) return [];
    const changes = { ...sampleIds, uniqueId: createUniqueId(), timestamp: Math.floor(now.getTime() / 1000) };
    // A test message is about nobody.
    const body = { ...sample, ...Object.fromEntries(Object.entries(changes).filter(([name]) => name in sample)) };
    return [{ kind, label, becomes, body }];
  });
}
