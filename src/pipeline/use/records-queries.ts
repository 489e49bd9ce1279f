// Reads users, accounts and organizations.
import type { RecordsQuery } from "../../contract/api.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { type Condition, listPage, type Page } from "../../platform/paging.ts";
import { isUuid } from "../../platform/uuid.ts";
import { explainMemberships, explainRecord } from "../why.ts";
import { beginsWith } from "./begins-with.ts";
import { listMembershipConditions } from "./membership-conditions.ts";
import { figures } from "./select-figures.ts";
import { selectTraits } from "./traits-queries.ts";

/** When it was last heard of, and what its people say: of the rows that are shown only. */
const seen = (kind: "user" | "account" | "organization") => {
  const { lastSeenTimestamp, lastResponse, scores } = figures[kind];
  const score = kind === "user" ? `(${lastResponse} ->> 'score')::int as "lastScore"` : `${scores} as scores`;
  return `${lastSeenTimestamp} as "lastSeenAt", ${score}`;
};

const times = `r.created_at as "createdAt", r.updated_at as "updatedAt"`;

const lists = {
  users: {
    select: `select r.user_id as id, r.external_id as "externalId", r.name, r.email, ${times},
                    coalesce((select jsonb_agg(jsonb_build_object('id', a.account_id, 'externalId', a.external_id) order by a.external_id)
                              from account_users m join accounts a on a.workspace_id = m.workspace_id and a.account_id = m.account_id
                              where m.workspace_id = r.workspace_id and m.user_id = r.user_id), '[]') as accounts,
                    coalesce((select jsonb_agg(jsonb_build_object('id', o.organization_id, 'externalId', o.external_id) order by o.external_id)
                              from organizations o where o.workspace_id = r.workspace_id and o.organization_id in (
                                select m.organization_id from organization_users m where m.workspace_id = r.workspace_id and m.user_id = r.user_id
                                union
                                select a.organization_id from account_users m
                                join accounts a on a.workspace_id = m.workspace_id and a.account_id = m.account_id
                                where m.workspace_id = r.workspace_id and m.user_id = r.user_id)), '[]') as organizations,
                    ${seen("user")}, ${selectTraits("user")}
             from users r`,
    id: "r.user_id",
  },
  accounts: {
    select: `select r.account_id as id, r.external_id as "externalId", r.name, ${times},
                    case when o.organization_id is not null then jsonb_build_object('id', o.organization_id, 'externalId', o.external_id) end as organization,
                    (select count(*) from account_users m where m.workspace_id = r.workspace_id and m.account_id = r.account_id) as "usersCount",
                    ${seen("account")}, ${selectTraits("account")}
             from accounts r left join organizations o on o.workspace_id = r.workspace_id and o.organization_id = r.organization_id`,
    id: "r.account_id",
  },
  organizations: {
    select: `select r.organization_id as id, r.external_id as "externalId", r.name, ${times},
                    (select count(*) from accounts a where a.workspace_id = r.workspace_id and a.organization_id = r.organization_id) as "accountsCount",
                    (select count(*) from (
                       select m.user_id from organization_users m where m.workspace_id = r.workspace_id and m.organization_id = r.organization_id
                       union
                       select m.user_id from accounts a
                       join account_users m on m.workspace_id = a.workspace_id and m.account_id = a.account_id
                       where a.workspace_id = r.workspace_id and a.organization_id = r.organization_id) as members) as "usersCount",
                    ${seen("organization")}, ${selectTraits("organization")}
             from organizations r`,
    id: "r.organization_id",
  },
} as const;

export type RecordList = keyof typeof lists;

const kindOf = { users: "user", accounts: "account", organizations: "organization" } as const;

export async function listRecords(
  db: Queryable,
  list: RecordList,
  workspaceId: string,
  query: RecordsQuery,
): Promise<Page<object>> {
  const conditions: Condition[] = [{ sql: "r.workspace_id = ?", values: [workspaceId] }];
  if (query.externalId !== undefined) conditions.push({ sql: "r.external_id = ?", values: [query.externalId] });
  if (query.q !== undefined && query.q.trim() !== "") conditions.push(beginsWith(kindOf[list], workspaceId, query.q));
  if (query.since !== undefined) conditions.push({ sql: "r.created_at >= ?", values: [query.since] });
  if (query.until !== undefined) conditions.push({ sql: "r.created_at < ?", values: [query.until] });
  conditions.push(...(await listMembershipConditions(db, kindOf[list], workspaceId, query)));
  const { select, id } = lists[list];
  const page = await listPage<ScoredRow>(db, {
    select,
    time: "r.created_at",
    id,
    conditions,
    limit: query.limit,
    from: query.from,
  });
  return { ...page, items: page.items.map(withScore) };
}

type Scores = { promoters: number; passives: number; detractors: number };
type ScoredRow = { id: string; scores?: Scores };

/** Of each of its people the last score counts. */
function withScore({ scores, ...row }: ScoredRow): { id: string } {
  if (scores === undefined) return row;
  const answers = scores.promoters + scores.passives + scores.detractors;
  const score = answers === 0 ? null : Math.round((100 * (scores.promoters - scores.detractors)) / answers);
  return { ...row, ...{ nps: { score, answers } } };
}

/** By own id or external ID, with how it was linked; of a user also what it belongs to, and why. */
export async function findRecord(
  db: Queryable,
  list: RecordList,
  workspaceId: string,
  given: string,
): Promise<object | undefined> {
  const { select, id } = lists[list];
  const { rows } = await db.query(
    `${select} where r.workspace_id = $1 and (${id} = $2::uuid or r.external_id = $3) order by (${id} = $2::uuid) desc nulls last limit 1`,
    [workspaceId, isUuid(given) ? given : null, given],
  );
  if (rows.length === 0) return undefined;
  const record = withScore(rows[0]);
  const why = (await explainRecord(db, workspaceId, { type: kindOf[list], id: record.id })) ?? null;
  if (list !== "users") return { ...record, why };
  return { ...record, why, memberships: await explainMemberships(db, workspaceId, record.id) };
}
