import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { appendBodies, createPlace, type Place } from "../../test/support/inbox.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { createWorker, type Worker, type WorkerOptions } from "./work-inbox.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  // The database itself refuses one event, as it would a value that nobody thought of.
  await database.pool.query("alter table events add constraint no_poison check (name <> 'poison')");
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query("truncate deliveries, delivery_bodies, events");
});

function createTestWorker(given: Partial<WorkerOptions> = {}): Worker {
  return createWorker({
    database: database.pool,
    log: silentLog,
    clock: () => new Date(),
    batchSize: 20,
    onSettled: () => {},
    awaitTurn: async () => {},
    ...given,
  });
}

let count = 0;
const createBodies = (length: number, name = "Signed In") =>
  Array.from({ length }, () => {
    count += 1;
    return {
      event: "trackEventReceived",
      properties: { name },
      visitorId: "u-1",
      timestamp: 1_700_000_000,
      uniqueId: `${count}`,
    };
  });

/** How many deliveries of each workspace are in each state. */
async function countStates(places: readonly Place[]): Promise<Record<string, number>[]> {
  const { rows } = await database.pool.query(
    "select workspace_id, state, count(*) as n from deliveries group by 1, 2 order by 1, 2",
  );
  return places.map(({ workspaceId }) =>
    Object.fromEntries(rows.filter((row) => row.workspace_id === workspaceId).map((row) => [row.state, row.n])),
  );
}

const createPlaces = async (length: number) => {
  const places: Place[] = [];
  for (let made = 0; made < length; made += 1) places.push(await createPlace(database.pool));
  return places;
};

describe("each workspace gets its turn", () => {
  test("one that floods, and comes first, does not keep the others waiting", async () => {
    const places = await createPlaces(4);
    const [flood, ...others] = places;
    await appendBodies(database.pool, flood!, createBodies(200));
    for (const other of others) await appendBodies(database.pool, other, createBodies(3));
    const settled: number[] = [];
    let afterFirstRound: Record<string, number>[] = [];
    const worker = createTestWorker({
      onSettled: (many) => settled.push(many),
      async awaitTurn() {
        if (settled.length === 4) afterFirstRound = await countStates(places);
      },
    });
    expect(await worker.settleAll()).toBe(209);
    expect(settled).toEqual([20, 3, 3, 3, ...Array(9).fill(20)]);
    expect(afterFirstRound).toEqual([
      { recorded: 20, waiting: 180 },
      { recorded: 3 },
      { recorded: 3 },
      { recorded: 3 },
    ]);
  });

  test("what comes in for one during a round is worked off in the next, after the others", async () => {
    const places = await createPlaces(2);
    for (const one of places) await appendBodies(database.pool, one, createBodies(1));
    const turns: number[] = [];
    const worker = createTestWorker({
      onSettled: (many) => turns.push(many),
      async awaitTurn() {
        if (turns.length === 1) await appendBodies(database.pool, places[0]!, createBodies(5));
      },
    });
    await worker.settleAll();
    expect(turns).toEqual([1, 1, 5]);
  });

  test("several workers share the work, and record each thing once", async () => {
    const places = await createPlaces(3);
    for (const one of places) await appendBodies(database.pool, one, createBodies(150));
    const settled = await Promise.all(Array.from({ length: 4 }, () => createTestWorker().settleAll()));
    // A worker is done when it finds nothing that no other one holds; the last of them leaves nothing.
    await createTestWorker().settleAll();
    expect(settled.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(450);
    expect(await countStates(places)).toEqual(Array(3).fill({ recorded: 150 }));
    const { rows } = await database.pool.query(
      "select count(*) as n, count(distinct delivery_id) as different from events",
    );
    expect(rows).toEqual([{ n: 450, different: 450 }]);
  });
});

describe("poison", () => {
  test("is found among its neighbours, fails alone with its reason, and they are recorded", async () => {
    const places = await createPlaces(2);
    const bodies = [
      ...createBodies(7),
      ...createBodies(1, "poison"),
      ...createBodies(11),
      ...createBodies(1, "poison"),
    ];
    await appendBodies(database.pool, places[0]!, bodies);
    await appendBodies(database.pool, places[1]!, createBodies(2));
    expect(await createTestWorker().settleAll()).toBe(22);
    expect(await countStates(places)).toEqual([{ failed: 2, recorded: 18 }, { recorded: 2 }]);
    const { rows } = await database.pool.query("select reason, detail from deliveries where state = 'failed'");
    expect(rows).toEqual(Array(2).fill({ reason: "not-recordable", detail: expect.stringContaining("no_poison") }));
  });

  test("bodies that are no JSON, or no text at all, are refused, and their neighbours recorded", async () => {
    const [one] = await createPlaces(1);
    await appendBodies(database.pool, one!, [
      ...createBodies(1),
      "{",
      Buffer.from([0xff]),
      "\0",
      `{"event":"pollSubmitted","properties":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`,
      ...createBodies(1),
    ]);
    await createTestWorker().settleAll();
    expect(await countStates([one!])).toEqual([{ failed: 1, recorded: 2, refused: 3 }]);
  });

  test("a workspace that cannot be worked off at all does not keep the others waiting", async () => {
    const places = await createPlaces(3);
    await appendBodies(database.pool, places[0]!, createBodies(1, "poison"));
    await appendBodies(database.pool, places[1]!, createBodies(1, "poison"));
    await appendBodies(database.pool, places[2]!, createBodies(2));
    await database.pool.query(
      `alter table deliveries add constraint no_failure check (state <> 'failed' or workspace_id <> '${places[0]!.workspaceId}')`,
    );
    try {
      await expect(createTestWorker().settleAll()).rejects.toThrow("no_failure");
      expect(await countStates(places)).toEqual([{ waiting: 1 }, { failed: 1 }, { recorded: 2 }]);
      // One that runs goes on at once with the others, however often the first one fails.
      let settled = 0;
      const worker = createTestWorker({ onSettled: (many) => (settled += many) });
      const start = performance.now();
      worker.start();
      for (let round = 1; round <= 3; round += 1) {
        await appendBodies(database.pool, places[2]!, createBodies(1));
        worker.wake();
        while (settled < round) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(performance.now() - start).toBeLessThan(3_000);
      await worker.stop();
    } finally {
      await database.pool.query("alter table deliveries drop constraint no_failure");
    }
    await createTestWorker().settleAll();
    expect(await countStates(places)).toEqual([{ failed: 1 }, { failed: 1 }, { recorded: 5 }]);
  });
});

test("a worker that runs is woken, and stops when it is told to", async () => {
  const [one] = await createPlaces(1);
  let notice: (() => void) | undefined;
  const worker = createTestWorker({ onSettled: () => notice?.() });
  worker.start();
  const settled = new Promise<void>((resolve) => {
    notice = resolve;
  });
  await appendBodies(database.pool, one!, createBodies(1));
  worker.wake();
  await settled;
  await worker.stop();
  await appendBodies(database.pool, one!, createBodies(1));
  worker.wake();
  expect(await worker.settleAll()).toBe(0);
  expect(await countStates([one!])).toEqual([{ recorded: 1, waiting: 1 }]);
});
