// Writes `nps_responses`: one row per submission, and which submission completes which.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { deriveUuid } from "../../platform/uuid.ts";
import { type FactMove, spellMoves } from "./fact-moves.ts";
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
      text: "update nps_responses set feedback = $3, part_of = $4 where workspace_id = $1 and nps_response_id = $2",
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
               mapping_version = excluded.mapping_version`,
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
           returning connection_id as "connectionId", pendo_visitor_id as "visitorId", guide_id as "guideId",
                     part_of is not null or feedback is distinct from submitted_feedback as "isPaired"`,
    values: [workspaceId, responseIds],
  });
  const surveys = rows
    .filter(({ isPaired }) => isPaired)
    .map(({ connectionId, visitorId, guideId }) => ({ connectionId, visitorId, guideId }));
  await completeResponses(tx, workspaceId, surveys);
}
