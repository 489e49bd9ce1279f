// Reads events, NPS responses and poll responses, with the records they belong to.
import type { FactsQuery } from "../../contract/api.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { listPage, type Page } from "../../platform/paging.ts";
import { isUuid } from "../../platform/uuid.ts";
import type { MadeFact } from "../facts.ts";
import { joinOwner, selectOwner } from "../references.ts";
import { explainFact } from "../why.ts";
import { type FactList, listFactConditions } from "./fact-conditions.ts";
import { belongsToOrganizations } from "./organization-facts-queries.ts";
import { findRecordIds } from "./record-ids-queries.ts";

const owner = `
  ${selectOwner},
  jsonb_build_object('visitorId', f.pendo_visitor_id, 'accountId', f.pendo_account_id) as pendo,
  f.source, f.time_flag as "timeFlag", f.connection_id as "connectionId", f.delivery_id as "deliveryId", f.app_id as "appId"`;
const guide = `case when f.guide_id is not null or f.guide_name is not null then jsonb_build_object('id', f.guide_id, 'name', f.guide_name) end as guide`;

const lists = {
  events: {
    table: "events",
    select: `select f.event_id as id, f.kind, f.name, f.occurred_at as "occurredAt", f.properties, f.guide_id as "guideId", ${owner} from events f ${joinOwner}`,
    time: "f.occurred_at",
    id: "f.event_id",
  },
  npsResponses: {
    table: "nps_responses",
    select: `select f.nps_response_id as id, f.score, f.feedback, f.responded_at as "respondedAt", f.channel, ${guide}, ${owner} from nps_responses f ${joinOwner}`,
    time: "f.responded_at",
    id: "f.nps_response_id",
  },
  pollResponses: {
    table: "poll_responses",
    select: `select f.poll_response_id as id, f.question, f.answer, f.answer_label as "answerLabel", f.responded_at as "respondedAt", ${guide},
                    f.guide_step_id as "guideStepId", f.poll_id as "pollId", f.poll_type as "pollType", f.event_id as "eventId", ${owner} from poll_responses f ${joinOwner}`,
    time: "f.responded_at",
    id: "f.poll_response_id",
  },
} as const satisfies Record<FactList, object>;

export async function listFacts(
  db: Queryable,
  list: FactList,
  workspaceId: string,
  query: FactsQuery,
): Promise<Page<object>> {
  const { select, time, id } = lists[list];
  const conditions = await listFactConditions(db, workspaceId, list, query);
  const { limit, from } = query;
  if (query.organization !== undefined) {
    const ids = await findRecordIds(db, "organization", workspaceId, query.organization);
    const given = { ...lists[list], conditions: [...conditions], limit, from };
    conditions.push(await belongsToOrganizations(db, workspaceId, ids, given));
  }
  return listPage(db, { select, time, id, conditions, limit, from });
}

const typeOf: Record<FactList, MadeFact> = {
  events: "event",
  npsResponses: "nps-response",
  pollResponses: "poll-response",
};

/** One of them, and how it came to its records. */
export async function findFact(
  db: Queryable,
  list: FactList,
  workspaceId: string,
  factId: string,
): Promise<object | undefined> {
  if (!isUuid(factId)) return undefined;
  const { select, id } = lists[list];
  const { rows } = await db.query(`${select} where f.workspace_id = $1 and ${id} = $2`, [workspaceId, factId]);
  if (rows.length === 0) return undefined;
  return { ...rows[0], why: await explainFact(db, workspaceId, { type: typeOf[list], id: factId }) };
}
