// Writes `record_sayings`: when each field of a record was last said by a message, so that what counts is what was said last and
// not what came last. Every transaction locks the lines of the records it says something of, in the order of their ids.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson, toStorableText } from "../../platform/json.ts";
import type { RecordKind } from "../records.ts";

export type FieldSaid = {
  recordId: string;
  field: string;
  /** Milliseconds since 1970. */
  saidAt: number;
  /** The message. Of two of the same time the greater one counts. */
  saidBy: string;
};

type Said = Map<string, readonly [at: number, by: string]>;

/** Resolves to those of them that count: neither the same nor anything newer has been said of their field, neither before nor among them. */
export async function sayFields<T extends FieldSaid>(
  tx: Tx,
  of: { workspaceId: string; recordType: RecordKind },
  said: readonly T[],
): Promise<T[]> {
  const newest = pickNewest(said);
  const counting: T[] = [];
  let open = [...newest.keys()].sort();
  // Who makes a line at the same moment as somebody else finds it in the next round.
  while (open.length > 0) {
    const held = await lockSayings(tx, of, open);
    const merged = open.map((recordId) => merge(recordId, held.get(recordId), newest.get(recordId)!));
    await writeSayings(
      tx,
      of,
      merged.filter((one) => one.isKnown && one.counting.length > 0),
    );
    const made = await makeSayings(
      tx,
      of,
      merged.filter((one) => !one.isKnown),
    );
    const done = merged.filter((one) => one.isKnown || made.has(one.recordId));
    for (const one of done) counting.push(...one.counting);
    const isDone = new Set(done.map((one) => one.recordId));
    open = open.filter((recordId) => !isDone.has(recordId));
  }
  return counting;
}

/** Of a record that is deleted. */
export async function forgetSayings(tx: Tx, workspaceId: string, kind: RecordKind, recordId: string): Promise<void> {
  await tx.query("delete from record_sayings where workspace_id = $1 and record_type = $2 and record_id = $3", [
    workspaceId,
    kind,
    recordId,
  ]);
}

function pickNewest<T extends FieldSaid>(said: readonly T[]): Map<string, Map<string, T>> {
  const records = new Map<string, Map<string, T>>();
  for (const one of said) {
    const fields = records.get(one.recordId) ?? new Map<string, T>();
    records.set(one.recordId, fields);
    const field = toStorableText(one.field);
    const known = fields.get(field);
    if (known === undefined || isNewer(one, [known.saidAt, known.saidBy])) fields.set(field, one);
  }
  return records;
}

/** The same message once more is not: what people have changed since then stays. */
function isNewer({ saidAt, saidBy }: FieldSaid, [at, by]: readonly [number, string]): boolean {
  return saidAt > at || (saidAt === at && saidBy > by);
}

function merge<T extends FieldSaid>(recordId: string, known: Said | undefined, fields: ReadonlyMap<string, T>) {
  const said: Said = new Map(known);
  const counting: T[] = [];
  for (const [field, one] of fields) {
    const before = said.get(field);
    if (before !== undefined && !isNewer(one, before)) continue;
    counting.push(one);
    said.set(field, [one.saidAt, one.saidBy]);
  }
  return { recordId, said, counting, isKnown: known !== undefined };
}

type Of = { workspaceId: string; recordType: RecordKind };
type Line = { recordId: string; said: Said };

async function lockSayings(tx: Tx, of: Of, recordIds: readonly string[]): Promise<Map<string, Said>> {
  const { rows } = await tx.query<{ id: string; said: Record<string, [number, string]> }>({
    name: "lock-record-sayings",
    text: `select w.id, s.said from unnest($3::uuid[]) as w(id) cross join lateral (
             select said from record_sayings where workspace_id = $1 and record_type = $2 and record_id = w.id limit 1 for update
           ) as s`,
    values: [of.workspaceId, of.recordType, recordIds],
  });
  return new Map(rows.map(({ id, said }) => [id, new Map(Object.entries(said))]));
}

/** Resolves to the records whose lines were made; the others have one by now. */
async function makeSayings(tx: Tx, of: Of, lines: readonly Line[]): Promise<Set<string>> {
  if (lines.length === 0) return new Set();
  const { rows } = await tx.query({
    name: "make-record-sayings",
    text: `insert into record_sayings (workspace_id, record_type, record_id, said)
           select $1, $2, id, said from json_to_recordset($3) as r(id uuid, said jsonb)
           on conflict do nothing returning record_id`,
    values: [of.workspaceId, of.recordType, spell(lines)],
  });
  return new Set(rows.map((row) => row.record_id));
}

/** Said as an insert that conflicts, because that goes by the primary key whatever PostgreSQL knows of the table (see deliveries-table.ts). */
async function writeSayings(tx: Tx, of: Of, lines: readonly Line[]): Promise<void> {
  if (lines.length === 0) return;
  await tx.query({
    name: "write-record-sayings",
    text: `insert into record_sayings (workspace_id, record_type, record_id, said)
           select $1, $2, id, said from json_to_recordset($3) as r(id uuid, said jsonb)
           on conflict (workspace_id, record_type, record_id) do update set said = excluded.said`,
    values: [of.workspaceId, of.recordType, spell(lines)],
  });
}

function spell(lines: readonly Line[]): string {
  return toStorableJson(lines.map(({ recordId, said }) => ({ id: recordId, said: Object.fromEntries(said) })));
}
