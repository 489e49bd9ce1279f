// Who is in what, as conditions of lists of records `r`. Who is in an account is in the account's organization, too.
import type { RecordsQuery } from "../../contract/api.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import type { Condition } from "../../platform/paging.ts";
import type { RecordKind } from "../records.ts";
import { belongsTo } from "./record-ids-queries.ts";

type Membership = { of: RecordKind; by: "user" | "account" | "organization"; column: string; sql: string };

/** `{}` stands for the condition on `column`; a workspace for each `?` before it. */
const memberships: readonly Membership[] = [
  {
    of: "user",
    by: "account",
    column: "m.account_id",
    sql: "r.user_id in (select m.user_id from account_users m where m.workspace_id = ? and {})",
  },
  {
    of: "account",
    by: "user",
    column: "m.user_id",
    sql: "r.account_id in (select m.account_id from account_users m where m.workspace_id = ? and {})",
  },
  { of: "account", by: "organization", column: "r.organization_id", sql: "{}" },
  {
    of: "organization",
    by: "account",
    column: "a.account_id",
    sql: "r.organization_id in (select a.organization_id from accounts a where a.workspace_id = ? and {})",
  },
  {
    of: "user",
    by: "organization",
    column: "o.organization_id",
    sql: `r.user_id in (
            select m.user_id from organizations o
            join organization_users m on m.workspace_id = o.workspace_id and m.organization_id = o.organization_id
            where o.workspace_id = ? and {}
            union all
            select m.user_id from accounts o join account_users m on m.workspace_id = o.workspace_id and m.account_id = o.account_id
            where o.workspace_id = ? and {})`,
  },
  {
    of: "organization",
    by: "user",
    column: "m.user_id",
    sql: `r.organization_id in (
            select m.organization_id from organization_users m where m.workspace_id = ? and {}
            union all
            select a.organization_id from account_users m
            join accounts a on a.workspace_id = m.workspace_id and a.account_id = m.account_id
            where m.workspace_id = ? and a.organization_id is not null and {})`,
  },
];

export async function listMembershipConditions(
  db: Queryable,
  of: RecordKind,
  workspaceId: string,
  query: RecordsQuery,
): Promise<Condition[]> {
  const asked = memberships.filter((membership) => membership.of === of && query[membership.by] !== undefined);
  return Promise.all(
    asked.map(async ({ by, column, sql }) => {
      const inner = await belongsTo(db, column, by, workspaceId, query[by]!);
      const times = sql.split("{}").length - 1;
      const each = sql === "{}" ? inner.values : [workspaceId, ...inner.values];
      return { sql: sql.replaceAll("{}", inner.sql), values: Array.from({ length: times }, () => each).flat() };
    }),
  );
}
