// Reads events, NPS responses and poll responses, with the records they belong to.
import type { FactsQuery } from "../../contract/api.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { type Condition, listPage, type Page } from "../../platform/paging.ts";
import { isUuid } from "../../platform/uuid.ts";
import type { Made } from "../facts.ts";
import { explainFact } from "../why.ts";

const owner = `
  case when u.user_id is not null then jsonb_build_object('id', u.user_id, 'externalId', u.external_id) end as "user",
  case when a.account_id is not null then jsonb_build_object('id', a.account_id, 'externalId', a.external_id) end as account,
  case when o.organization_id is not null then jsonb_build_object('id', o.organization_id, 'externalId', o.external_id) end as organization,
  jsonb_build_object('visitorId', f.pendo_visitor_id, 'accountId', f.pendo_account_id) as pendo,
  f.source, f.time_flag as "timeFlag", f.connection_id as "connectionId", f.delivery_id as "deliveryId", f.app_id as "appId"`;
const joins = `
  left join users u on u.workspace_id = f.workspace_id and u.user_id = f.user_id
  left join accounts a on a.workspace_id = f.workspace_id and a.account_id = f.account_id
  left join organizations o on o.workspace_id = f.workspace_id and o.organization_id = f.organization_id`;
const guide = `case when f.guide_id is not null or f.guide_name is not null then jsonb_build_object('id', f.guide_id, 'name', f.guide_name) end as guide`;

const lists = {
  events: {
    select: `select f.event_id as id, f.kind, f.name, f.occurred_at as "occurredAt", f.properties, f.guide_id as "guideId", ${owner} from events f ${joins}`,
    time: "f.occurred_at",
    id: "f.event_id",
  },
  npsResponses: {
    select: `select f.nps_response_id as id, f.score, f.feedback, f.responded_at as "respondedAt", f.channel, ${guide}, ${owner} from nps_responses f ${joins}`,
    time: "f.responded_at",
    id: "f.nps_response_id",
  },
  pollResponses: {
    select: `select f.poll_response_id as id, f.question, f.answer, f.answer_label as "answerLabel", f.responded_at as "respondedAt", ${guide},
                    f.guide_step_id as "guideStepId", f.poll_id as "pollId", f.poll_type as "pollType", f.event_id as "eventId", ${owner} from poll_responses f ${joins}`,
    time: "f.responded_at",
    id: "f.poll_response_id",
  },
} as const;

export type FactList = keyof typeof lists;

export async function listFacts(
  db: Queryable,
  list: FactList,
  workspaceId: string,
  query: FactsQuery,
): Promise<Page<object>> {
  const { select, time, id } = lists[list];
  const conditions: Condition[] = [{ sql: "f.workspace_id = ?", values: [workspaceId] }];
  if (list === "npsResponses") conditions.push({ sql: "f.part_of is null", values: [] });
  if (query.kind !== undefined)
    conditions.push(list === "events" ? { sql: "f.kind = ?", values: [query.kind] } : { sql: "false", values: [] });
  if (query.guide !== undefined) conditions.push({ sql: "f.guide_id = ?", values: [query.guide] });
  if (query.since !== undefined) conditions.push({ sql: `${time} >= ?`, values: [query.since] });
  if (query.until !== undefined) conditions.push({ sql: `${time} < ?`, values: [query.until] });
  for (const [record, table] of [
    ["user", "users"],
    ["account", "accounts"],
    ["organization", "organizations"],
  ] as const) {
    const given = query[record];
    if (given !== undefined)
      conditions.push(await belongsTo(db, `f.${record}_id`, { table, column: `${record}_id` }, workspaceId, given));
  }
  return listPage(db, { select, time, id, conditions, limit: query.limit, from: query.from });
}

const typeOf: Record<FactList, Made["type"]> = {
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

/**
 * A record named by its own id or its external ID. It is found first, so that the list is planned for one known id and
 * read in order from the record's own index; as a subquery it had the whole workspace read by time.
 */
export async function belongsTo(
  db: Queryable,
  column: string,
  record: { table: string; column: string },
  workspaceId: string,
  given: string,
): Promise<Condition> {
  const { rows } = await db.query(
    `select r.${record.column} as id from ${record.table} r where r.workspace_id = $1 and r.external_id = $2
     union select r.${record.column} from ${record.table} r where r.workspace_id = $1 and r.${record.column} = $3::uuid`,
    [workspaceId, given, isUuid(given) ? given : null],
  );
  if (rows.length === 0) return { sql: "false", values: [] };
  // Two, where one record's external ID is another one's own id.
  return rows.length === 1
    ? { sql: `${column} = ?`, values: [rows[0].id] }
    : { sql: `${column} = any(?)`, values: [rows.map((row) => row.id)] };
}
