// The database a process works on: the one of DATABASE_URL, or the embedded one beside the data.
import type { Config } from "../config.ts";
import { startEmbeddedPostgres } from "../embedded-postgres/embedded-postgres.ts";
import type { Log } from "../log.ts";
import { checkServer } from "./check-server.ts";
import { createPool, type DatabasePool, type DatabaseSettings } from "./pool.ts";

export type OpenDatabase = {
  pool: DatabasePool;
  settings: DatabaseSettings;
  /** For the log: what kind of server it is, without credentials. */
  description: string;
  stop: () => Promise<void>;
};

export async function openDatabase(options: {
  config: Config;
  log: Log;
  /** How many connections the pool may hold. */
  max: number;
  /** Whether the embedded server is watched and restarted; false for short commands. */
  supervise: boolean;
}): Promise<OpenDatabase> {
  const { config, log, max } = options;
  if (config.databaseUrl) {
    const settings = { connectionString: config.databaseUrl };
    const pool = createPool(settings, { max, name: "server", log });
    try {
      await checkServer(pool, config.databaseUrl);
    } catch (error) {
      await endPool(pool);
      throw error;
    }
    return { pool, settings, description: "PostgreSQL of DATABASE_URL", stop: () => endPool(pool) };
  }
  const server = await startEmbeddedPostgres({ dataDir: config.dataDir, log, supervise: options.supervise });
  const pool = createPool(server.connection, { max, name: "server", log });
  return {
    pool,
    settings: server.connection,
    description: `embedded PostgreSQL in ${server.dataFolder}${server.adopted ? " (already running)" : ""}`,
    async stop() {
      await endPool(pool);
      await server.stop();
    },
  };
}

/** Ends the pool, but does not wait for ever for a client whose server is gone. */
async function endPool(pool: DatabasePool): Promise<void> {
  await Promise.race([pool.end(), new Promise((resolve) => setTimeout(resolve, 5_000).unref())]);
}
