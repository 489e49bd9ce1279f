// Writes `connection_mappings`: every mapping a connection has had. Rows are never changed: facts name the version they
// were matched by.
import type { Mapping } from "../pipeline/facts.ts";
import type { Tx } from "../platform/database/pool.ts";

export const defaultMapping: Mapping = { userIdFrom: null, accountIdFrom: null, level: "account" };

export async function insertMapping(
  tx: Tx,
  of: { workspaceId: string; connectionId: string; version: number },
  mapping: Mapping,
  now: Date,
): Promise<void> {
  await tx.query(
    `insert into connection_mappings (workspace_id, connection_id, version, user_id_from, account_id_from, level, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [of.workspaceId, of.connectionId, of.version, mapping.userIdFrom, mapping.accountIdFrom, mapping.level, now],
  );
}
