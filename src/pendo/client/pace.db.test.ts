// Two processes, as far as the pace is concerned: each has its own pool and its own line, and they share only the database.

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startPendoSimulator } from "../../../simulator/api/start-pendo-simulator.ts";
import { catchPendoError, createTestPendoClient } from "../../../test/support/pendo-client.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../../test/support/test-database.ts";
import { commandLine } from "../../commands/command.ts";
import { createPool, type DatabasePool } from "../../platform/database/pool.ts";
import { createSecretBox } from "../../platform/secret-box.ts";
import { createConnection } from "../../settings/connections.ts";
import { createPace } from "./pace.ts";
import type { PaceOf } from "./pendo-paces-table.ts";

let database: TestDatabase;
let pools: DatabasePool[];
let of: PaceOf;
const never = new AbortController().signal;
const long = 60_000;

beforeAll(async () => {
  database = await createTestDatabase();
  pools = [1, 2].map(() => createPool(database.settings, { max: 3, name: "tests", log: silentLog }));
});
afterAll(async () => {
  for (const pool of pools) await pool.end();
  await database.drop();
});
beforeEach(async () => {
  of = await connect();
});

async function connect(): Promise<PaceOf> {
  const settings = {
    database: database.pool,
    secretBox: createSecretBox(Buffer.alloc(32)),
    publicUrl: "",
    clock: () => new Date(),
    author: commandLine,
  };
  const { workspaceId, id } = await createConnection(settings, { name: "Pendo" });
  return { workspaceId, connectionId: id };
}

const paces = (intervalMs: number, connection = of) => pools.map((pool) => createPace(pool, connection, intervalMs));

test("all processes together take one turn per interval, whoever is faster", async () => {
  const taken: number[] = [];
  const takeMany = async (pace: ReturnType<typeof createPace>, count: number) => {
    for (let turn = 0; turn < count; turn += 1) {
      await pace.takeTurn(never, long);
      taken.push(performance.now());
    }
  };
  const [one, other] = paces(100);
  const startedAt = performance.now();
  // Two in each process, so that there is a line in front of the line.
  await Promise.all([takeMany(one!, 5), takeMany(one!, 5), takeMany(other!, 5), takeMany(other!, 5)]);
  expect(taken).toHaveLength(20);
  // The database's clock and ours meet only through messages, whose travel differs by some milliseconds.
  expect(taken.at(-1)! - startedAt).toBeGreaterThan(19 * 100 - 50);
  const gaps = taken.slice(1).map((at, place) => at - taken[place]!);
  expect(gaps.filter((gap) => gap < 50)).toEqual([]);
});

test("connections do not wait for each other", async () => {
  const others = await connect();
  const [mine] = paces(60_000);
  const [theirs] = paces(60_000, others);
  await mine!.takeTurn(never, long);
  await theirs!.takeTurn(never, long);
  const error = await catchPendoError(mine!.takeTurn(never, 1_000));
  expect(error).toMatchObject({ trouble: "rate-limited", message: expect.stringMatching(/for (59|60) more seconds/) });
  expect(error.retryAfterMs).toBeGreaterThan(50_000);
});

test("when one is told to wait, all wait, also who has stood in line before; a shorter wait does not end a longer one", async () => {
  const [one, other] = paces(300);
  await one!.takeTurn(never, long);
  const startedAt = performance.now();
  const waiting = other!.takeTurn(never, long);
  await one!.delay(900);
  await one!.delay(50);
  await waiting;
  expect(performance.now() - startedAt).toBeGreaterThan(850);
});

test("who stops while waiting takes no turn, and those behind go on", async () => {
  const [one] = paces(400);
  await one!.takeTurn(never, long);
  const stopping = new AbortController();
  const leaving = catchPendoError(one!.takeTurn(stopping.signal, long));
  const staying = one!.takeTurn(never, long);
  stopping.abort();
  expect(await leaving).toMatchObject({ trouble: "stopped" });
  const startedAt = performance.now();
  await staying;
  expect(performance.now() - startedAt).toBeLessThan(600);
});

test("unless told otherwise, less than one request a second", async () => {
  const pace = createPace(pools[0]!, of);
  await pace.takeTurn(never, long);
  const startedAt = performance.now();
  await createPace(pools[1]!, of).takeTurn(never, long);
  expect(performance.now() - startedAt).toBeGreaterThan(1_000);
});

test("a 429 that one client meets keeps the other one back as well", async () => {
  const simulator = await startPendoSimulator({ seed: "7", count: 50 });
  const [one, other] = paces(20).map((pace) => createTestPendoClient(simulator, { pace }));
  simulator.faults.set([{ fault: 429, times: 1, milliseconds: 2_000 }]);
  await catchPendoError(one!.verifyToken());
  await other!.verifyToken();
  const [refused, taken] = simulator.requests.last();
  expect([refused!.status, taken!.status]).toEqual([429, 200]);
  expect(taken!.at - refused!.at).toBeGreaterThan(1_900);
  for (const client of [one!, other!]) await client.stop();
  await simulator.stop();
});
