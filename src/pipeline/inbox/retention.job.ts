// Keeps the bodies' partitions: makes those of the days ahead, drops those whose time is over. May run twice at once.
import type { Database } from "../../platform/database/pool.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import type { Log } from "../../platform/log.ts";
import { createBodyPartitions, dropOldBodies } from "./delivery-bodies-table.ts";

const day = 24 * 60 * 60 * 1000;

export async function keepBodies(options: {
  database: Database;
  log: Log;
  rawBodyDays: number;
  now: Date;
}): Promise<void> {
  const { database, log, rawBodyDays, now } = options;
  await inTransaction(database, async (tx) => {
    // One at a time; the second finds nothing left to do.
    await tx.query("lock table delivery_bodies in share update exclusive mode");
    await createBodyPartitions(tx, now);
    const dropped = await dropOldBodies(tx, new Date(now.getTime() - rawBodyDays * day));
    if (dropped.partitions.length > 0 || dropped.deleted > 0)
      log.info(dropped, "deleted raw bodies whose time was over");
  });
}
