// Where a user was last: for messages that name a user and nothing else.
import type { Queryable } from "../../platform/database/pool.ts";
import type { Owner } from "../facts.ts";

export type LinkedUser = Owner & { userId: string };

/**
 * Users by external ID, each with the account it was linked to last (as messages tell, else as we learned of it), or where it is
 * in none, with the organization. Those that are in neither are left out.
 */
export async function findLinkedUsers(
  db: Queryable,
  workspaceId: string,
  externalIds: readonly string[],
): Promise<Map<string, LinkedUser>> {
  if (externalIds.length === 0) return new Map();
  const { rows } = await db.query<LinkedUser & { externalId: string }>({
    name: "find-linked-users",
    text: `select w.id as "externalId", u.user_id as "userId", l.account_id as "accountId", l.organization_id as "organizationId"
           from unnest($2::text[]) as w(id)
           cross join lateral (select user_id from users where workspace_id = $1 and external_id = w.id limit 1) as u
           cross join lateral (
             select * from (${linksOf("account", "1")} union all ${linksOf("organization", "2")}) as links
             order by rank, at desc, external_id limit 1
           ) as l`,
    values: [workspaceId, externalIds],
  });
  return new Map(rows.map(({ externalId, ...linked }) => [externalId, linked]));
}

/**
 * Each membership goes through the record's primary key, whatever PostgreSQL knows of the tables. A time of 0 tells nothing, and the
 * time of an unlink is not when somebody came in again.
 */
function linksOf(kind: "account" | "organization", rank: string): string {
  const ids =
    kind === "account" ? "m.account_id, null::uuid as organization_id" : "null::uuid as account_id, m.organization_id";
  return `
    select ${rank} as rank, ${ids}, r.external_id, coalesce(s.said_at, extract(epoch from m.created_at) * 1000) as at
    from ${kind}_users m
    cross join lateral (
      select external_id from ${kind}s where workspace_id = $1 and ${kind}_id = m.${kind}_id limit 1
    ) as r
    left join lateral (
      select said_at from membership_sayings
      where workspace_id = $1 and user_external_id = w.id and record_type = '${kind}' and record_external_id = r.external_id
        and is_member and said_at > 0
      limit 1
    ) as s on true
    where m.workspace_id = $1 and m.user_id = u.user_id`;
}
