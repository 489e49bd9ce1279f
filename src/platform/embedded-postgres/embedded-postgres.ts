// The embedded PostgreSQL: started or adopted, kept running while this process lives, ended with it.
import type { Log } from "../log.ts";
import { findBinaries } from "./binaries.ts";
import { prepareDataFolder } from "./data-folder.ts";
import { preparePlaces } from "./places.ts";
import { type Connection, isServerAlive } from "./running-server.ts";
import { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
import { startWatchdog, type Watchdog } from "./watchdog.ts";

export type EmbeddedPostgres = {
  connection: Connection;
  /** True when a server that another process started was found running. */
  adopted: boolean;
  dataFolder: string;
  /** Ends the server when it is ours (fast shutdown); an adopted one goes on. */
  stop: () => Promise<void>;
};

const lookEvery = 250;
const longestPause = 5_000;

/**
 * Starts the server on `<dataDir>/postgres`, or uses the one that runs there. With `supervise` it is started again
 * whenever it is gone, whoever had started it. Throws DatabaseStartError with what to do.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  log: Log;
  supervise: boolean;
  settings?: Record<string, string>;
}): Promise<EmbeddedPostgres> {
  const { log } = options;
  const places = preparePlaces(options.dataDir);
  const { user } = places;
  let isStopping = false;
  const connection: Connection = { host: places.socket, port: 5432, user: "plumbline", database: "plumbline" };
  const server: ServerOptions = {
    binaries: findBinaries(user, places.programs),
    places,
    connection,
    settings: options.settings ?? {},
    isGivenUp: () => isStopping,
  };
  prepareDataFolder(server.binaries, places);
  let running = await startServer(server);
  let watchdog = guard(running);
  const adopted = running.child === undefined;
  let wake = () => {};

  function sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function guard(current: RunningServer): Watchdog | undefined {
    return current.child ? startWatchdog(current.pid, places.data, user) : undefined;
  }

  async function supervise(): Promise<void> {
    let pause = 0;
    while (!isStopping) {
      await sleep(lookEvery);
      if (isStopping || isServerAlive(running.pid, places.data)) continue;
      watchdog?.dismiss();
      log.warn({ pid: running.pid }, "the database server is gone; starting it again");
      try {
        const next = await startServer(server);
        running = next;
        watchdog = guard(next);
        pause = 0;
        log.info({ pid: running.pid }, "the database server runs again");
      } catch (error) {
        pause = Math.min(longestPause, pause === 0 ? 200 : pause * 2);
        log.error({ error: (error as Error).message, tryAgainInMs: pause }, "the database server could not be started");
        if (!isStopping) await sleep(pause);
      }
    }
  }

  const supervision = options.supervise ? supervise() : Promise.resolve();
  return {
    connection,
    adopted,
    dataFolder: places.data,
    async stop() {
      isStopping = true;
      wake();
      await supervision;
      if (running.child) await endServer(running, places.data);
      watchdog?.dismiss();
    },
  };
}

/**
 * Fast shutdown: sessions are cut off, transactions rolled back, everything committed is on disk. A server that cannot
 * do that (its disk is full) is ended at once, and recovers at its next start.
 */
async function endServer({ pid }: RunningServer, dataFolder: string): Promise<void> {
  for (const [signal, mostMs] of [
    ["SIGINT", 15_000],
    ["SIGQUIT", 5_000],
  ] as const) {
    if (!sendSignal(pid, signal)) return;
    for (let waited = 0; waited < mostMs; waited += 20) {
      if (!isServerAlive(pid, dataFolder)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** False when there is no such process. */
function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
