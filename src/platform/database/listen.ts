// LISTEN as a hint: it makes things happen sooner; whoever listens also looks by itself from time to time.
import pg from "pg";
import type { Log } from "../log.ts";
import type { DatabaseSettings } from "./pool.ts";

export type Listener = { stop: () => Promise<void> };

/** Calls `onNotice(payload)` for each notice on the channels, and `onNotice("")` after every (re)connection. */
export function listenFor(options: {
  settings: DatabaseSettings;
  channels: Record<string, (payload: string) => void>;
  log: Log;
}): Listener {
  let client: pg.Client | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = new pg.Client({ ...options.settings, application_name: "plumbline listener", keepAlive: true });
    client = next;
    next.on("error", () => reconnect(next));
    next.on("end", () => reconnect(next));
    next.on("notification", (notice) => options.channels[notice.channel]?.(notice.payload ?? ""));
    try {
      await next.connect();
      for (const [channel, onNotice] of Object.entries(options.channels)) {
        await next.query(`listen ${pg.escapeIdentifier(channel)}`);
        onNotice("");
      }
    } catch {
      reconnect(next);
    }
  }

  function reconnect(lost: pg.Client): void {
    if (stopped || client !== lost) return;
    client = undefined;
    lost.end().catch(() => {});
    timer = setTimeout(() => void connect(), 500);
  }

  void connect();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => {});
    },
  };
}
