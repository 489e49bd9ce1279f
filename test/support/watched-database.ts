// A database that tells of each statement of its own connections before it is sent.
import type pg from "pg";
import type { Database, DatabasePool } from "../../src/platform/database/pool.ts";

export type OnStatement = (text: string, client: pg.PoolClient) => Promise<void> | void;

/** Of connections that are taken out of the pool: what goes through the pool itself is not told of. */
export function watchStatements(pool: DatabasePool, onStatement: OnStatement): Database {
  return {
    query: pool.query.bind(pool) as Database["query"],
    async connect() {
      const client = await pool.connect();
      const query = client.query;
      const send = query.bind(client) as (...given: unknown[]) => unknown;
      const release = client.release;
      const watched = (...given: unknown[]) => {
        const text = readText(given[0]);
        // What streams (COPY) takes its connection at once.
        if (text === undefined) return send(...given);
        return (async () => {
          await onStatement(text, client);
          return send(...given);
        })();
      };
      client.query = watched as typeof client.query;
      client.release = (error) => {
        client.query = query;
        client.release = release;
        client.release(error);
      };
      return client;
    },
  };
}

function readText(given: unknown): string | undefined {
  if (typeof given === "string") return given;
  const { text, name } = given as { text?: string; name?: string };
  return text !== undefined && (name === undefined || typeof name === "string") && !("submit" in (given as object))
    ? text
    : undefined;
}
