// The embedded PostgreSQL: started or adopted, kept running while this process lives, ended with it.
import type { Log } from "../log.ts";
import { createSleeper } from "../sleeper.ts";
import { findBinaries } from "./binaries.ts";
import { prepareDataFolder } from "./data-folder.ts";
import { createHangWatch } from "./hanging-server.ts";
import { preparePlaces } from "./places.ts";
import { askServer, type Connection, isServerAlive, readPid } from "./running-server.ts";
import { type ServerOptions, startServer } from "./start-server.ts";
import { beginServerUse } from "./watchdog.ts";

export type EmbeddedPostgres = {
  connection: Connection;
  /** True when a server that another process started was found running. */
  adopted: boolean;
  dataFolder: string;
  /** Ends the server (fast shutdown), unless another process uses it. */
  stop: () => Promise<void>;
};

const lookEvery = 250;
const askEvery = 5_000;
const longestPause = 5_000;

/**
 * Starts the server on `<dataDir>/postgres`, or uses the one that runs there. With `supervise` it is started again
 * whenever it is gone, whoever had started it, and ended when it hangs. Throws DatabaseStartError with what to do.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  log: Log;
  supervise: boolean;
  settings?: Record<string, string>;
  /** Milliseconds of silence after which a server that is not ready is taken for one that hangs. */
  longestSilence?: number;
}): Promise<EmbeddedPostgres> {
  const { log } = options;
  const places = preparePlaces(options.dataDir);
  let isStopping = false;
  const connection: Connection = { host: places.socket, port: 5432, user: "plumbline", database: "plumbline" };
  const server: ServerOptions = {
    binaries: findBinaries(places.user, places.programs),
    places,
    connection,
    settings: options.settings ?? {},
    isGivenUp: () => isStopping,
    endIfHanging: createHangWatch(places.data, options.longestSilence),
  };
  prepareDataFolder(server.binaries, places);
  const use = beginServerUse(places);
  let running = await startServer(server).catch((error) => {
    use.end();
    throw error;
  });
  use.renew();
  const adopted = running.child === undefined;
  const sleeper = createSleeper();

  async function supervise(): Promise<void> {
    let pause = 0;
    let askedAt = performance.now();
    while (!isStopping) {
      await sleeper.sleep(lookEvery);
      use.renew();
      if (isStopping) return;
      if (isServerAlive(running.pid, places.data)) {
        if (performance.now() - askedAt < askEvery) continue;
        if (server.endIfHanging(await askServer(connection)))
          log.warn({ pid: running.pid }, "the database server hangs; it is told to end");
        askedAt = performance.now();
        continue;
      }
      log.warn({ pid: running.pid }, "the database server is gone; starting it again");
      try {
        running = await startServer(server);
        pause = 0;
        log.info({ pid: running.pid }, "the database server runs again");
      } catch (error) {
        pause = Math.min(longestPause, pause === 0 ? 200 : pause * 2);
        log.error({ error: (error as Error).message, tryAgainInMs: pause }, "the database server could not be started");
        await sleeper.sleep(pause);
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
      sleeper.end();
      await supervision;
      if (use.end()) await endServer(places.data);
    },
  };
}

/**
 * Fast shutdown: sessions are cut off, transactions rolled back, everything committed is on disk. A server that cannot
 * do that (its disk is full) is ended at once, and recovers at its next start.
 */
async function endServer(dataFolder: string): Promise<void> {
  const pid = readPid(dataFolder);
  for (const [signal, mostMs] of [
    ["SIGINT", 10_000],
    ["SIGQUIT", 5_000],
  ] as const) {
    if (!isServerAlive(pid, dataFolder)) return;
    sendSignal(pid!, signal);
    for (let waited = 0; waited < mostMs && isServerAlive(pid, dataFolder); waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}
