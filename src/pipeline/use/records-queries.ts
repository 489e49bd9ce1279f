// Reads users, accounts and organizations.
import type { RecordsQuery } from "../../contract/api.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { listPage, type Page } from "../../platform/paging.ts";
import { isUuid } from "../../platform/uuid.ts";
import type { RecordKind } from "../records.ts";
import { selectOptionalReference, selectReference } from "../references.ts";
import { explainMemberships, explainRecord } from "../why.ts";
import { listMembershipConditions } from "./membership-conditions.ts";
import { readPeople } from "./people-queries.ts";
import { listRecordConditions } from "./record-conditions.ts";
import { figures } from "./select-figures.ts";
import { selectTraits } from "./traits-queries.ts";

/** When it was last heard of, and what a user says: of the rows that are shown only. What people of others say: people-queries.ts. */
const seen = (kind: "user" | "account" | "organization") => {
  const { lastSeenTimestamp, lastResponse } = figures[kind];
  const score = kind === "user" ? `, (${lastResponse} ->> 'score')::int as "lastScore"` : "";
  return `${lastSeenTimestamp} as "lastSeenAt"${score}`;
};

const times = `r.created_at as "createdAt", r.updated_at as "updatedAt"`;

const lists = {
  users: {
    select: `select r.user_id as id, r.external_id as "externalId", r.name, r.email, ${times},
                    coalesce((select jsonb_agg(${selectReference("a", "account")} order by a.external_id)
                              from account_users m join accounts a on a.workspace_id = m.workspace_id and a.account_id = m.account_id
                              where m.workspace_id = r.workspace_id and m.user_id = r.user_id), '[]') as accounts,
                    coalesce((select jsonb_agg(${selectReference("o", "organization")} order by o.external_id)
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
                    ${selectOptionalReference("o", "organization")} as organization,
                    ${seen("account")}, ${selectTraits("account")}
             from accounts r left join organizations o on o.workspace_id = r.workspace_id and o.organization_id = r.organization_id`,
    id: "r.account_id",
  },
  organizations: {
    select: `select r.organization_id as id, r.external_id as "externalId", r.name, ${times},
                    (select count(*) from accounts a where a.workspace_id = r.workspace_id and a.organization_id = r.organization_id) as "accountsCount",
                    ${seen("organization")}, ${selectTraits("organization")}
             from organizations r`,
    id: "r.organization_id",
  },
} as const;

export type RecordList = keyof typeof lists;

const kindOf = { users: "user", accounts: "account", organizations: "organization" } as const;

/** Without a name, a record is where its external ID belongs. */
const text = "r.sort_key";
const orders = {
  "-createdAt": {},
  createdAt: { order: "oldest-first" },
  name: { text, order: "a-to-z" },
  "-name": { text, order: "z-to-a" },
} as const;

export async function listRecords(
  db: Queryable,
  list: RecordList,
  workspaceId: string,
  query: RecordsQuery,
): Promise<Page<object>> {
  const kind = kindOf[list];
  const conditions = [
    ...(await listRecordConditions(db, workspaceId, kind, query)),
    ...(await listMembershipConditions(db, kind, workspaceId, query)),
  ];
  const { select, id } = lists[list];
  const page = await listPage<{ id: string }>(db, {
    select,
    time: "r.created_at",
    id,
    ...orders[query.sort ?? "-createdAt"],
    conditions,
    limit: query.limit,
    from: query.from,
  });
  return { ...page, items: await withPeople(db, workspaceId, kind, page.items) };
}

async function withPeople(
  db: Queryable,
  workspaceId: string,
  kind: RecordKind,
  rows: { id: string }[],
): Promise<{ id: string }[]> {
  if (kind === "user" || rows.length === 0) return rows;
  const ids = rows.map((row) => row.id);
  const people = await readPeople(db, workspaceId, kind, ids);
  return rows.map((row) => {
    const { usersCount, scores } = people.get(row.id)!;
    const answers = scores.promoters + scores.passives + scores.detractors;
    const score = answers === 0 ? null : Math.round((100 * (scores.promoters - scores.detractors)) / answers);
    return { ...row, usersCount, nps: { score, answers } };
  });
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
  const record = (await withPeople(db, workspaceId, kindOf[list], rows))[0]!;
  const why = (await explainRecord(db, workspaceId, { type: kindOf[list], id: record.id })) ?? null;
  if (list !== "users") return { ...record, why };
  return { ...record, why, memberships: await explainMemberships(db, workspaceId, record.id) };
}
