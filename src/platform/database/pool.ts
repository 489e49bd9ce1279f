// One connection pool per process. A lost server never ends the process: clients are dropped and made again.
import pg from "pg";
import type { Log } from "../log.ts";

export type Queryable = Pick<pg.ClientBase, "query">;
/** A client inside a transaction: what every function that writes takes first. */
export type Tx = pg.PoolClient;
/** Where queries and transactions go. */
export type Database = Pick<pg.Pool, "query"> & { connect: () => Promise<pg.PoolClient> };
/** A database whose connections are ours to end. */
export type DatabasePool = pg.Pool;
export type DatabaseSettings =
  | { connectionString: string }
  | { host: string; port: number; user: string; database: string };

// Timestamps are read as Date, bigint counts as number: none of ours comes near 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export function createPool(
  settings: DatabaseSettings,
  options: {
    max: number;
    name: string;
    log: Log;
    /** Milliseconds after which a query is given up. */
    timeout?: number;
    /** The role that everything is done as; without it the one that connects. */
    role?: string;
  },
): DatabasePool {
  const pool = new pg.Pool({
    ...(options.role === undefined ? settings : withRole(settings, options.role)),
    max: options.max,
    application_name: `plumbline ${options.name}`,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    // A statement that hangs must not hold its client for ever; long work sets its own limit.
    statement_timeout: options.timeout ?? 60_000,
    ...(options.timeout !== undefined && { query_timeout: options.timeout + 1_000 }),
    idle_in_transaction_session_timeout: 60_000,
  });
  pool.on("error", (error) => {
    // A server that is told to stop right after the last of us has gone may still say so to a connection being closed.
    if (!pool.ending) options.log.warn({ error: error.message }, "a connection to the database was lost");
  });
  // A client that breaks while it is checked out reports to its query; without a listener it would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** With its first packet, so that there is no moment in which a connection is more than its role. */
function withRole(settings: DatabaseSettings, role: string): pg.PoolConfig {
  const option = `-c role=${role}`;
  if (!("connectionString" in settings)) return { ...settings, options: option };
  const url = new URL(settings.connectionString);
  const given = url.searchParams.get("options");
  url.searchParams.set("options", given === null ? option : `${given} ${option}`);
  return { connectionString: url.toString() };
}

/** Whether the server answers within `mostMs`. A server that takes the question and never answers (it is frozen) does not. */
export async function isReachable(pool: Database, mostMs: number): Promise<boolean> {
  const query: pg.QueryConfig & { query_timeout: number } = { text: "select 1", query_timeout: mostMs };
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), mostMs);
  });
  const isAnswered = pool.query(query).then(
    () => true,
    () => false,
  );
  return Promise.race([isAnswered, isLate]).finally(() => clearTimeout(timer));
}
