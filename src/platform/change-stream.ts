// Tells open pages that something has changed, so that they ask again: server-sent events that say of which kind it is, and
// nothing of what it is. A hint that is lost costs nothing but a moment: pages also ask by themselves.
import { PassThrough } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Topic } from "../contract/changes.ts";
import { HttpError } from "./http-server.ts";

export type ChangeStream = {
  /** Null: all workspaces. */
  publish: (workspaceId: string | null, topics: readonly string[]) => void;
  /**
   * For pages only, so it stands in no document. Routes that `app`, whose routes are behind `prefix`, gets after it may end
   * somebody's session or key: then their streams end.
   */
  addRoute: (app: FastifyInstance, prefix: string) => void;
  stop: () => void;
};

export type ChangeStreamOptions = {
  /** Whom a request was let in as. */
  nameCaller: (request: FastifyRequest) => string;
  /** Those of them who would still be let in. */
  listStillHere: (callers: readonly string[]) => Promise<ReadonlySet<string>>;
};

type Listener = {
  workspaceId: string;
  byId: string;
  caller: string;
  stream: PassThrough;
  waiting: Set<string>;
  toldAt: number;
  timer?: NodeJS.Timeout | undefined;
};

/** Milliseconds. Nobody listens longer than this to one answer; whoever still wants to comes again. */
const longestStream = 60 * 60_000;
/** How often whoever listens hears that somebody is still there, and is looked up: by one query for all of them. */
const heartbeat = 15_000;
/** At most one hint in so many milliseconds, with all that has changed meanwhile. */
const pause = 1_000;
/** Open pages of one person. */
const mostStreams = 20;

export function createChangeStream({ nameCaller, listStillHere }: ChangeStreamOptions): ChangeStream {
  const listeners = new Set<Listener>();
  const beat = setInterval(() => {
    for (const { stream } of listeners) say(stream, ": still here\n\n");
    void recheck();
  }, heartbeat).unref();

  function open(workspaceId: string, byId: string, caller: string): PassThrough {
    if ([...listeners].filter((one) => one.byId === byId).length >= mostStreams)
      throw new HttpError(429, "Too many pages of yours are open: close some of them.");
    const stream = new PassThrough();
    const listener: Listener = { workspaceId, byId, caller, stream, waiting: new Set(), toldAt: 0 };
    const end = setTimeout(() => stream.end(), longestStream).unref();
    stream.once("close", () => {
      listeners.delete(listener);
      clearTimeout(end);
      clearTimeout(listener.timer);
    });
    listeners.add(listener);
    stream.write(": here\n\n");
    return stream;
  }

  function tellSoon(listener: Listener): void {
    listener.timer ??= setTimeout(() => tell(listener), Math.max(0, listener.toldAt + pause - performance.now()));
  }

  function tell(listener: Listener): void {
    listener.timer = undefined;
    listener.toldAt = performance.now();
    const topics = [...listener.waiting];
    listener.waiting.clear();
    say(listener.stream, `data: ${JSON.stringify({ topics })}\n\n`);
  }

  /** While the database is away nobody is sent away. */
  async function recheck(): Promise<void> {
    if (listeners.size === 0) return;
    const asked = [...listeners];
    const here = await listStillHere([...new Set(asked.map(({ caller }) => caller))]).catch(() => undefined);
    for (const { caller, stream } of asked) if (here && !here.has(caller)) stream.end();
  }

  return {
    publish(workspaceId, topics) {
      for (const listener of listeners) {
        if (workspaceId !== null && listener.workspaceId !== workspaceId) continue;
        for (const topic of topics) listener.waiting.add(topic);
        tellSoon(listener);
      }
    },
    addRoute(app, prefix) {
      app.addHook("onResponse", async (request) => {
        if (request.method !== "GET" && endingRoutes.has(readPart(request, prefix))) await recheck();
      });
      app.get("/changes", { schema: { hide: true }, exposeHeadRoute: false }, async (request, reply) => {
        const { workspaceId, by } = request;
        if (!by.scopes.includes("read")) throw new HttpError(403, `${by.name} may not read here.`);
        const stream = open(workspaceId, by.id, nameCaller(request));
        return reply.type("text/event-stream").header("x-accel-buffering", "no").send(stream);
      });
    },
    stop() {
      clearInterval(beat);
      for (const { stream } of listeners) stream.end();
    },
  };
}

/** A page that does not read (a laptop that sleeps) is told when it comes again; one whose stream is over, by its next one. */
function say(stream: PassThrough, text: string): void {
  if (stream.writable && !stream.writableNeedDrain) stream.write(text);
}

/** After changes of these somebody may be signed in no more. */
const endingRoutes = new Set(["session", "sessions", "me", "members", "api-keys"]);

/** What a change of the API touches, by the first part of its route behind the API's own. */
const topicsOfRoutes: Readonly<Record<string, readonly Topic[]>> = {
  connections: ["connections", "match-jobs", "deliveries"],
  deliveries: ["deliveries"],
  parked: ["deliveries"],
  replays: ["deliveries"],
  imports: ["imports"],
  reports: ["reports", "traits"],
  "report-runs": ["reports"],
  traits: ["traits"],
  users: ["traits"],
  accounts: ["traits"],
  organizations: ["traits"],
  npsResponses: ["nps"],
};

/** Says of each change that went well what it touched; `prefix` is where the routes of `app` are. */
export function tellOfChanges(
  app: FastifyInstance,
  prefix: string,
  announce: (workspaceId: string, topics: readonly Topic[]) => void,
): void {
  app.addHook("onResponse", async (request, { statusCode }) => {
    if (request.method === "GET" || request.method === "HEAD" || statusCode >= 300) return;
    const topics = topicsOfRoutes[readPart(request, prefix)];
    if (topics) announce(request.workspaceId, topics);
  });
}

function readPart({ routeOptions: { url = "" } }: FastifyRequest, prefix: string): string {
  return url.slice(prefix.length + 1).split("/")[0] ?? "";
}
