// What the audit log says of deliveries that somebody sends through once more, or gives up.
import type { Queryable } from "../platform/database/pool.ts";
import type { Author } from "../platform/routes.ts";
import { writeAudit } from "./audit-log-table.ts";

/** A line for each slice of deliveries, in the transaction that sends them: what was asked for, and how many these were. */
export function noteReplay(
  author: Author,
  filter: Readonly<Record<string, unknown>>,
  clock: () => Date,
): (tx: Queryable, workspaceId: string, replayed: number) => Promise<void> {
  const { id, workspaceId: _, ...rest } = filter;
  const subject = { type: "delivery", id: typeof id === "string" ? id : null };
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return (tx, workspaceId, replayed) =>
    writeAudit(
      tx,
      { ...author, workspaceId, action: "delivery.replayed", subject, after: { ...given, replayed } },
      clock(),
    );
}

/** Very many go through in the background: a line when that begins, one when it is over. */
export async function noteReplayBegin(
  tx: Queryable,
  { id, workspaceId, author, filter }: { id: string; workspaceId: string; author: Author; filter: object },
  at: Date,
): Promise<void> {
  const subject = { type: "replay", id };
  await writeAudit(tx, { ...author, workspaceId, action: "delivery.replay-begun", subject, after: { ...filter } }, at);
}

export async function noteReplayCancel(
  tx: Queryable,
  { id, workspaceId, author }: { id: string; workspaceId: string; author: Author },
  at: Date,
): Promise<void> {
  const subject = { type: "replay", id };
  await writeAudit(tx, { ...author, workspaceId, action: "delivery.replay-cancelled", subject }, at);
}

export async function noteReplayEnd(
  tx: Queryable,
  { id, workspaceId, matched, replayed }: { id: string; workspaceId: string; matched: number; replayed: number },
  state: string,
  at: Date,
): Promise<void> {
  const action = state === "done" ? "delivery.replay-finished" : "delivery.replay-failed";
  const subject = { type: "replay", id };
  await writeAudit(tx, { by: "system", address: null, workspaceId, action, subject, after: { matched, replayed } }, at);
}

export async function noteDiscard(
  tx: Queryable,
  { workspaceId, connectionId, author }: { workspaceId: string; connectionId: string; author: Author },
  discarded: number,
  at: Date,
): Promise<void> {
  const subject = { type: "connection", id: connectionId };
  await writeAudit(tx, { ...author, workspaceId, action: "delivery.discarded", subject, after: { discarded } }, at);
}
