// Very many deliveries go through once more: the first while somebody waits, the rest in the background.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createWorkspace } from "../../test/support/inbox.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { createApiKey } from "../access/api-keys-table.ts";
import { replayStore } from "./inbox/replays-table.ts";

/** More than goes through while somebody waits, and not a whole number of steps. */
const many = 6_500;
const first = 5_000;

let plumbline: TestApp;
let connectionId: string;
beforeAll(async () => {
  plumbline = await createTestApp();
  ({ id: connectionId } = await plumbline.connect());
});
afterAll(() => plumbline.stop());

/** Held deliveries, the last of which has lost its body. */
beforeEach(async () => {
  const { pool } = plumbline.database;
  await pool.query("delete from deliveries");
  await pool.query("delete from delivery_bodies");
  await pool.query("delete from replays");
  await pool.query(
    `insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state, kind, settled_at)
     select $1, uuidv7(interval '1 second' * (g - $3::int)), $2, now() + interval '1 second' * (g - $3::int), 2, false, 'held', 'guideDisplayed', now()
     from generate_series(1, $3::int) as g`,
    [plumbline.workspaceId, connectionId, many],
  );
  await pool.query(
    `insert into delivery_bodies (workspace_id, delivery_id, headers, body)
     select workspace_id, delivery_id, '{}', '{}' from deliveries order by delivery_id limit $1`,
    [many - 1],
  );
});

const call = (...request: Parameters<TestApp["call"]>) => plumbline.call(...request);
const get = (path: string) => plumbline.get(path);
async function countIn(state: string): Promise<number> {
  const { rows } = await plumbline.database.pool.query("select count(*) as n from deliveries where state = $1", [
    state,
  ]);
  return rows[0].n;
}
const begin = async () => {
  const { json } = await call("POST", "/deliveries/replay", { connectionId, state: "held", kind: ["guideDisplayed"] });
  expect(json).toMatchObject({ matched: first, replayed: first, leftOut: [], isMore: true });
  return json.goesOn;
};

describe("a replay of very many", () => {
  test("goes on in the background, to the last one", async () => {
    const begun = await begin();
    expect(begun).toMatchObject({ state: "running", total: null, matched: first, madeBy: "test" });
    expect(begun.filter).toEqual({ connection: connectionId, state: "held", kind: ["guideDisplayed"] });
    expect(await countIn("waiting")).toBe(first);
    await plumbline.app.replays.settleAll();
    const done = (await get(`/replays/${begun.id}`)).json;
    expect(done).toMatchObject({ state: "done", total: many, matched: many, replayed: many - 1, message: null });
    expect(done.leftOut).toEqual([{ id: expect.any(String), why: "Its raw body has been deleted." }]);
    expect((await get("/replays")).json.items).toEqual([done]);
    expect([await countIn("waiting"), await countIn("held")]).toEqual([many - 1, 1]);
    const { rows } = await plumbline.database.pool.query(
      "select action, by_name, after from audit_log where subject_type = 'replay' and subject_id = $1 order by audit_id",
      [begun.id],
    );
    expect(rows).toMatchObject([
      { action: "delivery.replay-begun", by_name: "test", after: { state: "held" } },
      { action: "delivery.replay-finished", by_name: "Plumbline", after: { matched: many, replayed: many - 1 } },
    ]);
  });

  test("goes on behind what another process had done, and leaves what has come since", async () => {
    const { id } = await begin();
    const { pool } = plumbline.database;
    // As if somebody had taken one step more and died.
    await pool.query(
      `update replays set total = $2, matched = matched + 1000, held_by = gen_random_uuid(), held_until = now() - interval '1 minute',
         reached = (select delivery_id from deliveries order by delivery_id offset $1 limit 1)`,
      [first + 999, many],
    );
    await pool.query(
      "update replays set before_id = (select delivery_id from deliveries order by delivery_id desc limit 1 offset 99)",
    );
    await plumbline.app.replays.settleAll();
    expect((await get(`/replays/${id}`)).json).toMatchObject({ state: "done", total: many, matched: many - 100 });
    expect(await countIn("held")).toBe(1_100);
    expect((await pool.query("select deaths from replays")).rows).toEqual([{ deaths: 0 }]);
  });

  test("that takes its process with it each time is given up, and says so", async () => {
    const { id } = await begin();
    const { pool } = plumbline.database;
    for (let deaths = 0; deaths < 5; deaths += 1) {
      const of = { workspaceId: plumbline.workspaceId, id };
      expect(await replayStore.take(pool, of, randomUUID(), new Date())).toMatchObject({ deaths });
      await pool.query("update replays set held_until = now() - interval '1 minute'");
    }
    await plumbline.app.replays.settleAll();
    expect((await get(`/replays/${id}`)).json).toMatchObject({
      state: "failed",
      message: expect.stringMatching(/^Given up: 5 times/),
      matched: first,
    });
    expect(await countIn("held")).toBe(many - first);
  });

  test("can be stopped, once; what has gone through stays so", async () => {
    const { id } = await begin();
    expect((await call("POST", `/replays/${id}/cancel`)).json).toMatchObject({
      id,
      state: "cancelled",
      matched: first,
    });
    await plumbline.app.replays.settleAll();
    expect([await countIn("waiting"), await countIn("held")]).toEqual([first, many - first]);
    expect((await call("POST", `/replays/${id}/cancel`)).status).toBe(409);
  });

  test("is nobody else's", async () => {
    const { id } = await begin();
    const { pool } = plumbline.database;
    const { key } = await createApiKey(pool, await createWorkspace(pool), "other", new Date());
    for (const [method, path] of [
      ["GET", `/replays/${id}`],
      ["POST", `/replays/${id}/cancel`],
    ] as const) {
      const url = `${plumbline.url}/api/v1${path}`;
      expect((await fetch(url, { method, headers: { authorization: `Bearer ${key}` } })).status).toBe(404);
    }
    await call("POST", `/replays/${id}/cancel`);
  });

  test("of what was held goes on in the same way", async () => {
    const { json } = await call("POST", `/connections/${connectionId}/held`, { action: "process" });
    expect(json).toMatchObject({
      processed: first,
      discarded: 0,
      goesOn: { state: "running" },
      connection: { held: many - first },
    });
    await plumbline.app.replays.settleAll();
    expect(await countIn("held")).toBe(1);
  });
});

test("very many that were held are given up, some thousand at a time", async () => {
  const { json } = await call("POST", `/connections/${connectionId}/held`, { action: "discard" });
  expect(json).toMatchObject({ processed: 0, discarded: many, connection: { held: 0 } });
  expect([await countIn("held"), await countIn("filtered")]).toEqual([0, many]);
  const { rows } = await plumbline.database.pool.query(
    "select (after ->> 'discarded')::int as discarded from audit_log where action = 'delivery.discarded' order by audit_id",
  );
  expect(rows).toEqual([{ discarded: 5_000 }, { discarded: many - 5_000 }]);
});

test("a rehearsal counts no further than people want to know, and changes nothing", async () => {
  await plumbline.database.pool.query(
    `insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state, settled_at)
     select workspace_id, uuidv7(), connection_id, now(), 2, false, state, now() from deliveries`,
  );
  const { json } = await call("POST", "/deliveries/replay", { state: "held", dryRun: true });
  expect(json).toMatchObject({ matched: 10_000, replayed: many - 1, isMore: true, goesOn: null });
  const few = await call("POST", "/deliveries/replay", {
    state: ["held", "failed"],
    kind: "guideDisplayed",
    dryRun: true,
  });
  expect(few.json).toMatchObject({ matched: many, isMore: false });
  expect(await countIn("waiting")).toBe(0);
  expect((await get("/replays")).json.items).toEqual([]);
});
