// Writes `traits`: the current value that each source gives. A source writes its own values and never another's.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson, toStorableText } from "../../platform/json.ts";
import type { RecordKind, TraitSaid, TraitType } from "../records.ts";
import { insertMergedChanges, insertTraitChanges, removeChangesOf } from "./trait-changes-table.ts";

/** Whose traits, who says so, and when: `readAt` is the moment at which the source had these values. */
export type TraitsOf = { workspaceId: string; recordType: RecordKind; source: string; readAt: Date };

export type RecordTrait = TraitSaid & {
  recordId: string;
  /** When its source had this value, where that is not the same for all. */
  readAt?: Date;
};

/** A trait whose value is another than before; null: there was, or is, none. */
export type TraitChange = {
  recordId: string;
  name: string;
  oldValue: unknown;
  newValue: unknown;
  /** Where it is not that of all changes. */
  readAt?: Date | null;
};

/**
 * Sets traits to what their source says of them; null takes a value away, and what is not named stays. Only real changes
 * are written, each with a line of history. Of a trait that is named twice the last counts. Resolves to the changes.
 */
export async function setTraits(tx: Tx, of: TraitsOf, traits: readonly RecordTrait[]): Promise<TraitChange[]> {
  const real: FoundChange[] = [];
  let rows = sortDistinct(traits);
  // Somebody else may make a trait after it was found missing. Then what he has made is what is changed.
  while (rows.length > 0) {
    const changes = await findChanges(tx, of, rows);
    const removed = changes.filter((change) => change.newValue === null);
    await removeTraits(tx, of, removed);
    const said = changes.filter((change) => change.newValue !== null);
    const written = await writeTraits(tx, of, said);
    real.push(...removed, ...said.filter((change) => written.has(keyOf(change))));
    const late = new Set(said.map(keyOf).filter((key) => !written.has(key)));
    rows = rows.filter((row) => late.has(keyOf(row)));
  }
  if (real.length > 0) await insertTraitChanges(tx, of, real);
  return real;
}

/** Where a row is: it stays there while this transaction holds its lock. */
type FoundChange = TraitChange & { type: string | null; readAt: Date | null; place: string | null };

/**
 * What differs from what is there. Trait by trait through the primary key, whatever PostgreSQL knows of the table (the join
 * with the lateral's limit; see match/record-queries.ts), in sorted order against deadlocks. Values are compared by
 * PostgreSQL: for jsonb 1 and 1.0 are the same.
 */
async function findChanges(tx: Tx, of: TraitsOf, rows: readonly RecordTrait[]): Promise<FoundChange[]> {
  const { rows: changes } = await tx.query<FoundChange>({
    name: "find-trait-changes",
    text: `with said as materialized (
             select i, "recordId", name, type, value, "readAt"
             from json_to_recordset($4) as r(i int, "recordId" uuid, name text, type text, value jsonb, "readAt" timestamptz)
           ), held as materialized (
             select s.i, t.* from said s cross join lateral (
               select value, type, ctid from traits
               where workspace_id = $1 and record_type = $2 and record_id = s."recordId" and name = s.name and source = $3
               limit 1 for no key update
             ) t
           )
           select s."recordId", s.name, s.type, s.value as "newValue", s."readAt", h.value as "oldValue", h.ctid::text as place
           from said s left join held h on h.i = s.i
           where s.value is distinct from h.value or (s.value is not null and s.type is distinct from h.type)
           order by s.i`,
    values: [of.workspaceId, of.recordType, of.source, toStorableJson(rows.map((row, i) => ({ i, ...row })))],
  });
  return changes;
}

/** Resolves to what was written: all but what was missing, and is there by now. */
async function writeTraits(tx: Tx, of: TraitsOf, changes: readonly FoundChange[]): Promise<Set<string>> {
  const missing = changes.filter((change) => change.place === null);
  const there = changes.filter((change) => change.place !== null);
  const written = new Set(await putTraits(tx, of, missing, "do nothing"));
  const update = "do update set type = excluded.type, value = excluded.value, read_at = excluded.read_at";
  for (const key of await putTraits(tx, of, there, update)) written.add(key);
  return written;
}

async function putTraits(tx: Tx, of: TraitsOf, changes: readonly FoundChange[], onConflict: string): Promise<string[]> {
  if (changes.length === 0) return [];
  const { rows } = await tx.query<{ recordId: string; name: string }>({
    name: `write-traits ${onConflict.slice(0, 10)}`,
    text: `insert into traits as t (workspace_id, record_type, record_id, name, source, type, value, read_at)
           select $1, $2, "recordId", name, $3, type, "newValue", coalesce("readAt", $5)
           from json_to_recordset($4) as r("recordId" uuid, name text, type text, "newValue" jsonb, "readAt" timestamptz)
           on conflict (workspace_id, record_type, record_id, name, source) ${onConflict}
           returning record_id as "recordId", name`,
    values: [of.workspaceId, of.recordType, of.source, toStorableJson(changes), of.readAt],
  });
  return rows.map(keyOf);
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

export type MergeOf = TraitsOf & {
  /** The run of the report that says so; null: a person takes all away. */
  runId: string | null;
  /** The names and types of the traits, by place. */
  traits: readonly { name: string; type: TraitType }[];
  /** A query of the session: record_id, place, value, each pair once, in the order of records. */
  said: string;
  /** A query of the session: record_id of all that anything is said of. */
  records: string;
  /** What becomes of a value of this source that is not said any more. */
  vanished: "keep" | "clear";
};

export type Merged = { records: number; values: number };

/**
 * Sets all traits of a source at once to what it says, as `setTraits` does for a few: only real differences are written, each
 * with a line of history. Nothing is locked but the rows that change, which are the source's own. `settleMerge` ends it.
 *
 * 5,000,000 values that are there already are compared in 20 s; as many new ones take 100 s.
 */
export async function mergeTraits(tx: Tx, of: MergeOf): Promise<void> {
  await tx.query(
    `create temporary table trait_merge (record_id uuid not null, name text not null, type text, old_value jsonb, new_value jsonb)
     on commit drop`,
  );
  await stageDifferences(tx, of);
  if (of.vanished === "clear") await stageVanished(tx, of);
  await tx.query("analyze pg_temp.trait_merge");
  await writeMerged(tx, of);
  await removeMerged(tx, of);
  await insertMergedChanges(tx, of);
}

/**
 * The end of a merge, right before the commit: nothing is left of records that are gone by now. Whoever takes records away
 * because nothing uses them has to be kept out by a lock that is taken before this. Resolves to what has changed.
 */
export async function settleMerge(tx: Tx, of: MergeOf): Promise<Merged> {
  await letGo(tx, of);
  const { rows } = await tx.query<Merged>(
    "select count(distinct record_id) as records, count(*) as values from pg_temp.trait_merge",
  );
  return rows[0]!;
}

/** Trait by trait through the primary key, in its order, as `findChanges` looks. */
async function stageDifferences(tx: Tx, of: MergeOf): Promise<void> {
  await tx.query(
    `insert into pg_temp.trait_merge (record_id, name, type, old_value, new_value)
     select s.record_id, ($4::text[])[s.place + 1], ($5::text[])[s.place + 1], t.value, s.value
     from (${of.said}) as s
     left join lateral (
       select value, type from traits
       where workspace_id = $1 and record_type = $2 and record_id = s.record_id and name = ($4::text[])[s.place + 1] and source = $3
       limit 1
     ) t on true
     where s.value is distinct from t.value and (s.value is not null or $6)
        or s.value is not null and t.type is distinct from ($5::text[])[s.place + 1]`,
    [
      of.workspaceId,
      of.recordType,
      of.source,
      of.traits.map(({ name }) => toStorableText(name)),
      of.traits.map(({ type }) => type),
      of.vanished === "clear",
    ],
  );
}

/** Values of records that nothing is said of, and of names that are not said. Both sides are read whole, never row by row. */
async function stageVanished(tx: Tx, of: MergeOf): Promise<void> {
  await tx.query("set local enable_nestloop = off");
  await tx.query(
    `insert into pg_temp.trait_merge (record_id, name, type, old_value)
     select t.record_id, t.name, t.type, t.value from traits t
     left join (${of.records}) as s on s.record_id = t.record_id and t.name = any($4)
     where t.workspace_id = $1 and t.record_type = $2 and t.source = $3 and s.record_id is null`,
    [of.workspaceId, of.recordType, of.source, of.traits.map(({ name }) => toStorableText(name))],
  );
  await tx.query("set local enable_nestloop = on");
}

/**
 * In the order in which the differences were found, which is that of the primary key. What is new is inserted as it is: an insert
 * that may conflict takes a third longer. A run that has lost its lease may still be writing the same; it never commits.
 */
async function writeMerged(tx: Tx, of: MergeOf): Promise<void> {
  const insert = `insert into traits as t (workspace_id, record_type, record_id, name, source, type, value, read_at)
                  select $1, $2, record_id, name, $3, type, new_value, $4 from pg_temp.trait_merge where new_value is not null`;
  const values = [of.workspaceId, of.recordType, of.source, of.readAt];
  await tx.query(`${insert} and old_value is null`, values);
  await tx.query(
    `${insert} and old_value is not null
     on conflict (workspace_id, record_type, record_id, name, source) do update
     set type = excluded.type, value = excluded.value, read_at = excluded.read_at, last_read_at = null`,
    values,
  );
}

export type ReadOf = {
  /** A query of the session: record_id, and the places of the traits that have a value, in a list. */
  read: string;
  /** When the source was read before; null: never. */
  before: Date | null;
};

/**
 * Of a source's values that are kept although it has them no longer, writes down when it was read with them last; and of those
 * that have come back, that it has them. After `mergeTraits`. Both sides are read whole.
 */
export async function markKept(tx: Tx, of: MergeOf, { read, before }: ReadOf): Promise<void> {
  await tx.query("set local enable_nestloop = off");
  await tx.query(
    `create temporary table trait_marks on commit drop as
     select place, is_read from (
       select t.ctid as place, t.last_read_at,
              coalesce(array_position($4::text[], t.name) - 1 = any(r.places), false) as is_read
       from traits t left join (${read}) as r on r.record_id = t.record_id
       where t.workspace_id = $1 and t.record_type = $2 and t.source = $3
     ) as t where is_read = (last_read_at is not null)`,
    [of.workspaceId, of.recordType, of.source, of.traits.map(({ name }) => toStorableText(name))],
  );
  await tx.query("set local enable_nestloop = on");
  const places = (where: string) => `ctid = any(array(select place from pg_temp.trait_marks where ${where}))`;
  await tx.query(
    `update traits set last_read_at = greatest(read_at, $2) where workspace_id = $1 and ${places("not is_read")}`,
    [of.workspaceId, before],
  );
  await tx.query(`update traits set last_read_at = null where workspace_id = $1 and ${places("is_read")}`, [
    of.workspaceId,
  ]);
}

async function removeMerged(tx: Tx, of: MergeOf): Promise<void> {
  await tx.query(
    `delete from traits where workspace_id = $1 and ctid = any(array(
       select t.place from pg_temp.trait_merge m
       cross join lateral (
         select ctid as place from traits
         where workspace_id = $1 and record_type = $2 and record_id = m.record_id and name = m.name and source = $3 limit 1
       ) t
       where m.new_value is null))`,
    [of.workspaceId, of.recordType, of.source],
  );
}

const records: Record<RecordKind, { table: string; id: string }> = {
  user: { table: "users", id: "user_id" },
  account: { table: "accounts", id: "account_id" },
  organization: { table: "organizations", id: "organization_id" },
};

/** Whoever takes one of these records away waits from here to the commit: it has to look for traits after that. */
async function letGo(tx: Tx, of: MergeOf): Promise<void> {
  const { table, id } = records[of.recordType];
  const { rows } = await tx.query<{ record_id: string }>(
    `select m.record_id from (select distinct record_id from pg_temp.trait_merge where new_value is not null order by record_id) m
     left join lateral (
       select ${id} as id from ${table} where workspace_id = $1 and ${id} = m.record_id limit 1 for key share
     ) r on true
     where r.id is null`,
    [of.workspaceId],
  );
  if (rows.length === 0) return;
  const gone = rows.map((row) => row.record_id);
  await tx.query(
    `delete from traits where workspace_id = $1 and ctid = any(array(
       select t.place from unnest($2::uuid[]) as g(id)
       cross join lateral (
         select ctid as place from traits where workspace_id = $1 and record_type = $3 and record_id = g.id and source = $4
         limit 100000
       ) t))`,
    [of.workspaceId, gone, of.recordType, of.source],
  );
  await removeChangesOf(tx, of, gone);
  await tx.query("delete from pg_temp.trait_merge where record_id = any($1)", [gone]);
}

const keyOf = (trait: { recordId: string; name: string }) => `${trait.recordId} ${trait.name}`;

function sortDistinct(traits: readonly RecordTrait[]): RecordTrait[] {
  const storable = traits.map((one) => ({ ...one, name: toStorableText(one.name) }));
  const last = new Map(storable.map((one) => [keyOf(one), one]));
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** Takes away what all sources say of a record that is deleted. Its history stays: nothing leads to it any more. */
export async function removeTraitsOf(tx: Tx, workspaceId: string, kind: RecordKind, recordId: string): Promise<void> {
  await tx.query({
    name: "remove-traits-of-record",
    text: "delete from traits where workspace_id = $1 and record_type = $2 and record_id = $3",
    values: [workspaceId, kind, recordId],
  });
}
