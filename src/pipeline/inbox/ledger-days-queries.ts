// What was received in each of many days, and what became of it: for a chart. What was received is counted by the door, and what
// did not end as recorded is counted from an index that has nothing else; the rest was recorded. So a quarter of a year of a
// million deliveries is read without reading them. Whether anything was lost the ledger says (ledger-queries.ts), not this.
import type { Queryable } from "../../platform/database/pool.ts";
import { lowestUuid } from "../../platform/uuid.ts";
import { type DeliveryState, deliveryStates } from "../outcome.ts";

export type LedgerDay = { day: string; received: number } & Record<DeliveryState, number>;

export type LedgerDaysFilter = {
  workspaceId: string;
  connectionId?: string | undefined;
  since: Date;
  until: Date;
  /** Days begin at midnight there. Of an hour in which a day begins all belongs to the day before. */
  zone: string;
};

const others = deliveryStates.filter((state) => state !== "recorded");

const hour = 60 * 60 * 1000;

/** Days that have anything, the oldest first. `since` and `until` are cut to whole hours: what the door counted, it counted by the hour. */
export async function listLedgerDays(db: Queryable, filter: LedgerDaysFilter): Promise<LedgerDay[]> {
  const since = new Date(Math.floor(filter.since.getTime() / hour) * hour);
  const until = new Date(Math.ceil(filter.until.getTime() / hour) * hour);
  const ofConnection = "($2::uuid is null or connection_id = $2)";
  // By the hour first: the name of a day is a hundred times the work of counting one more.
  const { rows } = await db.query(
    `with hours as (
       select hour, 'received' as what, sum(received)::bigint as n from ledger_counts
       where workspace_id = $1 and ${ofConnection} and hour >= $3 and hour < $4 group by 1
       union all
       select hour, 'refused', sum(refused_unkept)::bigint from ledger_counts
       where workspace_id = $1 and ${ofConnection} and hour >= $3 and hour < $4 group by 1
       ${["state = any(array['duplicate', 'filtered', 'held', 'parked', 'failed', 'refused'])", "state = 'waiting'"]
         .map(
           (state) =>
             `union all
              select date_bin('1 hour', received_at, 'epoch'), state, count(*) from deliveries
              where workspace_id = $1 and ${ofConnection} and ${state} and delivery_id >= $6 and delivery_id < $7 group by 1, 2`,
         )
         .join("\n")}
     ), days as (
       select to_char(hour at time zone $5, 'YYYY-MM-DD') as day, what, sum(n)::bigint as n from hours group by 1, 2
     )
     select day, jsonb_object_agg(what, n) as counts from days group by 1 order by 1`,
    [
      filter.workspaceId,
      filter.connectionId ?? null,
      since,
      until,
      filter.zone,
      lowestUuid(since.getTime()),
      lowestUuid(until.getTime()),
    ],
  );
  return rows.map(({ day, counts }) => {
    const received: number = counts.received ?? 0;
    const states = Object.fromEntries(others.map((state) => [state, counts[state] ?? 0])) as Record<
      DeliveryState,
      number
    >;
    const rest = received - others.reduce((sum, state) => sum + states[state], 0);
    return { day, received, ...states, recorded: Math.max(0, rest) };
  });
}
