// How a batch of arrived deliveries gets onto disk: row, body and ledger count, in one commit.
import { randomBytes } from "node:crypto";
import { type Arrival, createInbox } from "../../src/pipeline/inbox/append-deliveries.ts";
import { createUuid } from "../../src/platform/uuid.ts";
import { measureRate, type Place, type Strategy } from "./place.ts";

const batch = 64;
const headers = '{"content-type":"application/json","user-agent":"Pendo"}';

/** Bodies that do not compress. */
const bodies = Array.from({ length: batch }, () => randomBytes(1_500));

function createArrivals({ workspaceId, connectionId }: Place, count = batch): Arrival[] {
  const receivedAt = new Date();
  return bodies.slice(0, count).map((body) => ({
    workspaceId,
    connectionId,
    deliveryId: createUuid(receivedAt.getTime()),
    receivedAt,
    headers,
    body,
    size: 1_500,
    signed: true,
    state: "waiting",
    reason: null,
    detail: null,
    endpoint: null,
    isKept: true,
  }));
}

const insertRows = `insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state)
  select $1::uuid, d, $2::uuid, t, n, true, 'waiting' from arrived`;
const insertBodies =
  "insert into delivery_bodies (workspace_id, delivery_id, headers, body) select $1::uuid, d, h, b from arrived";
const count = `insert into ledger_counts as l (workspace_id, connection_id, hour, slot, received)
  select $1::uuid, $2::uuid, date_trunc('hour', now(), 'UTC'), $3::smallint, count(*) from arrived
  on conflict (workspace_id, connection_id, hour, slot) do update set received = l.received + excluded.received`;
const statement = (arrived: string) =>
  `with arrived as (${arrived}), kept as (${insertRows}), bodies as (${insertBodies}) ${count}`;

export const appendStrategies: Strategy[] = [
  {
    name: "profiles once, arrays, bodies end to end in one bytea (what append-deliveries.ts does)",
    run(place) {
      const inbox = createInbox({ database: place.pool, onAppended: () => {}, limits: { worthAnotherWriter: 1 } });
      return measureRate(2, async () => {
        await Promise.all(createArrivals(place).map((arrival) => inbox.append(arrival)));
        return batch;
      });
    },
  },
  {
    name: "one JSON parameter, bodies as base64",
    run: (place) =>
      measureRate(2, async (lane) => {
        const rows = createArrivals(place).map((one) => ({
          d: one.deliveryId,
          t: one.receivedAt,
          n: one.size,
          h: one.headers,
          b: one.body.toString("base64"),
        }));
        await place.pool.query({
          name: "json",
          text: statement(
            "select d, t, n, h, decode(b, 'base64') as b from json_to_recordset($4::json) as a(d uuid, t timestamptz, n int, h text, b text)",
          ),
          values: [place.workspaceId, place.connectionId, lane, JSON.stringify(rows)],
        });
        return batch;
      }),
  },
  {
    name: "unnest over one array per column, bodies as bytea[]",
    run: (place) =>
      measureRate(2, async (lane) => {
        const arrivals = createArrivals(place);
        await place.pool.query({
          name: "unnest",
          text: statement(
            "select d, t, n, h, b from unnest($4::uuid[], $5::timestamptz[], $6::int[], $7::text[], $8::bytea[]) as a(d, t, n, h, b)",
          ),
          values: [
            place.workspaceId,
            place.connectionId,
            lane,
            arrivals.map((one) => one.deliveryId),
            arrivals.map((one) => one.receivedAt),
            arrivals.map((one) => one.size),
            arrivals.map((one) => one.headers),
            arrivals.map((one) => one.body),
          ],
        });
        return batch;
      }),
  },
  {
    name: "one statement and one commit per delivery, 4 connections (for comparison)",
    run: (place) =>
      measureRate(4, async (lane) => {
        const [one] = createArrivals(place, 1);
        await place.pool.query({
          name: "single",
          text: statement("select $4::uuid as d, now() as t, 1500 as n, $5::text as h, $6::bytea as b"),
          values: [place.workspaceId, place.connectionId, lane, one!.deliveryId, one!.headers, one!.body],
        });
        return 1;
      }),
  },
];
