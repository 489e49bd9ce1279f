// Deliveries that somebody sends through once more or gives up, over HTTP: done in the inbox, checked at the door, and noted.
import { nameAuthor } from "../access/audit-log-table.ts";
import { noteDiscard, noteReplay, noteReplayBegin, noteReplayCancel } from "../access/note-replay.ts";
import type { Database, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { lowestUuid } from "../platform/uuid.ts";
import { announceChange } from "../settings/connections.ts";
import { recheckSignature } from "./door/recheck-signature.ts";
import { discardHeld } from "./inbox/deliveries-table.ts";
import { wakeWorkers } from "./inbox/inbox-channel.ts";
import { type Replay, replayDeliveries } from "./inbox/replay-deliveries.ts";
import { cancelReplay, insertReplay, type ReplayFilter, type ReplayJob } from "./inbox/replays-table.ts";

type Options = { secretBox: SecretBox; clock: () => Date };
type Asked = { workspaceId: string; author: Author; dryRun?: boolean };

/** `goesOn`: there are so many that the rest is done in the background. */
type SentAgain = Replay & { isMore: boolean; goesOn: ReplayJob | null };

/** As many are done while the caller waits, in half a second; a rehearsal counts no further than people want to know. */
const most = { atOnce: 5_000, counted: 10_000 };
/** Milliseconds by which the clocks of processes differ: what has just come is to be among them. */
const clockDifference = 1_000;

/** `database` may be what one workspace sees of it. A rehearsal only counts. */
export async function sendDeliveriesAgain(
  { database, secretBox, clock }: Options & { database: Database },
  { workspaceId, author, dryRun = false }: Asked,
  filter: ReplayFilter & { id?: string | undefined },
): Promise<SentAgain> {
  const beforeId = lowestUuid(clock().getTime() + clockDifference);
  const { reached, ...replay } = await replayDeliveries(
    database,
    { ...filter, workspaceId },
    {
      dryRun,
      most: dryRun ? most.counted : most.atOnce,
      recheckSignature: (delivery) => recheckSignature(database, secretBox, delivery, clock()),
      note: noteReplay(author, filter, clock),
    },
  );
  if (dryRun) return { ...replay, isMore: reached !== null, goesOn: null };
  const goesOn =
    reached === null
      ? null
      : await inTransaction(database, async (tx) => {
          const now = clock();
          const given = { workspaceId, filter, beforeId, reached, madeBy: nameAuthor(author), ...replay };
          const job = await insertReplay(tx, given, now);
          await noteReplayBegin(tx, { workspaceId, author, id: job.id, filter }, now);
          await announceChange(tx);
          return job;
        });
  await wakeWorkers(database);
  return { ...replay, isMore: goesOn !== null, goesOn };
}

/** What has gone through already stays so. Resolves to whether there was something to cancel. */
export async function stopReplay(
  tx: Tx,
  of: { workspaceId: string; id: string },
  author: Author,
  now: Date,
): Promise<boolean> {
  const isCancelled = await cancelReplay(tx, of, now);
  if (isCancelled) await noteReplayCancel(tx, { ...of, author }, now);
  return isCancelled;
}

/** What was held while a connection was off. */
export async function settleHeld(
  { database, ...options }: Options & { database: Database },
  { workspaceId, connectionId }: { workspaceId: string; connectionId: string },
  action: "process" | "discard",
  author: Author,
): Promise<{ processed: number; discarded: number; goesOn: ReplayJob | null }> {
  if (action === "process") {
    const held = { connection: connectionId, state: "held" };
    const { replayed, goesOn } = await sendDeliveriesAgain({ ...options, database }, { workspaceId, author }, held);
    return { processed: replayed, discarded: 0, goesOn };
  }
  const discarded = await giveUpHeld({ ...options, database }, { workspaceId, connectionId, author });
  return { processed: 0, discarded, goesOn: null };
}

/** Resolves to how many there were. What is given up stays so, whatever ends this. */
export async function giveUpHeld(
  { database, clock }: { database: Database; clock: () => Date },
  of: { workspaceId: string; connectionId: string; author: Author },
): Promise<number> {
  let discarded = 0;
  for (;;) {
    const count = await inTransaction(database, async (tx) => {
      const now = clock();
      const given = await discardHeld(tx, of.workspaceId, of.connectionId, now);
      if (given > 0 || discarded === 0) await noteDiscard(tx, of, given, now);
      return given;
    });
    if (count === 0) return discarded;
    discarded += count;
  }
}
