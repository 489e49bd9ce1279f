// Connections and their mappings through the real app: everything that the command line can set.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { createWorkspace } from "../../test/support/inbox.ts";
import { shortPatience } from "../../test/support/pendo-client.ts";
import { sendDelivery } from "../../test/support/sender.ts";
import { createBody, createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createApiKey } from "../access/api-keys-table.ts";
import { createConnection } from "./connections.ts";

let simulator: PendoSimulator;
let plumbline: TestApp;
let writerKey: string;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", visitors: 20, accounts: 4, days: 2, count: 100 });
  plumbline = await createTestApp({ pendoUrl: simulator.url, pendo: { patience: shortPatience } });
  const { key } = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "writer", new Date(), {
    scopes: ["read", "write"],
  });
  writerKey = key;
});
afterAll(async () => {
  await plumbline.stop();
  await simulator.stop();
});

const call: TestApp["call"] = (method, path, body) =>
  method === "GET" ? plumbline.get(path) : plumbline.call(method, path, body);

async function connect(body: object = {}): Promise<any> {
  const { status, json } = await call("POST", "/connections", { name: "Pendo", ...body });
  expect(json).toMatchObject({ connection: { id: expect.any(String) } });
  expect(status).toBe(201);
  return json;
}

/** The public URL of the tests names another port than the system chose. */
const reach = (url: string) => `${plumbline.url}${new URL(url).pathname}`;
const send = (url: string, secret: string | null = null) =>
  sendDelivery(reach(url), JSON.stringify(createBody("trackEventReceived", { name: "Saved" })), {
    secret,
    headers: {},
  });

describe("a connection", () => {
  test("is made with an address that works, and shown without its secret", async () => {
    const { connection, url, token } = await connect({ name: " Production ", secret: "a secret of ours" });
    expect(connection).toMatchObject({ name: "Production", kind: "pendo", state: "on", secrets: ["…ours"], held: 0 });
    expect(token).toBeNull();
    expect((await send(url, "a secret of ours")).status).toBe(200);
    expect((await send(url, "another")).status).toBe(401);
    const { json } = await call("GET", `/connections/${connection.id}`);
    expect(json).toMatchObject({ id: connection.id, secrets: ["…ours"] });
    const all = await call("GET", "/connections");
    expect(all.json.items.map((one: any) => one.id)).toContain(connection.id);
    expect(JSON.stringify(all.json)).not.toContain(new URL(url).pathname.split("/").at(-1));
    expect(JSON.stringify(all.json)).not.toContain("a secret of ours");
  });

  test("of the Analytics API has a token and no secret", async () => {
    const { connection, url, token } = await connect({ kind: "analytics" });
    expect(connection.kind).toBe("analytics");
    expect(url).toMatch(/\/analytics\/v1\/$/);
    expect(token).toMatch(/^[\w-]{20,}$/);
    expect((await call("POST", "/connections", { name: "x", kind: "analytics", secret: "s" })).status).toBe(400);
    expect((await call("PUT", `/connections/${connection.id}/integration-key`, { key: "k".repeat(36) })).status).toBe(
      409,
    );
    expect((await call("GET", `/connections/${connection.id}/mapping`)).status).toBe(400);
  });

  test("gets another address and secret, and the old ones end when they are to", async () => {
    const { connection, url } = await connect({ secret: "the first one" });
    const grace = await call("POST", `/connections/${connection.id}/rotate`, {});
    expect(grace.status).toBe(200);
    expect((await send(url, "the first one")).status).toBe(200);
    expect((await send(grace.json.url, "the first one")).status).toBe(200);
    const now = await call("POST", `/connections/${connection.id}/rotate`, {
      address: false,
      secret: "the second",
      graceMinutes: 0,
    });
    expect(now.json).toMatchObject({ url: null, token: null, connection: { secrets: ["…cond"] } });
    // The door hears of it in a moment.
    await expect.poll(async () => (await send(grace.json.url, "the first one")).status).toBe(401);
    expect((await send(grace.json.url, "the second")).status).toBe(200);
    const open = await call("POST", `/connections/${connection.id}/rotate`, { address: false, secret: null });
    expect(open.json.connection.secrets).toEqual([]);
    expect((await send(grace.json.url)).status).toBe(200);
    expect((await call("POST", `/connections/${connection.id}/rotate`, { address: false })).status).toBe(400);
  });

  test("is changed by what is given, and by nothing else", async () => {
    const { connection } = await connect();
    const change = {
      missingRecords: "link",
      filteredKinds: ["guideDisplayed"],
      changedIdentities: "move",
      anonymousVisitors: "filter",
      name: "Europe",
      region: "eu",
    };
    const { json } = await call("PATCH", `/connections/${connection.id}`, change);
    expect(json).toMatchObject({ ...change, state: "on", recordedKinds: [] });
    const again = await call("PATCH", `/connections/${connection.id}`, { filteredKinds: [], isOn: false });
    expect(again.json).toMatchObject({ ...change, filteredKinds: [], state: "off" });
    for (const wrong of [
      {},
      { isOn: "perhaps" },
      { region: "mars" },
      { colour: "red" },
      { recordedKinds: [""] },
      { name: " " },
    ])
      expect((await call("PATCH", `/connections/${connection.id}`, wrong)).status).toBe(400);
  });

  test("that was off lets what it held go through, or gives it up", async () => {
    const { connection, url } = await connect();
    const held = (action: string) => call("POST", `/connections/${connection.id}/held`, { action });
    await call("PATCH", `/connections/${connection.id}`, { isOn: false });
    for (let count = 0; count < 3; count += 1) await send(url);
    await plumbline.settle();
    expect((await held("process")).status).toBe(409);
    const on = await call("PATCH", `/connections/${connection.id}`, { isOn: true });
    expect(on.json).toMatchObject({ state: "on", held: 3 });
    expect((await held("process")).json).toMatchObject({ processed: 3, discarded: 0, connection: { held: 0 } });
    await plumbline.settle();
    await call("PATCH", `/connections/${connection.id}`, { isOn: false });
    await send(url);
    await plumbline.settle();
    expect((await held("discard")).json).toMatchObject({ processed: 0, discarded: 1, connection: { held: 0 } });
    const recorded = await call("GET", `/deliveries?connection=${connection.id}&state=recorded`);
    expect(recorded.json.items).toHaveLength(3);
  });

  test("of another workspace is not there", async () => {
    const workspaceId = await createWorkspace(plumbline.database.pool);
    const { id } = await createConnection(plumbline.settings, { name: "Theirs", workspaceId });
    const asked: [string, string, object?][] = [
      ["GET", ""],
      ["PATCH", "", { isOn: false }],
      ["POST", "/rotate", {}],
      ["POST", "/held", { action: "discard" }],
      ["PUT", "/integration-key", { key: "k".repeat(36) }],
      ["DELETE", "/integration-key"],
      ["POST", "/integration-key/test"],
      ["GET", "/mapping"],
      ["PATCH", "/mapping", { level: "account" }],
      ["POST", "/match-again"],
      ["POST", "/match-again/cancel"],
      ["POST", "/identities/read"],
    ];
    for (const [method, path, body] of asked)
      expect([path, (await call(method, `/connections/${id}${path}`, body)).status]).toEqual([path, 404]);
    const { rows } = await plumbline.database.pool.query("select is_on from connections where connection_id = $1", [
      id,
    ]);
    expect(rows).toEqual([{ is_on: true }]);
  });

  test("is for administrators to change", async () => {
    const { connection } = await connect();
    const ask = (method: string, body?: string) =>
      fetch(`${plumbline.url}/api/v1/connections/${connection.id}`, {
        method,
        headers: { authorization: `Bearer ${writerKey}`, ...(body && { "content-type": "application/json" }) },
        ...(body && { body }),
      });
    const refused = await ask("PATCH", '{"isOn":false}');
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain("needs admin");
    expect(((await (await ask("GET")).json()) as { state: string }).state).toBe("on");
  });
});

describe("Pendo's integration key", () => {
  test("is set, tested and taken away, and never shown", async () => {
    const { connection } = await connect();
    const path = `/connections/${connection.id}/integration-key`;
    expect((await call("POST", `${path}/test`)).status).toBe(409);
    expect((await call("PUT", path, { key: "two words" })).status).toBe(400);
    const set = await call("PUT", path, { key: ` "${simulator.integrationKey}" `, region: "eu" });
    expect(set.json).toMatchObject({ region: "eu", integrationKey: { state: "untested", mayWrite: null } });
    const { json } = await call("POST", `${path}/test`);
    expect(json).toMatchObject({ state: "valid", message: expect.stringContaining("Pendo takes the key") });
    expect(json.connection.integrationKey.state).toBe("valid");
    expect(JSON.stringify(json)).not.toContain(simulator.integrationKey);
    await call("PUT", path, { key: "00000000-0000-0000-0000-000000000000" });
    expect((await call("POST", `${path}/test`)).json).toMatchObject({ state: "refused" });
    expect((await call("DELETE", path)).json).toMatchObject({ integrationKey: null });
  });
});

describe("a mapping", () => {
  test("is shown, refused where it cannot work, saved, and applied to what was recorded", async () => {
    const { connection, url } = await connect();
    const path = `/connections/${connection.id}`;
    const before = await call("GET", `${path}/mapping`);
    expect(before.json).toEqual({ mapping: { version: 1, userIdFrom: null, accountIdFrom: null, level: "account" } });
    const refused = await call("PATCH", `${path}/mapping`, { userIdFrom: "agent.email" });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.json)).toContain("integration key");
    expect((await call("PATCH", `${path}/mapping`, { level: "galaxy" })).status).toBe(400);
    expect((await call("POST", `${path}/identities/read`)).status).toBe(409);

    await send(url);
    await plumbline.settle();
    await call("PUT", `${path}/integration-key`, { key: simulator.integrationKey });
    const saved = await call("PATCH", `${path}/mapping`, { userIdFrom: " agent.email " });
    expect(saved.json).toMatchObject({
      isChanged: true,
      mapping: { version: 2, userIdFrom: "agent.email", accountIdFrom: null, level: "account" },
      job: { kind: "read-identities", state: "running" },
    });
    expect((await call("PATCH", `${path}/mapping`, { userIdFrom: "agent.email" })).json.isChanged).toBe(false);
    const again = await call("POST", `${path}/match-again`);
    expect(again.status).toBe(202);
    expect(again.json.job).toMatchObject({ kind: "match-again", state: "running" });
    expect((await call("POST", `${path}/match-again/cancel`)).json).toEqual({ cancelled: true });
    expect((await call("POST", `${path}/match-again/cancel`)).json).toEqual({ cancelled: false });
    const reading = await call("POST", `${path}/identities/read`);
    expect(reading.status).toBe(202);
    await plumbline.readIdentities();
    const jobs = await call("GET", `${path}/match-jobs`);
    expect(jobs.json.items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: "read-identities", state: "done" }),
        expect.objectContaining({ id: again.json.job.id, state: "cancelled" }),
      ]),
    );
    await call("PATCH", path, { isOn: false });
    expect((await call("POST", `${path}/match-again`)).status).toBe(409);
    expect((await call("PATCH", `${path}/mapping`, { userIdFrom: null })).json.mapping.userIdFrom).toBeNull();
  });
});
