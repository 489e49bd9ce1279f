// Tells open pages that something has changed, so that they ask again: server-sent events that say of which kind it is, and
// nothing of what it is. A hint that is lost costs nothing but a moment: pages also ask by themselves.
import { PassThrough } from "node:stream";
import type { FastifyInstance } from "fastify";
import { HttpError } from "./http-server.ts";

export type ChangeStream = {
  /** Null: all workspaces. */
  publish: (workspaceId: string | null, topics: readonly string[]) => void;
  /** For pages only, so it stands in no document. */
  addRoute: (app: FastifyInstance) => void;
  stop: () => void;
};

type Listener = {
  workspaceId: string;
  byId: string;
  stream: PassThrough;
  waiting: Set<string>;
  timer?: NodeJS.Timeout;
};

/** Milliseconds. Whoever listens comes again after this long, and is asked anew who they are. */
const longestStream = 60_000;
const heartbeat = 20_000;
/** At most one hint in so many milliseconds, with all that has changed meanwhile. */
const pause = 500;
/** Open pages of one person. */
const mostStreams = 20;

export function createChangeStream(): ChangeStream {
  const listeners = new Set<Listener>();

  function open(workspaceId: string, byId: string): PassThrough {
    if ([...listeners].filter((one) => one.byId === byId).length >= mostStreams)
      throw new HttpError(429, "Too many pages of yours are open: close some of them.");
    const listener: Listener = { workspaceId, byId, stream: new PassThrough(), waiting: new Set() };
    const { stream } = listener;
    const beat = setInterval(() => stream.write(": still here\n\n"), heartbeat);
    const end = setTimeout(() => stream.end(), longestStream);
    stream.once("close", () => {
      listeners.delete(listener);
      clearInterval(beat);
      clearTimeout(end);
      clearTimeout(listener.timer);
    });
    listeners.add(listener);
    stream.write(": here\n\n");
    return stream;
  }

  function tell(listener: Listener): void {
    listener.timer ??= setTimeout(() => {
      delete listener.timer;
      const topics = [...listener.waiting];
      listener.waiting.clear();
      // A page that does not read (a laptop that sleeps) is told when it comes again.
      if (listener.stream.writableNeedDrain) return;
      listener.stream.write(`data: ${JSON.stringify({ topics })}\n\n`);
    }, pause);
  }

  return {
    publish(workspaceId, topics) {
      for (const listener of listeners) {
        if (workspaceId !== null && listener.workspaceId !== workspaceId) continue;
        for (const topic of topics) listener.waiting.add(topic);
        tell(listener);
      }
    },
    addRoute(app) {
      app.get("/changes", { schema: { hide: true }, exposeHeadRoute: false }, async ({ workspaceId, by }, reply) => {
        if (!by.scopes.includes("read")) throw new HttpError(403, `${by.name} may not read here.`);
        return reply.type("text/event-stream").header("x-accel-buffering", "no").send(open(workspaceId, by.id));
      });
    },
    stop() {
      for (const { stream } of listeners) stream.end();
    },
  };
}
