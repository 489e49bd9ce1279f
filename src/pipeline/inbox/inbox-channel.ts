// How the workers of all processes hear that something waits for them.
import type { Queryable } from "../../platform/database/pool.ts";

export const inboxChannel = "plumbline_inbox";

/** How the pages of all processes hear that deliveries of a workspace have come to their end. */
export const settledChannel = "plumbline_settled";

export async function wakeWorkers(db: Queryable): Promise<void> {
  await db.query("select pg_notify($1, '')", [inboxChannel]);
}
