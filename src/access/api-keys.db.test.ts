// API keys through the real app: what they open, until when, and who may make them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkspace } from "../../test/support/inbox.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import type { Scope } from "../platform/routes.ts";
import { createApiKey } from "./api-keys-table.ts";

let plumbline: TestApp;
let now = new Date("2026-05-04T10:00:20Z");
beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
});
afterAll(() => plumbline.stop());

async function makeKey(scopes: Scope[], more: { expiresAt?: Date; workspaceId?: string } = {}): Promise<string> {
  const { workspaceId = plumbline.workspaceId, expiresAt = null } = more;
  return (await createApiKey(plumbline.database.pool, workspaceId, "a test", now, { scopes, expiresAt })).key;
}

async function ask(key: string | undefined, method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(`${plumbline.url}/api/v1${path}`, {
    method,
    headers: { ...(key && { authorization: `Bearer ${key}` }), ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, type: response.headers.get("content-type"), json: await response.json() };
}

describe("a key", () => {
  test("is made, shown once, listed by its first characters, and revoked at once", async () => {
    const admin = await makeKey(["read", "write", "admin"]);
    const body = { name: " CRM ", scopes: ["read"], expiresAt: "2026-06-01T00:00:00Z" };
    const made = await ask(admin, "POST", "/api-keys", body);
    expect(made.status).toBe(201);
    const { key, ...shown } = made.json;
    expect(key).toMatch(/^plk_[\w-]{43}$/);
    expect(shown).toMatchObject({
      name: "CRM",
      scopes: ["read"],
      state: "valid",
      expiresAt: "2026-06-01T00:00:00.000Z",
    });
    expect(shown).toMatchObject({ madeBy: "a test", prefix: key.slice(0, 8), lastUsedAt: null, revokedAt: null });
    const { json } = await ask(admin, "GET", "/api-keys");
    expect(json.items.find(({ id }: any) => id === shown.id)).toEqual(shown);
    expect(JSON.stringify(json)).not.toContain(key);
    expect((await ask(key, "GET", "/events")).status).toBe(200);
    expect((await ask(admin, "DELETE", `/api-keys/${shown.id}`)).json).toMatchObject({ state: "revoked" });
    const refused = await ask(key, "GET", "/events");
    expect([refused.status, refused.json.detail]).toEqual([401, expect.stringContaining("was revoked")]);
    expect((await ask(admin, "DELETE", `/api-keys/${shown.id}`)).status).toBe(409);
    const { rows } = await plumbline.database.pool.query(
      "select * from audit_log where subject_id = $1 order by at, audit_id",
      [shown.id],
    );
    expect(rows.map(({ action, by_name }) => [action, by_name])).toEqual([
      ["api-key.made", "a test"],
      ["api-key.revoked", "a test"],
    ]);
    expect(JSON.stringify(rows)).not.toContain(key);
  });

  test("ends when its time is over, and the answer says so", async () => {
    const key = await makeKey(["read"], { expiresAt: new Date(now.getTime() + 60_000) });
    expect((await ask(key, "GET", "/events")).status).toBe(200);
    now = new Date(now.getTime() + 60_000);
    const refused = await ask(key, "GET", "/events");
    expect([refused.status, refused.json.detail]).toEqual([401, expect.stringContaining("has expired")]);
  });

  test("that there is not, and no key at all, are told apart from those", async () => {
    const wrong = await ask("plk_nothing", "GET", "/events");
    expect([wrong.status, wrong.json.detail]).toEqual([401, "There is no such API key."]);
    const none = await ask(undefined, "GET", "/events");
    expect([none.status, none.json.detail]).toEqual([401, expect.stringMatching(/send an API key/i)]);
    expect(none).toMatchObject({ type: "application/problem+json; charset=utf-8", json: { title: "Unauthorized" } });
  });

  test("shows when it was last used, to the minute, and is written once a minute", async () => {
    const key = await makeKey(["read", "admin"]);
    const read = async () =>
      (
        await plumbline.database.pool.query(
          "select xmin::text as version, last_used_at from api_keys where prefix = $1 and name = 'a test' order by created_at desc, api_key_id desc limit 1",
          [key.slice(0, 8)],
        )
      ).rows[0];
    await Promise.all(Array.from({ length: 20 }, () => ask(key, "GET", "/events")));
    const first = await read();
    expect(first.last_used_at).toEqual(new Date(Math.floor(now.getTime() / 60_000) * 60_000));
    now = new Date(now.getTime() + 30_000);
    await ask(key, "GET", "/events");
    expect(await read()).toEqual(first);
    now = new Date(now.getTime() + 31_000);
    await ask(key, "GET", "/events");
    expect((await read()).last_used_at).toEqual(new Date(Math.floor(now.getTime() / 60_000) * 60_000));
  });
});

describe("scopes", () => {
  test.each<[Scope[], string, string, number]>([
    [["read"], "GET", "/events", 200],
    [["read"], "PUT", "/traits/user/plan", 403],
    [["write"], "GET", "/events", 403],
    [["write"], "PUT", "/traits/user/plan", 200],
    [["ingest"], "GET", "/events", 403],
    [["ingest"], "PUT", "/traits/user/plan", 403],
    [["read", "write"], "GET", "/api-keys", 403],
    [["read", "write"], "GET", "/audit-log", 403],
    [["admin"], "GET", "/api-keys", 200],
    [["admin"], "GET", "/audit-log", 200],
    [["admin"], "GET", "/events", 403],
  ])("%j: %s %s is answered %i", async (scopes, method, path, status) => {
    const answer = await ask(await makeKey(scopes), method, path, method === "PUT" ? {} : undefined);
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.json.detail).toMatch(/needs (read|write|admin), and has/);
  });

  test("are not passed on by who does not have them", async () => {
    const admin = await makeKey(["read", "admin"]);
    const make = (scopes: Scope[]) => ask(admin, "POST", "/api-keys", { name: "x", scopes });
    expect((await make(["read", "admin"])).status).toBe(201);
    for (const more of [["write"], ["read", "ingest"]] as Scope[][]) {
      const refused = await make(more);
      expect([refused.status, refused.json.detail]).toEqual([403, expect.stringContaining(more.at(-1)!)]);
    }
  });
});

test("what cannot be a key is refused with everything that is wrong", async () => {
  const admin = await makeKey(["read", "write", "admin"]);
  const refused = await ask(admin, "POST", "/api-keys", { name: " ", scopes: ["read", "read"], expires: "90d" });
  expect(refused.status).toBe(400);
  expect(refused.json.errors.map(({ pointer }: any) => pointer).sort()).toEqual(["#/expires", "#/name", "#/scopes"]);
  const past = await ask(admin, "POST", "/api-keys", {
    name: "x",
    scopes: ["read"],
    expiresAt: "2020-01-01T00:00:00Z",
  });
  expect([past.status, past.json.detail]).toEqual([400, expect.stringContaining("later time")]);
  const typed = await ask(admin, "GET", "/audit-log?acton=api-key");
  expect([typed.status, typed.json.errors]).toEqual([
    400,
    [{ parameter: "acton", detail: expect.stringContaining("known are action, by") }],
  ]);
});

test("another workspace's keys are not there", async () => {
  const other = await createWorkspace(plumbline.database.pool);
  const theirs = await createApiKey(plumbline.database.pool, other, "theirs", now, { scopes: ["admin"] });
  const admin = await makeKey(["admin"]);
  expect((await ask(admin, "DELETE", `/api-keys/${theirs.id}`)).status).toBe(404);
  expect((await ask(theirs.key, "GET", "/api-keys")).json.items).toMatchObject([{ name: "theirs", state: "valid" }]);
  expect((await ask(theirs.key, "GET", "/audit-log")).json.items).toEqual([]);
});
