// Writes `users`. A record that comes from a webhook has its external ID and nothing else.
import type { Tx } from "../../platform/database/pool.ts";
import { createUuid } from "../../platform/uuid.ts";

/**
 * Makes users for external IDs that have none; those that exist stay as they are. Keys are sorted, so that two
 * transactions that make the same users never wait for each other in a circle.
 */
export async function createMissingUsers(
  tx: Tx,
  workspaceId: string,
  externalIds: readonly string[],
  at: Date,
): Promise<void> {
  const rows = [...externalIds].sort().map((externalId) => ({ id: createUuid(at.getTime()), externalId }));
  await tx.query({
    name: "create-missing-users",
    text: `insert into users (workspace_id, user_id, external_id, created_at, updated_at)
           select $1, id, "externalId", $3, $3 from json_to_recordset($2) as r(id uuid, "externalId" text)
           on conflict (workspace_id, external_id) do nothing`,
    values: [workspaceId, JSON.stringify(rows), at],
  });
}
