// Writes `connection_addresses`. An address is shown once, when it is made; only its SHA-256 is kept.
import { createHash, randomBytes } from "node:crypto";
import type { Tx } from "../platform/database/pool.ts";

/** Makes an address of 192 random bits. The text is for whoever asked, and for nobody else: never log it. */
export async function createAddress(tx: Tx, workspaceId: string, connectionId: string, now: Date): Promise<string> {
  const address = randomBytes(24).toString("base64url");
  await tx.query(
    "insert into connection_addresses (address_hash, workspace_id, connection_id, created_at) values ($1, $2, $3, $4)",
    [createHash("sha256").update(address).digest(), workspaceId, connectionId, now],
  );
  return address;
}

/** All addresses of a connection that are valid now go on working until `until`. */
export async function expireAddresses(tx: Tx, workspaceId: string, connectionId: string, until: Date): Promise<void> {
  await tx.query(
    "update connection_addresses set expires_at = $3 where workspace_id = $1 and connection_id = $2 and (expires_at is null or expires_at > $3)",
    [workspaceId, connectionId, until],
  );
}
