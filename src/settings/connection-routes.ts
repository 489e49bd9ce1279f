// Connections over HTTP: what the command line can set of them, by the same functions.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer } from "../contract/api.ts";
import {
  Addresses,
  ConnectionChangeBody,
  ConnectionList,
  ConnectionParameter,
  Connection as ConnectionSchema,
  HeldBody,
  HeldDone,
  IntegrationKeyBody,
  KeyTested,
  NewConnection,
  NewConnectionBody,
  RemovedSamples,
  RotateBody,
  RotatedConnection,
  SentSamples,
} from "../contract/connections.ts";
import type { Database, Queryable } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import { type Author, addGetRoute, addRoute, addWriteRoute } from "../platform/routes.ts";
import { type Connection, listConnections } from "./connection-queries.ts";
import { changeConnection, makeConnection, readAddresses, renewConnection, type Settings } from "./connections.ts";
import { readIntegrationKey, recordKeyTest, setPendoAccess } from "./integration-keys.ts";
import type { KeyState } from "./integration-keys-table.ts";

type Of = { workspaceId: string; connectionId: string };

export type ConnectionRoutesOptions = Omit<Settings, "database" | "author"> & {
  /** Asks Pendo what it thinks of the stored key. */
  testKey: (of: Of) => Promise<{
    state: Exclude<KeyState, "untested">;
    mayWrite: boolean | null;
    rightRegion: string | null;
    sentence: string;
    keySetAt: Date;
  }>;
  /** What was held while the connection was off goes through now, or is given up. Resolves to how many there were. */
  settleHeld: (
    database: Database,
    of: Of,
    action: "process" | "discard",
    author: Author,
  ) => Promise<{ processed: number; discarded: number; goesOn: unknown }>;
  /** Sends a sample of each kind of event to the connection's own address. */
  sendSamples: (database: Database, of: Of & { author: Author }) => Promise<unknown>;
  /** Deletes the records that samples made, and gives up those that wait. Resolves to how many there were. */
  removeSamples: (
    database: Database,
    workspaceId: string,
    author: Author,
  ) => Promise<{ removed: number; discarded: number }>;
};

const tag = "Connections";
const errors = ErrorAnswer;

export function addConnectionRoutes(app: FastifyInstance, options: ConnectionRoutesOptions): void {
  addReadingRoutes(app, options);
  addChangingRoutes(app, options);
  addKeyRoutes(app, options);
  addSampleRoutes(app, options);
}

function addReadingRoutes(app: FastifyInstance, options: ConnectionRoutesOptions): void {
  addGetRoute(app, {
    url: "/connections",
    summary: "The connections of the workspace",
    tag,
    answer: ConnectionList,
    errors,
    read: async ({ db }) => ({ items: await listConnections(db) }),
  });
  addGetRoute(app, {
    url: "/connections/:id",
    summary: "One connection",
    tag,
    params: ConnectionParameter,
    answer: ConnectionSchema,
    errors,
    read: ({ db, params }) => findConnection(db, params.id),
  });
  addRoute(app, {
    method: "GET",
    url: "/connections/:id/addresses",
    summary: "Where its sender sends to: the addresses or tokens that work",
    tag,
    needs: "admin",
    params: ConnectionParameter,
    answer: Addresses,
    errors,
    async run({ workspaceId, params, inWorkspace }) {
      return inWorkspace(async (db) => {
        const { kind } = await findConnection(db, params.id);
        return readAddresses(db, options, { workspaceId, connectionId: params.id, kind });
      });
    },
  });
}

function addChangingRoutes(app: FastifyInstance, options: ConnectionRoutesOptions): void {
  addWriteRoute(app, {
    method: "POST",
    url: "/connections",
    summary: "Make a connection; its address or token is in the answer",
    tag,
    needs: "admin",
    body: NewConnectionBody,
    status: 201,
    answer: NewConnection,
    errors,
    async write({ db, workspaceId, author, body }) {
      if (body.kind === "analytics" && body.secret !== undefined) throw new HttpError(400, noSecret);
      const made = await makeConnection(db, { ...options, author }, { ...body, name: body.name.trim(), workspaceId });
      return { connection: await findConnection(db, made.id), url: made.url, token: made.token };
    },
  });
  addRoute(app, {
    method: "PATCH",
    url: "/connections/:id",
    summary: "Change how a connection treats what arrives. What is left out stays",
    tag,
    needs: "admin",
    params: ConnectionParameter,
    body: ConnectionChangeBody,
    answer: ConnectionSchema,
    errors,
    async run({ author, params, body: { region, ...change }, database }) {
      const { kind } = await findConnection(database, params.id);
      if (region !== undefined) {
        refuseAnalytics(kind);
        await setPendoAccess({ ...options, database, author }, params.id, { region });
      }
      if (change.name !== undefined) change.name = change.name.trim();
      if (Object.keys(change).length > 0) await changeConnection({ ...options, database, author }, params.id, change);
      return findConnection(database, params.id);
    },
  });
  addWriteRoute(app, {
    method: "POST",
    url: "/connections/:id/rotate",
    summary: "Make a new address or token, and change the secret; what they replace goes on working for a while",
    tag,
    needs: "admin",
    params: ConnectionParameter,
    body: RotateBody,
    answer: RotatedConnection,
    errors,
    async write({ db, author, params, body: { address = true, secret, graceMinutes = 1_440 } }) {
      const { kind } = await findConnection(db, params.id);
      if (kind === "analytics" && secret !== undefined) throw new HttpError(400, noSecret);
      if (!address && secret === undefined)
        throw new HttpError(400, "There is nothing to change: leave out `address`, or say what the secret is to be.");
      const { url, token, oldWorksUntil } = await renewConnection(
        db,
        { ...options, author },
        {
          connectionId: params.id,
          address,
          secret: secret ?? undefined,
          removeSecret: secret === null,
          graceMinutes,
        },
      );
      return { connection: await findConnection(db, params.id), url, token, oldWorksUntil };
    },
  });
  addRoute(app, {
    method: "POST",
    url: "/connections/:id/held",
    summary: "Decide about what was held while the connection was off",
    tag,
    params: ConnectionParameter,
    body: HeldBody,
    answer: HeldDone,
    errors,
    async run({ workspaceId, params, body, database, author }) {
      const { state } = await findConnection(database, params.id);
      if (body.action === "process" && state === "off")
        throw new HttpError(409, "The connection is off: what goes through would be held again. Switch it on first.");
      const done = await options.settleHeld(database, { workspaceId, connectionId: params.id }, body.action, author);
      return { ...done, connection: await findConnection(database, params.id) };
    },
  });
}

function addKeyRoutes(app: FastifyInstance, options: ConnectionRoutesOptions): void {
  addRoute(app, {
    method: "PUT",
    url: "/connections/:id/integration-key",
    summary: "Set Pendo's integration key, in the place of the one there may be",
    tag,
    needs: "admin",
    params: ConnectionParameter,
    body: IntegrationKeyBody,
    answer: ConnectionSchema,
    errors,
    async run({ author, params, body, database }) {
      refuseAnalytics((await findConnection(database, params.id)).kind);
      const { region } = body;
      await setPendoAccess({ ...options, database, author }, params.id, { integrationKey: readKey(body.key), region });
      return findConnection(database, params.id);
    },
  });
  addRoute(app, {
    method: "DELETE",
    url: "/connections/:id/integration-key",
    summary: "Take the integration key away",
    tag,
    needs: "admin",
    params: ConnectionParameter,
    answer: ConnectionSchema,
    errors,
    async run({ author, params, database }) {
      await findConnection(database, params.id);
      await setPendoAccess({ ...options, database, author }, params.id, { integrationKey: null });
      return findConnection(database, params.id);
    },
  });
  addRoute(app, {
    method: "POST",
    url: "/connections/:id/integration-key/test",
    summary: "Ask Pendo whether it takes the integration key",
    tag,
    params: ConnectionParameter,
    answer: KeyTested,
    errors,
    async run({ workspaceId, author, params, database }) {
      const { integrationKey } = await findConnection(database, params.id);
      if (!integrationKey) throw new HttpError(409, "The connection has no integration key: set one first.");
      const of = { workspaceId, connectionId: params.id };
      const { state, mayWrite, rightRegion, sentence, keySetAt } = await options.testKey(of);
      await recordKeyTest({ ...options, database, author }, of, { state, mayWrite, keySetAt });
      return { state, mayWrite, rightRegion, message: sentence, connection: await findConnection(database, params.id) };
    },
  });
}

function addSampleRoutes(app: FastifyInstance, { sendSamples, removeSamples }: ConnectionRoutesOptions): void {
  addRoute(app, {
    method: "POST",
    url: "/connections/:id/samples",
    summary: "Send a sample of every kind of event to the connection's own address, over HTTP, as Pendo would",
    tag,
    needs: "admin",
    params: ConnectionParameter,
    answer: SentSamples,
    errors,
    async run({ workspaceId, author, params, database }) {
      refuseAnalytics((await findConnection(database, params.id)).kind);
      return sendSamples(database, { workspaceId, connectionId: params.id, author });
    },
  });
  addRoute(app, {
    method: "DELETE",
    url: "/connections/:id/samples",
    summary: "Delete the user and the account that samples made, with all that is theirs",
    tag,
    needs: "admin",
    params: ConnectionParameter,
    answer: RemovedSamples,
    errors,
    async run({ workspaceId, author, params, database }) {
      await findConnection(database, params.id);
      return removeSamples(database, workspaceId, author);
    },
  });
}

const noSecret = "Requests to the Analytics API are not signed: the token is the secret.";

function refuseAnalytics(kind: Connection["kind"]): void {
  if (kind === "analytics")
    throw new HttpError(409, "The connection is of the Analytics API, which says itself whose everything is.");
}

/** `db` shows the caller's workspace and nothing else. */
async function findConnection(db: Queryable, connectionId: string): Promise<Connection> {
  const [connection] = await listConnections(db, connectionId);
  if (!connection)
    throw new HttpError(404, `There is no connection ${JSON.stringify(connectionId)} in this workspace.`);
  return connection;
}

function readKey(text: string): string {
  try {
    return readIntegrationKey(text);
  } catch (error) {
    throw new HttpError(400, (error as Error).message);
  }
}
