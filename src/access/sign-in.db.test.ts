import { afterAll, beforeAll, expect, test } from "vitest";
import { createMember, goodPassword, type Person } from "../../test/support/members.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createVisitor, tokenOf } from "../../test/support/visitor.ts";
import { makeFirstAdminLink } from "./join.ts";

let plumbline: TestApp;
let admin: Person;
let now = new Date("2026-11-02T10:00:00Z");
const day = 24 * 60 * 60 * 1000;

beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
});
afterAll(() => plumbline.stop());

const makeLink = () => makeFirstAdminLink(plumbline.database.pool, { publicUrl: plumbline.url, now });
const newcomer = { email: "ada@acme.example", name: "Ada Lovelace", password: goodPassword };
const rowsOf = async (sql: string) => (await plumbline.database.pool.query(sql)).rows;

test("the link of the first administrator: the newest one works, once, also when it is used ten times at once", async () => {
  const old = await makeLink();
  const link = await makeLink();
  expect(link!.url).toMatch(new RegExp(`^${plumbline.url}/setup#[\\w-]{43}$`));
  const opened = await createVisitor(plumbline.url).submit("/setup", { token: tokenOf(old!.url) });
  expect([opened.status, opened.text]).toEqual([410, expect.stringContaining("ask for another")]);

  const visitors = Array.from({ length: 10 }, (_, index) => ({
    visitor: createVisitor(plumbline.url),
    fields: { ...newcomer, email: `ada${index}@acme.example`, token: tokenOf(link!.url) },
  }));
  const answers = await Promise.all(visitors.map(({ visitor, fields }) => visitor.submit("/setup", fields)));
  expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(9).fill(410)]);
  expect(await rowsOf("select role from workspace_members")).toEqual([{ role: "admin" }]);
  const { visitor, fields } = visitors[answers.findIndex(({ status }) => status === 303)]!;
  admin = Object.assign(visitor, { email: fields.email });
  const { json } = await admin.call("GET", "/me");
  expect(json).toMatchObject({
    email: admin.email,
    scopes: ["read", "write", "admin"],
    workspaceId: plumbline.workspaceId,
    workspaces: [{ role: "admin" }],
  });
  expect(await makeLink()).toBeUndefined();
});

test("what is kept opens nothing: argon2id of the password, SHA-256 of cookies and links", async () => {
  const [{ password_hash }] = (await rowsOf("select password_hash from members")) as [{ password_hash: string }];
  expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  const token = admin.cookie!.split("=")[1]!;
  expect(Buffer.from(token, "base64url")).toHaveLength(32);
  const kept = JSON.stringify(
    await rowsOf("select to_jsonb(s) || to_jsonb(l) || to_jsonb(a) from sessions s, one_time_links l, audit_log a"),
  );
  expect(kept).not.toContain(token);
  expect(kept).not.toContain(goodPassword);
});

test("signing in: right, wrong, unknown; wrong and unknown are told the same", async () => {
  const visitor = createVisitor(plumbline.url);
  const wrong = await visitor.call("POST", "/session", { email: admin.email, password: "not this one" });
  const unknown = await visitor.call("POST", "/session", { email: "nobody@acme.example", password: "not this one" });
  const strange = await visitor.call("POST", "/session", { email: "a\u0000b@c", password: "not this one" });
  expect(wrong.status).toBe(401);
  expect(unknown.json).toEqual(wrong.json);
  expect(strange.json).toEqual(wrong.json);
  expect(visitor.cookie).toBeUndefined();
  const right = await visitor.call("POST", "/session", { email: admin.email.toUpperCase(), password: goodPassword });
  expect([right.status, right.json.email]).toEqual([201, admin.email]);
  expect(right.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^plumbline=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=7776000$/),
  ]);
  expect((await visitor.call("GET", "/me")).status).toBe(200);
  expect((await visitor.call("DELETE", "/session")).status).toBe(200);
  expect(visitor.cookie).toBeUndefined();
});

test("a sign-in never takes over a session that the browser brings: the cookie is new, the old session over", async () => {
  const visitor = createVisitor(plumbline.url);
  visitor.cookie = "plumbline=chosen-by-somebody-else-chosen-by-somebody";
  await visitor.call("POST", "/session", { email: admin.email, password: goodPassword });
  const first = visitor.cookie!;
  expect(first).not.toContain("chosen");
  await visitor.call("POST", "/session", { email: admin.email, password: goodPassword });
  expect(visitor.cookie).not.toBe(first);
  const thief = createVisitor(plumbline.url);
  thief.cookie = first;
  expect((await thief.call("GET", "/me")).status).toBe(401);
  await visitor.call("DELETE", "/session");
});

test("guessing ends after ten attempts for an e-mail, also many at once and with the right password, for a quarter of an hour", async () => {
  const bob = await createMember(plumbline, admin, { email: "bob@acme.example", role: "viewer" });
  const visitor = createVisitor(plumbline.url);
  const guess = (password: string, around = "") =>
    visitor.call("POST", "/session", { email: `${around}${bob.email.toUpperCase()}${around}`, password });
  const answers = await Promise.all(
    Array.from({ length: 14 }, (_, index) => guess(`guess number ${index}`, " ".repeat(index))),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(401), ...Array(4).fill(429)]);
  const refused = await guess(goodPassword);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(800);
  expect((await visitor.call("POST", "/session", { email: admin.email, password: goodPassword })).status).toBe(201);
  now = new Date(now.getTime() + 15 * 60_000);
  expect((await guess(goodPassword)).status).toBe(201);
});

test("a session ends two weeks after it was seen last, and after ninety days in any case", async () => {
  const start = now;
  const visitor = createVisitor(plumbline.url);
  await visitor.call("POST", "/session", { email: admin.email, password: goodPassword });
  const seen: number[] = [];
  for (let days = 13; days <= 104; days += 13) {
    now = new Date(start.getTime() + days * day);
    seen.push((await visitor.call("GET", "/me")).status);
  }
  expect(seen).toEqual([...Array(6).fill(200), 401, 401]);
  await visitor.call("POST", "/session", { email: admin.email, password: goodPassword });
  now = new Date(now.getTime() + 14 * day);
  expect((await visitor.call("GET", "/me")).status).toBe(401);
});

test("the audit log tells who signed in and out, and from where", async () => {
  const lines = await rowsOf(
    "select distinct action, by_kind, address from audit_log where action like 'session.%' or action like 'member.%' order by 1, 2, 3",
  );
  expect(lines).toEqual(
    ["member.invited", "member.joined", "session.begun", "session.ended"].map((action) => ({
      action,
      by_kind: "member",
      address: "127.0.0.1",
    })),
  );
});
