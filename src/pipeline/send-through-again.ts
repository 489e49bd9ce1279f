// Deliveries that somebody sends through once more or gives up, over HTTP: done in the inbox, checked at the door, and noted.
import { noteDiscard, noteReplay } from "../access/note-replay.ts";
import type { Database } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { recheckSignature } from "./door/recheck-signature.ts";
import { discardHeld } from "./inbox/deliveries-table.ts";
import type { DeliveryFilter } from "./inbox/delivery-queries.ts";
import { wakeWorkers } from "./inbox/inbox-channel.ts";
import { type Replay, replayDeliveries } from "./inbox/replay-deliveries.ts";

type Options = { secretBox: SecretBox; clock: () => Date };
type Asked = { workspaceId: string; author: Author; dryRun?: boolean };

export type ReplayFilter = Omit<DeliveryFilter, "workspaceId"> & { id?: string | undefined };

/** `database` may be what one workspace sees of it. A rehearsal only counts. */
export async function sendDeliveriesAgain(
  { database, secretBox, clock }: Options & { database: Database },
  { workspaceId, author, dryRun = false }: Asked,
  filter: ReplayFilter,
): Promise<Replay> {
  const replay = await replayDeliveries(
    database,
    { ...filter, workspaceId },
    {
      dryRun,
      recheckSignature: (delivery) => recheckSignature(database, secretBox, delivery, clock()),
      note: noteReplay(author, filter, clock),
    },
  );
  if (!dryRun) await wakeWorkers(database);
  return replay;
}

/** What was held while a connection was off. */
export async function settleHeld(
  { database, ...options }: Options & { database: Database },
  { workspaceId, connectionId }: { workspaceId: string; connectionId: string },
  action: "process" | "discard",
  author: Author,
): Promise<{ processed: number; discarded: number }> {
  if (action === "process") {
    const held = { connection: connectionId, state: "held" };
    const { replayed } = await sendDeliveriesAgain({ ...options, database }, { workspaceId, author }, held);
    return { processed: replayed, discarded: 0 };
  }
  const discarded = await inTransaction(database, async (tx) => {
    const now = options.clock();
    const count = await discardHeld(tx, workspaceId, connectionId, now);
    await noteDiscard(tx, { workspaceId, connectionId, author }, count, now);
    return count;
  });
  return { processed: 0, discarded };
}
