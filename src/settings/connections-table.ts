// Writes `connections`.
import type { Queryable, Tx } from "../platform/database/pool.ts";
import { createUuid } from "../platform/uuid.ts";

export type ConnectionChange = {
  isOn?: boolean;
  missingRecords?: "create" | "link";
  filteredKinds?: readonly string[];
  recordedKinds?: readonly string[];
};

export async function insertConnection(tx: Tx, workspaceId: string, name: string, now: Date): Promise<string> {
  const connectionId = createUuid(now.getTime());
  await tx.query("insert into connections (workspace_id, connection_id, name, created_at) values ($1, $2, $3, $4)", [
    workspaceId,
    connectionId,
    name,
    now,
  ]);
  return connectionId;
}

/** Where Pendo is asked. */
export async function setRegion(
  tx: Tx,
  of: { workspaceId: string; connectionId: string },
  region: string,
): Promise<void> {
  await tx.query("update connections set region = $3 where workspace_id = $1 and connection_id = $2", [
    of.workspaceId,
    of.connectionId,
    region,
  ]);
}

/** Changes what is given and leaves the rest. Resolves to false when there is no such connection. */
export async function updateConnection(
  db: Queryable,
  workspaceId: string,
  connectionId: string,
  change: ConnectionChange,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update connections set is_on = coalesce($3, is_on), missing_records = coalesce($4, missing_records),
                            filtered_kinds = coalesce($5, filtered_kinds), recorded_kinds = coalesce($6, recorded_kinds)
     where workspace_id = $1 and connection_id = $2`,
    [
      workspaceId,
      connectionId,
      change.isOn ?? null,
      change.missingRecords ?? null,
      change.filteredKinds ?? null,
      change.recordedKinds ?? null,
    ],
  );
  return rowCount === 1;
}
