// A write that is sent again with its Idempotency-Key, through the real app: one effect, one answer.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createFirstAdmin, type Person } from "../../test/support/members.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Claim } from "../platform/idempotency.ts";
import { createApiKey } from "./api-keys-table.ts";
import { createIdempotency, deleteOldAnswers, keptFor } from "./idempotency-keys-table.ts";

let plumbline: TestApp;
let key: { id: string; key: string };
let idempotencyKey: string;
let admin: Person | undefined;
let now = new Date("2026-05-04T10:00:00Z");
beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
  key = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "writer", now, {
    scopes: ["read", "write", "admin"],
  });
});
afterAll(() => plumbline.stop());
beforeEach(() => {
  idempotencyKey = randomUUID();
});

async function send(method: string, path: string, body: unknown, given: string | null = idempotencyKey): Promise<any> {
  const response = await fetch(`${plumbline.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key.key}`,
      "content-type": "application/json",
      ...(given !== null && { "idempotency-key": given }),
    },
    body: JSON.stringify(body),
  });
  const replayed = response.headers.get("idempotency-replayed");
  return {
    status: response.status,
    replayed,
    retryAfter: response.headers.get("retry-after"),
    json: await response.json(),
  };
}
const make = (name: string, given?: string | null) => send("POST", "/api-keys", { name, scopes: ["read"] }, given);
const count = async (name: string) =>
  (await plumbline.database.pool.query("select from api_keys where name = $1", [name])).rowCount;

test("the same request again has the same answer and no second effect", async () => {
  const first = await make("once");
  const again = await make("once");
  expect(first).toMatchObject({ status: 201, replayed: null });
  expect(again).toEqual({ ...first, replayed: "true" });
  expect(again.json.key).toMatch(/^plk_/);
  expect(await count("once")).toBe(1);
  await make("once", null);
  await make("once", randomUUID());
  expect(await count("once")).toBe(3);
});

test("the answer is not to be read in the database", async () => {
  const { json } = await make("sealed");
  const { rows } = await plumbline.database.pool.query("select * from idempotency_keys where key = $1", [
    idempotencyKey,
  ]);
  expect(rows).toHaveLength(1);
  const bytes: Buffer = rows[0].sealed;
  for (const text of [json.key, json.id, "sealed"]) expect(bytes.includes(text)).toBe(false);
});

test("an answer that was sealed with a key that is gone is told of, and the request is not carried out again", async () => {
  await make("rotated");
  const text = "update idempotency_keys set key_id = '0123456789abcdef' where key = $1";
  expect((await plumbline.database.pool.query(text, [idempotencyKey])).rowCount).toBe(1);
  const again = await make("rotated");
  expect([again.status, again.json.detail]).toEqual([409, expect.stringMatching(/carried out.*master key/)]);
  expect(await count("rotated")).toBe(1);
});

test("another request with the key is refused: body, address, or method", async () => {
  await make("first");
  for (const other of [
    await make("second"),
    await send("DELETE", "/api-keys/first", { name: "first" }),
    await send("POST", "/api-keys?", { name: "first", scopes: ["write"] }),
  ])
    expect([other.status, other.json.detail]).toEqual([422, expect.stringContaining("another request")]);
  expect(await count("second")).toBe(0);
});

test("of many at once one has the effect, and the others its answer or a word to wait", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => make("storm")));
  const done = answers.filter(({ status }) => status === 201);
  expect(new Set(done.map(({ json }) => json.id)).size).toBe(1);
  for (const { status, retryAfter } of answers)
    if (status !== 201) expect([status, Number(retryAfter) > 0]).toEqual([409, true]);
  expect(await count("storm")).toBe(1);
  expect((await make("storm")).json).toEqual(done[0].json);
});

test("what was refused had no effect, and is tried again", async () => {
  expect((await send("DELETE", `/api-keys/${randomUUID()}`, {})).status).toBe(404);
  const { json } = await make("refused", null);
  const path = `/api-keys/${json.id}`;
  const mine = randomUUID();
  expect((await send("DELETE", path, {}, mine)).status).toBe(200);
  expect(await send("DELETE", path, {}, mine)).toMatchObject({ status: 200, replayed: "true" });
  expect((await send("DELETE", path, {}, randomUUID())).status).toBe(409);
  const { rows } = await plumbline.database.pool.query("select from idempotency_keys where status is null");
  expect(rows).toEqual([]);
});

test.each(["", "two words", "x".repeat(256), "ümlaut"])("%j is no key", async (given) => {
  const encoded = Buffer.from(given).toString("latin1");
  expect((await make("unkeyed", encoded)).status).toBe(400);
  expect(await count("unkeyed")).toBe(0);
});

/** A process that claims a key and dies: nothing releases what it held. */
async function claimAndDie(): Promise<Claim> {
  const idempotency = createIdempotency({ secretBox: plumbline.app.secretBox, clock: () => now });
  const { rows } = await plumbline.database.pool.query(
    "select request_hash as hash from idempotency_keys where key = $1",
    [idempotencyKey],
  );
  await plumbline.database.pool.query("delete from idempotency_keys where key = $1", [idempotencyKey]);
  const begun = await idempotency.begin(plumbline.database.pool, {
    workspaceId: plumbline.workspaceId,
    byId: key.id,
    key: idempotencyKey,
    hash: rows[0].hash,
  });
  if (begun.outcome !== "begun") throw new Error(begun.outcome);
  return begun.claim;
}

/** Thirty seconds by the database's clock. */
const letClaimsRunOut = () =>
  plumbline.database.pool.query(
    "update idempotency_keys set claimed_until = claimed_until - interval '31 seconds' where status is null",
  );

test("a process that dies leaves the request to the next one, after its claim has run out", async () => {
  await make("left");
  const claim = await claimAndDie();
  const waiting = await make("left");
  expect([waiting.status, Number(waiting.retryAfter) > 0, Number(waiting.retryAfter) <= 30]).toEqual([409, true, true]);
  await letClaimsRunOut();
  expect(await make("left")).toMatchObject({ status: 201, replayed: null });
  // It was not dead but slow: what it did in its transaction is taken back, as its claim is another's by now.
  const late = inTransaction(plumbline.database.pool, async (tx) => {
    await createApiKey(tx, plumbline.workspaceId, "too late", now);
    await claim.keep(tx, { status: 201, answer: {} });
  });
  await expect(late).rejects.toThrow("begun once more");
  expect(await count("too late")).toBe(0);
  await claim.release();
  expect(await make("left")).toMatchObject({ status: 201, replayed: "true" });
});

test("an answer is kept for a day, and then the key is as good as new", async () => {
  const first = await make("day");
  now = new Date(now.getTime() + keptFor - 1);
  expect((await make("day")).replayed).toBe("true");
  now = new Date(now.getTime() + 2);
  const anew = await make("another name");
  expect(anew).toMatchObject({ status: 201, replayed: null });
  expect(anew.json.id).not.toBe(first.json.id);
  now = new Date(now.getTime() + keptFor + 1);
  expect(await deleteOldAnswers(plumbline.database.pool, plumbline.workspaceId, now)).toBeGreaterThan(0);
  const { rows } = await plumbline.database.pool.query("select from idempotency_keys");
  expect(rows).toEqual([]);
});

test.each([
  [
    "POST",
    "/invitations",
    { email: "late@acme.example", role: "viewer" },
    "select from one_time_links where purpose = 'invitation'",
  ],
  ["POST", "/workspaces", { name: "Too late" }, "select from workspaces where name = 'Too late'"],
  ["PATCH", "/workspaces/:id", { name: "Too late" }, "select from workspaces where name = 'Too late'"],
])(
  "%s %s: what was done by a request whose claim is another's by now is taken back",
  async (method, path, body, made) => {
    const { pool } = plumbline.database;
    admin ??= await createFirstAdmin(plumbline);
    const blocker = await pool.connect();
    try {
      // Every change writes a line there, so the request stands still in the middle of its work.
      await blocker.query("begin; lock table audit_log in access exclusive mode");
      const address = path.replace(":id", plumbline.workspaceId);
      const answer = admin.call(method, address, body, { "idempotency-key": idempotencyKey });
      await expect.poll(isWaiting, { timeout: 20_000 }).toBe(true);
      await pool.query("update idempotency_keys set claim_id = gen_random_uuid() where key = $1", [idempotencyKey]);
      await blocker.query("commit");
      expect((await answer).status).toBe(409);
    } finally {
      blocker.release();
    }
    expect((await pool.query(made)).rowCount).toBe(0);
  },
);

async function isWaiting(): Promise<boolean> {
  const { rowCount } = await plumbline.database.pool.query(
    "select from pg_locks where relation = 'audit_log'::regclass and not granted",
  );
  return rowCount === 1;
}
