// What belongs to an organization: what is about it itself, and what is about its accounts of today.
import type { Queryable } from "../../platform/database/pool.ts";
import { type Condition, cursorCondition } from "../../platform/paging.ts";

/** Above this many accounts the organization has a good part of all facts, and a list by time meets enough of them. */
const mostAccounts = 200;

type List = {
  table: string;
  time: string;
  id: string;
  conditions: readonly Condition[];
  limit: number;
  from: string | undefined;
};

/**
 * The facts of organizations, for a list of facts `f` that is ordered by time. The newest of each account are read from its own
 * index and merged: one condition over all accounts would read the workspace by time until a page is full (a small
 * organization: nearly all of it), or every fact of every account.
 */
export async function belongsToOrganizations(
  db: Queryable,
  workspaceId: string,
  organizationIds: readonly string[],
  list: List,
): Promise<Condition> {
  if (organizationIds.length === 0) return { sql: "false", values: [] };
  const { rows } = await db.query(
    "select account_id from accounts where workspace_id = $1 and organization_id = any($2)",
    [workspaceId, organizationIds],
  );
  const accountIds = rows.map((row) => row.account_id);
  if (accountIds.length > mostAccounts)
    return {
      sql: "(f.account_id = any(?) or (f.account_id is null and f.organization_id = any(?)))",
      values: [accountIds, organizationIds],
    };
  const { id, time, limit } = list;
  const branches = [
    newestOfEach(list, { sql: "f.account_id = w.id", values: [] }, accountIds),
    newestOfEach(list, { sql: "f.account_id is null and f.organization_id = w.id", values: [] }, organizationIds),
  ];
  return {
    sql: `${id} = any(array(select n.id from (${branches.map(({ sql }) => sql).join(" union all ")}) n order by n.at desc, n.id desc limit ${limit + 1}))`,
    values: branches.flatMap(({ values }) => values),
  };

  function newestOfEach(of: List, belongs: Condition, recordIds: readonly string[]): Condition {
    const conditions = [...of.conditions, belongs, ...(of.from === undefined ? [] : [cursorCondition(of, of.from)])];
    return {
      sql: `select p.* from unnest(?::uuid[]) as w(id) cross join lateral (
              select ${id} as id, ${time} as at from ${of.table} f where ${conditions.map(({ sql }) => sql).join(" and ")}
              order by ${time} desc, ${id} desc limit ${limit + 1}
            ) p`,
      values: [recordIds, ...conditions.flatMap(({ values }) => values)],
    };
  }
}
