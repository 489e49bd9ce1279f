// Kept deliveries over HTTP: sent through once more, and their raw bytes.
import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import { ErrorAnswer } from "../../contract/api.ts";
import {
  DeliveryParameter,
  ReplayBody,
  Replayed,
  ReplayList,
  ReplayParameter,
  Replay as ReplaySchema,
  RetryBody,
} from "../../contract/replay.ts";
import type { Database, Queryable, Tx } from "../../platform/database/pool.ts";
import { HttpError } from "../../platform/http-server.ts";
import { type Author, addGetRoute, addRoute, addWriteRoute } from "../../platform/routes.ts";
import { findDelivery, readRawBody } from "./delivery-queries.ts";
import type { Replay } from "./replay-deliveries.ts";
import { findReplay, listReplays, type ReplayJob } from "./replays-table.ts";

type Filter = Omit<ReplayBody, "all" | "dryRun" | "connectionId"> & { id?: string; connection?: string | undefined };
type SendAgain = (
  database: Database,
  asked: { workspaceId: string; author: Author; dryRun?: boolean },
  filter: Filter,
) => Promise<Replay & { isMore: boolean; goesOn: ReplayJob | null }>;

export type ReplayRoutesOptions = {
  sendAgain: SendAgain;
  /** Resolves to whether there was something to stop. */
  stopReplay: (tx: Tx, of: { workspaceId: string; id: string }, author: Author) => Promise<boolean>;
};

const tag = "Deliveries";
const errors = ErrorAnswer;

export function addReplayRoutes(app: FastifyInstance, { sendAgain, stopReplay }: ReplayRoutesOptions): void {
  addReplayingRoutes(app, sendAgain);
  addRetryRoute(app, sendAgain);
  addBackgroundRoutes(app, stopReplay);
  addBodyRoute(app);
}

function addReplayingRoutes(app: FastifyInstance, sendAgain: SendAgain): void {
  addRoute(app, {
    method: "POST",
    url: "/deliveries/:id/replay",
    summary: "Send one kept delivery through once more; nothing is recorded twice",
    tag,
    params: DeliveryParameter,
    answer: Replayed,
    errors,
    async run({ workspaceId, author, params, database }) {
      const replay = await sendAgain(database, { workspaceId, author }, { id: params.id });
      if (replay.matched === 0) await explainNoMatch(database, workspaceId, params.id);
      return replay;
    },
  });
  addRoute(app, {
    method: "POST",
    url: "/deliveries/replay",
    summary: "Send all kept deliveries that match through once more; nothing is recorded twice",
    tag,
    body: ReplayBody,
    answer: Replayed,
    errors,
    run({ workspaceId, author, body: { all, dryRun = false, connectionId, ...filter }, database }) {
      if (all !== true && connectionId === undefined && Object.keys(filter).length === 0)
        throw new HttpError(400, 'Say which: a filter such as {"state": "failed"}, or {"all": true}.');
      return sendAgain(database, { workspaceId, author, dryRun }, { ...filter, connection: connectionId });
    },
  });
}

function addRetryRoute(app: FastifyInstance, sendAgain: SendAgain): void {
  addRoute(app, {
    method: "POST",
    url: "/parked/retry",
    summary: "Try parked deliveries again now",
    tag,
    body: RetryBody,
    answer: Replayed,
    errors,
    run({ workspaceId, author, body: { all, connectionId, ...filter }, database }) {
      if (all !== true && connectionId === undefined && Object.keys(filter).length === 0)
        throw new HttpError(400, 'Say which: a reason, a connection, or {"all": true}.');
      const parked = { ...filter, connection: connectionId, state: "parked" } as const;
      return sendAgain(database, { workspaceId, author }, parked);
    },
  });
}

function addBackgroundRoutes(app: FastifyInstance, stopReplay: ReplayRoutesOptions["stopReplay"]): void {
  addGetRoute(app, {
    url: "/replays",
    summary: "Replays of so many deliveries that they go on in the background",
    tag,
    answer: ReplayList,
    errors,
    read: async ({ db, workspaceId }) => ({ items: await listReplays(db, workspaceId) }),
  });
  addGetRoute(app, {
    url: "/replays/:id",
    summary: "How far a replay is",
    tag,
    params: ReplayParameter,
    answer: ReplaySchema,
    errors,
    read: ({ db, workspaceId, params }) => getReplay(db, { workspaceId, id: params.id }),
  });
  addWriteRoute(app, {
    method: "POST",
    url: "/replays/:id/cancel",
    summary: "Stop a replay. What has gone through stays so",
    tag,
    params: ReplayParameter,
    answer: ReplaySchema,
    errors,
    async write({ db, workspaceId, author, params }) {
      const of = { workspaceId, id: params.id };
      const { state } = await getReplay(db, of);
      if (!(await stopReplay(db, of, author)))
        throw new HttpError(409, `The replay is ${state}: there is nothing to stop.`);
      return getReplay(db, of);
    },
  });
}

async function getReplay(db: Queryable, of: { workspaceId: string; id: string }): Promise<ReplayJob> {
  const found = await findReplay(db, of);
  if (!found) throw new HttpError(404, `There is no replay ${JSON.stringify(of.id)} in this workspace.`);
  return found;
}

function addBodyRoute(app: FastifyInstance): void {
  addRoute(app, {
    method: "GET",
    url: "/deliveries/:id/body",
    summary: "The raw body of a delivery, byte for byte as it came",
    tag,
    params: DeliveryParameter,
    answer: Type.Unsafe<string>({ contentMediaType: "application/octet-stream", description: "The bytes" }),
    answerType: "application/octet-stream",
    errors,
    async run({ workspaceId, params, inWorkspace }) {
      const body = await inWorkspace((db) => readRawBody(db, workspaceId, params.id));
      if (body === undefined) throw notFound(params.id);
      if (body === null)
        throw new HttpError(410, "The raw body has been deleted; how long they are kept is a setting.");
      return new Response(new Uint8Array(body), {
        headers: {
          // Never shown by a browser: it is whatever somebody sent here.
          "content-type": "application/octet-stream",
          "content-disposition": `attachment; filename="delivery-${params.id}.bin"`,
        },
      });
    },
  });
}

async function explainNoMatch(db: Queryable, workspaceId: string, id: string): Promise<never> {
  const delivery = await findDelivery(db, id, workspaceId);
  if (!delivery) throw notFound(id);
  throw new HttpError(409, `Delivery ${id} waits already: it goes through by itself.`);
}

function notFound(id: string): HttpError {
  return new HttpError(404, `There is no delivery ${JSON.stringify(id)} in this workspace.`);
}
