// Writes `connection_addresses`. The door knows an address by its SHA-256; beside it the address is kept sealed, as secrets are,
// so that an administrator can look at it again.
import { createHash, randomBytes } from "node:crypto";
import { webhookAddressPlace } from "../pipeline/facts.ts";
import type { Queryable, Tx } from "../platform/database/pool.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { type Resealed, resealRows } from "./reseal-rows.ts";

type Of = { workspaceId: string; connectionId: string };

/** Makes an address of 192 random bits. The text is for whoever asked, and for nobody else: never log it. */
export async function createAddress(
  tx: Tx,
  secretBox: SecretBox,
  { workspaceId, connectionId }: Of,
  now: Date,
): Promise<string> {
  const address = randomBytes(24).toString("base64url");
  const { keyId, sealed } = secretBox.seal(address, webhookAddressPlace(workspaceId, connectionId));
  await tx.query(
    `insert into connection_addresses (address_hash, workspace_id, connection_id, key_id, sealed, created_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [createHash("sha256").update(address).digest(), workspaceId, connectionId, keyId, sealed, now],
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

export type ShownAddress = { address: string | null; expiresAt: Date | null };

/** Those that work, the newest first. Without its text: it was made when none was kept, or no key that is known here opens it. */
export async function listAddresses(
  db: Queryable,
  secretBox: SecretBox,
  { workspaceId, connectionId }: Of,
  now: Date,
): Promise<ShownAddress[]> {
  const { rows } = await db.query(
    `select key_id as "keyId", sealed, expires_at as "expiresAt" from connection_addresses
     where workspace_id = $1 and connection_id = $2 and (expires_at is null or expires_at > $3) order by created_at desc, expires_at desc nulls first`,
    [workspaceId, connectionId, now],
  );
  const open = (row: { keyId: string; sealed: Buffer }) => {
    try {
      return secretBox.open(row, webhookAddressPlace(workspaceId, connectionId));
    } catch {
      return null;
    }
  };
  return rows.map((row) => ({ address: row.sealed === null ? null : open(row), expiresAt: row.expiresAt }));
}

export function resealAddresses(tx: Tx, secretBox: SecretBox): Promise<Resealed> {
  return resealRows(tx, secretBox, {
    read: `select workspace_id as "workspaceId", connection_id as "connectionId", null as id, key_id as "keyId", sealed from connection_addresses
           where sealed is not null`,
    write: `update connection_addresses s set key_id = n.key_id, sealed = decode(n.sealed, 'base64')
            from jsonb_to_recordset($1) n (workspace_id uuid, connection_id uuid, old text, key_id text, sealed text)
            where s.workspace_id = n.workspace_id and s.connection_id = n.connection_id and s.sealed = decode(n.old, 'base64')`,
    placeOf: webhookAddressPlace,
  });
}
