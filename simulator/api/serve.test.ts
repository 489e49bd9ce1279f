import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const program = fileURLToPath(new URL("../../bin/simulate.mjs", import.meta.url));
let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill("SIGKILL");
});

test("serves on the command line, sends the webhooks of the same world meanwhile, and ends when told to", async () => {
  const received: string[] = [];
  const receiver = createServer((request, response) => {
    request.setEncoding("utf8");
    let body = "";
    request.on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      received.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;

  const world = ["--seed", "7", "--now", "2026-11-20T15:00:00Z", "--days", "3", "--count", "300", "--frozen-clock"];
  const serving = ["serve", "--port", "0", ...world, "--integration-key", "K", "--lag", "6h", "--url", hook, "--json"];
  child = spawn(process.execPath, [program, ...serving], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout!.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr!.on("data", (chunk) => {
    err += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child!.once("exit", resolve));
  const findUrl = () => /Pendo's API: (\S+)\/api\/v1/.exec(err)?.[1];
  await expect.poll(findUrl, { timeout: 20_000 }).toBeDefined();

  const ask = async (path: string, key: string, pipeline?: unknown) => {
    const body = pipeline === undefined ? undefined : JSON.stringify({ request: { pipeline } });
    const init = body === undefined ? {} : { method: "POST", body };
    const response = await fetch(`${findUrl()}${path}`, { ...init, headers: { "x-pendo-integration-key": key } });
    return { status: response.status, json: (await response.json().catch(() => undefined)) as any };
  };
  expect(await ask("/api/v1/token/verify", "K")).toEqual({ status: 200, json: { valid: true, writeAccess: false } });
  expect((await ask("/api/v1/token/verify", "read-only-key")).status).toBe(403);
  await expect.poll(() => out.includes('"expected"'), { timeout: 20_000 }).toBe(true);
  expect(JSON.parse(out)).toMatchObject({ distinct: 300, failed: 0, requests: 300 });
  expect(received).toHaveLength(300);

  const timeSeries = { period: "dayRange", first: "date(2026, 11, 1)", last: "now()" };
  const source = { source: { guideEvents: { appId: 'expandAppIds("*")' }, timeSeries } };
  const rows = (await ask("/api/v1/aggregation", "K", [source, { filter: 'type == "guideSeen"' }])).json.results;
  const until = Date.UTC(2026, 10, 20, 9);
  const displayed = received.map((body) => JSON.parse(body)).filter(({ event }) => event.endsWith("Displayed"));
  const visible = displayed.filter(({ timestamp }) => timestamp * 1000 < until);
  expect(visible.length).toBeGreaterThan(20);
  expect(visible.length).toBeLessThan(displayed.length);
  expect(rows.length).toBe(visible.length);

  // A reader that takes a hundred thousand rows as fast as they come keeps nobody else waiting.
  const reports = (await ask("/simulator/reports", "K")).json;
  const large = reports.find(({ size }: { size: number }) => size === 100_000);
  const ends: string[] = [];
  const long = fetch(`${findUrl()}/api/v1/report/${large.id}/results.json`, {
    headers: { "x-pendo-integration-key": "K" },
  });
  const whole = (await long).arrayBuffer().then(() => ends.push("long"));
  await ask("/api/v1/token/verify", "K");
  ends.push("short");
  await whole;
  expect(ends).toEqual(["short", "long"]);

  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  receiver.close();
}, 60_000);

test("--serve among the options serves as well, with --key", async () => {
  child = spawn(process.execPath, [program, "--seed", "7", "--count", "20", "--serve", "0", "--key", "K"]);
  let err = "";
  child.stderr!.on("data", (chunk) => {
    err += chunk;
  });
  const findUrl = () => /Pendo's API: (\S+)\/api\/v1/.exec(err)?.[1];
  await expect.poll(findUrl, { timeout: 20_000 }).toBeDefined();
  const response = await fetch(`${findUrl()}/api/v1/token/verify`, { headers: { "x-pendo-integration-key": "K" } });
  expect(await response.json()).toEqual({ valid: true, writeAccess: false });
});

test.each([
  [["--serve", "4100", "--port", "4101"], "cannot be used with option '--port"],
  [["--serve", "x"], "It is no number from 0."],
  [["--serve", "4100", "--key", "K", "--integration-key", "L"], "cannot be used with option '--integration-key"],
  [["--key", "K", "--dry-run"], "unknown option '--key'"],
  [["serve", "--fail", "200:0.1"], 'There is no fault "200"'],
  [["serve", "--lag", "soon"], "It is no time like 500ms, 30s, 5m, 6h or 2d."],
  [["serve", "--region", "moon"], "Allowed choices are us, us1, eu, jpn, au"],
  [["serve", "--rate-limit", "-1"], "It is no number from 0."],
  [["--lose", "2", "--dry-run"], "It is no share from 0 to 1."],
  [["--port", "1", "--dry-run"], "unknown option '--port'"],
  [["--count", "5"], "--url is missing"],
])("%j is refused with words", (args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
  expect(stderr).toContain(message);
  expect(status).toBe(1);
});
