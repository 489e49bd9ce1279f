// The append: every request that waits while a write is in flight goes into the next one. No timer, so a lone request
// is written at once; under load the batches grow by themselves. A request is answered only after its batch committed.
import type { Database } from "../../platform/database/pool.ts";
import type { Reason } from "../outcome.ts";
import { insertArrivedDeliveries } from "./deliveries-table.ts";
import { insertArrivedBodies } from "./delivery-bodies-table.ts";
import { countArrived } from "./ledger-counts-table.ts";

export type Arrival = {
  workspaceId: string;
  deliveryId: string;
  connectionId: string;
  receivedAt: Date;
  /** As JSON text, without credentials. */
  headers: string;
  body: Buffer;
  /** Size of what was sent, in bytes; larger than the body where the body was cut off. */
  size: number;
  signed: boolean;
  state: "waiting" | "refused";
  reason: Reason | null;
  /** False: only counted in the ledger, no row is kept. */
  isKept: boolean;
};

export class InboxFullError extends Error {
  constructor(readonly scope: "connection" | "all") {
    super(
      scope === "all"
        ? "The inbox takes no more for the moment."
        : "This connection sends faster than its share for the moment.",
    );
  }
}

export type Inbox = {
  /** Resolves when the delivery is on disk; throws InboxFullError at once when too much waits already. */
  append: (arrival: Arrival) => Promise<void>;
  /** Deliveries that wait to be written. */
  pending: () => number;
  /** Resolves when nothing waits any more. */
  drain: () => Promise<void>;
};

type Waiting = { arrival: Arrival; resolve: () => void; reject: (error: unknown) => void };

export type InboxLimits = {
  writers: number;
  /** Deliveries that wait beside a write in flight before another writer begins. */
  worthAnotherWriter: number;
  mostInBatch: number;
  mostBytesInBatch: number;
  mostPending: number;
  mostPendingBytes: number;
};

export const inboxLimits: InboxLimits = {
  writers: 2,
  worthAnotherWriter: 64,
  mostInBatch: 400,
  mostBytesInBatch: 8 * 1024 * 1024,
  mostPending: 5_000,
  mostPendingBytes: 64 * 1024 * 1024,
};

export function createInbox(options: {
  database: Database;
  onAppended: () => void;
  limits?: Partial<InboxLimits>;
}): Inbox {
  const limits = { ...inboxLimits, ...options.limits };
  let queue: Waiting[] = [];
  let queuedBytes = 0;
  const queuedOfConnection = new Map<string, number>();
  let inFlight = 0;
  let inFlightCount = 0;
  let onIdle: (() => void)[] = [];
  // Any slot is right, another one per writer is only faster.
  const firstSlot = Math.floor(Math.random() * 1_000) * 16;
  const freeSlots = Array.from({ length: limits.writers }, (_, index) => firstSlot + index);

  function takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (
      count < queue.length &&
      count < limits.mostInBatch &&
      (count === 0 || bytes + queue[count]!.arrival.body.length <= limits.mostBytesInBatch)
    ) {
      bytes += queue[count]!.arrival.body.length;
      count += 1;
    }
    const batch = count === queue.length ? queue : queue.slice(0, count);
    queue = count === queue.length ? [] : queue.slice(count);
    queuedBytes -= bytes;
    if (queue.length === 0) queuedOfConnection.clear();
    else
      for (const { arrival } of batch)
        queuedOfConnection.set(arrival.connectionId, queuedOfConnection.get(arrival.connectionId)! - 1);
    return batch;
  }

  async function writeBatches(slot: number): Promise<void> {
    inFlight += 1;
    while (queue.length > 0) {
      const batch = takeBatch();
      inFlightCount += batch.length;
      try {
        await writeBatch(
          options.database,
          batch.map((one) => one.arrival),
          slot,
        );
        for (const one of batch) one.resolve();
        options.onAppended();
      } catch (error) {
        for (const one of batch) one.reject(error);
      }
      inFlightCount -= batch.length;
    }
    inFlight -= 1;
    freeSlots.push(slot);
    if (inFlight === 0) {
      for (const resolve of onIdle) resolve();
      onIdle = [];
    }
  }

  return {
    append(arrival) {
      const ofConnection = queuedOfConnection.get(arrival.connectionId) ?? 0;
      if (queue.length >= limits.mostPending || queuedBytes + arrival.body.length > limits.mostPendingBytes) {
        return Promise.reject(new InboxFullError("all"));
      }
      // One connection may fill half of what may wait, so that the others always find room.
      if (ofConnection >= limits.mostPending / 2) return Promise.reject(new InboxFullError("connection"));
      return new Promise((resolve, reject) => {
        queue.push({ arrival, resolve, reject });
        queuedBytes += arrival.body.length;
        queuedOfConnection.set(arrival.connectionId, ofConnection + 1);
        const isNobodyWriting = freeSlots.length === limits.writers;
        if (isNobodyWriting || (freeSlots.length > 0 && queue.length >= limits.worthAnotherWriter)) {
          const slot = freeSlots.pop()!;
          // The requests that this turn of the event loop brings go together.
          setImmediate(() => void writeBatches(slot));
        }
      });
    },
    pending: () => queue.length + inFlightCount,
    drain: () =>
      inFlight === 0 && queue.length === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve)),
  };
}

/**
 * One statement, so one round trip and one commit. What differs from row to row goes as arrays; what most rows of a
 * batch share (connection, state, headers) goes once, as a profile that rows point to; the bodies go end to end as one
 * bytea, without escaping or hex, and are cut apart by offset in the server. `npm run bench:ingest` compares this with
 * one JSON parameter for everything and with unnest over all columns; its results are in bench/results/.
 */
const appendSql = `with profiles as (
    select * from json_to_recordset($1::json) as p(i int, w uuid, c uuid, g bool, s text, r text, k bool, h text)
  ), arrived as (
    select p.*, a.d, to_timestamp(a.t / 1000.0) as t, a.n, a.o, a.l
    from unnest($4::uuid[], $5::int[], $6::bigint[], $7::int[], $8::int[], $9::int[]) as a(d, i, t, n, o, l) join profiles p using (i)
  ), kept as (${insertArrivedDeliveries}
  ), bodies as (${insertArrivedBodies}
  ) ${countArrived}`;

async function writeBatch(database: Database, arrivals: readonly Arrival[], slot: number): Promise<void> {
  const profiles = new Map<string, number>();
  const columns: {
    id: string[];
    profile: number[];
    time: number[];
    size: number[];
    offset: number[];
    length: number[];
  } = { id: [], profile: [], time: [], size: [], offset: [], length: [] };
  let offset = 0;
  for (const one of arrivals) {
    const profile = JSON.stringify({
      w: one.workspaceId,
      c: one.connectionId,
      g: one.signed,
      s: one.state,
      r: one.reason,
      k: one.isKept,
      h: one.headers,
    });
    let index = profiles.get(profile);
    if (index === undefined) {
      index = profiles.size;
      profiles.set(profile, index);
    }
    columns.id.push(one.deliveryId);
    columns.profile.push(index);
    columns.time.push(one.receivedAt.getTime());
    columns.size.push(one.size);
    columns.offset.push(offset);
    columns.length.push(one.body.length);
    offset += one.body.length;
  }
  const bodies = Buffer.concat(
    arrivals.map((one) => one.body),
    offset,
  );
  const { id, profile, time, size, offset: offsets, length } = columns;
  await database.query({
    name: "append-deliveries",
    text: appendSql,
    values: [
      `[${[...profiles].map(([text, index]) => `{"i":${index},${text.slice(1)}`).join(",")}]`,
      bodies,
      slot % 32_767,
      ...[id, profile, time, size, offsets, length].map((column) => `{${column.join(",")}}`),
    ],
  });
}
