// Asks Pendo's API, at the connection's pace, and gives up in words. One client per connection and key; it keeps nothing
// but the answers it is reading.
import type { Dispatcher } from "undici";
import { isJsonObject, type JsonObject } from "../../platform/json.ts";
import type { Log } from "../../platform/log.ts";
import { createAsk, defaultPatience, type Patience } from "./ask.ts";
import type { Fields } from "./fields.ts";
import { groupIds } from "./group-ids.ts";
import { type MetadataField, readMetadataFields } from "./metadata-schema.ts";
import type { Pace } from "./pace.ts";
import { fixSetting, giveUp, PendoError } from "./pendo-error.ts";
import {
  createCountPipeline,
  createFindPipeline,
  createListPipeline,
  type Identity,
  type PendoKind,
  type Pipeline,
  readIdentity,
  readPerson,
} from "./pipelines.ts";
import { createJsonReader } from "./read-json.ts";
import { findPendoOrigin, type PendoRegion } from "./regions.ts";
import { createReportRequests, type ReportRequests } from "./report-requests.ts";
import type { Reader } from "./send-request.ts";
import { createRowSplitter, WrongContentError } from "./split-rows.ts";

export type PendoClient = ReportRequests & {
  /** Resolves when Pendo takes the key in this region. */
  verifyToken: () => Promise<{ mayWrite: boolean }>;
  readMetadataSchema: (kind: PendoKind) => Promise<MetadataField[]>;
  /** How many identified ones there are. */
  countIdentities: (kind: PendoKind) => Promise<number>;
  /**
   * Every identified visitor or account, page by page in Pendo's order of ids, each page in memory as a whole. To go on
   * after a break, give the last id of the last page as `after`. With `limit`, no more than so many.
   */
  listIdentities: (kind: PendoKind, fields: Fields, options?: ListOptions) => AsyncGenerator<Identity[]>;
  /** Those of the ids that Pendo knows. `idsPerRequest` ids of usual length are one request. */
  findIdentities: (kind: PendoKind, ids: readonly string[], fields: Fields) => Promise<Map<string, Identity>>;
};

export type ListOptions = { after?: string | undefined; limit?: number | undefined };

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
  patience?: Partial<Patience> | undefined;
  /** Rows of a page of a list. */
  pageSize?: number | undefined;
};

const defaultPageSize = 5_000;
const leastPageSize = 100;

const mostAnswerBytes = 256 * 1024 * 1024;
const mostShortAnswerBytes = 8 * 1024 * 1024;

export function createPendoClient(options: PendoClientOptions): PendoClient {
  const { region, baseUrl, integrationKey, dispatcher, clock, signal, pace, log, pageSize = defaultPageSize } = options;
  const patience = { ...defaultPatience, ...options.patience };
  const sender = { origin: baseUrl ?? findPendoOrigin(region), integrationKey, dispatcher, clock, signal };
  const ask = createAsk({ sender, pace, patience, log });

  const get = <T>(name: string, path: string, reader: () => Reader<T>) =>
    ask({ name, method: "GET", path, timeouts: patience.short, mostBytes: mostShortAnswerBytes }, reader);

  const verifyToken = () =>
    get("verify-token", "/token/verify", () => createJsonReader(readVerification)).catch(explainVerification);

  async function aggregate(name: string, pipeline: Pipeline): Promise<JsonObject[]> {
    const request = { requestId: `plumbline-${name}`, name: `plumbline-${name}`, pipeline };
    const body = { response: { mimeType: "application/json" }, request };
    try {
      return await ask(
        { name, method: "POST", path: "/aggregation", body, timeouts: patience.long, mostBytes: mostAnswerBytes },
        createRowsReader,
      );
    } catch (error) {
      // A key of another region and a pipeline that Pendo does not understand look the same; the key alone tells.
      if (error instanceof PendoError && error.status === 400) await verifyToken();
      throw error;
    }
  }

  async function* listIdentities(
    kind: PendoKind,
    fields: Fields,
    { after, limit = Number.POSITIVE_INFINITY }: ListOptions = {},
  ): AsyncGenerator<Identity[]> {
    let size = pageSize;
    let last = after;
    for (let left = limit; left > 0; ) {
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
      // An empty page is the end; a short one may be due to a limit of Pendo's.
      if (end === undefined) return;
      if (end === last) throw standsStill(kind);
      yield page;
      last = end;
      left -= page.length;
    }
  }

  /** A filter that Pendo cannot read is asked for in halves, so that one strange id does not keep the others from being found. */
  async function findGroup(kind: PendoKind, ids: readonly string[], fields: Fields): Promise<Identity[]> {
    try {
      const wanted = new Set(ids);
      const rows = await aggregate(`find-${kind}s`, createFindPipeline(kind, ids, fields));
      return rows.flatMap((row) => readIdentity(kind, row) ?? []).filter(({ id }) => wanted.has(id));
    } catch (error) {
      if (!(error instanceof PendoError && error.status === 400 && error.trouble === "request-refused")) throw error;
      const [id] = ids;
      if (ids.length === 1) return findOne(kind, id!, error);
      const half = Math.ceil(ids.length / 2);
      return [
        ...(await findGroup(kind, ids.slice(0, half), fields)),
        ...(await findGroup(kind, ids.slice(half), fields)),
      ];
    }
  }

  async function findOne(kind: PendoKind, id: string, refusal: PendoError): Promise<Identity[]> {
    // In an address these would not be ids but steps to other folders.
    if (/^\.+$/.test(id)) throw refusal;
    try {
      const path = `/${kind}/${encodeURIComponent(id)}`;
      return await get(`get-${kind}`, path, () => createJsonReader((answer) => readPerson(id, answer)));
    } catch (error) {
      if (error instanceof PendoError && error.status === 404) return [];
      throw error;
    }
  }

  return {
    ...createReportRequests({ ask, patience, clock, verifyToken }),
    verifyToken,
    readMetadataSchema: (kind) =>
      get(`${kind}-schema`, `/metadata/schema/${kind}`, () => createJsonReader(readMetadataFields)),
    async countIdentities(kind) {
      const [row] = await aggregate(`count-${kind}s`, createCountPipeline(kind));
      return typeof row?.count === "number" ? row.count : 0;
    },
    listIdentities,
    async findIdentities(kind, ids, fields) {
      const found = new Map<string, Identity>();
      for (const group of groupIds(ids))
        for (const identity of await findGroup(kind, group, fields)) found.set(identity.id, identity);
      return found;
    },
  };
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
