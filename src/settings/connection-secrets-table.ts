// Writes `connection_secrets`: sealed, with the last four characters to recognise them by.
import { webhookSecretPlace } from "../pipeline/facts.ts";
import type { Tx } from "../platform/database/pool.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { createUuid } from "../platform/uuid.ts";
import { type Resealed, resealRows } from "./reseal-rows.ts";

export async function addSecret(
  tx: Tx,
  secretBox: SecretBox,
  secret: { workspaceId: string; connectionId: string; text: string },
  now: Date,
): Promise<void> {
  const { workspaceId, connectionId, text } = secret;
  const { keyId, sealed } = secretBox.seal(text, webhookSecretPlace(workspaceId, connectionId));
  await tx.query(
    "insert into connection_secrets (workspace_id, connection_id, secret_id, key_id, sealed, last_four, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
    [workspaceId, connectionId, createUuid(now.getTime()), keyId, sealed, text.slice(-4), now],
  );
}

/** All secrets of a connection that are valid now go on working until `until`. */
export async function expireSecrets(tx: Tx, workspaceId: string, connectionId: string, until: Date): Promise<void> {
  await tx.query(
    "update connection_secrets set expires_at = $3 where workspace_id = $1 and connection_id = $2 and (expires_at is null or expires_at > $3)",
    [workspaceId, connectionId, until],
  );
}

export function resealWebhookSecrets(tx: Tx, secretBox: SecretBox): Promise<Resealed> {
  return resealRows(tx, secretBox, {
    read: 'select workspace_id as "workspaceId", connection_id as "connectionId", secret_id as id, key_id as "keyId", sealed from connection_secrets',
    write: `update connection_secrets s set key_id = n.key_id, sealed = decode(n.sealed, 'base64')
            from jsonb_to_recordset($1) n (workspace_id uuid, connection_id uuid, id uuid, old text, key_id text, sealed text)
            where s.workspace_id = n.workspace_id and s.connection_id = n.connection_id and s.secret_id = n.id and s.sealed = decode(n.old, 'base64')`,
    placeOf: webhookSecretPlace,
  });
}
