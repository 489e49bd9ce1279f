// Writes `delivery_items`: the objects of deliveries that have several, as far as they did not end well. By them a delivery is
// released as soon as any of them may go on, and people see which object it is and why.
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { type Reason, reasons } from "../outcome.ts";
import type { Settlement } from "./deliveries-table.ts";

export type SettledItem = {
  /** From 1, in the order of the body. */
  place: number;
  state: "parked" | "failed" | "filtered" | "held";
  reason: Reason;
  detail: string | null;
  kind: string | null;
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
};

const mostDetail = 1_000;

/** Puts down the items of settled deliveries in the place of those of an earlier attempt. The deliveries are locked. */
export async function settleItems(
  tx: Tx,
  workspaceId: string,
  settlements: readonly (Settlement & { items: readonly SettledItem[]; attempts: number })[],
): Promise<void> {
  const before = settlements.filter(({ attempts }) => attempts > 0).map(({ deliveryId }) => deliveryId);
  if (before.length > 0) await removeItems(tx, workspaceId, before);
  const rows = settlements.flatMap(({ deliveryId, connectionId, items }) =>
    items.map((item) => ({ ...item, deliveryId, connectionId, detail: item.detail?.slice(0, mostDetail) ?? null })),
  );
  if (rows.length === 0) return;
  await tx.query({
    name: "insert-delivery-items",
    text: `insert into delivery_items (workspace_id, delivery_id, place, connection_id, state, reason, detail, kind, pendo_visitor_id, pendo_account_id)
           select $1, "deliveryId", place, "connectionId", state, reason, detail, kind, "pendoVisitorId", "pendoAccountId"
           from json_to_recordset($2) as r("deliveryId" uuid, place int, "connectionId" uuid, state text, reason text, detail text,
                                           kind text, "pendoVisitorId" text, "pendoAccountId" text)`,
    values: [workspaceId, toStorableJson(rows)],
  });
}

/** By place: a delete that is joined with a list of keys would be planned by statistics. */
async function removeItems(tx: Tx, workspaceId: string, deliveryIds: readonly string[]): Promise<void> {
  await tx.query({
    name: "remove-delivery-items",
    text: `delete from delivery_items where workspace_id = $1 and ctid = any(array(
             select i.at from unnest($2::uuid[]) as w(id)
             cross join lateral (
               select ctid as at from delivery_items where workspace_id = $1 and delivery_id = w.id limit 1000000
             ) as i))`,
    values: [workspaceId, deliveryIds],
  });
}

export type ShownItem = Omit<SettledItem, "pendoVisitorId" | "pendoAccountId"> & {
  /** The reason in a sentence, with what it means here. */
  message: string;
  pendo: { visitorId: string | null; accountId: string | null };
};

export async function listItems(db: Queryable, workspaceId: string, deliveryId: string): Promise<ShownItem[]> {
  const { rows } = await db.query<Omit<ShownItem, "message">>(
    `select place, state, reason, detail, kind, jsonb_build_object('visitorId', pendo_visitor_id, 'accountId', pendo_account_id) as pendo
     from delivery_items where workspace_id = $1 and delivery_id = $2 order by place`,
    [workspaceId, deliveryId],
  );
  return rows.map((row) => ({
    ...row,
    message: [reasons[row.reason] ?? row.reason, row.detail].filter((part) => part !== null).join(" "),
  }));
}
