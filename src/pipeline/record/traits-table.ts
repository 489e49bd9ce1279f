// Writes `traits`: the current value that each source gives. A source writes its own values and never another's.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson, toStorableText } from "../../platform/json.ts";
import type { RecordKind, TraitSaid } from "../records.ts";
import { insertTraitChanges } from "./trait-changes-table.ts";

/** Whose traits, who says so, and when: `readAt` is the moment at which the source had these values. */
export type TraitsOf = { workspaceId: string; recordType: RecordKind; source: string; readAt: Date };

export type RecordTrait = TraitSaid & { recordId: string };

/** A trait whose value is another than before; null: there was, or is, none. */
export type TraitChange = { recordId: string; name: string; oldValue: unknown; newValue: unknown };

/**
 * Sets traits to what their source says of them; null takes a value away, and what is not named stays. Only real changes
 * are written, each with a line of history. Of a trait that is named twice the last counts. Resolves to the changes.
 */
export async function setTraits(tx: Tx, of: TraitsOf, traits: readonly RecordTrait[]): Promise<TraitChange[]> {
  const rows = sortDistinct(traits);
  if (rows.length === 0) return [];
  const changes = await findChanges(tx, of, rows);
  const removed = changes.filter((change) => change.newValue === null);
  await removeTraits(tx, of, removed);
  const written = await writeTraits(
    tx,
    of,
    changes.filter((change) => change.newValue !== null),
  );
  const real = [...removed, ...written];
  if (real.length > 0) await insertTraitChanges(tx, of, real);
  return real;
}

/** Where a row is: it stays there while this transaction holds its lock. */
type FoundChange = TraitChange & { type: string | null; place: string | null };

/**
 * What differs from what is there. Trait by trait through the primary key, whatever PostgreSQL knows of the table (the join
 * with the lateral's limit; see match/record-queries.ts), in sorted order against deadlocks. Values are compared by
 * PostgreSQL: for jsonb 1 and 1.0 are the same.
 */
async function findChanges(tx: Tx, of: TraitsOf, rows: readonly RecordTrait[]): Promise<FoundChange[]> {
  const { rows: changes } = await tx.query<FoundChange>({
    name: "find-trait-changes",
    text: `with said as materialized (
             select i, "recordId", name, type, value
             from json_to_recordset($4) as r(i int, "recordId" uuid, name text, type text, value jsonb)
           ), held as materialized (
             select s.i, t.* from said s cross join lateral (
               select value, type, ctid from traits
               where workspace_id = $1 and record_type = $2 and record_id = s."recordId" and name = s.name and source = $3
               limit 1 for no key update
             ) t
           )
           select s."recordId", s.name, s.type, s.value as "newValue", h.value as "oldValue", h.ctid::text as place
           from said s left join held h on h.i = s.i
           where s.value is distinct from h.value or (s.value is not null and s.type is distinct from h.type)
           order by s.i`,
    values: [of.workspaceId, of.recordType, of.source, toStorableJson(rows.map((row, i) => ({ i, ...row })))],
  });
  return changes;
}

/** Resolves to what was written: somebody else may have made the same trait in the meantime, with the same value. */
async function writeTraits(tx: Tx, of: TraitsOf, changes: readonly FoundChange[]): Promise<FoundChange[]> {
  if (changes.length === 0) return [];
  const { rows } = await tx.query<{ recordId: string; name: string }>({
    name: "write-traits",
    text: `insert into traits as t (workspace_id, record_type, record_id, name, source, type, value, read_at)
           select $1, $2, "recordId", name, $3, type, "newValue", $5
           from json_to_recordset($4) as r("recordId" uuid, name text, type text, "newValue" jsonb)
           on conflict (workspace_id, record_type, record_id, name, source) do update
           set type = excluded.type, value = excluded.value, read_at = excluded.read_at
           where t.value is distinct from excluded.value or t.type is distinct from excluded.type
           returning record_id as "recordId", name`,
    values: [of.workspaceId, of.recordType, of.source, toStorableJson(changes), of.readAt],
  });
  const written = new Set(rows.map(keyOf));
  return changes.filter((change) => written.has(keyOf(change)));
}

/** By place: a delete that is joined with a list of keys would be planned by statistics. */
async function removeTraits(tx: Tx, of: TraitsOf, changes: readonly FoundChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tx.query({
    name: "remove-traits",
    text: "delete from traits where ctid = any($2::tid[]) and workspace_id = $1",
    values: [of.workspaceId, changes.map((change) => change.place)],
  });
}

const keyOf = (trait: { recordId: string; name: string }) => `${trait.recordId} ${trait.name}`;

function sortDistinct(traits: readonly RecordTrait[]): RecordTrait[] {
  const storable = traits.map((one) => ({ ...one, name: toStorableText(one.name) }));
  const last = new Map(storable.map((one) => [keyOf(one), one]));
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
