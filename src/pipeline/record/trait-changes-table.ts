// Writes `trait_changes`: the history of each trait. Lines are only ever added.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { createUuid } from "../../platform/uuid.ts";
import type { MergeOf, TraitChange, TraitsOf } from "./traits-table.ts";

export async function insertTraitChanges(tx: Tx, of: TraitsOf, changes: readonly TraitChange[]): Promise<void> {
  const rows = changes.map(({ recordId, name, oldValue, newValue, readAt }) => ({
    // By our own clock: that of a sender who is ahead would date all ids that are made here until it is reached.
    id: createUuid(of.readAt.getTime()),
    recordId,
    name,
    oldValue,
    newValue,
    readAt: readAt ?? of.readAt,
  }));
  await tx.query({
    name: "insert-trait-changes",
    text: `insert into trait_changes (workspace_id, trait_change_id, record_type, record_id, name, source, old_value, new_value, read_at)
           select $1, id, $2, "recordId", name, $3, "oldValue", "newValue", "readAt"
           from json_to_recordset($4) as r(id uuid, "recordId" uuid, name text, "oldValue" jsonb, "newValue" jsonb, "readAt" timestamptz)`,
    values: [of.workspaceId, of.recordType, of.source, toStorableJson(rows)],
  });
}

/**
 * A line for each row of trait_merge. Their ids are version 7: the time, then the number of the line, then the end of the run's
 * own id. Lines of one run stand in one place of the index; with random ends, 5,000,000 of them would be all over it.
 */
export async function insertMergedChanges(tx: Tx, of: MergeOf): Promise<void> {
  const time = of.readAt.getTime().toString(16).padStart(12, "0");
  const end = (of.runId ?? createUuid(of.readAt.getTime())).replaceAll("-", "").slice(-10);
  await tx.query(
    `insert into trait_changes (workspace_id, trait_change_id, record_type, record_id, name, source, old_value, new_value, read_at, report_run_id)
     select $1, ($6 || '7' || left(n, 3) || '8' || right(n, 5) || $7)::uuid, $2, record_id, name, $3, old_value, new_value, $4, $5
     from (
       select lpad(to_hex(row_number() over ()), 8, '0') as n, record_id, name, old_value, new_value
       from pg_temp.trait_merge
     ) as line`,
    [of.workspaceId, of.recordType, of.source, of.readAt, of.runId, time, end],
  );
}

/** Takes lines of the run back that this transaction has written, of records that are gone. */
export async function removeChangesOf(tx: Tx, of: MergeOf, recordIds: readonly string[]): Promise<void> {
  await tx.query(
    `delete from trait_changes where workspace_id = $1 and ctid = any(array(
       select c.place from unnest($2::uuid[]) as g(id)
       cross join lateral (
         select ctid as place from trait_changes
         where workspace_id = $1 and record_type = $3 and record_id = g.id and report_run_id = $4 limit 100000
       ) c))`,
    [of.workspaceId, recordIds, of.recordType, of.runId],
  );
}
