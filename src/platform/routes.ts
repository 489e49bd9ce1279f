// Routes of the API: every one has schemas for what it takes and gives, and works inside one workspace.
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import { addressLimits, bodyLimits, boundSchema, type Limits, type Schema } from "./bound-schema.ts";
import type { Database, Tx } from "./database/pool.ts";
import { inTransaction } from "./database/transaction.ts";
import { HttpError } from "./http-server.ts";
import { type AnswerFrom, answerOnce, type Idempotency } from "./idempotency.ts";
import { isStorableText } from "./json.ts";

/** What somebody may do. */
export type Scope = "read" | "write" | "ingest" | "admin";

/** Who asks. */
export type Actor = { kind: "api-key" | "member"; id: string; name: string; scopes: readonly Scope[] };

/** Who does something, and from which address: what the audit log says of a change. Null: from this machine. */
export type Author = { by: Actor | "system" | "command-line"; address: string | null };

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the sign-in before any route of the API runs. */
    workspaceId: string;
    by: Actor;
  }
  interface FastifyInstance {
    /** The database as one workspace sees it: whatever a route asks, PostgreSQL shows it nothing else. */
    openWorkspace: (workspaceId: string) => Database;
    /**
     * Only of the API that is our own, /api/v1: a write with an Idempotency-Key has its effect once, a parameter that no
     * route knows is refused, and errors are problem details. The others do as the clients expect that were written for them.
     */
    ownApi?: { idempotency: Idempotency };
  }
}

type Described<Query extends TSchema, Params extends TSchema, Answer extends TSchema> = {
  url: string;
  summary: string;
  tag: string;
  query?: Query;
  params?: Params;
  answer: Answer;
  /** What an answer is that is not JSON. */
  answerType?: "text/csv" | "application/octet-stream";
  errors: TSchema;
};

type Call<Query extends TSchema, Params extends TSchema, Body extends TSchema> = {
  workspaceId: string;
  by: Actor;
  /** The same, and from which address: what the audit log says. */
  author: Author;
  request: FastifyRequest;
  query: Static<Query>;
  params: Static<Params>;
  body: Static<Body>;
  /** The database as this workspace sees it. */
  database: Database;
  /** One transaction. Whoever asks somebody outside does it between two of these, never inside one. */
  inWorkspace: <T>(work: (db: Tx) => Promise<T>) => Promise<T>;
  /**
   * One transaction, the last one of a write, whose result is the answer. What it does and the answer that is kept for the
   * request's Idempotency-Key commit together: after a crash both are there or neither, so the same request again can never
   * have a second effect. A write that does without has that only where the process lives until its answer is kept.
   */
  answerFrom: AnswerFrom;
};

export type Route<
  Query extends TSchema,
  Params extends TSchema,
  Body extends TSchema,
  Answer extends TSchema,
> = Described<Query, Params, Answer> & {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: Body;
  /** The scope that a caller must have: `read` for a GET and `write` for everything else unless given. Null: none. */
  needs?: Scope | null;
  /** Of a request that went well; 200 unless given. */
  status?: 200 | 201 | 202;
  run: (call: Call<Query, Params, Body>) => Promise<unknown>;
};

export function addRoute<Query extends TSchema, Params extends TSchema, Body extends TSchema, Answer extends TSchema>(
  app: FastifyInstance,
  route: Route<Query, Params, Body, Answer>,
): void {
  const status = route.status ?? 200;
  const needs = route.needs === undefined ? (route.method === "GET" ? "read" : "write") : route.needs;
  app.route({
    method: route.method,
    url: route.url,
    // A file would be written only to be thrown away.
    ...(route.answerType && { exposeHeadRoute: false }),
    schema: { ...describeRoute(route, { status, isOwn: app.ownApi !== undefined }), ...describeNeeds(needs) },
    async handler(request, reply) {
      const { workspaceId, by } = request;
      if (needs !== null && !by.scopes.includes(needs))
        throw new HttpError(
          403,
          `${by.name} may not do this: it needs ${needs}, and has ${by.scopes.join(", ") || "no workspace"}.`,
        );
      refuseUnstorableText(request);
      const database = app.openWorkspace(workspaceId);
      reply.status(status);
      const call = {
        workspaceId,
        by,
        author: { by, address: request.ip },
        request,
        query: request.query as Static<Query>,
        params: request.params as Static<Params>,
        body: request.body as Static<Body>,
        database,
        inWorkspace: <T>(work: (db: Tx) => Promise<T>) => inTransaction(database, work),
      };
      const idempotency = route.method === "GET" ? undefined : app.ownApi?.idempotency;
      return answerOnce({ idempotency, database, request, reply, status }, (answerFrom) =>
        route.run({ ...call, answerFrom }),
      );
    },
  });
}

export function describeRoute(
  route: Described<TSchema, TSchema, TSchema> & { body?: TSchema },
  { status, isOwn }: { status: number; isOwn: boolean },
): object {
  const { query = isOwn ? noParameters : undefined, params, body, answer, answerType, errors, summary, tag } = route;
  return {
    summary,
    tags: [tag],
    ...(query && { querystring: isOwn ? { ...boundPart(query, addressLimits), additionalProperties: false } : query }),
    ...(params && { params: isOwn ? boundPart(params, addressLimits) : params }),
    ...(body && { body: isOwn ? boundPart(body, bodyLimits) : body }),
    response: {
      [status]: answerType ? { description: "A file", content: { [answerType]: { schema: answer } } } : answer,
      "4xx": isOwn ? { description: errorsAre, content: { "application/problem+json": { schema: errors } } } : errors,
    },
  };
}

/** Who may come, as the document says it: with a key or a session that has the scope. */
function describeNeeds(needs: Scope | null): object {
  return { security: ["apiKey", "session"].map((way) => ({ [way]: needs === null ? [] : [needs] })) };
}

/** Without a limit of its own, each part of a request has one: it is checked, and stands in the document. */
const boundPart = (schema: TSchema, limits: Limits): TSchema => boundSchema(schema as Schema, limits) as TSchema;

const noParameters: TSchema = { type: "object", properties: {} };
const errorsAre = "What is wrong, and what to do";

export type GetRoute<Query extends TSchema, Params extends TSchema, Answer extends TSchema> = Described<
  Query,
  Params,
  Answer
> & {
  read: (call: Call<Query, Params, TSchema> & { db: Tx }) => Promise<unknown>;
};

/** A route that reads, in one transaction. */
export function addGetRoute<Query extends TSchema, Params extends TSchema, Answer extends TSchema>(
  app: FastifyInstance,
  { read, ...route }: GetRoute<Query, Params, Answer>,
): void {
  addRoute(app, { ...route, method: "GET", run: (call) => call.inWorkspace((db) => read({ ...call, db })) });
}

export type WriteRoute<
  Query extends TSchema,
  Params extends TSchema,
  Body extends TSchema,
  Answer extends TSchema,
> = Omit<Route<Query, Params, Body, Answer>, "method" | "run"> & {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  /** Where it writes to what belongs to no workspace (members, their links): not the workspace's database. */
  in?: Database;
  write: (call: Call<Query, Params, Body> & { db: Tx }) => Promise<unknown>;
};

/** A route that changes something, in one transaction: it has its effect once, whatever happens (see `answerFrom`). */
export function addWriteRoute<
  Query extends TSchema,
  Params extends TSchema,
  Body extends TSchema,
  Answer extends TSchema,
>(app: FastifyInstance, { write, in: database, ...route }: WriteRoute<Query, Params, Body, Answer>): void {
  addRoute(app, { ...route, run: (call) => call.answerFrom((db) => write({ ...call, db }), database) });
}

/** What PostgreSQL cannot keep it cannot look for either: it would be an error there, and is the caller's mistake. */
function refuseUnstorableText({ query, params, body }: FastifyRequest): void {
  for (const [name, value] of Object.entries({ ...(query as object), ...(params as object) }))
    if ([value].flat().some((one) => typeof one === "string" && !isStorableText(one)))
      throw new HttpError(400, `\`${name}\` has a character that no text here has: U+0000, or half of a pair.`);
  refuseUnstorableBody(body, 0);
}

/** More than anything that is taken here; whoever reads a body goes down level by level, and has only so much room for that. */
const mostLevels = 100;

function refuseUnstorableBody(value: unknown, level: number): void {
  if (typeof value === "string") refuseUnstorablePart(value);
  if (typeof value !== "object" || value === null) return;
  if (level === mostLevels) throw new HttpError(400, `The body is nested too deep: ${mostLevels} levels are the most.`);
  for (const [name, one] of Object.entries(value)) {
    refuseUnstorablePart(name);
    refuseUnstorableBody(one, level + 1);
  }
}

function refuseUnstorablePart(text: string): void {
  if (!isStorableText(text))
    throw new HttpError(400, "The body has a character that no text here has: U+0000, or half of a pair.");
}
