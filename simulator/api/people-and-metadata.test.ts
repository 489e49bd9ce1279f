import { afterAll, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "./start-pendo-simulator.ts";
import { type Ask, aggregate, createAsk } from "./testing/ask.ts";

const now = Date.UTC(2026, 10, 20, 15) / 1000;
let simulator: PendoSimulator;
let ask: Ask;

beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", now, days: 30, count: 3000, isClockRunning: false });
  ask = createAsk(simulator);
});
afterAll(() => simulator.stop());

test("the key is verified, with its rights", async () => {
  const verify = (key: string | null) => ask("/api/v1/token/verify", { key });
  expect(await verify("read-only-key")).toMatchObject({ status: 200, json: { valid: true, writeAccess: false } });
  expect(await verify("write-key")).toMatchObject({ status: 200, json: { valid: true, writeAccess: true } });
  // As seen of the real API: an empty body.
  for (const key of [null, "", "nobody's", "read-only-ke", "read-only-key.", ".us"])
    expect(await verify(key)).toMatchObject({ status: 403, text: "" });
});

test("a key of another region is refused as if the request were wrong", async () => {
  const eu = await startPendoSimulator({ region: "eu", count: 10 });
  const askEu = createAsk(eu);
  expect((await askEu("/api/v1/token/verify", { key: "read-only-key.eu" })).status).toBe(200);
  expect((await askEu("/api/v1/token/verify", { key: "read-only-key" })).status).toBe(200);
  for (const region of ["us", "us1", "jpn", "au"])
    expect(await askEu("/api/v1/token/verify", { key: `read-only-key.${region}` })).toMatchObject({
      status: 400,
      text: "",
    });
  expect((await askEu("/api/v1/token/verify", { key: "unknown.us" })).status).toBe(403);
  await eu.stop();
});

test("every visitor and account is there under its own id, whatever is in it", async () => {
  const odd = (id: string) => /[^\w@.-]/.test(id);
  for (const kind of ["visitor", "account"] as const) {
    const ids = [...simulator.people.list(kind)].filter(odd);
    expect(ids.length).toBeGreaterThan(10);
    for (const id of ids) {
      const { status, json } = await ask(`/api/v1/${kind}/${encodeURIComponent(id)}`);
      expect({ id, status, found: json.id }).toEqual({ id, status: 200, found: id });
    }
  }
});

test("a visitor has Pendo's shape", async () => {
  const visitor = simulator.world.visitors.find(
    ({ id, isAnonymous, accounts }) =>
      !isAnonymous &&
      accounts.length === 2 &&
      simulator.deliveries.moments.filter((one) => one.visitorId === id).length > 1,
  )!;
  const { json } = await ask(`/api/v1/visitor/${encodeURIComponent(visitor.id)}`);
  expect(json).toMatchObject({
    id: visitor.id,
    accountIds: visitor.accounts.map(({ id }) => id),
    account: { id: "" },
    metadata: {
      agent: visitor.metadata.agent,
      custom: visitor.metadata.custom,
      auto: {
        id: visitor.id,
        accountids: visitor.accounts.map(({ id }) => id),
        firstvisit: visitor.firstSeenAt * 1000,
      },
      pendo: { donotprocess: false, designerenabled: false },
    },
  });
  const times = simulator.deliveries.moments.filter((moment) => moment.visitor === visitor).map(({ at }) => at * 1000);
  expect(times.length).toBeGreaterThan(1);
  expect(json.metadata.auto.lastvisit).toBe(Math.max(...times));
  expect(json.lastStartTime).toBe(Math.max(...times));
  for (const name of Object.keys(json.metadata.auto)) expect(name).toBe(name.toLowerCase());
});

test("visitors who are not to be processed have no automatic metadata", async () => {
  const rows = await aggregate(ask, [
    { source: { visitors: null } },
    { filter: "metadata.pendo.donotprocess == true" },
  ]);
  expect(rows.length).toBeGreaterThan(0);
  for (const { visitorId, metadata } of rows) {
    expect(metadata).not.toHaveProperty("auto");
    expect((await ask(`/api/v1/visitor/${visitorId}`)).json).toMatchObject({ id: visitorId, accountIds: [] });
  }
});

test("whoever turned up in a webhook is known", () => {
  for (const { visitorId, accountId } of simulator.deliveries.moments) {
    if (visitorId) expect(simulator.people.has("visitor", visitorId)).toBe(true);
    if (accountId) expect(simulator.people.has("account", accountId)).toBe(true);
  }
});

test.each([
  ["/api/v1/visitor/nobody", 404],
  ["/api/v1/account/nobody", 404],
  ["/api/v1/visitor", 404],
  ["/api/v1/account", 404],
  ["/api/v1/visitor/", 404],
  ["/api/v1/visitor/%E0%A4%A", 400],
  ["/api/v1/visitor/__proto__", 404],
  ["/api/v1/metadata/schema/planet", 404],
  ["/api/v1/metadata/visitor/agent/value/nobody/email", 404],
  ["/api/v1/nosuch", 404],
  ["/", 404],
])("%s is answered %d", async (path, status) => {
  expect((await ask(path)).status).toBe(status);
});

test("visitors are found by a field, in lower case", async () => {
  const visitor = simulator.world.visitors.find(
    ({ metadata, firstSeenAt }) => metadata.agent.email && firstSeenAt < now - 40 * 86_400,
  )!;
  const email = String(visitor.metadata.agent.email).toUpperCase();
  const found = await ask(`/api/v1/visitor/metadata/agent/_lc_email/${encodeURIComponent(email)}`);
  expect(found.json.map(({ id }: { id: string }) => id)).toContain(visitor.id);
  expect((await ask(`/api/v1/visitor/metadata/agent/email/${encodeURIComponent(`x${email}`)}`)).json).toEqual([]);
});

test("the schema names the fields that visitors and accounts have", async () => {
  for (const kind of ["visitor", "account"] as const) {
    const { json } = await ask(`/api/v1/metadata/schema/${kind}`);
    expect(json.agent).toHaveProperty(
      kind === "visitor" ? "email" : "name",
      expect.objectContaining({ Type: "string", isHidden: false }),
    );
    for (const id of simulator.people.list(kind)) {
      for (const [group, values] of Object.entries(simulator.people.findMetadata(kind, id)!))
        for (const name of Object.keys(values))
          if (!group.startsWith("auto__")) expect(json[group], `${group}.${name}`).toHaveProperty(name);
    }
  }
});

test("metadata is written by a key with the right to, many at once and one by one", async () => {
  const [first, second] = simulator.world.accounts.map(({ id }) => id) as [string, string];
  const path = "/api/v1/metadata/account/custom/value";
  const body = [
    { accountId: first, values: { healthscore: 72, csm: null } },
    { accountId: "new one", values: { healthscore: 1 } },
    { visitorId: "wrong kind", values: {} },
  ];
  expect(await ask(path, { body })).toMatchObject({ status: 403, text: "" });
  expect((await ask(path, { body, key: "write-key" })).json).toEqual({
    kind: "account",
    total: 3,
    updated: 1,
    failed: 2,
    missing: ["new one"],
  });
  expect((await ask(`${path}?create=true`, { body: body.slice(1, 2), key: "write-key" })).json).toMatchObject({
    updated: 1,
    missing: [],
  });
  expect((await ask("/api/v1/account/new%20one")).json.metadata).toMatchObject({
    custom: { healthscore: 1 },
    auto: { id: "new one" },
  });

  const field = `${path}/${encodeURIComponent(second)}/healthscore`;
  expect((await ask(field, { method: "PUT", body: "5" })).status).toBe(403);
  expect((await ask(field, { method: "PUT", body: "5", key: "write-key" })).status).toBe(200);
  expect((await ask(field)).json).toBe(5);
  expect((await ask(`${path}/${encodeURIComponent(first)}/csm`)).text).toBe("null");
  expect((await ask("/api/v1/metadata/account/auto/value", { body, key: "write-key" })).status).toBe(400);
  expect((await ask(path, { body: { accountId: first }, key: "write-key" })).status).toBe(400);
  expect((await ask(path, { body: "[{", key: "write-key" })).status).toBe(400);
});

test("a change is seen everywhere, and when it was made", async () => {
  const id = simulator.world.visitors[0]!.id;
  const before = (await ask(`/api/v1/visitor/${encodeURIComponent(id)}`)).json;
  simulator.clock.advance(60_000);
  const changed = await ask(`/simulator/visitors/${encodeURIComponent(id)}/metadata`, {
    body: { agent: { email: "moved@example.com" }, salesforce: { id: "003x" } },
  });
  expect(changed.status).toBe(200);
  const after = (await ask(`/api/v1/visitor/${encodeURIComponent(id)}`)).json;
  expect(after).toEqual(changed.json);
  expect(after.metadata).toMatchObject({
    agent: { ...before.metadata.agent, email: "moved@example.com" },
    salesforce: { id: "003x" },
    auto: { ...before.metadata.auto, lastupdated: now * 1000 + 60_000 },
  });
  const rows = await aggregate(ask, [
    { source: { visitors: null } },
    { filter: 'metadata.agent.email == "moved@example.com"' },
  ]);
  expect(rows).toEqual([{ visitorId: id, metadata: after.metadata }]);
  expect((await ask("/simulator/visitors/nobody/metadata", { body: { agent: {} } })).status).toBe(404);
});

test("a day of a visitor's history", async () => {
  const { time, visitorId } = simulator.readLog().uses.find((use) => use.visitorId !== "")!;
  const path = `/api/v1/visitor/${encodeURIComponent(visitorId)}/history`;
  const { json } = await ask(`${path}?starttime=${time}`);
  expect(json[0]).toMatchObject({ ts: time, appId: expect.any(Number) });
  for (const { ts } of json) expect(ts).toBeLessThan(time + 86_400_000);
  for (const query of ["", "?starttime=yesterday", "?starttime=1", `?starttime=${now * 2000}`])
    expect((await ask(`${path}${query}`)).status).toBe(422);
  expect((await ask(`/api/v1/visitor/nobody/history?starttime=${time}`)).status).toBe(404);
});
