import { request } from "node:http";
import { afterEach, expect, test } from "vitest";
import { createFaults } from "./http/faults.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import { parseFaults } from "./parse-faults.ts";
import { type PendoSimulator, type PendoSimulatorOptions, startPendoSimulator } from "./start-pendo-simulator.ts";
import { type Ask, createAsk } from "./testing/ask.ts";

let simulator: PendoSimulator | undefined;
afterEach(async () => {
  await simulator?.stop();
  simulator = undefined;
});

async function start(options: PendoSimulatorOptions): Promise<Ask> {
  simulator = await startPendoSimulator({ seed: "7", count: 200, ...options });
  return createAsk(simulator);
}

test("faults are read from the command line", () => {
  expect(parseFaults("429:0.1:30s, 500:0.05,slow:0.02:10s,cut:0.01,403:0.1")).toEqual([
    { fault: 429, share: 0.1, milliseconds: 30_000 },
    { fault: 500, share: 0.05 },
    { fault: "slow", share: 0.02, milliseconds: 10_000 },
    { fault: "cut", share: 0.01 },
    { fault: 403, share: 0.1 },
  ]);
  expect(parseFaults("hang")).toEqual([{ fault: "hang", share: 1 }]);
  for (const text of [
    "",
    "200:0.1",
    "600:0.1",
    "nosuch:0.1",
    "500:2",
    "500:-1",
    "500:x",
    "500:0.1:soon",
    "500:0.7,403:0.7",
  ])
    expect(parseFaults(text), text).toEqual(expect.any(String));
});

test("faults come as often as they should, and in the same places for the same seed", () => {
  const draw = (seed: string) => {
    const faults = createFaults(seed, [
      { fault: 429, share: 0.1 },
      { fault: 500, share: 0.05 },
      { fault: "cut", share: 0.01, route: "report" },
    ]);
    return Array.from({ length: 10_000 }, () => faults.choose("/api/v1/aggregation")?.fault ?? "none");
  };
  const drawn = draw("7");
  const count = (fault: number | string) => drawn.filter((one) => one === fault).length;
  expect(count(429)).toBeGreaterThan(900);
  expect(count(429)).toBeLessThan(1100);
  expect(count(500)).toBeGreaterThan(400);
  expect(count(500)).toBeLessThan(600);
  expect(count("cut")).toBe(0);
  expect(draw("7")).toEqual(drawn);
  expect(draw("8")).not.toEqual(drawn);
});

test("a limit allows so many a second, and says when the next may come", () => {
  let now = 0;
  const limit = createRateLimit(2, () => now);
  expect([limit(), limit(), limit()]).toEqual([0, 0, 0.5]);
  now += 250;
  expect(limit()).toBe(0.25);
  now += 250;
  expect([limit(), limit() > 0]).toEqual([0, true]);
  now += 60_000;
  expect([limit(), limit(), limit() > 0]).toEqual([0, 0, true]);
  const slow = createRateLimit(0.5, () => now);
  expect([slow(), slow()]).toEqual([0, 2]);
  expect(
    Array.from(
      { length: 100 },
      createRateLimit(0, () => now),
    ),
  ).toEqual(Array.from({ length: 100 }, () => 0));
});

const verify = "/api/v1/token/verify";

test("beyond the limit: 429, and when to come back", async () => {
  const ask = await start({ rateLimit: 1 });
  expect((await ask(verify)).status).toBe(200);
  const refused = await ask(verify);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  // A stranger uses nothing up, and to steer needs no limit.
  expect((await ask(verify, { key: null })).status).toBe(403);
  expect((await ask("/simulator/requests")).status).toBe(200);
});

test("the next few requests of a route fail, then no more", async () => {
  const ask = await start({});
  await ask("/simulator/faults", { body: [{ fault: 500, times: 2, route: "token" }] });
  expect((await ask("/api/v1/guide")).status).toBe(200);
  expect([(await ask(verify)).status, (await ask(verify)).status, (await ask(verify)).status]).toEqual([500, 500, 200]);
  expect((await ask("/simulator/faults")).json).toEqual([{ fault: 500, times: 0, route: "token" }]);
  await ask("/simulator/faults", { body: [{ fault: 429, milliseconds: 30_000 }] });
  expect((await ask(verify)).headers.get("retry-after")).toBe("30");
  await ask("/simulator/faults", { body: [{ fault: 429, milliseconds: 0 }] });
  expect((await ask(verify)).headers.get("retry-after")).toBe(null);
  await ask("/simulator/faults", { method: "DELETE" });
  expect((await ask(verify)).status).toBe(200);
  for (const body of [{}, [{ fault: "nosuch" }], [{ fault: 200 }], [1], "no json"])
    expect((await ask("/simulator/faults", { body })).status).toBe(400);
});

test("statuses and bodies of a bad day", async () => {
  const ask = await start({});
  const meet = async (fault: number | string) => {
    await ask("/simulator/faults", { body: [{ fault, times: 1 }] });
    return ask(verify);
  };
  expect(await meet(403)).toMatchObject({ status: 403, text: "" });
  expect(await meet(502)).toMatchObject({ status: 502 });
  expect(await meet("empty")).toMatchObject({ status: 200, text: "" });
  expect(await meet("html")).toMatchObject({ status: 200, text: expect.stringContaining("<!doctype html>") });
});

/** What arrives, and whether it was all. */
function read(url: string, path: string, patience = 20_000): Promise<{ bytes: number; error: string | undefined }> {
  return new Promise((resolve) => {
    let bytes = 0;
    const outgoing = request(
      `${url}${path}`,
      { headers: { "x-pendo-integration-key": "read-only-key" } },
      (response) => {
        response.on("data", (chunk) => {
          bytes += chunk.length;
        });
        response.on("error", (error: NodeJS.ErrnoException) => resolve({ bytes, error: error.code }));
        response.on("end", () => resolve({ bytes, error: undefined }));
      },
    );
    outgoing.on("error", (error: NodeJS.ErrnoException) => resolve({ bytes, error: error.code }));
    outgoing.setTimeout(patience, () => outgoing.destroy(Object.assign(new Error("timeout"), { code: "TIMEOUT" })));
    outgoing.end();
  });
}

test("an answer breaks off in the middle, whole or streamed", async () => {
  await start({});
  const { url, faults, reports } = simulator!;
  const report = reports.list().find(({ name }) => name === "Ten thousand visitors")!;
  for (const path of ["/api/v1/guide", `/api/v1/report/${report.id}/results.json`]) {
    const whole = await read(url, path);
    faults.set([{ fault: "cut", times: 1 }]);
    const cut = await read(url, path);
    expect(whole.error).toBe(undefined);
    expect(cut.error).toBe("ECONNRESET");
    expect(cut.bytes).toBeGreaterThan(0);
    expect(cut.bytes).toBeLessThan(whole.bytes);
  }
});

test("a connection breaks without an answer, or nothing ever comes", async () => {
  await start({});
  const { url, faults, requests } = simulator!;
  faults.set([
    { fault: "reset", times: 1 },
    { fault: "hang", times: 1 },
  ]);
  expect(await read(url, verify)).toEqual({ bytes: 0, error: "ECONNRESET" });
  expect(await read(url, verify, 200)).toEqual({ bytes: 0, error: "TIMEOUT" });
  expect(await read(url, verify)).toMatchObject({ error: undefined });
  expect(requests.counts()).toEqual({ "GET /api/v1/token/verify": { none: 2, "200": 1 } });
});

test("a slow answer comes in the end", async () => {
  const ask = await start({ faults: [{ fault: "slow", milliseconds: 150 }] });
  const startedAt = performance.now();
  expect((await ask(verify)).status).toBe(200);
  expect(performance.now() - startedAt).toBeGreaterThan(140);
});

test("requests are counted and kept, for tests that ask how a client behaves", async () => {
  const ask = await start({});
  await ask(verify);
  await ask("/api/v1/visitor/nobody?x=1");
  await ask("/api/v1/visitor/somebody");
  await ask("/api/v2/nosuch", { key: null });
  const body = { request: { requestId: "mine", pipeline: [{ source: { visitors: null } }, { limit: 1 }] } };
  await ask("/api/v1/aggregation", { body });
  const { json } = await ask("/simulator/requests");
  expect(json.total).toBe(5);
  expect(json.counts).toEqual({
    "GET /api/v1/token/verify": { "200": 1 },
    "GET /api/v1/visitor/:id": { "404": 2 },
    "GET unknown": { "403": 1 },
    "POST /api/v1/aggregation": { "200": 1 },
  });
  expect(json.last.map(({ path }: { path: string }) => path)[1]).toBe("/api/v1/visitor/nobody?x=1");
  expect(json.last.at(-1)).toMatchObject({ method: "POST", status: 200, fault: null, body });
  await ask("/simulator/requests", { method: "DELETE" });
  expect((await ask("/simulator/requests")).json).toEqual({ total: 0, counts: {}, last: [] });
});

test("a client that goes away in the middle of a million rows leaves nothing behind", async () => {
  await start({});
  const { url, reports, requests } = simulator!;
  const report = reports.list().find(({ size }) => size === 1_000_000)!;
  await new Promise<void>((resolve) => {
    const outgoing = request(
      `${url}/api/v1/report/${report.id}/results.json`,
      { headers: { "x-pendo-integration-key": "read-only-key" } },
      (response) => {
        response.once("data", () => outgoing.destroy());
        response.on("close", () => resolve());
        response.on("error", () => {});
      },
    );
    outgoing.on("error", () => {});
    outgoing.end();
  });
  await expect.poll(() => requests.total()).toBe(1);
  expect(requests.last()[0]!.bytes).toBeLessThan(20_000_000);
  expect(await read(url, verify)).toMatchObject({ error: undefined });
});
