// Traits that people and the API set on one record: what is named is merged with what is there, null takes a value away.
import type { Database } from "../platform/database/pool.ts";
import type { JsonObject } from "../platform/json.ts";
import type { Author } from "../platform/routes.ts";
import { wakeWorkers } from "./inbox/inbox-channel.ts";
import type { PutTo } from "./match/put-records.ts";
import { listTraitTypes } from "./record/trait-settings-table.ts";
import type { TraitSaid } from "./records.ts";
import { RecordStateError, saveRecords } from "./save-records.ts";
import { readTraits, type TraitTypes } from "./trait-values.ts";
import { findNamedRecords } from "./use/record-ids-queries.ts";

export type SavedTraits =
  /** How many values are new, changed or gone. */
  | { outcome: "saved"; recordId: string; changed: number }
  | { outcome: "no-record" }
  /** Nothing was written. */
  | { outcome: "refused"; problems: readonly string[] };

/** `record` is its id or external ID. */
export async function saveTraits(
  database: Database,
  to: PutTo & { record: string; author?: Author },
  given: JsonObject | ((types: TraitTypes) => { traits: TraitSaid[] } | { problems: string[] }),
): Promise<SavedTraits> {
  const [record] = await findNamedRecords(database, to.kind, to.workspaceId, to.record);
  if (!record) return { outcome: "no-record" };
  const types = await listTraitTypes(database, to.workspaceId, to.kind);
  const reading = typeof given === "function" ? given(types) : readTraits(given, types);
  if ("problems" in reading) return { outcome: "refused", problems: reading.problems };
  try {
    const said = { externalId: record.externalId, traits: reading.traits };
    const { traits, released } = await saveRecords(database, { ...to, expect: "there" }, [said]);
    if (released > 0) await wakeWorkers(database);
    return { outcome: "saved", recordId: record.id, changed: traits };
  } catch (error) {
    // Somebody has deleted it in the meantime.
    if (error instanceof RecordStateError) return { outcome: "no-record" };
    throw error;
  }
}
