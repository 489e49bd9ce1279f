// Writes `nps_responses`: one row per submission, and which submission completes which.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { deriveUuid } from "../../platform/uuid.ts";
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
  const rows = items.map(({ item, owner, connectionId, deliveryId, source }) => ({
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
  }));
  rows.sort((one, other) => (one.id < other.id ? -1 : 1));
  const { rows: inserted } = await tx.query({
    name: "insert-nps-responses",
    text: `insert into nps_responses (workspace_id, nps_response_id, connection_id, delivery_id, source, score, feedback, submitted_feedback,
                                      responded_at, time_flag, channel, guide_id, guide_name, app_id, pendo_visitor_id, pendo_account_id,
                                      user_id, account_id, organization_id)
           select $1, id, c, d, s, sc, fb, fb, t, f, ch, g, gn, app, v, a, ui, ai, oi
           from json_to_recordset($2) as r(id uuid, c uuid, d uuid, s text, sc smallint, fb text, t timestamptz, f text, ch text,
                                           g text, gn text, app text, v text, a text, ui uuid, ai uuid, oi uuid)
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
      text: "select nps_response_id, delivery_id from nps_responses where workspace_id = $1 and nps_response_id = any($2)",
      values: [workspaceId, rows.filter((row) => !isNew.has(row.id)).map((row) => row.id)],
    });
    for (const row of earlier) heldBy.set(row.nps_response_id, row.delivery_id);
  }
  // Strangers who share an id ("anonymous") must not complete each other's responses.
  const fresh = items
    .filter(({ item }) => item.respondent !== null)
    .map(({ item, connectionId }) => deriveNpsResponseId(connectionId, item.key))
    .filter((id) => isNew.has(id));
  await completeResponses(tx, workspaceId, fresh);
  return heldBy;
}

/**
 * The submissions of one visitor to one guide are looked at together and paired anew (pair-submissions.ts). The lock on
 * the connection's row makes a second worker wait that holds the other half of a pair: without it neither would see
 * the other's row, and the reason would stay apart for ever.
 */
async function completeResponses(tx: Tx, workspaceId: string, freshIds: readonly string[]): Promise<void> {
  if (freshIds.length === 0) return;
  await tx.query({
    name: "lock-connections-of-responses",
    text: `select 1 from connections
           where workspace_id = $1 and connection_id in (select connection_id from nps_responses where workspace_id = $1 and nps_response_id = any($2))
           order by connection_id for no key update`,
    values: [workspaceId, freshIds],
  });
  const { rows } = await tx.query({
    name: "find-submissions-of-surveys",
    text: `select s.nps_response_id as id, s.connection_id || ' ' || coalesce(s.guide_id, '') || ' ' || s.pendo_visitor_id as survey,
                  s.score, s.submitted_feedback as "submittedFeedback", s.feedback, s.part_of as "partOf", s.responded_at as at
           from (select distinct connection_id, pendo_visitor_id, guide_id from nps_responses
                 where workspace_id = $1 and nps_response_id = any($2)) as fresh
           join nps_responses s on s.workspace_id = $1 and s.connection_id = fresh.connection_id
             and s.pendo_visitor_id = fresh.pendo_visitor_id and s.guide_id is not distinct from fresh.guide_id`,
    values: [workspaceId, freshIds],
  });
  const changed = [...groupBySurvey(rows).values()].flatMap(pairSubmissions);
  if (changed.length === 0) return;
  await tx.query({
    name: "complete-nps-responses",
    text: `update nps_responses n set feedback = r.feedback, part_of = r."partOf"
           from json_to_recordset($2) as r(id uuid, feedback text, "partOf" uuid)
           where n.workspace_id = $1 and n.nps_response_id = r.id`,
    values: [workspaceId, JSON.stringify(changed)],
  });
}

function groupBySurvey(rows: readonly (Submission & { survey: string })[]): Map<string, Submission[]> {
  const surveys = new Map<string, Submission[]>();
  for (const row of rows) {
    const group = surveys.get(row.survey);
    if (group) group.push(row);
    else surveys.set(row.survey, [row]);
  }
  return surveys;
}
