// Writes `nps_responses`: one row per submission, and which submission completes which.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { createUuid, deriveUuid } from "../../platform/uuid.ts";
import type { RecordKind } from "../records.ts";
import { type FactMove, spellMoves } from "./fact-moves.ts";
import { isOfRecord } from "./facts-of-record.ts";
import { pairSubmissions, type Submission } from "./pair-submissions.ts";
import type { HeldBy, RecordableItem } from "./record-items.ts";

export function deriveNpsResponseId(connectionId: string, key: string): string {
  return deriveUuid("nps-response", connectionId, key);
}

/** Inserts the submissions of a batch, then settles for each survey concerned which reason completes which score. */
export async function insertNpsResponses(
  tx: Tx,
  workspaceId: string,
  items: readonly RecordableItem[],
): Promise<HeldBy> {
  const rows = items.map(({ item, owner, connectionId, deliveryId, source, mappingVersion }) => ({
    id: deriveNpsResponseId(connectionId, item.key),
    c: connectionId,
    d: deliveryId,
    s: source,
    sc: item.nps!.score,
    fb: item.nps!.feedback,
    t: item.time.at,
    f: item.time.flag,
    ch: item.nps!.channel,
    g: item.nps!.guideId,
    gn: item.nps!.guideName,
    app: item.appId,
    v: item.pendoVisitorId,
    a: item.pendoAccountId,
    ui: owner.userId,
    ai: owner.accountId,
    oi: owner.organizationId,
    mv: mappingVersion,
  }));
  rows.sort((one, other) => (one.id < other.id ? -1 : 1));
  const { rows: inserted } = await tx.query({
    name: "insert-nps-responses",
    text: `insert into nps_responses (workspace_id, nps_response_id, connection_id, delivery_id, source, score, feedback, submitted_feedback,
                                      responded_at, time_flag, channel, guide_id, guide_name, app_id, pendo_visitor_id, pendo_account_id,
                                      user_id, account_id, organization_id, mapping_version)
           select $1, id, c, d, s, sc, fb, fb, t, f, ch, g, gn, app, v, a, ui, ai, oi, mv
           from json_to_recordset($2) as r(id uuid, c uuid, d uuid, s text, sc smallint, fb text, t timestamptz, f text, ch text,
                                           g text, gn text, app text, v text, a text, ui uuid, ai uuid, oi uuid, mv int)
           on conflict do nothing
           returning nps_response_id`,
    values: [workspaceId, toStorableJson(rows)],
  });
  const heldBy: HeldBy = new Map();
  const isNew = new Set(inserted.map((row) => row.nps_response_id));
  for (const row of rows) if (isNew.has(row.id)) heldBy.set(row.id, row.d);
  if (isNew.size < rows.length) {
    const { rows: earlier } = await tx.query({
      name: "find-nps-responses-by-id",
      text: "select w.id as nps_response_id, n.delivery_id from unnest($2::uuid[]) as w(id) cross join lateral (select delivery_id from nps_responses where workspace_id = $1 and nps_response_id = w.id limit 1) as n",
      values: [workspaceId, rows.filter((row) => !isNew.has(row.id)).map((row) => row.id)],
    });
    for (const row of earlier) heldBy.set(row.nps_response_id, row.delivery_id);
  }
  // Strangers who share an id ("anonymous") must not complete each other's responses.
  const surveys = items
    .filter(
      ({ item, connectionId }) => item.respondent !== null && isNew.has(deriveNpsResponseId(connectionId, item.key)),
    )
    .map(({ item, connectionId }) => ({ connectionId, visitorId: item.pendoVisitorId, guideId: item.nps!.guideId }));
  await completeResponses(tx, workspaceId, surveys);
  return heldBy;
}

/** What one visitor answered to one guide. */
type Survey = { connectionId: string; visitorId: string | null; guideId: string | null };

/**
 * The submissions of a survey are looked at together and paired anew (pair-submissions.ts). The lock on the connection's
 * row makes a second worker wait that holds the other half of a pair: without it neither would see the other's row, and
 * the reason would stay apart for ever.
 */
async function completeResponses(tx: Tx, workspaceId: string, submitted: readonly Survey[]): Promise<void> {
  const surveys = [...new Map(submitted.map((survey) => [JSON.stringify(survey), survey])).values()];
  if (surveys.length === 0) return;
  await tx.query({
    name: "lock-connections-of-responses",
    text: "select 1 from connections where workspace_id = $1 and connection_id = any($2) order by connection_id for no key update",
    values: [workspaceId, [...new Set(surveys.map((survey) => survey.connectionId))]],
  });
  // The limit is far above what a person answers; it makes PostgreSQL look up survey by survey (see record-queries.ts).
  const { rows } = await tx.query<Submission & { survey: number }>({
    name: "find-submissions-of-surveys",
    text: `select survey.i as survey, s.*
           from json_to_recordset($2) as survey(i int, "connectionId" uuid, "visitorId" text, "guideId" text)
           cross join lateral (
             select nps_response_id as id, score, submitted_feedback as "submittedFeedback", feedback, part_of as "partOf", responded_at as at
             from nps_responses
             where workspace_id = $1 and connection_id = survey."connectionId" and pendo_visitor_id = survey."visitorId"
               and guide_id is not distinct from survey."guideId"
             limit 100000
           ) as s`,
    values: [workspaceId, toStorableJson(surveys.map((survey, i) => ({ ...survey, i })))],
  });
  const submissions = surveys.map((_, i) => rows.filter((row) => row.survey === i));
  // One by one: they are few, and an update by its whole key cannot be planned wrongly.
  for (const { id, feedback, partOf } of submissions.flatMap(pairSubmissions)) {
    await tx.query({
      name: "complete-nps-response",
      text: "update nps_responses set feedback = $3, part_of = $4, updated_at = now() where workspace_id = $1 and nps_response_id = $2",
      values: [workspaceId, id, feedback, partOf],
    });
  }
}

/** Gives responses another owner, in a transaction that holds their locks (see events-table.ts). */
export async function moveNpsResponses(tx: Tx, workspaceId: string, moves: readonly FactMove[]): Promise<void> {
  if (moves.length === 0) return;
  await tx.query({
    name: "move-nps-responses",
    text: `insert into nps_responses (workspace_id, nps_response_id, connection_id, delivery_id, source, responded_at,
                                      user_id, account_id, organization_id, mapping_version)
           select $1, id, id, id, '', now(), u, a, o, v from json_to_recordset($2) as r(id uuid, u uuid, a uuid, o uuid, v int)
           on conflict (workspace_id, nps_response_id) do update
           set user_id = excluded.user_id, account_id = excluded.account_id, organization_id = excluded.organization_id,
               mapping_version = excluded.mapping_version, updated_at = now()`,
    values: [workspaceId, spellMoves(moves)],
  });
}

/** Takes responses away, whose deliveries go through once more. What they were a part of, or had as a part, is paired anew. */
export async function removeNpsResponses(tx: Tx, workspaceId: string, responseIds: readonly string[]): Promise<void> {
  if (responseIds.length === 0) return;
  const { rows } = await tx.query<Survey & { isPaired: boolean }>({
    name: "remove-nps-responses",
    text: `delete from nps_responses where workspace_id = $1 and ctid = any(array(
             select n.place from unnest($2::uuid[]) as w(id)
             cross join lateral (select ctid as place from nps_responses where workspace_id = $1 and nps_response_id = w.id limit 1) as n))
           returning ${survey}`,
    values: [workspaceId, responseIds],
  });
  await completeResponses(tx, workspaceId, listPaired(rows));
}

/** Takes away one response, and the parts that completed it: a reason must not come back as a response of its own. */
export async function removeNpsResponse(tx: Tx, workspaceId: string, responseId: string): Promise<void> {
  const { rows } = await tx.query<{ id: string }>({
    name: "find-nps-response-with-parts",
    text: `select p.id from nps_responses n
           cross join lateral (
             select n.nps_response_id as id union all
             select nps_response_id from nps_responses
             where workspace_id = $1 and connection_id = n.connection_id and pendo_visitor_id = n.pendo_visitor_id
               and guide_id is not distinct from n.guide_id and part_of = n.nps_response_id
           ) p
           where n.workspace_id = $1 and n.nps_response_id = $2`,
    values: [workspaceId, responseId],
  });
  await removeNpsResponses(
    tx,
    workspaceId,
    rows.map((row) => row.id),
  );
}

/** Takes away all that a record has answered, or that was answered for it. */
export async function removeNpsResponsesOf(
  tx: Tx,
  workspaceId: string,
  kind: RecordKind,
  recordId: string,
): Promise<void> {
  const { rows } = await tx.query<Survey & { isPaired: boolean }>({
    name: `remove-nps-responses-of-${kind}`,
    text: `delete from nps_responses where workspace_id = $1 and ${isOfRecord(kind)} returning ${survey}`,
    values: [workspaceId, recordId],
  });
  await completeResponses(tx, workspaceId, listPaired(rows));
}

/** A response as somebody outside of Pendo says it. What is undefined stays as it is. */
export type NpsResponseSaid = {
  /** The caller's own id of it. */
  externalId: string | null;
  userId: string;
  score: number;
  feedback?: string | null | undefined;
  respondedAt?: Date | undefined;
};

/**
 * Keeps a response that comes neither from a connection nor from a delivery. One with an external ID that is there already
 * becomes what is said now. Resolves to its id.
 */
export async function putNpsResponse(tx: Tx, workspaceId: string, said: NpsResponseSaid, at: Date): Promise<string> {
  const { rows } = await tx.query<{ id: string }>({
    name: "put-nps-response",
    text: `insert into nps_responses as n (workspace_id, nps_response_id, source, external_id, user_id, score, feedback, submitted_feedback,
                                           responded_at, created_at, updated_at)
           values ($1, $2, 'api', $3, $4, $5, $6, $6, coalesce($7::timestamptz, $8::timestamptz), $8, $8)
           on conflict (workspace_id, external_id) where external_id is not null do update
           set user_id = excluded.user_id, score = excluded.score,
               feedback = case when $9::bool then excluded.feedback else n.feedback end,
               submitted_feedback = case when $9 then excluded.feedback else n.submitted_feedback end,
               responded_at = coalesce($7, n.responded_at),
               updated_at = case when (excluded.user_id, excluded.score, coalesce($7, n.responded_at)) = (n.user_id, n.score, n.responded_at)
                                  and (not $9 or excluded.feedback is not distinct from n.feedback)
                                 then n.updated_at else greatest(n.updated_at, $8) end
           returning nps_response_id as id`,
    values: [
      workspaceId,
      createUuid(at.getTime()),
      said.externalId,
      said.userId,
      said.score,
      said.feedback ?? null,
      said.respondedAt ?? null,
      at,
      said.feedback !== undefined,
    ],
  });
  return rows[0]!.id;
}

export type NpsResponseChange = {
  [field in keyof Omit<NpsResponseSaid, "externalId">]?: NpsResponseSaid[field] | undefined;
};

/** Changes a response that was said through the API. False where it is not there, or was not: what a person answered to Pendo stays. */
export async function changeNpsResponse(
  tx: Tx,
  workspaceId: string,
  responseId: string,
  change: NpsResponseChange,
  at: Date,
): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: "change-nps-response",
    text: `update nps_responses
           set user_id = coalesce($3::uuid, user_id), score = coalesce($4::smallint, score), responded_at = coalesce($5::timestamptz, responded_at),
               feedback = case when $7::bool then $6::text else feedback end, submitted_feedback = case when $7 then $6 else submitted_feedback end,
               updated_at = greatest(updated_at, $8::timestamptz)
           where workspace_id = $1 and nps_response_id = $2 and source = 'api'`,
    values: [
      workspaceId,
      responseId,
      change.userId ?? null,
      change.score ?? null,
      change.respondedAt ?? null,
      change.feedback ?? null,
      change.feedback !== undefined,
      at,
    ],
  });
  return rowCount === 1;
}

const survey = `connection_id as "connectionId", pendo_visitor_id as "visitorId", guide_id as "guideId",
                part_of is not null or feedback is distinct from submitted_feedback as "isPaired"`;

function listPaired(removed: readonly (Survey & { isPaired: boolean })[]): Survey[] {
  return removed
    .filter(({ isPaired }) => isPaired)
    .map(({ connectionId, visitorId, guideId }) => ({ connectionId, visitorId, guideId }));
}
