// Writes `account_users`: who belongs to which account.
import type { Tx } from "../../platform/database/pool.ts";

export type Membership = { accountId: string; userId: string };

/** Adds memberships that do not exist yet; sorted against deadlocks. */
export async function addMemberships(
  tx: Tx,
  workspaceId: string,
  memberships: readonly Membership[],
  at: Date,
): Promise<void> {
  const distinct = new Map(memberships.map((one) => [`${one.accountId} ${one.userId}`, one]));
  const rows = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  if (rows.length === 0) return;
  await tx.query({
    name: "add-memberships",
    text: `insert into account_users (workspace_id, account_id, user_id, created_at)
           select $1, "accountId", "userId", $3 from json_to_recordset($2) as r("accountId" uuid, "userId" uuid)
           on conflict do nothing`,
    values: [workspaceId, JSON.stringify(rows), at],
  });
}
