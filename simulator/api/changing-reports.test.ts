// What somebody does to reports in Pendo between two runs, and answers that are not as they should be.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Json } from "../world/types.ts";
import { type PendoSimulator, startPendoSimulator } from "./start-pendo-simulator.ts";
import { type Ask, createAsk } from "./testing/ask.ts";

const now = Date.UTC(2026, 10, 20, 15) / 1000;
let simulator: PendoSimulator;
let ask: Ask;

beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", now, days: 10, count: 500, isClockRunning: false });
  ask = createAsk(simulator);
});
afterAll(() => simulator.stop());

const find = (name: string) => simulator.reports.list().find((report) => report.name === name)!;
const change = async (name: string, body: Json) => (await ask(`/simulator/reports/${find(name).id}`, { body })).status;
const run = (name: string, format = "json") => ask(`/api/v1/report/${find(name).id}/results.${format}`);
const isListed = async (name: string) =>
  (await ask("/api/v1/report")).json.find((report: { name: string }) => report.name === name);

test("a report is deleted, and comes back", async () => {
  expect(await change("Account health", { isDeleted: true })).toBe(200);
  expect(await isListed("Account health")).toBe(undefined);
  expect((await run("Account health")).status).toBe(404);
  expect((await run("Account health", "csv")).status).toBe(404);
  await change("Account health", { isDeleted: false });
  expect((await run("Account health")).status).toBe(200);
});

test("a report is no longer shared, or becomes so", async () => {
  await change("Account health", { isShared: false });
  expect((await isListed("Account health")).shared).toBe(false);
  expect((await run("Account health")).status).toBe(404);
  await change("Account health", { isShared: true });
  await change("My own accounts", { isShared: true });
  expect((await run("My own accounts")).json).toHaveLength(10);
});

test("a column goes, and leaves the others as they were", async () => {
  const before = (await run("Visitor activity")).json;
  await change("Visitor activity", { withoutColumns: ["role", "numMinutes"] });
  const expected = before.map(({ role: _role, numMinutes: _minutes, ...rest }: Record<string, Json>) => rest);
  expect((await run("Visitor activity")).json).toEqual(expected);
  expect((await run("Visitor activity", "csv")).text.split("\r\n")[0]).not.toContain("role");
  const { aggregation } = await isListed("Visitor activity");
  expect(aggregation.fields.map(({ field }: { field: string }) => field)).toEqual(Object.keys(expected[0]));
  await change("Visitor activity", { withoutColumns: [] });
  expect((await run("Visitor activity")).json).toEqual(before);
});

test("most rows go, or all", async () => {
  const before = (await run("Ten thousand visitors")).json;
  await change("Ten thousand visitors", { share: 0.4 });
  expect((await run("Ten thousand visitors")).json).toEqual(before.slice(0, 4_000));
  await change("Ten thousand visitors", { share: 0 });
  expect((await run("Ten thousand visitors")).json).toEqual([]);
  await change("Ten thousand visitors", { share: 1 });
  expect((await run("Ten thousand visitors")).json).toEqual(before);
});

test("rows of somebody's choice, in a report of its own or instead of another's", async () => {
  const rows = [
    { accountId: "a", seats: 3 },
    { accountId: "b", plan: 'with "quotes"', seats: null },
  ];
  const { json: made } = await ask("/simulator/reports", { body: { name: "Seats", level: "account", rows } });
  expect(made).toMatchObject({ name: "Seats", level: "account", type: "Account Report", size: 2, version: 1 });
  expect(await isListed("Seats")).toMatchObject({ id: made.id, shared: true, level: "account" });
  expect((await run("Seats")).json).toEqual(rows);
  expect((await run("Seats", "csv")).text).toBe('accountId,seats,plan\r\na,3,\r\nb,,"with ""quotes"""\r\n');
  const own = (await run("Accounts at a glance")).json;
  await change("Accounts at a glance", { rows: [...rows, ...rows], withoutColumns: ["plan"], share: 0.5 });
  expect((await run("Accounts at a glance")).json).toEqual([rows[0], { accountId: "b", seats: null }]);
  await change("Accounts at a glance", { rows: null, withoutColumns: [], share: 1 });
  expect((await run("Accounts at a glance")).json).toEqual(own);
  const twice = simulator.reports.create({ name: "Seats", level: "visitor", rows: [] });
  expect(twice.id).not.toBe(made.id);
});

test("a list may come in an object, or only CSV", async () => {
  const rows = (await run("Wide")).json;
  for (const shape of ["results", "rows"]) {
    await change("Wide", { shape });
    expect((await run("Wide")).json).toEqual({ [shape]: rows });
    await change("Nobody yet", { shape });
    expect((await run("Nobody yet")).json).toEqual({ [shape]: null });
  }
  await change("Wide", { shape: "csv" });
  expect((await run("Wide")).status).toBe(406);
  expect((await run("Wide", "csv")).status).toBe(200);
  await change("Wide", { shape: "list" });
});

test("it is said when a report was run last", async () => {
  const before = (await isListed("Mixed types")).lastRunAt;
  expect(before).toBeLessThan(now * 1000);
  await run("Mixed types");
  expect((await isListed("Mixed types")).lastRunAt).toBe(now * 1000);
});

test("what cannot be done is refused", async () => {
  for (const body of [[], { share: 2 }, { rows: [1] }, { shape: "xml" }, { isDeleted: "yes" }, { __proto__x: 1 }])
    expect(await change("Wide", body as Json), JSON.stringify(body)).toBe(400);
  expect((await ask("/simulator/reports/nobody", { body: {} })).status).toBe(404);
  for (const body of [[], { name: "x", level: "planet", rows: [] }, { name: "x", level: "account" }])
    expect((await ask("/simulator/reports", { body: body as Json })).status).toBe(400);
});

test("an answer breaks off or stalls where it is told to", async () => {
  const path = `/api/v1/report/${find("Ten thousand visitors").id}/results.json`;
  const whole = Buffer.byteLength((await ask(path)).text);
  for (const bytes of [0, 1, 300_000, whole - 1]) {
    simulator.faults.set([{ fault: "cut", times: 1, bytes }]);
    expect(await readUntilSilent(path), String(bytes)).toEqual({ bytes, isBroken: true });
    simulator.faults.set([{ fault: "stall", times: 1, bytes }]);
    expect(await readUntilSilent(path), String(bytes)).toEqual({ bytes, isBroken: false });
  }
  simulator.faults.set([{ fault: "cut", times: 1, bytes: whole }]);
  expect((await ask(path)).json).toHaveLength(10_000);
});

/** Ends where nothing more comes for a while. */
async function readUntilSilent(path: string): Promise<{ bytes: number; isBroken: boolean }> {
  const ending = new AbortController();
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ending.abort(), 500);
  };
  try {
    const headers = { "x-pendo-integration-key": simulator.integrationKey };
    const response = await fetch(`${simulator.url}${path}`, { headers, signal: ending.signal });
    wait();
    for await (const chunk of response.body!) {
      bytes += chunk.length;
      wait();
    }
    throw new Error("it came to its end");
  } catch (error) {
    return { bytes, isBroken: (error as Error).name !== "AbortError" };
  } finally {
    clearTimeout(timer);
  }
}

test("an answer comes in drops", async () => {
  simulator.faults.set([{ fault: "trickle", times: 1, milliseconds: 30 }]);
  const startedAt = performance.now();
  const { json, text } = await run("Ten thousand visitors");
  expect(json).toHaveLength(10_000);
  const pauses = Math.floor(text.length / 70_000);
  expect(performance.now() - startedAt).toBeGreaterThan(pauses * 29);
});
