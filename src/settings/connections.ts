// What an administrator does with connections. Each change tells the doors of all processes to look again.
import type { ConnectionKind } from "../pipeline/facts.ts";
import type { Database, Queryable, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { noteChange, noteOfConnection, readSecretEnds } from "./audit-connections.ts";
import { createAddress, expireAddresses, listAddresses } from "./connection-addresses-table.ts";
import { defaultMapping, insertMapping } from "./connection-mappings-table.ts";
import { getConnection } from "./connection-queries.ts";
import { addSecret, expireSecrets } from "./connection-secrets-table.ts";
import { type ConnectionChange, insertConnection, updateConnection } from "./connections-table.ts";
import { refuseWrongKey } from "./refuse-wrong-key.ts";
import { ensureFirstWorkspace } from "./workspaces-table.ts";

export const connectionsChannel = "plumbline_connections";

export type Settings = {
  database: Database;
  secretBox: SecretBox;
  publicUrl: string;
  clock: () => Date;
  author: Author;
};

export type CreatedConnection = {
  id: string;
  workspaceId: string;
  /** The webhook's address; of the Analytics API, what its endpoints stand behind. */
  url: string;
  secret: string | null;
  /** What a client of the Analytics API signs in with; null: the address itself is what nobody else knows. */
  token: string | null;
};

export type NewConnection = {
  name: string;
  kind?: ConnectionKind | undefined;
  secret?: string | undefined;
  workspaceId?: string | undefined;
};

export type Rotation = {
  connectionId: string;
  address: boolean;
  secret?: string | undefined;
  removeSecret: boolean;
  graceMinutes: number;
};

export type RotatedConnection = {
  id: string;
  url: string | null;
  secret: string | null;
  token: string | null;
  /** Null: nothing that went on working is replaced. */
  oldWorksUntil: string | null;
};

/** Makes a connection with its first webhook address, in the given workspace or the first one. The address is told here; later, `readAddresses` shows it. */
export async function createConnection(settings: Settings, request: NewConnection): Promise<CreatedConnection> {
  return inTransaction(settings.database, (tx) => makeConnection(tx, settings, request));
}

/** The same, in a transaction that has more to do. */
export async function makeConnection(
  tx: Tx,
  { secretBox, publicUrl, clock, author }: Omit<Settings, "database">,
  request: NewConnection,
): Promise<CreatedConnection> {
  const now = clock();
  const { name, kind = "pendo" } = request;
  if (kind === "analytics" && request.secret) throw new Error(noSecret);
  const workspaceId = request.workspaceId ?? (await ensureFirstWorkspace(tx, now)).workspaceId;
  const id = await insertConnection(tx, workspaceId, { name, kind }, now);
  await insertMapping(tx, { workspaceId, connectionId: id, version: 1 }, defaultMapping, now);
  if (request.secret) {
    await refuseWrongKey(tx, secretBox, now);
    await addSecret(tx, secretBox, { workspaceId, connectionId: id, text: request.secret }, now);
  }
  const address = await createAddress(tx, secretBox, { workspaceId, connectionId: id }, now);
  const change = { workspaceId, connectionId: id, author, at: now };
  await noteOfConnection(tx, change, "connection.made", { after: { name, kind } });
  if (request.secret)
    await noteOfConnection(tx, change, "secret.set", { after: { secrets: await readSecretEnds(tx, change, now) } });
  await announceChange(tx, workspaceId);
  return { id, workspaceId, ...spellAddress(publicUrl, kind, address), secret: request.secret ?? null };
}

/** A new address, a new secret, or both. What they replace works for `graceMinutes` more, so that Pendo can be told meanwhile. */
export async function rotateConnection(settings: Settings, request: Rotation): Promise<RotatedConnection> {
  return inTransaction(settings.database, (tx) => renewConnection(tx, settings, request));
}

/** The same, in a transaction that has more to do. */
export async function renewConnection(
  tx: Tx,
  { secretBox, publicUrl, clock, author }: Omit<Settings, "database">,
  request: Rotation,
): Promise<RotatedConnection> {
  const now = clock();
  const until = new Date(now.getTime() + request.graceMinutes * 60_000);
  const { workspaceId, kind } = await getConnection(tx, request.connectionId);
  if (kind === "analytics" && (request.secret || request.removeSecret)) throw new Error(noSecret);
  const change = { workspaceId, connectionId: request.connectionId, author, at: now };
  const secrets = await readSecretEnds(tx, change, now);
  let shown: { url: string | null; token: string | null } = { url: null, token: null };
  if (request.address) {
    await noteOfConnection(tx, change, "connection.rotated", { after: { oldAddressWorksUntil: until } });
    await expireAddresses(tx, workspaceId, request.connectionId, until);
    shown = spellAddress(publicUrl, kind, await createAddress(tx, secretBox, change, now));
  }
  if (request.secret || request.removeSecret)
    await expireSecrets(tx, workspaceId, request.connectionId, request.removeSecret ? now : until);
  if (request.secret) {
    await refuseWrongKey(tx, secretBox, now);
    await addSecret(tx, secretBox, { workspaceId, connectionId: request.connectionId, text: request.secret }, now);
  }
  if (request.secret || request.removeSecret)
    await noteOfConnection(tx, change, secrets.length > 0 ? "secret.rotated" : "secret.set", {
      before: { secrets },
      after: {
        secrets: await readSecretEnds(tx, change, now),
        ...(request.secret && secrets.length > 0 && { oldWorksUntil: until }),
      },
    });
  await announceChange(tx, workspaceId);
  const isReplaced = request.address || (request.secret !== undefined && secrets.length > 0);
  const oldWorksUntil = isReplaced ? until.toISOString() : null;
  return { id: request.connectionId, ...shown, secret: request.secret ?? null, oldWorksUntil };
}

const noSecret = "Requests to the Analytics API are not signed: its token is its secret.";

export type ReadAddresses = { items: { url: string; token: string | null; worksUntil: Date | null }[]; hidden: number };

/** What its sender sends to, the newest first. `hidden` are those whose text was never kept, or no known key opens. */
export async function readAddresses(
  db: Queryable,
  { secretBox, publicUrl, clock }: Pick<Settings, "secretBox" | "publicUrl" | "clock">,
  of: { workspaceId: string; connectionId: string; kind: ConnectionKind },
): Promise<ReadAddresses> {
  const addresses = await listAddresses(db, secretBox, of, clock());
  const items = addresses.flatMap(({ address, expiresAt }) =>
    address === null ? [] : [{ ...spellAddress(publicUrl, of.kind, address), worksUntil: expiresAt }],
  );
  return { items, hidden: addresses.length - items.length };
}

/** Where its sender sends to; of the Analytics API the address is a token, and everybody's URL is the same. */
function spellAddress(publicUrl: string, kind: ConnectionKind, address: string) {
  return kind === "analytics"
    ? { url: `${publicUrl}/analytics/v1/`, token: address }
    : { url: `${publicUrl}/hooks/pendo/${address}`, token: null };
}

export async function changeConnection(
  { database, clock, author }: Pick<Settings, "database" | "clock" | "author">,
  connectionId: string,
  change: ConnectionChange,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { workspaceId } = await getConnection(tx, connectionId);
    await noteChange(tx, { workspaceId, connectionId, author, at: clock() }, () =>
      updateConnection(tx, workspaceId, connectionId, change),
    );
    await announceChange(tx, workspaceId);
  });
}

/** Tells the doors and whoever works in the background, in all processes, to look again; and the pages of the workspace, if one is said. */
export async function announceChange(tx: Queryable, workspaceId = ""): Promise<void> {
  await tx.query("select pg_notify($1, $2)", [connectionsChannel, workspaceId]);
}
