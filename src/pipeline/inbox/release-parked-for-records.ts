// A record that is there at last frees what waited for it, at once. Whatever makes records calls this.
import type { Queryable } from "../../platform/database/pool.ts";
import type { NamedRecords } from "../records.ts";
import { sendThroughAgain } from "./deliveries-table.ts";
import { listParkedFor } from "./parked-queries.ts";

/** Many may wait for one record; each slice is a statement of its own, so that no worker waits long for its rows. */
const slice = 2_000;

/**
 * Releases the deliveries that wait for these records, best when the records are committed. A delivery that is being parked
 * at the same moment may not be seen: it is tried again by itself, after a minute the first time. Resolves to how many were
 * released; then the workers want to be told.
 */
export async function releaseParkedForRecords(
  db: Queryable,
  workspaceId: string,
  records: NamedRecords,
): Promise<number> {
  const ids = await listParkedFor(db, workspaceId, records);
  let released = 0;
  for (let start = 0; start < ids.length; start += slice)
    released += await sendThroughAgain(db, workspaceId, ids.slice(start, start + slice));
  return released;
}
