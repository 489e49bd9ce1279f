// Writes `messages`: which messages about records have been taken in, so that the same one again is a duplicate.
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import { deriveUuid, lowestUuid } from "../../platform/uuid.ts";
import type { HeldBy } from "./record-items.ts";

export function deriveMessageId(connectionId: string, key: string): string {
  return deriveUuid("message", connectionId, key);
}

/** Puts messages down and tells of each, by its id, the delivery that brought it first; of the same one twice the first counts. */
export async function insertMessages(
  tx: Tx,
  workspaceId: string,
  messages: readonly { id: string; deliveryId: string }[],
): Promise<HeldBy> {
  const heldBy: HeldBy = new Map();
  for (const { id, deliveryId } of messages) if (!heldBy.has(id)) heldBy.set(id, deliveryId);
  if (heldBy.size === 0) return heldBy;
  // Sorted keys: two workers that put down the same messages wait for one another, never in a circle.
  const ids = [...heldBy.keys()].sort();
  const { rows } = await tx.query({
    name: "insert-messages",
    text: `insert into messages (workspace_id, message_id, delivery_id)
           select $1, id, d from unnest($2::uuid[], $3::uuid[]) as m(id, d) on conflict do nothing returning message_id`,
    values: [workspaceId, ids, ids.map((id) => heldBy.get(id))],
  });
  if (rows.length === ids.length) return heldBy;
  const isNew = new Set<string>(rows.map((row) => row.message_id));
  const { rows: earlier } = await tx.query({
    name: "find-messages",
    text: `select w.id, m.delivery_id from unnest($2::uuid[]) as w(id)
           cross join lateral (select delivery_id from messages where workspace_id = $1 and message_id = w.id limit 1) as m`,
    values: [workspaceId, ids.filter((id) => !isNew.has(id))],
  });
  for (const row of earlier) heldBy.set(row.id, row.delivery_id);
  return heldBy;
}

/** Forgets messages of deliveries that arrived before: what of them is sent again says nothing new, or says it once more. */
export async function forgetMessages(db: Queryable, before: Date): Promise<number> {
  const { rows: workspaces } = await db.query<{ id: string }>("select workspace_id as id from workspaces");
  let forgotten = 0;
  for (const { id } of workspaces) {
    const { rowCount } = await db.query("delete from messages where workspace_id = $1 and delivery_id < $2", [
      id,
      lowestUuid(before.getTime()),
    ]);
    forgotten += rowCount ?? 0;
  }
  return forgotten;
}
