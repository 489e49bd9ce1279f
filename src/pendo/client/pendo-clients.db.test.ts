// Stored keys, opened and tested against simulators of several regions.

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../../simulator/api/start-pendo-simulator.ts";
import {
  catchPendoError,
  createLogOfLines,
  createTestPendoClient,
  shortPatience,
  type TestPendoClient,
} from "../../../test/support/pendo-client.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { commandLine } from "../../commands/command.ts";
import { parseAllowList } from "../../platform/outgoing/allow-list.ts";
import { createSecretBox } from "../../platform/secret-box.ts";
import { listConnections } from "../../settings/connection-queries.ts";
import { createConnection, type Settings } from "../../settings/connections.ts";
import { setPendoAccess } from "../../settings/integration-keys.ts";
import { createPendoClients, type PendoClients } from "./pendo-clients.ts";
import type { PaceOf } from "./pendo-paces-table.ts";
import type { PendoRegion } from "./regions.ts";
import { testKey } from "./test-key.ts";

const key = "9f1d5c1e-the-integration-key-c0ffee";
let database: TestDatabase;
let settings: Settings;
let simulator: PendoSimulator;
let clients: PendoClients;
let of: PaceOf;
const { log, lines } = createLogOfLines();

beforeAll(async () => {
  database = await createTestDatabase();
  settings = {
    database: database.pool,
    secretBox: createSecretBox(randomBytes(32)),
    publicUrl: "",
    clock: () => new Date(),
    author: commandLine,
  };
  simulator = await startPendoSimulator({ seed: "7", count: 200, integrationKey: key });
  clients = createClients(simulator.url);
});
afterAll(async () => {
  expect(lines.join("")).not.toContain(key);
  await clients.stop();
  await simulator.stop();
  await database.drop();
});
beforeEach(async () => {
  simulator.faults.set([]);
  const { workspaceId, id } = await createConnection(settings, { name: "Pendo" });
  of = { workspaceId, connectionId: id };
});

function createClients(
  baseUrl: string | undefined,
  more: Partial<Parameters<typeof createPendoClients>[0]> = {},
): PendoClients {
  const { secretBox, clock } = settings;
  const all = { database: database.pool, secretBox, clock, log, baseUrl, intervalMs: 1, patience: shortPatience };
  return createPendoClients({ ...all, ...more });
}

const setKey = (integrationKey: string | null, region?: PendoRegion) =>
  setPendoAccess(settings, of.connectionId, { integrationKey, region });

test("that the address is not Pendo's is said once, loudly", () => {
  expect(lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.includes("PENDO_API_BASE_URL"))).toEqual([
    expect.objectContaining({ level: 40, address: simulator.url }),
  ]);
});

test("a connection's client asks with its key, anew when that has changed, and not without one", async () => {
  expect(await catchPendoError(clients.open(of))).toMatchObject({
    trouble: "key-missing",
    next: { kind: "fix-settings", setting: "integration-key" },
  });
  await setKey("not-the-key");
  const before = await clients.open(of);
  expect(await catchPendoError(before.verifyToken())).toMatchObject({ trouble: "key-refused" });
  expect(await clients.open(of)).toBe(before);
  await setKey(key);
  const after = await clients.open(of);
  expect(after).not.toBe(before);
  expect(await after.countIdentities("account")).toBeGreaterThan(10);
  await setKey(null);
  expect(await catchPendoError(clients.open(of))).toMatchObject({ trouble: "key-missing" });
});

test("a key opens only where it was set, and with its master key", async () => {
  await setKey(key);
  const mine = of;
  const { workspaceId, id } = await createConnection(settings, { name: "Other" });
  of = { workspaceId, connectionId: id };
  await setKey("another-key");
  const copy =
    "update integration_keys set sealed = (select sealed from integration_keys where connection_id = $1) where connection_id = $2";
  await database.pool.query(copy, [mine.connectionId, id]);
  const error = await catchPendoError(clients.open(of));
  expect(error).toMatchObject({ trouble: "key-unreadable", next: { kind: "fix-settings" } });
  expect(error.message).toMatch(/does not open.*Set the secret anew/);
  const stranger = createClients(simulator.url, { secretBox: createSecretBox(randomBytes(32)) });
  expect((await catchPendoError(stranger.open(mine))).message).toMatch(/PLUMBLINE_SECRET_KEY/);
  await stranger.stop();
});

test("without a connection, without a key, nothing is tested", async () => {
  expect(await catchPendoError(clients.testKey(of))).toMatchObject({ trouble: "key-missing" });
  expect(await catchPendoError(clients.testKey({ ...of, connectionId: of.workspaceId }))).toMatchObject({
    trouble: "key-missing",
  });
});

test("a test tells valid, writing, refused, wrong region and not reachable apart", async () => {
  const test = async (integrationKey: string, region: PendoRegion = "us") => {
    await setKey(integrationKey, region);
    return clients.testKey(of);
  };
  expect(await test(key)).toMatchObject({ state: "valid", mayWrite: false, sentence: "Pendo takes the key." });
  const writing = await test(simulator.writeKey);
  expect(writing).toMatchObject({ state: "valid", mayWrite: true });
  expect(writing.sentence).toMatch(/may write, too, which Plumbline does not need/);
  expect(await test("nobody-s-key")).toMatchObject({ state: "refused", mayWrite: null, rightRegion: null });
  expect(await test(`${key}.eu`)).toMatchObject({
    state: "wrong-region",
    rightRegion: "eu",
    sentence: expect.stringMatching(/belongs to the region EU.*change the region to eu/),
  });
  expect(await test(`${key}.us`)).toMatchObject({ state: "valid" });
  simulator.faults.set([{ fault: 400 }]);
  expect(await test(key)).toMatchObject({ state: "wrong-region", rightRegion: null });
  for (const fault of [429, 500, 502, "cut", "reset", "empty", "html"] as const) {
    simulator.faults.set([{ fault, milliseconds: 0 }]);
    expect((await test(key)).state, String(fault)).toBe("not-reachable");
  }
  simulator.faults.set([{ fault: 404 }]);
  expect((await test(key)).state).toBe("not-reachable");
  const away = createClients("http://127.0.0.1:1");
  expect(await away.testKey(of)).toMatchObject({
    state: "not-reachable",
    sentence: expect.stringMatching(/ECONNREFUSED/),
  });
  await away.stop();
});

test("only the end of a key is shown, less of a short one, and nothing in the database holds it", async () => {
  const shown = async (integrationKey: string) => {
    await setKey(integrationKey);
    return (await listConnections(database.pool, of.connectionId))[0]!.integrationKey!.key;
  };
  expect(await shown(key)).toBe("…ffee");
  expect(await shown(`${key}.eu`)).toBe("…ffee");
  expect(await shown("short-key")).toBe("…key");
  expect(await shown("K")).toBe("…");
  await setKey(key);
  const { rows } = await database.pool.query(
    "select encode(sealed, 'escape') as sealed, row_to_json(k)::text as all from integration_keys k",
  );
  expect(JSON.stringify(rows)).not.toContain("the-integration-key");
});

test("where each region has its host, the others are asked too, once a key is refused; the right one is named", async () => {
  const keys: Partial<Record<PendoRegion, string>> = { us: "key-of-us", eu: key, jpn: "key-of-jpn" };
  const running = await Promise.all(
    Object.entries(keys).map(async ([region, integrationKey]) => ({
      region,
      simulator: await startPendoSimulator({ seed: region, count: 50, integrationKey, region: region as PendoRegion }),
    })),
  );
  const opened: TestPendoClient[] = [];
  const open = (region: PendoRegion, integrationKey: string) => {
    const found = running.find((one) => one.region === region);
    opened.push(createTestPendoClient({ url: found?.simulator.url ?? "http://127.0.0.1:1", integrationKey }));
    return opened.at(-1)!;
  };
  const ask = (integrationKey: string, region: PendoRegion) =>
    testKey({ region, integrationKey, open, hasOtherRegions: true });
  expect(await ask(key, "eu")).toMatchObject({ state: "valid", rightRegion: null });
  expect(opened).toHaveLength(1);
  expect(await ask(key, "us")).toMatchObject({
    state: "wrong-region",
    rightRegion: "eu",
    sentence: expect.stringMatching(/belongs to the region EU, but the connection is set to the region US/),
  });
  expect(opened).toHaveLength(6);
  expect(await ask(`${key}.eu`, "jpn")).toMatchObject({ state: "wrong-region", rightRegion: "eu" });
  expect(await ask("nobody-s-key", "us")).toMatchObject({ state: "refused", rightRegion: null });
  expect(await ask("nobody-s-key.eu", "us")).toMatchObject({ state: "refused", rightRegion: "eu" });
  expect(await ask("key-of-us", "au")).toMatchObject({ state: "not-reachable" });
  for (const { stop } of opened) await stop();
  for (const one of running) await one.simulator.stop();
});

test("where Pendo's name leads into a private network, the key is not sent there, unless that is allowed", async () => {
  await setKey(key, "eu");
  const asked: string[] = [];
  const resolve = async (name: string) => {
    asked.push(name);
    // Nobody listens there: who tries is told so by the machine, and not by the guard.
    return ["127.83.61.7"];
  };
  const ask = async (more: Partial<Parameters<typeof createPendoClients>[0]>) => {
    const guarded = createClients(undefined, { resolve, ...more });
    const error = await catchPendoError((await guarded.open(of)).verifyToken());
    await guarded.stop();
    return error;
  };
  expect(await ask({})).toMatchObject({
    trouble: "not-reachable",
    message: expect.stringContaining("(ADDRESS_REFUSED)"),
  });
  expect((await ask({ allowed: parseAllowList("127.83.61.0/24").allowed })).message).toContain("(ECONNREFUSED)");
  expect(
    (await ask({ resolve: async () => ["169.254.169.254"], allowed: parseAllowList("*.pendo.io").allowed })).message,
  ).toContain("(ADDRESS_REFUSED)");
  expect(asked).toEqual(["app.eu.pendo.io", "app.eu.pendo.io"]);
});
