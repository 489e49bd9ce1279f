// Starting and stopping, as real processes: what a start says, what a stop leaves behind, and what survives kill -9. The
// tests share one data folder, because a new one takes most of the time; each leaves it without a server.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { preparePlaces } from "../../src/platform/embedded-postgres/places.ts";
import { isServerAlive, readPid } from "../../src/platform/embedded-postgres/running-server.ts";
import { packageRoot } from "../../src/platform/package-root.ts";
import {
  createApi,
  createHome,
  createTestConnection,
  findFreePort,
  type Home,
  type PlumblineProcess,
  readLedgerOf,
  runCommand,
  settle,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { sendDelivery } from "../support/sender.ts";

const slow = { timeout: 20_000 };
let home: Home;
let started: PlumblineProcess[] = [];
beforeAll(() => {
  home = createHome();
});
afterEach(async () => {
  for (const one of started) await one.kill();
  started = [];
  await expect.poll(findServer, slow).toBeUndefined();
});
afterAll(() => home.remove());

async function start(options: Parameters<typeof startPlumbline>[1] = {}): Promise<PlumblineProcess> {
  const plumbline = await startPlumbline(home, options);
  started.push(plumbline);
  return plumbline;
}

/** The process id of the database server on the home; undefined when none runs. */
function findServer(): number | undefined {
  const { data } = preparePlaces(home.dataDir);
  const pid = readPid(data);
  return isServerAlive(pid, data) ? pid : undefined;
}

test("a first start says where everything is; what it says to paste works; a stop leaves nothing behind", async () => {
  const plumbline = await start();
  await expect.poll(plumbline.output, slow).toContain("api-key create");
  const said = plumbline.output();
  expect(said).toContain(`Plumbline is ready: ${plumbline.url}/ (API: ${plumbline.url}/api/v1, `);
  expect(said.match(/made a key for stored secrets/g)).toHaveLength(1);
  const { body, url } = /curl -H 'Content-Type: application\/json' -d '(?<body>[^']+)' (?<url>\S+)/.exec(said)!.groups!;
  expect(said).toContain(`First webhook address: ${url}\n`);
  expect((await sendDelivery(url!, body!)).status).toBe(200);
  await settle(home);
  const api = await createApi(home, plumbline.url);
  expect((await api("/events")).items).toMatchObject([
    { name: "Signed In", user: { externalId: "ada" }, account: { externalId: "acme" } },
  ]);
  expect(await plumbline.stop()).toBe(0);
  expect(findServer()).toBeUndefined();

  const again = await start();
  await expect.poll(again.output, slow).toContain("1 connection to Pendo");
  expect(again.output()).not.toMatch(/First webhook address|made a key|api-key create/);
  expect(await readLedgerOf(home)).toMatchObject({ received: 1, recorded: 1, difference: 0 });
});

test("one Ctrl-C, which npm passes on a second time, is one wish to stop", async () => {
  const plumbline = await start();
  plumbline.child.kill("SIGINT");
  plumbline.child.kill("SIGINT");
  const code = await new Promise((resolve) => plumbline.child.once("exit", resolve));
  expect(code).toBe(0);
  expect(plumbline.output()).toContain('"stopped"');
  expect(findServer()).toBeUndefined();
});

test("npm start passes signals on to the program itself", async () => {
  const port = await findFreePort();
  const npm = spawn("npm", ["start"], { cwd: packageRoot, env: { ...home.environment, PORT: String(port) } });
  let output = "";
  npm.stdout.on("data", (chunk) => (output += chunk));
  npm.stderr.on("data", (chunk) => (output += chunk));
  await expect.poll(() => output, slow).toContain("Plumbline is ready: http");
  npm.kill("SIGTERM");
  await new Promise((resolve) => npm.once("exit", resolve));
  expect(output).toContain('"stopped"');
  expect(findServer()).toBeUndefined();
});

test("asked to stop while it starts, it starts, and stops in order", async () => {
  const children: ChildProcess[] = [];
  const starting = start({ onSpawn: (child) => children.push(child) });
  await expect.poll(findServer, slow).toBeGreaterThan(0);
  children[0]!.kill("SIGTERM");
  const plumbline = await starting;
  await expect.poll(() => plumbline.child.exitCode, slow).toBe(0);
  expect(plumbline.output()).toContain('"stopped"');
});

test("after kill -9 no database is left alone, and the next start is at once there", async () => {
  const plumbline = await start();
  expect(findServer()).toBeGreaterThan(0);
  await plumbline.kill();
  const again = await start();
  await again.kill();
  await expect.poll(findServer, slow).toBeUndefined();
});

test.runIf(existsSync("/proc/self/cmdline"))(
  "a watchdog that is killed is replaced while its server is in use",
  async () => {
    const plumbline = await start();
    const [watchdog] = listWatchdogs();
    // With its cat, which reads the pipe.
    process.kill(-watchdog!, "SIGKILL");
    await expect.poll(() => listWatchdogs().filter((pid) => pid !== watchdog).length, slow).toBe(1);
    await plumbline.kill();
    await expect.poll(findServer, slow).toBeUndefined();
  },
);

function listWatchdogs(): number[] {
  const { data } = preparePlaces(home.dataDir);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = readIfThere(`/proc/${pid}/cmdline`).split("\0");
      return words.includes("plumbline-watchdog") && words.includes(data);
    });
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

test("two on one folder share the database; it outlives the one that started it, and ends with the last", async () => {
  const first = await start();
  const second = await start();
  const server = findServer();
  await first.kill();
  await runCommand(home, "ledger");
  expect(findServer()).toBe(server);
  expect(await (await fetch(`${second.url}/ready`)).json()).toEqual({ status: "ready" });
  expect(await second.stop()).toBe(0);
  expect(findServer()).toBeUndefined();
});

test("lock files that name a living process of somebody else do not keep it from starting", async () => {
  const { data, socket } = preparePlaces(home.dataDir);
  for (const file of [join(data, "postmaster.pid"), join(socket, ".s.PGSQL.5432.lock")])
    writeFileSync(file, `${process.pid}\n${data}\n${Math.floor(Date.now() / 1000)}\n5432\n${socket}\n\n`);
  await start();
  expect(Number.parseInt(readFileSync(join(data, "postmaster.pid"), "utf8"), 10)).not.toBe(process.pid);
});

test("commands work without a server, beside each other, and leave none behind", async () => {
  const ledgers = await Promise.all(Array.from({ length: 4 }, () => runCommand(home, "ledger", "--json")));
  expect(new Set(ledgers).size).toBe(1);
  expect(findServer()).toBeUndefined();
});

test("roles: a door takes in, a worker in another process records", async () => {
  const before = await readLedgerOf(home);
  const { path } = await createTestConnection(home);
  const door = await start({ roles: "door" });
  expect((await sendDelivery(`${door.url}${path}`, JSON.stringify({ event: "ping" }))).status).toBe(200);
  expect((await fetch(`${door.url}/api/v1/events`)).status).toBe(404);
  expect(await readLedgerOf(home)).toMatchObject({ received: before.received + 1, waiting: 1 });
  await start({ roles: "worker,scheduler" });
  expect(await settle(home)).toMatchObject({ filtered: before.filtered + 1, difference: 0 });
});
