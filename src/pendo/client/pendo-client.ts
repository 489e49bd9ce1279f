// Asks Pendo's API, at the connection's pace, and gives up in words. One client per connection and key; it keeps nothing
// but the answers it is reading.
import { Buffer } from "node:buffer";
import type { Dispatcher } from "undici";
import { isJsonObject, type JsonObject } from "../../platform/json.ts";
import type { Log } from "../../platform/log.ts";
import type { Fields } from "./fields.ts";
import { type MetadataField, readMetadataFields } from "./metadata-schema.ts";
import type { Pace } from "./pace.ts";
import { fixSetting, giveUp, PendoError, tryAgain } from "./pendo-error.ts";
import {
  createCountPipeline,
  createFindPipeline,
  createListPipeline,
  type Identity,
  type PendoKind,
  type Pipeline,
  readIdentity,
} from "./pipelines.ts";
import { quoteText } from "./quote-text.ts";
import { createJsonReader } from "./read-json.ts";
import { findPendoOrigin, type PendoRegion } from "./regions.ts";
import {
  longTimeouts,
  type PendoRequest,
  type Reader,
  type Sender,
  sendRequest,
  shortTimeouts,
  type Timeouts,
  waitFor,
} from "./send-request.ts";
import { createRowSplitter, WrongContentError } from "./split-rows.ts";

export type PendoClient = {
  /** Resolves when Pendo takes the key in this region. */
  verifyToken: () => Promise<{ mayWrite: boolean }>;
  readMetadataSchema: (kind: PendoKind) => Promise<MetadataField[]>;
  /** How many identified ones there are. */
  countIdentities: (kind: PendoKind) => Promise<number>;
  /**
   * Every identified visitor or account, page by page in Pendo's order of ids, each page in memory as a whole. To go on
   * after a break, give the last id of the last page as `after`. With `limit`, no more than so many.
   */
  listIdentities: (
    kind: PendoKind,
    fields: Fields,
    options?: { after?: string | undefined; limit?: number },
  ) => AsyncGenerator<Identity[]>;
  /** Those of the ids that Pendo knows. Up to `idsPerRequest` ids of usual length are one request. */
  findIdentities: (kind: PendoKind, ids: readonly string[], fields: Fields) => Promise<Map<string, Identity>>;
};

export type PendoClientOptions = {
  region: PendoRegion;
  /** For tests and the demo: asked instead of the region's host. */
  baseUrl?: string | undefined;
  integrationKey: string;
  pace: Pace;
  dispatcher: Dispatcher;
  clock: () => Date;
  log: Log;
  /** Ends requests and waits when the process stops. */
  signal: AbortSignal;
  patience?: Partial<Patience>;
};

export type Patience = {
  /** Attempts of a request before its error is whoever asked's. */
  tries: number;
  /** Milliseconds before the second attempt; doubled with each further one. */
  backOffMs: number;
  /** Milliseconds after a 429 that does not say when; doubled while Pendo goes on saying so. */
  rateLimitMs: number;
  /** Milliseconds: who would have to wait longer is told so instead. */
  longestWaitMs: number;
  /** For aggregations. */
  long: Timeouts;
  /** For everything else. */
  short: Timeouts;
  /** Rows of a page. */
  pageSize: number;
};

const defaultPatience: Patience = {
  tries: 4,
  backOffMs: 1_000,
  rateLimitMs: 30_000,
  longestWaitMs: 60_000,
  long: longTimeouts,
  short: shortTimeouts,
  pageSize: 5_000,
};

/** Ids asked for at once, at most; see `groupIds`. */
export const idsPerRequest = 200;
/** Characters of a filter: within what proxies and parsers take. */
const mostFilterLength = 32_000;
const leastPageSize = 100;

const mostAnswerBytes = 256 * 1024 * 1024;
const mostShortAnswerBytes = 8 * 1024 * 1024;

export function createPendoClient(options: PendoClientOptions): PendoClient {
  const patience = { ...defaultPatience, ...options.patience };
  const ask = createAsk(options, patience);

  const get = <T>(path: string, reader: () => Reader<T>) =>
    ask({ method: "GET", path, timeouts: patience.short, mostBytes: mostShortAnswerBytes }, reader);

  const verifyToken = () => get("/token/verify", () => createJsonReader(readVerification)).catch(explainVerification);

  async function aggregate(name: string, pipeline: Pipeline): Promise<JsonObject[]> {
    const body = {
      response: { mimeType: "application/json" },
      request: { requestId: `plumbline-${name}`, name: `plumbline-${name}`, pipeline },
    };
    const asked = {
      method: "POST" as const,
      path: "/aggregation",
      body,
      timeouts: patience.long,
      mostBytes: mostAnswerBytes,
    };
    try {
      return await ask(asked, createRowsReader);
    } catch (error) {
      // A key of another region and a pipeline that Pendo does not understand look the same; the key alone tells.
      if (error instanceof PendoError && error.status === 400) await verifyToken();
      throw error;
    }
  }

  return {
    verifyToken,
    readMetadataSchema: (kind) => get(`/metadata/schema/${kind}`, () => createJsonReader(readMetadataFields)),
    async countIdentities(kind) {
      const [row] = await aggregate(`count-${kind}s`, createCountPipeline(kind));
      return typeof row?.count === "number" ? row.count : 0;
    },
    async *listIdentities(kind, fields, { after, limit = Number.POSITIVE_INFINITY } = {}) {
      let left = limit;
      let last = after;
      let size = patience.pageSize;
      while (left > 0) {
        const wanted = Math.min(size, left);
        let rows: JsonObject[];
        try {
          rows = await aggregate(`list-${kind}s`, createListPipeline(kind, fields, { after: last, limit: wanted }));
        } catch (error) {
          // Pendo is known to break large answers off and to run out of time over them.
          if (!isTooMuch(error) || wanted <= leastPageSize) throw error;
          size = Math.max(leastPageSize, Math.floor(wanted / 4));
          continue;
        }
        const page = rows.flatMap((row) => readIdentity(kind, row) ?? []);
        const end = page.at(-1)?.id;
        // An empty page is the end; a short one may be Pendo's own limit.
        if (end === undefined) return;
        if (end === last) throw standsStill(kind);
        yield page;
        last = end;
        left -= page.length;
      }
    },
    async findIdentities(kind, ids, fields) {
      const found = new Map<string, Identity>();
      for (const group of groupIds(ids)) {
        const wanted = new Set(group);
        for (const row of await aggregate(`find-${kind}s`, createFindPipeline(kind, group, fields))) {
          const identity = readIdentity(kind, row);
          if (identity && wanted.has(identity.id)) found.set(identity.id, identity);
        }
      }
      return found;
    },
  };
}

type Ask = <T>(asked: PendoRequest, createReader: () => Reader<T>) => Promise<T>;

/** Sends in turn, and again where that may help. */
function createAsk(options: PendoClientOptions, patience: Patience): Ask {
  const { region, baseUrl, integrationKey, pace, dispatcher, clock, log, signal } = options;
  const sender: Sender = { origin: baseUrl ?? findPendoOrigin(region), integrationKey, dispatcher, clock, signal };
  let refusedInARow = 0;

  return async (asked, createReader) => {
    for (let attempt = 1; ; attempt += 1) {
      await pace.takeTurn(signal);
      try {
        const value = await sendRequest(sender, asked, createReader());
        refusedInARow = 0;
        return value;
      } catch (error) {
        if (!(error instanceof PendoError) || error.next.kind !== "try-again" || error.trouble === "stopped")
          throw error;
        const isRateLimit = error.trouble === "rate-limited";
        const waitMs = isRateLimit
          ? (error.retryAfterMs ?? patience.rateLimitMs * 2 ** Math.min(refusedInARow, 5))
          : (error.retryAfterMs ?? patience.backOffMs * 2 ** (attempt - 1));
        if (isRateLimit) {
          refusedInARow += 1;
          await pace.delay(waitMs);
        }
        const { trouble, status } = error;
        if (attempt >= patience.tries || waitMs > patience.longestWaitMs) throw withWait(error, waitMs);
        log.warn({ path: asked.path, trouble, status, attempt, waitMs }, "Pendo did not answer as it should");
        await waitFor(waitMs, signal);
      }
    }
  };
}

function withWait(error: PendoError, waitMs: number): PendoError {
  const { trouble, message, status, retryAfterMs, detail, cause } = error;
  const afterMs = Math.max(waitMs, error.next.kind === "try-again" ? error.next.afterMs : 0);
  return new PendoError(trouble, message, { next: tryAgain(afterMs), status, retryAfterMs, detail, cause });
}

function createRowsReader(): Reader<JsonObject[]> {
  const rows: JsonObject[] = [];
  const splitter = createRowSplitter((row) => rows.push(row));
  return {
    push: splitter.push,
    end() {
      splitter.end();
      return rows;
    },
  };
}

function readVerification(answer: unknown): { mayWrite: boolean } {
  if (!isJsonObject(answer) || typeof answer.valid !== "boolean")
    throw new WrongContentError("it does not say whether the key is valid");
  if (!answer.valid)
    throw new PendoError("key-refused", "Pendo says that the integration key is not valid: set a new one.", {
      next: fixSetting("integration-key"),
    });
  return { mayWrite: answer.writeAccess === true };
}

function explainVerification(error: unknown): never {
  if (error instanceof PendoError && error.status === 400)
    throw new PendoError(
      "wrong-region",
      "The integration key is not of the connection's region: choose the region that the key was made in.",
      { next: fixSetting("region"), status: 400, cause: error },
    );
  throw error;
}

function isTooMuch(error: unknown): boolean {
  return (
    error instanceof PendoError && ["timed-out", "server-error", "half-answer", "too-large"].includes(error.trouble)
  );
}

function standsStill(kind: PendoKind): PendoError {
  return new PendoError(
    "wrong-content",
    `Pendo's list of ${kind}s does not go on behind a certain id: it cannot be read to its end.`,
    { next: giveUp },
  );
}

/** Groups of at most `idsPerRequest` ids whose filter stays short. Ids that no filter can carry are nobody's at Pendo. */
function* groupIds(ids: readonly string[]): Generator<string[]> {
  let group: string[] = [];
  let length = 0;
  for (const id of new Set(ids)) {
    if (id === "" || !id.isWellFormed()) continue;
    const own = Buffer.byteLength(quoteText(id)) + 20;
    if (group.length > 0 && (group.length >= idsPerRequest || length + own > mostFilterLength)) {
      yield group;
      group = [];
      length = 0;
    }
    group.push(id);
    length += own;
  }
  if (group.length > 0) yield group;
}
