// What an administrator does with connections. Each change tells the doors of all processes to look again.
import type { ConnectionKind } from "../pipeline/facts.ts";
import type { Database, Queryable } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { createAddress, expireAddresses } from "./connection-addresses-table.ts";
import { defaultMapping, insertMapping } from "./connection-mappings-table.ts";
import { getConnection } from "./connection-queries.ts";
import { addSecret, expireSecrets } from "./connection-secrets-table.ts";
import { type ConnectionChange, insertConnection, updateConnection } from "./connections-table.ts";
import { refuseWrongKey } from "./refuse-wrong-key.ts";
import { ensureFirstWorkspace } from "./workspaces-table.ts";

export const connectionsChannel = "plumbline_connections";

export type Settings = { database: Database; secretBox: SecretBox; publicUrl: string; clock: () => Date };

export type CreatedConnection = {
  id: string;
  workspaceId: string;
  /** The webhook's address; of the Analytics API, what its endpoints stand behind. */
  url: string;
  secret: string | null;
  /** What a client of the Analytics API signs in with; null: the address itself is what nobody else knows. */
  token: string | null;
};

/** Makes a connection with its first webhook address, in the given workspace or the first one. The address is told here and never again. */
export async function createConnection(
  { database, secretBox, publicUrl, clock }: Settings,
  request: {
    name: string;
    kind?: ConnectionKind | undefined;
    secret?: string | undefined;
    workspaceId?: string | undefined;
  },
): Promise<CreatedConnection> {
  const now = clock();
  const { name, kind = "pendo" } = request;
  if (kind === "analytics" && request.secret) throw new Error(noSecret);
  return inTransaction(database, async (tx) => {
    const workspaceId = request.workspaceId ?? (await ensureFirstWorkspace(tx, now)).workspaceId;
    const id = await insertConnection(tx, workspaceId, { name, kind }, now);
    await insertMapping(tx, { workspaceId, connectionId: id, version: 1 }, defaultMapping, now);
    if (request.secret) {
      await refuseWrongKey(tx, secretBox, now);
      await addSecret(tx, secretBox, { workspaceId, connectionId: id, text: request.secret }, now);
    }
    const address = await createAddress(tx, workspaceId, id, now);
    await announceChange(tx);
    return { id, workspaceId, ...spellAddress(publicUrl, kind, address), secret: request.secret ?? null };
  });
}

/** A new address, a new secret, or both. What they replace works for `graceMinutes` more, so that Pendo can be told meanwhile. */
export async function rotateConnection(
  { database, secretBox, publicUrl, clock }: Settings,
  request: {
    connectionId: string;
    address: boolean;
    secret?: string | undefined;
    removeSecret: boolean;
    graceMinutes: number;
  },
): Promise<{
  id: string;
  url: string | null;
  secret: string | null;
  token: string | null;
  oldWorksUntil: string;
}> {
  const now = clock();
  const until = new Date(now.getTime() + request.graceMinutes * 60_000);
  return inTransaction(database, async (tx) => {
    const { workspaceId, kind } = await getConnection(tx, request.connectionId);
    if (kind === "analytics" && (request.secret || request.removeSecret)) throw new Error(noSecret);
    let shown: { url: string | null; token: string | null } = { url: null, token: null };
    if (request.address) {
      await expireAddresses(tx, workspaceId, request.connectionId, until);
      shown = spellAddress(publicUrl, kind, await createAddress(tx, workspaceId, request.connectionId, now));
    }
    if (request.secret || request.removeSecret)
      await expireSecrets(tx, workspaceId, request.connectionId, request.removeSecret ? now : until);
    if (request.secret) {
      await refuseWrongKey(tx, secretBox, now);
      await addSecret(tx, secretBox, { workspaceId, connectionId: request.connectionId, text: request.secret }, now);
    }
    await announceChange(tx);
    return { id: request.connectionId, ...shown, secret: request.secret ?? null, oldWorksUntil: until.toISOString() };
  });
}

const noSecret = "Requests to the Analytics API are not signed: its token is its secret.";

/** Where its sender sends to; of the Analytics API the address is a token, and everybody's URL is the same. */
function spellAddress(publicUrl: string, kind: ConnectionKind, address: string) {
  return kind === "analytics"
    ? { url: `${publicUrl}/analytics/v1/`, token: address }
    : { url: `${publicUrl}/hooks/pendo/${address}`, token: null };
}

export async function changeConnection(
  { database }: Pick<Settings, "database">,
  connectionId: string,
  change: ConnectionChange,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { workspaceId } = await getConnection(tx, connectionId);
    await updateConnection(tx, workspaceId, connectionId, change);
    await announceChange(tx);
  });
}

/** Tells the doors and the askers of all processes to look again. */
export async function announceChange(tx: Queryable): Promise<void> {
  await tx.query("select pg_notify($1, '')", [connectionsChannel]);
}
