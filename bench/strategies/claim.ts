// How a worker takes waiting deliveries and gives them back settled. Each starts from a backlog of 30,000.
import { claimDeliveries } from "../../src/pipeline/inbox/claim-queries.ts";
import { settleDeliveries } from "../../src/pipeline/inbox/deliveries-table.ts";
import { inTransaction } from "../../src/platform/database/transaction.ts";
import { createUuid } from "../../src/platform/uuid.ts";
import type { Place, Strategy } from "./place.ts";

const backlog = 30_000;
const batch = 300;
const now = new Date();

async function fillInbox({ pool, workspaceId, connectionId }: Place): Promise<void> {
  const ids = Array.from({ length: backlog }, () => createUuid(now.getTime()));
  await pool.query(
    `insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state)
     select $1, d, $2, now(), 2, true, 'waiting' from unnest($3::uuid[]) d`,
    [workspaceId, connectionId, ids],
  );
  await pool.query(
    "insert into delivery_bodies (workspace_id, delivery_id, headers, body) select $1, d, '{}', '{}' from unnest($2::uuid[]) d",
    [workspaceId, ids],
  );
}

/** Takes batches until nothing is left; resolves to deliveries a second. */
async function workOff(takeBatch: () => Promise<number>): Promise<number> {
  const start = performance.now();
  let taken = 0;
  for (let count = await takeBatch(); count > 0; count = await takeBatch()) taken += count;
  if (taken !== backlog) throw new Error(`${taken} of ${backlog} were taken`);
  return taken / ((performance.now() - start) / 1000);
}

const settled = {
  state: "recorded",
  reason: null,
  detail: null,
  kind: "k",
  pendoVisitorId: "v",
  pendoAccountId: "a",
  made: [],
  tryAt: null,
} as const;

export const claimStrategies: Strategy[] = [
  {
    name: "lock with skip locked, settle in the same transaction (what claim-queries.ts does)",
    async run(place) {
      await fillInbox(place);
      return workOff(() =>
        inTransaction(place.pool, async (tx) => {
          const claimed = await claimDeliveries(tx, place.workspaceId, batch, now);
          if (claimed.length > 0)
            await settleDeliveries(
              tx,
              place.workspaceId,
              claimed.map((one) => ({ ...one, ...settled })),
              now,
            );
          return claimed.length;
        }),
      );
    },
  },
  {
    name: "mark as taken in a transaction of its own, settle in a second one (a lease)",
    async run(place) {
      await fillInbox(place);
      return workOff(async () => {
        const { rows } = await place.pool.query({
          name: "mark",
          text: `update deliveries set try_at = now() + interval '5 minutes'
                 where workspace_id = $1 and delivery_id in (
                   select delivery_id from deliveries where workspace_id = $1 and state = 'waiting' and try_at is null
                   order by delivery_id limit $2 for update skip locked)
                 returning delivery_id as "deliveryId", connection_id as "connectionId", received_at as "receivedAt", size, signed`,
          values: [place.workspaceId, batch],
        });
        await place.pool.query({
          name: "bodies",
          text: "select delivery_id, body from delivery_bodies where workspace_id = $1 and delivery_id = any($2)",
          values: [place.workspaceId, rows.map((row) => row.deliveryId)],
        });
        if (rows.length > 0)
          await inTransaction(place.pool, (tx) =>
            settleDeliveries(
              tx,
              place.workspaceId,
              rows.map((row) => ({ ...row, ...settled })),
              now,
            ),
          );
        return rows.length;
      });
    },
  },
  {
    name: "a queue table of its own: delete … returning, then settle, in one transaction",
    async run(place) {
      await fillInbox(place);
      await place.pool.query(
        "create table bench_queue as select workspace_id, delivery_id, connection_id, received_at, size, signed from deliveries",
      );
      await place.pool.query("alter table bench_queue add primary key (workspace_id, delivery_id)");
      try {
        return await workOff(() =>
          inTransaction(place.pool, async (tx) => {
            const { rows } = await tx.query({
              name: "take",
              text: `delete from bench_queue where workspace_id = $1 and delivery_id in (
                       select delivery_id from bench_queue where workspace_id = $1 order by delivery_id limit $2 for update skip locked)
                     returning delivery_id as "deliveryId", connection_id as "connectionId", received_at as "receivedAt", size, signed`,
              values: [place.workspaceId, batch],
            });
            await tx.query({
              name: "bodies",
              text: "select delivery_id, body from delivery_bodies where workspace_id = $1 and delivery_id = any($2)",
              values: [place.workspaceId, rows.map((row) => row.deliveryId)],
            });
            if (rows.length > 0)
              await settleDeliveries(
                tx,
                place.workspaceId,
                rows.map((row) => ({ ...row, ...settled })),
                now,
              );
            return rows.length;
          }),
        );
      } finally {
        await place.pool.query("drop table bench_queue");
      }
    },
  },
];
