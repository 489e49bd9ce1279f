// What tests below the app need: a workspace with a connection, and deliveries in its inbox, put there as the door does.
import type { ConnectionKind, Mapping } from "../../src/pipeline/facts.ts";
import { createInbox } from "../../src/pipeline/inbox/append-deliveries.ts";
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import { inTransaction } from "../../src/platform/database/transaction.ts";
import { createUuid } from "../../src/platform/uuid.ts";
import { defaultMapping, insertMapping } from "../../src/settings/connection-mappings-table.ts";
import { type ConnectionChange, insertConnection, updateConnection } from "../../src/settings/connections-table.ts";

export type Place = { workspaceId: string; connectionId: string };
/** Where a delivery goes, and the endpoint of the Analytics API that it names. */
type Goal = Place & { endpoint?: string };

export async function createWorkspace(database: DatabasePool, now = new Date()): Promise<string> {
  const workspaceId = createUuid(now.getTime());
  await database.query("insert into workspaces (workspace_id, name) values ($1, 'Test')", [workspaceId]);
  return workspaceId;
}

/** A connection, in a workspace of its own unless one is given. */
export async function createPlace(
  database: DatabasePool,
  given: { workspaceId?: string; kind?: ConnectionKind; rules?: ConnectionChange; mapping?: Partial<Mapping> } = {},
): Promise<Place> {
  const workspaceId = given.workspaceId ?? (await createWorkspace(database));
  const connectionId = await inTransaction(database, async (tx) => {
    const id = await insertConnection(tx, workspaceId, { name: "Test", kind: given.kind ?? "pendo" }, new Date());
    const mapping = { ...defaultMapping, ...given.mapping };
    await insertMapping(tx, { workspaceId, connectionId: id, version: 1 }, mapping, new Date());
    return id;
  });
  if (given.rules) await updateConnection(database, workspaceId, connectionId, given.rules);
  return { workspaceId, connectionId };
}

/** Takes bodies in, in their order; resolves to the ids of the deliveries once they are on disk. */
export async function appendBodies(
  database: DatabasePool,
  place: Goal,
  bodies: readonly (object | string | Buffer)[],
  receivedAt = new Date(),
): Promise<string[]> {
  const inbox = createInbox({ database, onAppended: () => {} });
  const arrivals = bodies.map((body): Parameters<ReturnType<typeof createInbox>["append"]>[0] => {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    return {
      ...place,
      deliveryId: createUuid(receivedAt.getTime()),
      receivedAt,
      headers: "{}",
      body: bytes,
      size: bytes.length,
      signed: false,
      state: "waiting",
      reason: null,
      detail: null,
      endpoint: place.endpoint ?? null,
      isKept: true,
    };
  });
  await Promise.all(arrivals.map(inbox.append));
  return arrivals.map((arrival) => arrival.deliveryId);
}
