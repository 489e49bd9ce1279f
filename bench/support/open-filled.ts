// A database of its own with filled workspaces, as a bench of many events needs it: thrown away behind, or kept in a folder.
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { migrate } from "../../src/platform/database/migrate.ts";
import { createPool, type DatabasePool } from "../../src/platform/database/pool.ts";
import { startEmbeddedPostgres } from "../../src/platform/embedded-postgres/embedded-postgres.ts";
import { createLog } from "../../src/platform/log.ts";
import { createOpenFolder } from "../../test/support/plumbline-process.ts";
import { type FilledWorkspace, findOrFillWorkspaces } from "./fill-workspaces.ts";

export type FilledDatabase = {
  pool: DatabasePool;
  dataDir: string;
  workspaces: FilledWorkspace[];
  /** What a Plumbline needs to work on it. */
  environment: Record<string, string>;
  stop: () => Promise<void>;
};

export async function openFilled({
  wanted,
  keep,
  isMeasured,
}: {
  wanted: { events: number; workspaces: number };
  keep: string | undefined;
  /** Otherwise it may be lost and built again. */
  isMeasured: boolean;
}): Promise<FilledDatabase> {
  const log = createLog({ format: "json", level: "silent" });
  const dataDir = keep === undefined ? createOpenFolder() : openKept(resolve(keep));
  const quick = { fsync: "off", full_page_writes: "off", synchronous_commit: "off", max_wal_size: "8GB" };
  const server = await startEmbeddedPostgres({ dataDir, log, supervise: false, settings: isMeasured ? {} : quick });
  const pool = createPool(server.connection, { max: 4, name: "bench", log });
  const stop = async () => {
    await pool.end();
    await server.stop();
    if (keep === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await migrate(pool, log);
    const filled = await findOrFillWorkspaces(pool, wanted, {
      say: (line) => console.log(line),
      mostSeconds: Infinity,
    });
    const { host, port, user, database } = server.connection;
    const environment = {
      DATA_DIR: dataDir,
      DATABASE_URL: `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`,
    };
    return { pool, dataDir, workspaces: filled!.workspaces, environment, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** PostgreSQL runs as another user than root and has to get through. */
function openKept(folder: string): string {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}
