// Chapter 5: reading it back.
//
// Everything that was recorded is read through /api/v1 with an API key (src/pipeline/use), page by page.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiKey, revokeApiKey } from "../../src/access/api-keys-table.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
  const connection = await plumbline.connect();
  for (let index = 0; index < 25; index += 1) {
    // Several share a second: the cursor must not lose or repeat them.
    const given = {
      visitorId: `user-${index % 5}`,
      accountId: `acme-${index % 2}`,
      timestamp: 1_700_000_000 + Math.floor(index / 4),
    };
    await plumbline.send(
      connection,
      createBody(index % 2 ? "guideDisplayed" : "trackEventReceived", { name: `n${index}` }, given),
    );
  }
  await plumbline.settle();
});
afterAll(() => plumbline.stop());

async function readPages(path: string): Promise<any[]> {
  const rows = [];
  for (let from = ""; ; ) {
    const { json } = await plumbline.get(`${path}${path.includes("?") ? "&" : "?"}limit=4${from}`);
    expect(json.items.length).toBeLessThanOrEqual(4);
    rows.push(...json.items);
    if (json.next === null) return rows;
    from = `&from=${json.next}`;
  }
}

test("lists come newest first, in pages that neither lose nor repeat a row", async () => {
  for (const list of ["events", "users", "accounts", "deliveries"]) {
    const rows = await readPages(`/${list}`);
    expect(rows).toHaveLength({ events: 25, users: 5, accounts: 2, deliveries: 25 }[list]!);
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
  }
  const times = (await readPages("/events")).map((event) => event.occurredAt);
  expect(times).toEqual([...times].sort().reverse());
});

test("lists are filtered by account, user, kind and time; records are named by id or external ID", async () => {
  const all = (await plumbline.get("/events?limit=100")).json.items;
  const [account] = (await plumbline.get("/accounts?externalId=acme-1")).json.items;
  for (const named of ["acme-1", account.id]) {
    expect((await plumbline.get(`/events?account=${named}`)).json.items).toEqual(
      all.filter((event: any) => event.account.externalId === "acme-1"),
    );
  }
  expect(
    (await readPages("/events?user=user-3&kind=guideDisplayed")).every(
      (event) => event.user.externalId === "user-3" && event.kind === "guideDisplayed",
    ),
  ).toBe(true);
  const since = new Date(1_700_000_002_000).toISOString();
  const until = new Date(1_700_000_004_000).toISOString();
  expect((await plumbline.get(`/events?since=${since}&until=${until}`)).json.items).toHaveLength(8);
  expect((await plumbline.get("/events?account=nobody")).json.items).toEqual([]);
  expect((await plumbline.get("/deliveries?state=recorded&kind=guideDisplayed&limit=100")).json.items).toHaveLength(12);
});

test("what is asked wrongly is answered in plain words", async () => {
  for (const path of [
    "/events?limit=0",
    "/events?limit=501",
    "/events?from=nonsense",
    "/events?since=yesterday",
    "/ledger?connection=x",
  ]) {
    const { status, json } = await plumbline.get(path);
    expect([path, status]).toEqual([path, 400]);
    expect(json.detail.length).toBeGreaterThan(10);
  }
  for (const path of ["/events/unknown", "/users/unknown", "/deliveries/unknown", "/nothing"])
    expect((await plumbline.get(path)).status).toBe(404);
});

test("a key opens its workspace, and nothing once it is revoked", async () => {
  const { id, key } = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "second", new Date());
  const read = (authorization?: string) =>
    fetch(`${plumbline.url}/api/v1/events`, { headers: authorization ? { authorization } : {} }).then(
      (response) => response.status,
    );
  expect(await read(`Bearer ${key}`)).toBe(200);
  expect(await read()).toBe(401);
  expect(await read("Bearer plk_wrong")).toBe(401);
  expect(await revokeApiKey(plumbline.database.pool, id, new Date())).toBe(true);
  expect(await read(`Bearer ${key}`)).toBe(401);
  const { rows } = await plumbline.database.pool.query("select * from api_keys");
  expect(JSON.stringify(rows)).not.toContain(key);
});

test("the OpenAPI document names every list; health, readiness and metrics answer without a key", async () => {
  const document = (await fetch(`${plumbline.url}/api/v1/openapi.json`).then((response) => response.json())) as {
    openapi: string;
    paths: object;
  };
  expect(document.openapi).toBe("3.1.0");
  for (const list of [
    "events",
    "nps-responses",
    "poll-responses",
    "users",
    "accounts",
    "organizations",
    "deliveries",
    "ledger",
  ])
    expect(document.paths).toHaveProperty([`/api/v1/${list}`, "get"]);
  expect(await fetch(`${plumbline.url}/health`).then((response) => response.status)).toBe(200);
  expect(await fetch(`${plumbline.url}/ready`).then((response) => response.status)).toBe(200);
  const metrics = await fetch(`${plumbline.url}/metrics`).then((response) => response.text());
  expect(metrics).toMatch(/plumbline_door_answers_total\{status="200"\} 25/);
});
