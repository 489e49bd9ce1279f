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
  /** What the reason means for this delivery. */
  detail: string | null;
  /** What the request was about, as its path says it; null: a webhook. */
  endpoint: string | null;
  /** False: only counted in the ledger, no row is kept. */
  isKept: boolean;
};

/** Who sends too much for the moment: one connection, or all together. */
export type Excess = "connection" | "all";

export class InboxFullError extends Error {
  constructor(readonly scope: Excess) {
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
  /** Whether an arrival of so many bytes would be too much now. To be asked before any work is put into it. */
  findExcess: (connectionId: string, bytes: number) => Excess | undefined;
  /** Deliveries that wait to be written. */
  pending: () => number;
  /** Resolves when nothing waits any more. */
  drain: () => Promise<void>;
};

type Waiting = { arrival: Arrival; resolve: () => void; reject: (error: unknown) => void };
/** What waits of one connection, from `head` on. */
type Line = { waiting: Waiting[]; head: number; bytes: number };

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
  const lines = new Map<string, Line>();
  let queued = 0;
  let queuedBytes = 0;
  let inFlight = 0;
  let inFlightCount = 0;
  let onIdle: (() => void)[] = [];
  // Any slot is right, another one per writer is only faster.
  const firstSlot = Math.floor(Math.random() * 1_000) * 16;
  const freeSlots = Array.from({ length: limits.writers }, (_, index) => firstSlot + index);
  /** Writers that begin with the next turn of the event loop. */
  const beginning: { slot: number; immediate: NodeJS.Immediate }[] = [];

  /**
   * Each connection may have as many waiting as there is room left: one that floods fills half of the inbox, two a third
   * each, and there is always room for those that do not.
   */
  function findExcess(connectionId: string, bytes: number): Excess | undefined {
    const line = lines.get(connectionId);
    const ofConnection = line ? line.waiting.length - line.head : 0;
    if (ofConnection > 0 && ofConnection >= limits.mostPending - queued) return "connection";
    if (line && line.bytes + bytes > limits.mostPendingBytes - queuedBytes) return "connection";
    return queued >= limits.mostPending || queuedBytes + bytes > limits.mostPendingBytes ? "all" : undefined;
  }

  function enqueue(waiting: Waiting): void {
    const { connectionId, body } = waiting.arrival;
    let line = lines.get(connectionId);
    if (!line) {
      line = { waiting: [], head: 0, bytes: 0 };
      lines.set(connectionId, line);
    }
    line.waiting.push(waiting);
    line.bytes += body.length;
    queued += 1;
    queuedBytes += body.length;
  }

  /** In turns, one of each connection: who sends little does not wait behind who floods. */
  function takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    // A line that is put back at the end comes round again in the same loop.
    for (const [connectionId, line] of lines) {
      const next = line.waiting[line.head]!;
      const size = next.arrival.body.length;
      if (batch.length > 0 && bytes + size > limits.mostBytesInBatch) break;
      batch.push(next);
      bytes += size;
      line.head += 1;
      line.bytes -= size;
      lines.delete(connectionId);
      if (line.head < line.waiting.length) lines.set(connectionId, dropHead(line));
      if (batch.length === limits.mostInBatch) break;
    }
    queued -= batch.length;
    queuedBytes -= bytes;
    return batch;
  }

  async function writeBatches(slot: number): Promise<void> {
    inFlight += 1;
    while (queued > 0) {
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

  function beginWriting(): void {
    const isNobodyWriting = freeSlots.length === limits.writers;
    if (isNobodyWriting || (freeSlots.length > 0 && queued >= limits.worthAnotherWriter)) {
      const slot = freeSlots.pop()!;
      // The requests that this turn of the event loop brings go together.
      const immediate = setImmediate(() => {
        beginning.splice(
          beginning.findIndex((one) => one.slot === slot),
          1,
        );
        void writeBatches(slot);
      });
      beginning.push({ slot, immediate });
    }
    // A turn of the event loop takes up to 49,000 events when thousands of connections are busy: seconds.
    if (queued < limits.mostInBatch || beginning.length === 0) return;
    const { slot, immediate } = beginning.shift()!;
    clearImmediate(immediate);
    void writeBatches(slot);
  }

  return {
    append(arrival) {
      const excess = findExcess(arrival.connectionId, arrival.body.length);
      if (excess) return Promise.reject(new InboxFullError(excess));
      return new Promise((resolve, reject) => {
        enqueue({ arrival, resolve, reject });
        beginWriting();
      });
    },
    findExcess,
    pending: () => queued + inFlightCount,
    drain: () => (inFlight === 0 && queued === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
  };
}

/** What has been taken out of a line is let go of from time to time, not each time. */
function dropHead(line: Line): Line {
  if (line.head < 1_000) return line;
  line.waiting = line.waiting.slice(line.head);
  line.head = 0;
  return line;
}

/**
 * One statement, so one round trip and one commit. What differs from row to row goes as arrays; what most rows of a
 * batch share (connection, state, headers) goes once, as a profile that rows point to; the bodies go end to end as one
 * bytea, without escaping or hex, and are cut apart by offset in the server. `npm run bench:ingest` compares this with
 * one JSON parameter for everything and with unnest over all columns; its results are in bench/results/.
 */
const appendSql = `with profiles as (
    select * from json_to_recordset($1::json) as p(i int, w uuid, c uuid, g bool, s text, r text, x text, e text, k bool, h text)
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
      x: one.detail,
      e: one.endpoint,
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
