// Writes `integration_keys`: Pendo's key of a connection, sealed, with its last characters to recognise it by.
import { integrationKeyPlace } from "../pipeline/facts.ts";
import type { Queryable, Tx } from "../platform/database/pool.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { type Resealed, resealRows } from "./reseal-rows.ts";

type Of = { workspaceId: string; connectionId: string };
export type KeyState = "untested" | "valid" | "wrong-region" | "refused" | "not-reachable";

/** In the place of the one there may be; Pendo has said nothing of it yet. */
export async function putIntegrationKey(
  tx: Tx,
  secretBox: SecretBox,
  { workspaceId, connectionId, key }: Of & { key: string },
  now: Date,
): Promise<void> {
  const { keyId, sealed } = secretBox.seal(key, integrationKeyPlace(workspaceId, connectionId));
  await tx.query(
    `insert into integration_keys (workspace_id, connection_id, key_id, sealed, last_four, created_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (workspace_id, connection_id) do update
       set key_id = excluded.key_id, sealed = excluded.sealed, last_four = excluded.last_four, created_at = excluded.created_at,
           state = 'untested', may_write = null, tested_at = null`,
    [workspaceId, connectionId, keyId, sealed, showEnd(key), now],
  );
}

export async function deleteIntegrationKey(tx: Tx, { workspaceId, connectionId }: Of): Promise<void> {
  await tx.query("delete from integration_keys where workspace_id = $1 and connection_id = $2", [
    workspaceId,
    connectionId,
  ]);
}

/** For a region that has changed: what was found out is not true of the new one. */
export async function forgetKeyState(tx: Tx, { workspaceId, connectionId }: Of): Promise<void> {
  await tx.query(
    "update integration_keys set state = 'untested', may_write = null, tested_at = null where workspace_id = $1 and connection_id = $2",
    [workspaceId, connectionId],
  );
}

/** What Pendo says of the key that was set at `keySetAt`; nothing when there is another one by now. */
export async function noteKeyState(
  db: Queryable,
  { workspaceId, connectionId }: Of,
  found: { state: KeyState; mayWrite: boolean | null; keySetAt: Date },
  now: Date,
): Promise<void> {
  await db.query(
    `update integration_keys set state = $3, may_write = $4, tested_at = $5
     where workspace_id = $1 and connection_id = $2 and created_at = $6`,
    [workspaceId, connectionId, found.state, found.mayWrite, now, found.keySetAt],
  );
}

/** By a region's ending (`….eu`) nobody would recognise a key; and of a short one, four characters would be too many. */
function showEnd(key: string): string {
  const bare = key.replace(/\.[a-z0-9]{2,3}$/, "");
  return bare.slice(bare.length - Math.min(4, Math.floor(bare.length / 3)));
}

export function resealIntegrationKeys(tx: Tx, secretBox: SecretBox): Promise<Resealed> {
  return resealRows(tx, secretBox, {
    read: 'select workspace_id as "workspaceId", connection_id as "connectionId", null as id, key_id as "keyId", sealed from integration_keys',
    write: `update integration_keys k set key_id = n.key_id, sealed = decode(n.sealed, 'base64')
            from jsonb_to_recordset($1) n (workspace_id uuid, connection_id uuid, old text, key_id text, sealed text)
            where k.workspace_id = n.workspace_id and k.connection_id = n.connection_id and k.sealed = decode(n.old, 'base64')`,
    placeOf: integrationKeyPlace,
  });
}
