// Writes `connections`.
import type { ConnectionKind } from "../pipeline/facts.ts";
import type { Reason } from "../pipeline/outcome.ts";
import type { Queryable, Tx } from "../platform/database/pool.ts";
import { createUuid } from "../platform/uuid.ts";

export type ConnectionChange = {
  name?: string;
  isOn?: boolean;
  missingRecords?: "create" | "link";
  filteredKinds?: readonly string[];
  recordedKinds?: readonly string[];
  anonymousVisitors?: "record" | "filter";
  changedIdentities?: "stay" | "move";
};

export async function insertConnection(
  tx: Tx,
  workspaceId: string,
  { name, kind }: { name: string; kind: ConnectionKind },
  now: Date,
): Promise<string> {
  const connectionId = createUuid(now.getTime());
  await tx.query(
    "insert into connections (workspace_id, connection_id, name, kind, created_at) values ($1, $2, $3, $4, $5)",
    [workspaceId, connectionId, name, kind, now],
  );
  return connectionId;
}

/** Another of the connection's mappings is in force from now on. */
export async function setMappingVersion(
  tx: Tx,
  workspaceId: string,
  connectionId: string,
  version: number,
): Promise<void> {
  await tx.query("update connections set mapping_version = $3 where workspace_id = $1 and connection_id = $2", [
    workspaceId,
    connectionId,
    version,
  ]);
}

/** When all visitors and accounts of Pendo were read. */
export async function setIdentitiesReadAt(tx: Tx, workspaceId: string, connectionId: string, at: Date): Promise<void> {
  await tx.query("update connections set identities_read_at = $3 where workspace_id = $1 and connection_id = $2", [
    workspaceId,
    connectionId,
    at,
  ]);
}

/** Pendo could not be asked about ids: why, and when it is tried again. Whatever waits for an answer shows it. */
export async function noteAskingTrouble(
  db: Queryable,
  workspaceId: string,
  connectionId: string,
  trouble: { reason: Reason; detail: string; failures: number; againAt: Date },
): Promise<void> {
  await db.query(
    `update connections set asking_reason = $3, asking_detail = $4, asking_failures = $5, ask_again_at = $6
     where workspace_id = $1 and connection_id = $2`,
    [workspaceId, connectionId, trouble.reason, trouble.detail, Math.min(trouble.failures, 1_000), trouble.againAt],
  );
}

/** Pendo answers again, or its key, region or mapping is another: it is asked at once. */
export async function clearAskingTrouble(db: Queryable, workspaceId: string, connectionId: string): Promise<void> {
  await db.query(
    `update connections set asking_reason = null, asking_detail = null, asking_failures = 0, ask_again_at = null
     where workspace_id = $1 and connection_id = $2 and (asking_failures > 0 or ask_again_at is not null)`,
    [workspaceId, connectionId],
  );
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
                            filtered_kinds = coalesce($5, filtered_kinds), recorded_kinds = coalesce($6, recorded_kinds),
                            changed_identities = coalesce($7, changed_identities),
                            anonymous_visitors = coalesce($8, anonymous_visitors), name = coalesce($9, name)
     where workspace_id = $1 and connection_id = $2`,
    [
      workspaceId,
      connectionId,
      change.isOn ?? null,
      change.missingRecords ?? null,
      change.filteredKinds ?? null,
      change.recordedKinds ?? null,
      change.changedIdentities ?? null,
      change.anonymousVisitors ?? null,
      change.name ?? null,
    ],
  );
  return rowCount === 1;
}
