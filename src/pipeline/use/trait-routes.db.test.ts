import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createApiKey } from "../../access/api-keys-table.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { createUuid } from "../../platform/uuid.ts";
import { setTraits } from "../record/traits-table.ts";
import type { TraitSaid } from "../records.ts";
import { saveRecords } from "../save-records.ts";

let plumbline: TestApp;
let authorization: string;
let now = new Date("2026-03-01T00:00:00Z");
beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
  const { key } = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "traits", new Date());
  authorization = `Bearer ${key}`;
});
afterAll(() => plumbline.stop());

async function ask(method: string, path: string, body?: object | string): Promise<{ status: number; json: any }> {
  const response = await fetch(`${plumbline.url}/api/v1${path}`, {
    method,
    headers: { authorization, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}
const get = (path: string) => ask("GET", path);
const patch = (path: string, traits: object) => ask("PATCH", path, { traits });
const put = (path: string, body: object) => ask("PUT", path, body);

let count = 0;
let account: { id: string; externalId: string };
/** Each test has an account of its own; names of traits are new ones, too, because settings are of the whole workspace. */
beforeEach(async () => {
  count += 1;
  now = new Date("2026-03-01T00:00:00Z");
  const externalId = `acme/${count} ü`;
  const to = { workspaceId: plumbline.workspaceId, kind: "account" as const, source: "import" as const, at: now };
  await saveRecords(plumbline.database.pool, to, [{ externalId, traits: [] }]);
  const { json } = await get(`/accounts?externalId=${encodeURIComponent(externalId)}`);
  account = json.items[0];
});
const url = () => `/accounts/${encodeURIComponent(account.externalId)}`;

async function setAs(source: string, traits: readonly TraitSaid[]): Promise<void> {
  await inTransaction(plumbline.database.pool, (tx) =>
    setTraits(
      tx,
      { workspaceId: plumbline.workspaceId, recordType: "account", source, readAt: now },
      traits.map((one) => ({ ...one, recordId: account.id })),
    ),
  );
}

test("what is named is merged, null takes away, what is not named stays; the record is new as of then", async () => {
  const first = await patch(`${url()}/traits`, {
    plan: "Team",
    seats: 12,
    since: "2026-03-31",
    tags: ["a", 1],
    ok: true,
  });
  expect(first).toEqual({
    status: 200,
    json: { changed: 5, traits: { plan: "Team", seats: 12, since: "2026-03-31", tags: ["a", 1], ok: true } },
  });
  now = new Date("2026-03-02T00:00:00Z");
  expect((await patch(`/accounts/${account.id}/traits`, { plan: null, seats: 13, ok: true })).json).toEqual({
    changed: 2,
    traits: { seats: 13, since: "2026-03-31", tags: ["a", 1], ok: true },
  });
  const { json } = await get(url());
  expect(json).toMatchObject({ updatedAt: "2026-03-02T00:00:00.000Z", traits: { seats: 13 } });
  expect((await get(`${url()}/traits`)).json.items).toMatchObject([
    { name: "ok", type: "yes-no", value: true },
    {
      name: "plan",
      type: null,
      value: null,
      shown: false,
      history: [
        { oldValue: "Team", newValue: null, readAt: "2026-03-02T00:00:00.000Z", reportRunId: null },
        { oldValue: null, newValue: "Team" },
      ],
    },
    {
      name: "seats",
      source: "custom",
      sourceName: "Plumbline",
      reportId: null,
      type: "number",
      value: 13,
      shown: true,
    },
    { name: "since", type: "date", value: "2026-03-31" },
    { name: "tags", type: "list", value: ["a", 1] },
  ]);
});

test("what is the same changes nothing, not even a time", async () => {
  await patch(`${url()}/traits`, { plan: "Team" });
  const before = (await get(url())).json;
  now = new Date("2026-03-02T00:00:00Z");
  expect((await patch(`${url()}/traits`, { plan: "Team", never: null })).json).toMatchObject({ changed: 0 });
  expect((await get(url())).json).toEqual(before);
});

test("users and organizations have the same routes", async () => {
  for (const [kind, list] of [
    ["user", "users"],
    ["organization", "organizations"],
  ] as const) {
    const to = { workspaceId: plumbline.workspaceId, kind, source: "import" as const, at: now };
    await saveRecords(plumbline.database.pool, to, [{ externalId: `${kind}-x`, traits: [] }]);
    expect((await patch(`/${list}/${kind}-x/traits`, { plan: kind })).json).toMatchObject({ traits: { plan: kind } });
    expect((await get(`/${list}/${kind}-x/traits/plan/history`)).json.items).toMatchObject([{ newValue: kind }]);
    expect((await get(`/${list}/nobody/traits/plan/history`)).status).toBe(404);
  }
});

describe("nothing is written of what is refused", () => {
  test.each<[string, object | string, RegExp]>([
    ["an object", { traits: { good: 1, bad: { a: 1 } } }, /"bad" is no number/],
    ["digits that would be lost", '{"traits":{"good":1,"bad":9007199254740993}}', /"bad" has more digits/],
    ["a value that is too long", { traits: { good: 1, bad: "x".repeat(33_000) } }, /"bad" is longer than 32 KB/],
    [
      "a name that is too long",
      { traits: { good: 1, ["bad".repeat(67)]: 1 } },
      /begins with "badbad.* longer than 200/,
    ],
    [
      "too many names",
      { traits: Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`n${n}`, n])) },
      /501 traits/,
    ],
    ["a character that cannot be kept", { traits: { good: 1, bad: "a\0" } }, /character/],
    ["no traits", {}, /traits/],
    ["something else beside", { traits: {}, trait: {} }, /is not known here/],
    ["a text for traits", { traits: "x" }, /object/],
    ["no JSON", "{", /JSON/],
    ["brackets without end", `{"traits":{"bad":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`, /deep/],
  ])("%s", async (_, body, says) => {
    const { status, json } = await ask("PATCH", `${url()}/traits`, body);
    expect([status, json.detail]).toEqual([400, expect.stringMatching(says)]);
    expect((await get(url())).json.traits).toEqual({});
  });

  test("traits of nobody", async () => {
    expect(await patch("/accounts/nobody/traits", { plan: "x" })).toMatchObject({ status: 404 });
    expect(await patch(`/users/${account.id}/traits`, { plan: "x" })).toMatchObject({ status: 404 });
    expect((await get("/accounts/nobody")).status).toBe(404);
  });

  test("a value that is not of the type that was set", async () => {
    expect(await put("/traits/account/seats-x", { type: "number" })).toEqual({
      status: 200,
      json: { level: "account", name: "seats-x", type: "number", sources: null },
    });
    const { status, json } = await patch(`${url()}/traits`, { "seats-x": "many", other: 1 });
    expect([status, json.detail]).toEqual([
      400,
      'The trait "seats-x" is a number in this workspace, and "many" is none. Nothing was changed.',
    ]);
    expect((await patch(`${url()}/traits`, { "seats-x": 1 })).status).toBe(200);
    expect((await patch(`${url()}/traits`, { "seats-x": null })).status).toBe(200);
    // A day that stays a text.
    await put("/traits/account/seats-x", { type: "text" });
    await patch(`${url()}/traits`, { "seats-x": "2026-03-31" });
    expect((await get(`${url()}/traits`)).json.items).toContainEqual(
      expect.objectContaining({ name: "seats-x", type: "text", value: "2026-03-31" }),
    );
  });
});

describe("deciding about a trait", () => {
  test("which source stands for it, where several give it", async () => {
    await patch(`${url()}/traits`, { "plan/y": "by hand" });
    await setAs("stripe", [{ name: "plan/y", type: "text", value: "of stripe" }]);
    const named = `/traits/account/${encodeURIComponent("plan/y")}`;
    const shown = async () => (await get(url())).json.traits;
    expect(await shown()).toEqual({ "plan/y": "by hand" });
    expect((await put(named, { sources: ["stripe", "custom"] })).json).toEqual({
      level: "account",
      name: "plan/y",
      type: null,
      sources: ["stripe", "custom"],
    });
    expect(await shown()).toEqual({ "plan/y": "of stripe" });
    expect((await get(`/accounts?externalId=${encodeURIComponent(account.externalId)}`)).json.items).toMatchObject([
      { traits: { "plan/y": "of stripe" } },
    ]);
    expect((await get(`${url()}/traits`)).json.items).toMatchObject([
      { source: "stripe", shown: true },
      { source: "custom", value: "by hand", shown: false },
    ]);
    // By hand it is still set, and says what is shown.
    expect((await patch(`${url()}/traits`, { "plan/y": "again" })).json).toEqual({
      changed: 1,
      traits: { "plan/y": "of stripe" },
    });
    expect((await get("/traits?level=account")).json.items).toContainEqual({
      level: "account",
      name: "plan/y",
      type: null,
      sources: ["stripe", "custom"],
      records: 1,
      from: [
        expect.objectContaining({ source: "stripe", records: 1 }),
        expect.objectContaining({ source: "custom", sourceName: "Plumbline", records: 1 }),
      ],
    });
    expect((await put(named, {})).json).toMatchObject({ type: null, sources: null });
    expect(await shown()).toEqual({ "plan/y": "again" });
    expect((await get(named)).json).toEqual({ level: "account", name: "plan/y", type: null, sources: null });
  });

  test("null and an empty list are the usual order", async () => {
    for (const sources of [null, []]) {
      await put("/traits/account/z", { type: "date", sources: ["custom"] });
      expect((await put("/traits/account/z", { type: null, sources })).json).toMatchObject({
        type: null,
        sources: null,
      });
    }
    const { rows } = await plumbline.database.pool.query("select from trait_settings where name = 'z'");
    expect(rows).toEqual([]);
  });

  test.each<[object, RegExp]>([
    [{ sources: ["strype"] }, /Nothing here is the source "strype"/],
    [{ sources: [`pendo-report:${createUuid(1)}`] }, /Nothing here is the source "pendo-report:/],
    [{ sources: ["pendo-report:x"] }, /Nothing here is the source/],
    [{ sources: ["custom", "custom"] }, /named twice/],
    [{ sources: { custom: 1 } }, /sources/],
    [{ type: "integer" }, /type/],
    [{ typ: "number" }, /is not known here/],
  ])("%j is refused", async (body, says) => {
    const { status, json } = await put("/traits/account/q", body);
    expect([status, json.detail]).toEqual([400, expect.stringMatching(says)]);
    expect((await get("/traits/account/q")).json).toMatchObject({ type: null, sources: null });
  });

  test("there is no other level", async () => {
    expect((await get("/traits?level=team")).status).toBe(400);
    expect((await get("/traits")).status).toBe(400);
    expect((await put("/traits/team/q", { type: "number" })).status).toBe(400);
  });
});

test("another workspace sees none of it", async () => {
  await patch(`${url()}/traits`, { secret: "x" });
  const { rows } = await plumbline.database.pool.query(
    "insert into workspaces (workspace_id, name) values ($1, 'Other') returning workspace_id as id",
    [createUuid(1)],
  );
  const { key } = await createApiKey(plumbline.database.pool, rows[0].id, "other", new Date());
  const mine = authorization;
  authorization = `Bearer ${key}`;
  try {
    expect((await get(`/accounts/${account.id}/traits`)).status).toBe(404);
    expect((await get(`/accounts/${account.id}/traits/secret/history`)).status).toBe(404);
    expect((await patch(`/accounts/${account.id}/traits`, { secret: "y" })).status).toBe(404);
    expect((await get("/traits?level=account")).json).toEqual({ items: [] });
    await put("/traits/account/secret", { type: "number" });
  } finally {
    authorization = mine;
  }
  expect((await get("/traits/account/secret")).json).toMatchObject({ type: null });
  expect((await get(url())).json.traits).toEqual({ secret: "x" });
});
