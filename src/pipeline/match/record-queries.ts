// Finds users and accounts by external ID, many at once. Matching is exact: case and spaces count.
import type { Queryable } from "../../platform/database/pool.ts";

export type FoundAccount = { id: string; organizationId: string | null };

export async function findUsers(
  db: Queryable,
  workspaceId: string,
  externalIds: readonly string[],
): Promise<Map<string, string>> {
  if (externalIds.length === 0) return new Map();
  const { rows } = await db.query({
    name: "find-users",
    text: "select external_id, user_id from users where workspace_id = $1 and external_id = any($2)",
    values: [workspaceId, externalIds],
  });
  return new Map(rows.map((row) => [row.external_id, row.user_id]));
}

export async function findAccounts(
  db: Queryable,
  workspaceId: string,
  externalIds: readonly string[],
): Promise<Map<string, FoundAccount>> {
  if (externalIds.length === 0) return new Map();
  const { rows } = await db.query({
    name: "find-accounts",
    text: "select external_id, account_id, organization_id from accounts where workspace_id = $1 and external_id = any($2)",
    values: [workspaceId, externalIds],
  });
  return new Map(rows.map((row) => [row.external_id, { id: row.account_id, organizationId: row.organization_id }]));
}
