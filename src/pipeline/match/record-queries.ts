// Finds users, accounts and organizations by external ID, many at once. Matching is exact: case and spaces count.
//
// The lateral join with its limit has PostgreSQL look up id by id in the unique index (0.6 ms for 300 among 5,000). Said as
// `external_id = any(…)` the plan hangs on statistics: one made while the table was young finds the workspace by the
// index and compares all its records with all ids (15 ms among 5,000), and stays until the next analyze.
import type { Queryable, Tx } from "../../platform/database/pool.ts";

export async function findUsers(
  db: Queryable,
  workspaceId: string,
  externalIds: readonly string[],
): Promise<Map<string, string>> {
  if (externalIds.length === 0) return new Map();
  const { rows } = await db.query({
    name: "find-users",
    text: "select w.id as external_id, r.user_id from unnest($2::text[]) as w(id) cross join lateral (select user_id from users where workspace_id = $1 and external_id = w.id limit 1) as r",
    values: [workspaceId, externalIds],
  });
  return new Map(rows.map((row) => [row.external_id, row.user_id]));
}

export async function findAccounts(
  db: Queryable,
  workspaceId: string,
  externalIds: readonly string[],
): Promise<Map<string, string>> {
  if (externalIds.length === 0) return new Map();
  const { rows } = await db.query({
    name: "find-accounts",
    text: "select w.id as external_id, r.account_id from unnest($2::text[]) as w(id) cross join lateral (select account_id from accounts where workspace_id = $1 and external_id = w.id limit 1) as r",
    values: [workspaceId, externalIds],
  });
  return new Map(rows.map((row) => [row.external_id, row.account_id]));
}

export async function findOrganizations(
  db: Queryable,
  workspaceId: string,
  externalIds: readonly string[],
): Promise<Map<string, string>> {
  if (externalIds.length === 0) return new Map();
  const { rows } = await db.query({
    name: "find-organizations",
    text: "select w.id as external_id, r.organization_id from unnest($2::text[]) as w(id) cross join lateral (select organization_id from organizations where workspace_id = $1 and external_id = w.id limit 1) as r",
    values: [workspaceId, externalIds],
  });
  return new Map(rows.map((row) => [row.external_id, row.organization_id]));
}

/** Whether there is a user with this id of ours; it stays as long as this transaction. */
export async function hasUser(tx: Tx, workspaceId: string, userId: string): Promise<boolean> {
  const { rowCount } = await tx.query("select from users where workspace_id = $1 and user_id = $2 for key share", [
    workspaceId,
    userId,
  ]);
  return rowCount === 1;
}
