// Idempotency-Key: a client that does not know whether its write came through sends it again with the same key, and is given
// the answer of the first time. What had no effect (an error) is not kept: the same request again is tried again.
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Database, Queryable, Tx } from "./database/pool.ts";
import { inTransaction } from "./database/transaction.ts";
import { HttpError } from "./http-server.ts";
import type { Json } from "./json.ts";

export type KeptAnswer = { status: number; answer: Json };

/** The right to carry a request out. */
export type Claim = {
  /** Throws when the claim was lost meanwhile: then what `db` did must not stay either. */
  keep: (db: Queryable, kept: KeptAnswer) => Promise<void>;
  /** Nothing was done: the next request with the key carries it out. */
  release: () => Promise<void>;
};

export type Idempotency = {
  begin: (
    database: Database,
    request: { workspaceId: string; byId: string; key: string; hash: Buffer },
  ) => Promise<
    | { outcome: "begun"; claim: Claim }
    | { outcome: "done"; kept: KeptAnswer }
    | { outcome: "in-progress"; againInSeconds: number }
    | { outcome: "other-request" }
  >;
};

/** `database`: where the work is done, if not in the workspace's. */
export type AnswerFrom = <T>(work: (db: Tx) => Promise<T>, database?: Database) => Promise<T>;
type Once = {
  /** Undefined: keys have no meaning here. */
  idempotency: Idempotency | undefined;
  database: Database;
  request: FastifyRequest;
  reply: FastifyReply;
  status: number;
};

/** Carries `run` out, or gives the answer that is kept for the request's key. */
export async function answerOnce(
  { idempotency, database, request, reply, status }: Once,
  run: (answerFrom: AnswerFrom) => Promise<unknown>,
): Promise<unknown> {
  const { workspaceId, by } = request;
  const key = idempotency && readKey(request);
  // Whoever signs in is nobody yet, and of no workspace: their keys mean nothing.
  if (!idempotency || key === undefined || !by || !workspaceId)
    return run((work, elsewhere = database) => inTransaction(elsewhere, work));
  const begun = await idempotency.begin(database, { workspaceId, byId: by.id, key, hash: hashRequest(request) });
  switch (begun.outcome) {
    case "begun":
      return carryOut(begun.claim, { database, status }, run);
    case "done":
      reply.header("idempotency-replayed", "true").status(begun.kept.status);
      return begun.kept.answer;
    case "in-progress":
      reply.header("retry-after", begun.againInSeconds);
      throw new HttpError(409, "A request with this Idempotency-Key is being worked on: try again in a moment.");
    case "other-request":
      throw new HttpError(
        422,
        "This Idempotency-Key was used for another request: each request has a key of its own, and only the same one is sent again with it.",
      );
  }
}

async function carryOut(
  claim: Claim,
  { database, status }: Pick<Once, "database" | "status">,
  run: (answerFrom: AnswerFrom) => Promise<unknown>,
): Promise<unknown> {
  let isKept = false;
  const answerFrom: AnswerFrom = async (work, elsewhere = database) => {
    const answer = await inTransaction(elsewhere, async (tx) => {
      const made = await work(tx);
      await claim.keep(tx, { status, answer: toJson(made) });
      return made;
    });
    isKept = true;
    return answer;
  };
  try {
    const answer = await run(answerFrom);
    if (!isKept) await claim.keep(database, { status, answer: toJson(answer) });
    return answer;
  } catch (error) {
    if (!isKept) await claim.release();
    throw error;
  }
}

/** As it goes out: times are texts. */
function toJson(answer: unknown): Json {
  return answer === undefined ? null : JSON.parse(JSON.stringify(answer));
}

function readKey({ headers }: FastifyRequest): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new HttpError(400, "An Idempotency-Key has 1 to 255 characters of ASCII without spaces, such as a uuid.");
}

/** A body that a route reads by itself, as it comes, is known by its length, its type, and its digest where one is sent. */
function hashRequest({ method, url, body, headers }: FastifyRequest): Buffer {
  const hash = createHash("sha256").update(`${method} ${url}\n`);
  if (Buffer.isBuffer(body)) hash.update(body);
  else if (body !== undefined) hash.update(JSON.stringify(body));
  else
    hash.update(
      JSON.stringify(["content-type", "content-length", "content-digest"].map((name) => headers[name] ?? null)),
    );
  return hash.digest();
}
