// What waits to be written, while the database takes its time: its table is locked, as long as a test needs.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createPlace, type Place } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import type { Tx } from "../../platform/database/pool.ts";
import { createUuid } from "../../platform/uuid.ts";
import { type Arrival, createInbox, type Inbox, type InboxLimits } from "./append-deliveries.ts";

let database: TestDatabase;
let flooding: Place;
let modest: Place;
let lock: Tx;
beforeAll(async () => {
  database = await createTestDatabase();
  flooding = await createPlace(database.pool);
  modest = await createPlace(database.pool, flooding);
});
afterAll(() => database.drop());
beforeEach(async () => {
  lock = await database.pool.connect();
  await lock.query("begin");
  await lock.query("lock table deliveries in exclusive mode");
});

async function unlock(): Promise<void> {
  await lock.query("commit");
  lock.release();
}

function open(limits: Partial<InboxLimits> = {}): Inbox {
  return createInbox({ database: database.pool, onAppended: () => {}, limits });
}

function arrive(place: Place, body = "{}"): Arrival {
  const receivedAt = new Date();
  return {
    ...place,
    deliveryId: createUuid(receivedAt.getTime()),
    receivedAt,
    headers: "{}",
    body: Buffer.from(body),
    size: body.length,
    signed: true,
    state: "waiting",
    reason: null,
    detail: null,
    endpoint: null,
    isKept: true,
  };
}

/** Lets the writers begin: what they have taken does not wait any more. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("who sends little is in the next batch, however much of another waits before", async () => {
  const inbox = open({ writers: 1, mostInBatch: 10 });
  const done: string[] = [];
  const append = (place: Place, name: string) => inbox.append(arrive(place)).then(() => done.push(name));
  const all = Array.from({ length: 100 }, (_, index) => append(flooding, `flood ${index}`));
  await turn();
  all.push(append(modest, "modest"));
  await unlock();
  await Promise.all(all);
  expect(done.indexOf("modest")).toBeLessThan(20);
  expect(done.filter((name) => name !== "modest")).toEqual(Array.from({ length: 100 }, (_, index) => `flood ${index}`));
});

test("a connection may have as many waiting as there is room left, so that there is always room for others", async () => {
  const inbox = open({ writers: 1, mostInBatch: 1, mostPending: 10 });
  const taken: Promise<void>[] = [inbox.append(arrive(flooding))];
  await turn();
  const fill = async (place: Place) => {
    let count = 0;
    while (inbox.findExcess(place.connectionId, 2) === undefined) {
      taken.push(inbox.append(arrive(place)));
      count += 1;
    }
    await expect(inbox.append(arrive(place))).rejects.toMatchObject({ scope: "connection" });
    return count;
  };
  expect(await fill(flooding)).toBe(5);
  expect(await fill(modest)).toBe(3);
  await unlock();
  await Promise.all(taken);
  expect(inbox.pending()).toBe(0);
});

test("the same goes for bytes: large bodies of one connection leave room for another's", async () => {
  const inbox = open({ writers: 1, mostInBatch: 1, mostPendingBytes: 10_000 });
  const large = "x".repeat(1_000);
  const taken: Promise<void>[] = [inbox.append(arrive(flooding))];
  await turn();
  while (inbox.findExcess(flooding.connectionId, large.length) === undefined)
    taken.push(inbox.append(arrive(flooding, large)));
  expect(taken).toHaveLength(6);
  await expect(inbox.append(arrive(flooding, large))).rejects.toMatchObject({ scope: "connection" });
  taken.push(inbox.append(arrive(modest, large)));
  await expect(inbox.append(arrive(modest, "x".repeat(9_000)))).rejects.toMatchObject({ scope: "connection" });
  await unlock();
  await Promise.all(taken);
});

test("a full batch is written at once, also in a turn of the event loop that takes long", async () => {
  await unlock();
  const inbox = open({ mostInBatch: 10 });
  const appended = Promise.all(Array.from({ length: 10 }, () => inbox.append(arrive(flooding))));
  let isTurnOver = false;
  setImmediate(() => {
    isTurnOver = true;
  });
  // Taken out of the line already, before the turn is over.
  expect(inbox.findExcess(flooding.connectionId, 64 * 1024 * 1024)).toBeUndefined();
  expect(isTurnOver).toBe(false);
  await appended;
});
