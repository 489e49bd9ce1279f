// A replay that goes on in the background, without the thousands of deliveries that it takes to make one.
import { insertReplay } from "../../src/pipeline/inbox/replays-table.ts";
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import { inTransaction } from "../../src/platform/database/transaction.ts";
import { lowestUuid } from "../../src/platform/uuid.ts";

/** Of everything that is there. Resolves to its id. */
export async function addReplay(pool: DatabasePool, workspaceId: string, madeBy = "test"): Promise<string> {
  const now = new Date();
  const nothing = { matched: 0, replayed: 0, leftOut: [] };
  const given = { workspaceId, filter: {}, beforeId: lowestUuid(now.getTime()), reached: null, madeBy, ...nothing };
  return (await inTransaction(pool, (tx) => insertReplay(tx, given, now))).id;
}
