import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { appendBodies, createPlace, createWorkspace, type Place } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import type { Tx } from "../../platform/database/pool.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import {
  claimDeliveries,
  claimGivenDeliveries,
  findNextWaitingWorkspace,
  readConnectionRules,
} from "./claim-queries.ts";

let database: TestDatabase;
let place: Place;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query("truncate deliveries, delivery_bodies");
  place = await createPlace(database.pool);
});

const now = () => new Date();
const idsOf = (claimed: readonly { deliveryId: string }[]) => claimed.map((one) => one.deliveryId);

/** Runs `work` in a transaction and undoes it. */
async function withRollback<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  try {
    await client.query("begin");
    return await work(client);
  } finally {
    await client.query("rollback");
    client.release();
  }
}

describe("claiming", () => {
  test("takes the oldest first, so many, and of this workspace only", async () => {
    const ids = await appendBodies(database.pool, place, ["{}", "{}", "{}", "{}"]);
    await appendBodies(database.pool, await createPlace(database.pool), ["{}"]);
    const claimed = await withRollback((tx) => claimDeliveries(tx, place.workspaceId, 3, now()));
    expect(idsOf(claimed)).toEqual(ids.slice(0, 3));
    expect(claimed[0]).toMatchObject({
      deliveryId: ids[0],
      connectionId: place.connectionId,
      receivedAt: expect.any(Date),
      attempts: 0,
      body: "{}",
    });
  });

  test("takes what waits and is due, nothing else", async () => {
    const ids = await appendBodies(database.pool, place, Array(8).fill("{}"));
    const states = ["recorded", "duplicate", "filtered", "held", "parked", "failed", "refused"];
    for (const [index, state] of states.entries())
      await database.pool.query("update deliveries set state = $2 where delivery_id = $1", [ids[index], state]);
    const [later] = await appendBodies(database.pool, place, ["{}"]);
    const at = now();
    await database.pool.query("update deliveries set try_at = $2 where delivery_id = $1", [
      later,
      new Date(at.getTime() + 1),
    ]);
    const claim = (when: Date) => withRollback((tx) => claimDeliveries(tx, place.workspaceId, 100, when));
    expect(idsOf(await claim(at))).toEqual([ids[7]]);
    expect(idsOf(await claim(new Date(at.getTime() + 1)))).toEqual([ids[7], later]);
  });

  test("two who claim at once never get the same one, and one that dies gives its own back", async () => {
    const ids = await appendBodies(database.pool, place, Array(10).fill("{}"));
    const taken = await withRollback(async (first) => {
      const one = idsOf(await claimDeliveries(first, place.workspaceId, 4, now()));
      const other = await inTransaction(database.pool, (tx) => claimDeliveries(tx, place.workspaceId, 100, now()));
      const given = await inTransaction(database.pool, (tx) => claimGivenDeliveries(tx, place.workspaceId, ids));
      return [one, idsOf(other), idsOf(given)];
    });
    expect(taken).toEqual([ids.slice(0, 4), ids.slice(4), ids.slice(4)]);
    expect(idsOf(await withRollback((tx) => claimDeliveries(tx, place.workspaceId, 100, now())))).toEqual(ids);
  });

  test("given ones are claimed in their order, where they wait and are of this workspace", async () => {
    const ids = await appendBodies(database.pool, place, ["{}", "{}", "{}"]);
    const [foreign] = await appendBodies(database.pool, await createPlace(database.pool), ["{}"]);
    await database.pool.query("update deliveries set state = 'recorded' where delivery_id = $1", [ids[1]]);
    const claimed = await withRollback((tx) =>
      claimGivenDeliveries(tx, place.workspaceId, [ids[2]!, foreign!, ids[1]!, ids[0]!]),
    );
    expect(idsOf(claimed)).toEqual([ids[0], ids[2]]);
  });

  test.each<[string, string | Buffer, string]>([
    ["text", '{"a":"ä😀\\u0000"}', '{"a":"ä😀\\u0000"}'],
    ["nothing", "", ""],
    ["backslashes and quotes", '{"a":"\\\\x41\\"\'"}', '{"a":"\\\\x41\\"\'"}'],
    ["half a megabyte", `{"a":"${"x".repeat(500_000)}"}`, `{"a":"${"x".repeat(500_000)}"}`],
    ["bytes that are no text, and so no JSON", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), ""],
    ["a raw U+0000, which no JSON has either", "\0", ""],
  ])("the body comes as it was sent: %s", async (_name, body, expected) => {
    const [before, id, after] = await appendBodies(database.pool, place, ["{}", body, "{}"]);
    const claimed = await withRollback((tx) => claimDeliveries(tx, place.workspaceId, 100, now()));
    expect(idsOf(claimed)).toEqual([before, id, after]);
    expect(claimed.map((one) => one.body)).toEqual(["{}", expected, "{}"]);
  });

  test("large bodies come a few at a time, and one of any size comes", async () => {
    const large = `{"a":"${"x".repeat(400 * 1024)}"}`;
    const ids = await appendBodies(database.pool, place, [
      ...Array(6).fill(large),
      "{}",
      `[${Array(5).fill(large)}]`,
      "{}",
    ]);
    const batches: string[][] = [];
    for (let batch = -1; batch !== 0; batch = batches.at(-1)!.length) {
      const claimed = await inTransaction(database.pool, async (tx) => {
        const taken = idsOf(await claimDeliveries(tx, place.workspaceId, 100, now()));
        await tx.query("update deliveries set state = 'recorded' where delivery_id = any($1)", [taken]);
        return taken;
      });
      batches.push(claimed);
    }
    expect(batches).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4, 7), ids.slice(7, 8), ids.slice(8), []]);
  });

  test("a body that has been deleted is said to be so", async () => {
    const [id] = await appendBodies(database.pool, place, ["{}"]);
    await database.pool.query("delete from delivery_bodies where delivery_id = $1", [id]);
    expect(await withRollback((tx) => claimDeliveries(tx, place.workspaceId, 1, now()))).toMatchObject([
      { deliveryId: id, body: undefined },
    ]);
  });
});

describe("the next workspace", () => {
  test("goes round those that have something waiting and due, in the order of their ids", async () => {
    const places = [
      place,
      await createPlace(database.pool),
      await createPlace(database.pool),
      await createPlace(database.pool),
    ];
    const ids = places.map((one) => one.workspaceId);
    await createWorkspace(database.pool);
    for (const index of [2, 0, 0, 3]) await appendBodies(database.pool, places[index]!, ["{}"]);
    await database.pool.query("update deliveries set try_at = $2 where workspace_id = $1", [
      ids[3],
      new Date(Date.now() + 60_000),
    ]);
    const next = (after: string | undefined, when = now()) => findNextWaitingWorkspace(database.pool, after, when);
    expect(await next(undefined)).toBe(ids[0]);
    expect(await next(ids[0])).toBe(ids[2]);
    expect(await next(ids[2])).toBeUndefined();
    expect(await next(ids[2], new Date(Date.now() + 120_000))).toBe(ids[3]);
  });

  test("is none where nothing waits", async () => {
    expect(await findNextWaitingWorkspace(database.pool, undefined, now())).toBeUndefined();
  });
});

test("the rules of connections are read as they are set, for this workspace only", async () => {
  const rules = {
    isOn: false,
    missingRecords: "link",
    filteredKinds: ["ping"],
    recordedKinds: ["pageLoaded"],
    anonymousVisitors: "filter",
  } as const;
  const mapping = { userIdFrom: "agent.email", accountIdFrom: "crm_id", level: "organization" } as const;
  const other = await createPlace(database.pool, { workspaceId: place.workspaceId, rules, mapping });
  const foreign = await createPlace(database.pool);
  const found = await readConnectionRules(database.pool, place.workspaceId, [
    place.connectionId,
    other.connectionId,
    foreign.connectionId,
  ]);
  expect(Object.fromEntries(found)).toEqual({
    [place.connectionId]: {
      connectionId: place.connectionId,
      kind: "pendo",
      isOn: true,
      missingRecords: "create",
      filteredKinds: [],
      recordedKinds: [],
      anonymousVisitors: "record",
      mapping: { version: 1, userIdFrom: null, accountIdFrom: null, level: "account" },
    },
    [other.connectionId]: {
      connectionId: other.connectionId,
      kind: "pendo",
      mapping: { version: 1, ...mapping },
      ...rules,
    },
  });
});
