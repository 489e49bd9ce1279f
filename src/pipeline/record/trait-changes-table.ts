// Writes `trait_changes`: the history of each trait. Lines are only ever added.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { createUuid } from "../../platform/uuid.ts";
import type { TraitChange, TraitsOf } from "./traits-table.ts";

export async function insertTraitChanges(tx: Tx, of: TraitsOf, changes: readonly TraitChange[]): Promise<void> {
  const rows = changes.map(({ recordId, name, oldValue, newValue }) => ({
    id: createUuid(of.readAt.getTime()),
    recordId,
    name,
    oldValue,
    newValue,
  }));
  await tx.query({
    name: "insert-trait-changes",
    text: `insert into trait_changes (workspace_id, trait_change_id, record_type, record_id, name, source, old_value, new_value, read_at)
           select $1, id, $2, "recordId", name, $3, "oldValue", "newValue", $5
           from json_to_recordset($4) as r(id uuid, "recordId" uuid, name text, "oldValue" jsonb, "newValue" jsonb)`,
    values: [of.workspaceId, of.recordType, of.source, toStorableJson(rows), of.readAt],
  });
}
