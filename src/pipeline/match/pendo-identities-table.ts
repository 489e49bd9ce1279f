// Writes `pendo_identities`: what is wanted, what is being asked, what Pendo answered.
//
//   (none) ──► wanted ──► mapped                      a delivery names it · Pendo has a value
//                 │          ▲
//                 └──► no-value | unknown | refused   asked again after a while, each time a longer one
//
// Keys are sorted in every statement, so that workers, those who ask and those who read all never wait in a circle.
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import type { IdentityKey, IdentityKind } from "./identity-queries.ts";
import { type Answer, type KnownIdentity, type PlannedIdentity, planAnswer } from "./plan-answer.ts";

/** What is asked of a connection: one kind by one field. */
export type Question = { workspaceId: string; connectionId: string; kind: IdentityKind; field: string };

/**
 * Writes down that Pendo is to be asked about these ids: at once where there is no answer by this field yet. Where Pendo had
 * no value it is asked again when that was planned, or, after all were read, a minute after that. Locks the row of every id, also of those that it leaves as they are (a conflict locks
 * before it looks), so that an answer to one of them comes either before this transaction or after it.
 */
export async function wantIdentities(
  tx: Tx,
  workspaceId: string,
  keys: readonly IdentityKey[],
  now: Date,
): Promise<void> {
  const rows = keys
    .map(({ connectionId, kind, pendoId, field }) => ({ c: connectionId, k: kind, id: pendoId, f: field }))
    .sort((one, other) => compare(one.c, other.c) || compare(one.k, other.k) || compare(one.id, other.id));
  await tx.query({
    name: "want-identities",
    text: `insert into pendo_identities as i (workspace_id, connection_id, kind, pendo_id, field, state, read_at, ask_at)
           select $1, c, k, id, f, 'wanted', $3, $3 from json_to_recordset($2) as r(c uuid, k text, id text, f text)
           on conflict (workspace_id, connection_id, kind, pendo_id) do update
           set field = excluded.field,
               state = case when i.field = excluded.field then i.state else 'wanted' end,
               external_id = case when i.field = excluded.field then i.external_id end,
               found_in = case when i.field = excluded.field then i.found_in end,
               previous_external_id = case when i.field = excluded.field then i.previous_external_id end,
               changed_at = case when i.field = excluded.field then i.changed_at end,
               read_at = case when i.field = excluded.field then i.read_at else excluded.read_at end,
               asked = case when i.field = excluded.field then i.asked else 0 end,
               ask_at = case when i.field <> excluded.field or i.state = 'wanted' then excluded.ask_at
                             else greatest(excluded.ask_at, i.read_at + interval '1 minute') end
           where i.field <> excluded.field or (i.state <> 'mapped' and i.ask_at is null)`,
    values: [workspaceId, toStorableJson(rows), now],
  });
}

/**
 * Takes up to `limit` ids whose time has come, the longest waiting first, and puts them off until `leaseUntil`: whoever
 * takes them asks, and when it dies they are due again. An id that was wanted by another field is asked for by this one.
 */
export async function takeIdsToAsk(
  tx: Tx,
  { workspaceId, connectionId, kind, field }: Question,
  { now, leaseUntil, limit }: { now: Date; leaseUntil: Date; limit: number },
): Promise<string[]> {
  const { rows } = await tx.query(
    `select pendo_id from pendo_identities
     where workspace_id = $1 and connection_id = $2 and kind = $3 and ask_at <= $4
     order by ask_at, pendo_id limit $5 for update skip locked`,
    [workspaceId, connectionId, kind, now, limit],
  );
  const ids = rows.map((row) => row.pendo_id as string);
  if (ids.length === 0) return ids;
  await tx.query(
    `update pendo_identities
     set ask_at = $5, field = $6, state = case when field = $6 then state else 'wanted' end,
         external_id = case when field = $6 then external_id end, found_in = case when field = $6 then found_in end,
         previous_external_id = case when field = $6 then previous_external_id end,
         changed_at = case when field = $6 then changed_at end, asked = case when field = $6 then asked else 0 end
     where workspace_id = $1 and connection_id = $2 and kind = $3 and pendo_id = any($4)`,
    [workspaceId, connectionId, kind, ids, leaseUntil, field],
  );
  return ids;
}

/** Ids that were taken and could not be asked about are due again. */
export async function putBackIdsToAsk(
  db: Queryable,
  { workspaceId, connectionId, kind }: Question,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  await db.query(
    `update pendo_identities set ask_at = $5
     where workspace_id = $1 and connection_id = $2 and kind = $3 and pendo_id = any($4) and ask_at is not null`,
    [workspaceId, connectionId, kind, ids, now],
  );
}

export type WrittenAnswers = {
  /** Ids that are called something else than before, or nothing any more, or are known for the first time. */
  changed: string[];
  /** Of these, the ones whose external ID was another before. */
  moved: string[];
};

/**
 * Writes what Pendo said, where that changes anything. `isAsked`: Pendo was asked about these ids, so that those without
 * a value are asked about again after a while; else all were read, and only who waited already is asked about again.
 */
export async function writeAnswers(
  tx: Tx,
  question: Question,
  answers: readonly Answer[],
  { now, isAsked }: { now: Date; isAsked: boolean },
): Promise<WrittenAnswers> {
  const plan = async (given: readonly Answer[], isLocking: boolean) => {
    const known = await readKnown(tx, question, given, isLocking);
    return given.flatMap((answer) => {
      const planned = planAnswer(known.get(answer.pendoId), answer, { field: question.field, now, isAsked });
      return planned ? [{ answer, planned }] : [];
    });
  };
  const sorted = [...answers].sort((one, other) => compare(one.pendoId, other.pendoId));
  // When all are read nearly nothing has changed: a look without locks leaves a million rows untouched.
  const candidates = isAsked ? sorted : (await plan(sorted, false)).map(({ answer }) => answer);
  const plans = (await plan(candidates, true)).map(({ planned }) => planned);
  if (plans.length > 0) await upsertIdentities(tx, question, plans, now);
  const listIds = (of: readonly PlannedIdentity[]) => of.map(({ pendoId }) => pendoId);
  return {
    changed: listIds(plans.filter(({ isChanged }) => isChanged)),
    moved: listIds(plans.filter(({ isMoved }) => isMoved)),
  };
}

async function readKnown(
  tx: Tx,
  { workspaceId, connectionId, kind }: Question,
  answers: readonly Answer[],
  isLocking: boolean,
): Promise<Map<string, KnownIdentity>> {
  const { rows } = await tx.query<KnownIdentity & { pendoId: string }>({
    name: isLocking ? "lock-identities" : "read-identities",
    text: `select w.id as "pendoId", i.* from unnest($4::text[]) as w(id)
           cross join lateral (
             select field, state, external_id as "externalId", found_in as "foundIn", previous_external_id as "previousExternalId",
                    changed_at as "changedAt", ask_at as "askAt", asked
             from pendo_identities where workspace_id = $1 and connection_id = $2 and kind = $3 and pendo_id = w.id
             limit 1 ${isLocking ? "for update" : ""}
           ) as i`,
    values: [workspaceId, connectionId, kind, answers.map(({ pendoId }) => pendoId)],
  });
  return new Map(rows.map(({ pendoId, ...known }) => [pendoId, known]));
}

async function upsertIdentities(
  tx: Tx,
  { workspaceId, connectionId, kind }: Question,
  plans: readonly PlannedIdentity[],
  now: Date,
): Promise<void> {
  const rows = plans.map((one) => ({
    id: one.pendoId,
    f: one.field,
    s: one.state,
    e: one.externalId,
    fi: one.foundIn,
    p: one.previousExternalId,
    ca: one.changedAt,
    aa: one.askAt,
    n: one.asked,
  }));
  await tx.query({
    name: "write-identities",
    text: `insert into pendo_identities (workspace_id, connection_id, kind, pendo_id, field, state, external_id, found_in,
                                         previous_external_id, changed_at, ask_at, asked, read_at)
           select $1, $2, $3, id, f, s, e, fi, p, ca, aa, n, $5
           from json_to_recordset($4) as r(id text, f text, s text, e text, fi text, p text, ca timestamptz, aa timestamptz, n smallint)
           on conflict (workspace_id, connection_id, kind, pendo_id) do update
           set field = excluded.field, state = excluded.state, external_id = excluded.external_id, found_in = excluded.found_in,
               previous_external_id = excluded.previous_external_id, changed_at = excluded.changed_at, ask_at = excluded.ask_at,
               asked = excluded.asked, read_at = excluded.read_at`,
    values: [workspaceId, connectionId, kind, toStorableJson(rows), now],
  });
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
