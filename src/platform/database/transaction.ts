import { setTimeout as pause } from "node:timers/promises";
import { isWorthRetrying } from "./errors.ts";
import type { Database, Tx } from "./pool.ts";

const mostTries = 6;
/** Milliseconds. Two that clash and begin again at the same moment clash again. */
const shortestPause = 10;

/**
 * Runs `work` in one transaction and commits. What clashed with another transaction is tried again, so `work` may run
 * more than once and must not touch anything but the transaction. No connection is held between two tries.
 */
export async function inTransaction<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const client = await database.connect();
    let broken: Error | undefined;
    try {
      await client.query("begin");
      const result = await work(client);
      await client.query("commit");
      return result;
    } catch (error) {
      broken = await rollBack(client);
      if (attempt >= mostTries || !isWorthRetrying(error)) throw error;
    } finally {
      client.release(broken);
    }
    await pause(Math.random() * shortestPause * 2 ** attempt);
  }
}

const rehearsed = new Error("rolled back on purpose");

/** Runs `work` as `inTransaction` does, and takes everything back: what it would have done is all that is left of it. */
export async function rehearse<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  const done: { result?: T } = {};
  try {
    await inTransaction(database, async (tx) => {
      done.result = await work(tx);
      throw rehearsed;
    });
  } catch (error) {
    if (error !== rehearsed) throw error;
  }
  return done.result!;
}

async function rollBack(client: Tx): Promise<Error | undefined> {
  try {
    await client.query("rollback");
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
