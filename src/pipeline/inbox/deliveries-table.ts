// Writes `deliveries`: their arrival, their way through the states, and being sent through once more.
//
//   waiting ──► recorded | duplicate | filtered | failed        settled by a worker
//      │  ▲
//      ▼  └──── replay, or parked and its time has come
//   held | parked                                               wait for a person, or for the cause to go
//   refused                                                     never entered the queue: the door said no
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import type { Made } from "../facts.ts";
import type { DeliveryState, Reason } from "../outcome.ts";

/** A part of the append's one statement (append-deliveries.ts); `arrived` has one row per delivery. */
export const insertArrivedDeliveries = `
  insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state, reason, detail, endpoint, settled_at)
  select w, d, c, t, n, g, s, r, x, e, case when s = 'waiting' then null else t end from arrived where k`;

/** A delivery's row as it arrived. */
export type ArrivedRow = { deliveryId: string; connectionId: string; receivedAt: Date; size: number; signed: boolean };

export type Settlement = ArrivedRow & {
  state: Exclude<DeliveryState, "waiting">;
  reason: Reason | null;
  detail: string | null;
  kind: string | null;
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
  made: readonly Made[];
  /** When a parked delivery is tried again by itself. */
  tryAt: Date | null;
};

/**
 * Writes what became of claimed deliveries; their rows exist, and this transaction holds their locks. Said as an insert
 * that conflicts, because that goes by the primary key whatever PostgreSQL knows of the table: `update … from` is planned
 * by statistics, and a plan from the minute in which the table was empty reads the whole of it for each batch
 * (80 ms instead of 2 ms for 300 rows among 40,000).
 */
export async function settleDeliveries(
  tx: Tx,
  workspaceId: string,
  settlements: readonly Settlement[],
  at: Date,
): Promise<void> {
  const rows = settlements.map((one) => ({
    d: one.deliveryId,
    c: one.connectionId,
    x: one.receivedAt,
    n: one.size,
    g: one.signed,
    s: one.state,
    r: one.reason,
    e: one.detail?.slice(0, 1_000) ?? null,
    k: one.kind,
    v: one.pendoVisitorId,
    a: one.pendoAccountId,
    m: one.made.length > 0 ? one.made : null,
    t: one.tryAt,
  }));
  await tx.query({
    name: "settle-deliveries",
    text: `insert into deliveries as d (workspace_id, delivery_id, connection_id, received_at, size, signed, state, reason, detail, kind,
                                        pendo_visitor_id, pendo_account_id, made, try_at, settled_at)
           select $1, d, c, x, n, g, s, r, e, k, v, a, m, t, $3
           from json_to_recordset($2) as r(d uuid, c uuid, x timestamptz, n int, g bool, s text, r text, e text, k text, v text, a text,
                                           m jsonb, t timestamptz)
           on conflict (workspace_id, delivery_id) do update
           set state = excluded.state, reason = excluded.reason, detail = excluded.detail, kind = excluded.kind,
               pendo_visitor_id = excluded.pendo_visitor_id, pendo_account_id = excluded.pendo_account_id, made = excluded.made,
               try_at = excluded.try_at, settled_at = excluded.settled_at, attempts = d.attempts + 1`,
    values: [workspaceId, toStorableJson(rows), at],
  });
}

/** Sends deliveries through once more. Those that wait already are left alone. Resolves to how many there were. */
export async function sendThroughAgain(
  db: Queryable,
  workspaceId: string,
  deliveryIds: readonly string[],
): Promise<number> {
  const { rowCount } = await db.query(
    `update deliveries set state = 'waiting', reason = null, detail = null, try_at = null, settled_at = null
     where workspace_id = $1 and delivery_id = any($2) and state <> 'waiting'`,
    [workspaceId, deliveryIds],
  );
  return rowCount ?? 0;
}

/** Parked deliveries whose time has come wait again. */
export async function releaseParked(db: Queryable, workspaceId: string, now: Date): Promise<number> {
  const { rowCount } = await db.query(
    `update deliveries set state = 'waiting', try_at = null, settled_at = null
     where workspace_id = $1 and state = 'parked' and try_at <= $2`,
    [workspaceId, now],
  );
  return rowCount ?? 0;
}

/** Most that one statement releases: an account's deliveries of a day may be a million. */
export const mostReleased = 5_000;

/**
 * What is parked for these visitors or accounts of Pendo waits again, whatever it is parked for, also where only one of several
 * objects is about them; at most some thousand at
 * a time, so call it until it resolves to less than it may. What somebody else has in hand is left to them: they see what
 * is known by now.
 */
export async function releaseParkedOf(
  db: Queryable,
  of: { workspaceId: string; connectionId: string; kind: "visitor" | "account" },
  pendoIds: readonly string[],
  limit = mostReleased,
): Promise<number> {
  const { rowCount } = await db.query(
    `with freed as materialized (
       select d.delivery_id from unnest($3::text[]) as w(id)
       cross join lateral (
         select delivery_id from deliveries
         where workspace_id = $1 and connection_id = $2 and pendo_${of.kind}_id = w.id and state = 'parked'
         for update skip locked
       ) as d limit $4
     ), freed_by_item as materialized (
       select d.delivery_id from unnest($3::text[]) as w(id)
       cross join lateral (
         select delivery_id from delivery_items
         where workspace_id = $1 and connection_id = $2 and pendo_${of.kind}_id = w.id and state = 'parked' limit 1000000
       ) as i
       cross join lateral (
         select delivery_id from deliveries
         where workspace_id = $1 and delivery_id = i.delivery_id and state = 'parked' limit 1 for update skip locked
       ) as d limit $4
     )
     update deliveries set state = 'waiting', reason = null, detail = null, try_at = null, settled_at = null
     where workspace_id = $1 and delivery_id = any(array(select delivery_id from freed union select delivery_id from freed_by_item limit $4))`,
    [of.workspaceId, of.connectionId, pendoIds, limit],
  );
  return rowCount ?? 0;
}

/** The same for everything of a connection that is parked for one of these reasons. */
export async function releaseParkedFor(
  db: Queryable,
  of: { workspaceId: string; connectionId: string },
  reasons: readonly Reason[],
  limit = mostReleased,
): Promise<number> {
  const { rowCount } = await db.query(
    `with freed as materialized (
       select delivery_id from deliveries
       where workspace_id = $1 and connection_id = $2 and state = 'parked' and reason = any($3) limit $4 for update skip locked
     ), freed_by_item as materialized (
       select d.delivery_id from (
         select delivery_id from delivery_items
         where workspace_id = $1 and connection_id = $2 and state = 'parked' and reason = any($3) limit 1000000
       ) as i
       cross join lateral (
         select delivery_id from deliveries
         where workspace_id = $1 and delivery_id = i.delivery_id and state = 'parked' limit 1 for update skip locked
       ) as d limit $4
     )
     update deliveries set state = 'waiting', reason = null, detail = null, try_at = null, settled_at = null
     where workspace_id = $1 and delivery_id = any(array(select delivery_id from freed union select delivery_id from freed_by_item limit $4))`,
    [of.workspaceId, of.connectionId, reasons, limit],
  );
  return rowCount ?? 0;
}

/** Samples that still wait for something are given up: what they made has been taken out. */
export async function discardSamples(
  db: Queryable,
  workspaceId: string,
  { visitorId, accountId }: { visitorId: string; accountId: string },
  now: Date,
): Promise<number> {
  const { rowCount } = await db.query(
    `update deliveries set state = 'filtered', reason = 'sample-taken-out', detail = null, try_at = null, settled_at = $4
     where workspace_id = $1 and (pendo_visitor_id = $2 or (pendo_account_id = $3 and pendo_visitor_id is null))
       and state in ('parked', 'held')`,
    [workspaceId, visitorId, accountId, now],
  );
  return rowCount ?? 0;
}

/** Most that one statement gives up: of a month of being off there may be millions. */
const mostDiscarded = 5_000;

/**
 * What was held while the connection was off is given up: kept and listed, never recorded. At most some thousand at a time, so
 * call it until it resolves to 0.
 */
export async function discardHeld(
  db: Queryable,
  workspaceId: string,
  connectionId: string,
  now: Date,
): Promise<number> {
  const { rowCount } = await db.query(
    `update deliveries set state = 'filtered', reason = 'discarded-while-off', settled_at = $3
     where workspace_id = $1 and state = 'held' and delivery_id = any(array(
       select delivery_id from deliveries where workspace_id = $1 and connection_id = $2 and state = 'held'
       order by delivery_id limit ${mostDiscarded}))`,
    [workspaceId, connectionId, now],
  );
  return rowCount ?? 0;
}
