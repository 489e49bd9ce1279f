// Pages hear that something has changed in their workspace, and nothing of others.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace } from "../../test/support/inbox.ts";
import { createFirstAdmin, createMember } from "../../test/support/members.ts";
import { createBody, createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createApiKey } from "../access/api-keys-table.ts";
import { topics } from "../contract/changes.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

type Heard = { heard: string[]; status: number; headers: Headers; isOver: () => boolean; end: () => void };

const listen = (key: string) => listenWith({ authorization: `Bearer ${key}` });

async function listenWith(headers: Record<string, string>): Promise<Heard> {
  const abort = new AbortController();
  const response = await fetch(`${plumbline.url}/api/v1/changes`, { headers, signal: abort.signal });
  const heard: string[] = [];
  let isOver = false;
  void (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const part of response.body!) heard.push(decoder.decode(part as Uint8Array));
      isOver = true;
    } catch {}
  })();
  return {
    heard,
    status: response.status,
    headers: response.headers,
    isOver: () => isOver,
    end: () => abort.abort(),
  };
}

const topicsIn = ({ heard }: Heard): string[] =>
  heard
    .join("")
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .flatMap((line) => JSON.parse(line.slice(6)).topics);
const soon = { timeout: 20_000 };

test("what is recorded is told to whoever looks at that workspace, and to nobody else", async () => {
  const { pool } = plumbline.database;
  const other = await createApiKey(pool, await createWorkspace(pool), "other", new Date());
  const [own, stranger] = [await listen(plumbline.key), await listen(other.key)];
  await plumbline.send(await plumbline.connect(), createBody("trackEventReceived", { name: "Opened" }));
  await plumbline.settle();
  await expect.poll(() => own.heard.join(""), { timeout: 20_000 }).toContain('"events"');
  expect(own.heard[0]).toBe(": here\n\n");
  expect(stranger.heard.join("")).not.toContain("events");
  own.end();
  stranger.end();
});

test("nobody hears without a key that may read, nor with more than twenty pages at once", async () => {
  const sender = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "sender", new Date(), {
    scopes: ["ingest"],
  });
  expect((await listen(sender.key)).status).toBe(403);
  expect((await listen("plk_none")).status).toBe(401);
  const reader = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "reader", new Date());
  const open = [];
  for (let count = 0; count < 20; count += 1) open.push(await listen(reader.key));
  expect(open.every(({ status }) => status === 200)).toBe(true);
  expect((await listen(reader.key)).status).toBe(429);
  for (const one of open) one.end();
  await expect
    .poll(
      async () => {
        const again = await listen(reader.key);
        again.end();
        return again.status;
      },
      { timeout: 20_000 },
    )
    .toBe(200);
});

test("what somebody changes is told, and how far work in the background is", async () => {
  const { pool } = plumbline.database;
  const other = await createApiKey(pool, await createWorkspace(pool), "other", new Date());
  const [own, stranger] = [await listen(plumbline.key), await listen(other.key)];
  const { id } = await plumbline.connect();
  await plumbline.call("PATCH", `/connections/${id}`, { filteredKinds: ["ping"] });
  await expect.poll(() => topicsIn(own), soon).toContain("connections");
  expect(topicsIn(own)).not.toContain("imports");
  await fetch(`${plumbline.url}/api/v1/imports?kind=account`, {
    method: "POST",
    headers: { authorization: `Bearer ${plumbline.key}`, "content-type": "text/csv" },
    body: "external_id\na-1\n",
  });
  await expect.poll(() => topicsIn(own), soon).toContain("imports");
  expect(topicsIn(own)).not.toContain("traits");
  await plumbline.app.imports.settleAll();
  await expect.poll(() => topicsIn(own), soon).toContain("traits");
  // What is refused changes nothing.
  expect((await plumbline.call("POST", "/reports", {})).status).toBe(400);
  expect(topicsIn(stranger)).toEqual([]);
  own.end();
  stranger.end();
});

test("who could not hear for a moment is told that anything may have changed", async () => {
  const { pool } = plumbline.database;
  const own = await listen((await createApiKey(pool, await createWorkspace(pool), "own", new Date())).key);
  const lose = `select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and application_name = 'plumbline listener'`;
  expect((await pool.query(lose)).rowCount).toBe(1);
  await expect.poll(() => topicsIn(own).sort(), soon).toEqual([...topics].sort());
  own.end();
});

test("another process says what it has done; a workspace is told at most once a second", async () => {
  const { pool } = plumbline.database;
  const workspaceId = await createWorkspace(pool);
  const own = await listen((await createApiKey(pool, workspaceId, "own", new Date())).key);
  const began = performance.now();
  while (performance.now() - began < 2_500) {
    await pool.query("select pg_notify('plumbline_changes', $1)", [`${workspaceId} reports polls`]);
    await pool.query("select pg_notify('plumbline_changes', $1)", [`${await createWorkspace(pool)} imports`]);
  }
  const told = own.heard
    .join("")
    .split("\n")
    .filter((line) => line.startsWith("data: "));
  const seconds = (performance.now() - began) / 1_000;
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  expect([...new Set(topicsIn(own))].sort()).toEqual(["polls", "reports"]);
  own.end();
});

test("ends with the session, with the membership, and with the key", async () => {
  const { pool } = plumbline.database;
  const admin = await createFirstAdmin(plumbline);
  const [one, other] = [
    await createMember(plumbline, admin, { email: "one@acme.example", role: "viewer" }),
    await createMember(plumbline, admin, { email: "other@acme.example", role: "viewer" }),
  ];
  const key = await createApiKey(pool, plumbline.workspaceId, "ends", new Date());
  const listenAs = (cookie: string | undefined) => listenWith({ cookie: cookie!, "x-requested-with": "Plumbline" });
  const [asAdmin, asOne, asOther, asKey] = [
    await listenAs(admin.cookie),
    await listenAs(one.cookie),
    await listenAs(other.cookie),
    await listen(key.key),
  ];
  const overs = () => [asAdmin, asOne, asOther, asKey].map(({ isOver }) => isOver());
  expect([asAdmin, asOne, asOther, asKey].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await one.call("DELETE", "/session")).status).toBe(200);
  await expect.poll(overs, soon).toEqual([false, true, false, false]);
  const { rows } = await pool.query("select member_id from members where email = 'other@acme.example'");
  expect((await admin.call("DELETE", `/members/${rows[0].member_id}`)).status).toBe(200);
  await expect.poll(overs, soon).toEqual([false, true, true, false]);
  expect((await admin.call("DELETE", `/api-keys/${key.id}`)).status).toBe(200);
  await expect.poll(overs, soon).toEqual([false, true, true, true]);
  asAdmin.end();
});

test("costs one request of the budget, and no connection to the database", async () => {
  const streams: Heard[] = [];
  const { key } = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "fifteen", new Date());
  for (let count = 0; count < 15; count += 1) streams.push(await listen(key));
  const left = (heard: Heard) => Number(heard.headers.get("ratelimit-remaining"));
  expect(left(streams.at(-1)!)).toBe(left(streams[0]!) - 14);
  // The API has eight connections: with one for each page nobody would be answered.
  expect((await plumbline.get("/connections")).status).toBe(200);
  for (const one of streams) one.end();
});
