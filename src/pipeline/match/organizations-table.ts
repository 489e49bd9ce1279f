// Writes `organizations`. A record that comes from a webhook has its external ID and nothing else.
import type { Tx } from "../../platform/database/pool.ts";
import { createUuid } from "../../platform/uuid.ts";
import { type MissingRecord, sortByExternalId } from "../records.ts";

/**
 * Makes organizations for external IDs that have none; those that exist stay as they are. Keys are sorted, so that two
 * transactions that make the same organizations never wait for each other in a circle. Resolves to the external IDs of those made.
 */
export async function createMissingOrganizations(
  tx: Tx,
  workspaceId: string,
  missing: readonly MissingRecord[],
  at: Date,
): Promise<string[]> {
  const rows = sortByExternalId(missing).map((one) => ({ id: createUuid(at.getTime()), ...one }));
  const { rows: made } = await tx.query({
    name: "create-missing-organizations",
    text: `insert into organizations (workspace_id, organization_id, external_id, made_by_connection, created_at, updated_at)
           select $1, id, "externalId", "madeByConnection", $3, $3
           from json_to_recordset($2) as r(id uuid, "externalId" text, "madeByConnection" uuid)
           on conflict (workspace_id, external_id) do nothing
           returning external_id`,
    values: [workspaceId, JSON.stringify(rows), at],
  });
  return made.map((row) => row.external_id);
}
