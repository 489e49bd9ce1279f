// How the workers of all processes hear that something waits for them.
import type { Queryable } from "../../platform/database/pool.ts";

export const inboxChannel = "plumbline_inbox";

/** How the pages of all processes hear that something of a workspace has changed: its id, and the topics. */
export const changesChannel = "plumbline_changes";

export async function wakeWorkers(db: Queryable): Promise<void> {
  await db.query("select pg_notify($1, '')", [inboxChannel]);
}
