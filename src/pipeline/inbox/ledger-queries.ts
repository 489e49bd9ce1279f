// The loss ledger: what the door counted against the rows that are there, in one snapshot. The two sides are written
// by different statements and never corrected against each other, so a difference means that something was lost.
import type { Queryable } from "../../platform/database/pool.ts";
import { lowestUuid } from "../../platform/uuid.ts";
import { type DeliveryState, deliveryStates } from "../outcome.ts";

export type Ledger = { received: number } & Record<DeliveryState, number> & { difference: number };
export type LedgerHour = Ledger & { connectionId: string; hour: Date };

/** Columns of one line for each hour: a line for each state would have to be sorted and put together again. */
const countStates = deliveryStates.map((state) => `count(*) filter (where state = '${state}') as ${state}`).join(", ");

/** By how much the time in an id may run ahead of the delivery's own (uuid.ts); it is never behind. */
const mostAhead = 25 * 60 * 60 * 1000;

export type LedgerFilter = { workspaceId?: string; connectionId?: string; since?: Date; until?: Date };

/**
 * One line for each connection and hour of arrival that has anything. `since` and `until` are cut to whole hours. Without them
 * every row there is is counted; with them those that the primary key has of that time, and a day more to be safe.
 */
export async function listLedgerHours(db: Queryable, filter: LedgerFilter): Promise<LedgerHour[]> {
  const { rows } = await db.query<HourRow>(
    `with counted as (
       select workspace_id, connection_id, hour, sum(received)::bigint as received, sum(refused_unkept)::bigint as refused_unkept
       from ledger_counts
       where ($1::uuid is null or workspace_id = $1) and ($2::uuid is null or connection_id = $2)
         and ($3::timestamptz is null or hour >= date_trunc('hour', $3::timestamptz, 'UTC')) and ($4::timestamptz is null or hour < $4)
       group by 1, 2, 3
     ), kept as (
       select workspace_id, connection_id, ${hourOf("received_at")} as hour, ${countStates} from deliveries
       where ($1::uuid is null or workspace_id = $1) and ($2::uuid is null or connection_id = $2)
         and ($3::timestamptz is null or received_at >= date_trunc('hour', $3::timestamptz, 'UTC'))
         and ($4::timestamptz is null or ${hourOf("received_at")} < $4)
         and delivery_id between $5::uuid and $6::uuid
       group by 1, 2, 3
     )
     select connection_id, hour, coalesce(received, 0) as received, coalesce(refused_unkept, 0) as refused_unkept,
            ${deliveryStates.map((state) => `coalesce(${state}, 0) as ${state}`).join(", ")}
     from counted full join kept using (workspace_id, connection_id, hour) order by hour, connection_id`,
    [
      filter.workspaceId ?? null,
      filter.connectionId ?? null,
      filter.since ?? null,
      filter.until ?? null,
      lowestUuid(filter.since ? startOfHour(filter.since) : 0),
      lowestUuid(filter.until ? filter.until.getTime() + 60 * 60 * 1000 + mostAhead : Number.POSITIVE_INFINITY),
    ],
  );
  return rows.map((row) => ({
    connectionId: row.connection_id,
    hour: row.hour,
    ...balance(row.received, row.refused_unkept, row),
  }));
}

type HourRow = { connection_id: string; hour: Date; received: number; refused_unkept: number } & Record<
  DeliveryState,
  number
>;

/** As date_trunc, which looks for the zone by its name in each row. */
function hourOf(time: string): string {
  return `date_bin('1 hour', ${time}, timestamptz 'epoch')`;
}

const startOfHour = (at: Date) => at.getTime() - (at.getTime() % (60 * 60 * 1000));

/** The sums of all lines. */
export async function readLedger(db: Queryable, filter: LedgerFilter = {}): Promise<Ledger> {
  return sumLedger(await listLedgerHours(db, filter));
}

export function sumLedger(hours: readonly Ledger[]): Ledger {
  const sum = balance(0, 0, {});
  for (const hour of hours) {
    sum.received += hour.received;
    sum.difference += hour.difference;
    for (const state of deliveryStates) sum[state] += hour[state];
  }
  return sum;
}

function balance(received: number, refusedUnkept: number, counts: Partial<Record<DeliveryState, number>>): Ledger {
  const states = Object.fromEntries(deliveryStates.map((state) => [state, counts[state] ?? 0])) as Record<
    DeliveryState,
    number
  >;
  states.refused += refusedUnkept;
  const accounted = deliveryStates.reduce((sum, state) => sum + states[state], 0);
  return { received, ...states, difference: received - accounted };
}
