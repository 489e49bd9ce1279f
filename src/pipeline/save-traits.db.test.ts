import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createPlace, createWorkspace } from "../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { JsonObject } from "../platform/json.ts";
import { createMissingUsers } from "./match/users-table.ts";
import { saveTraits } from "./save-traits.ts";

let database: TestDatabase;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  workspaceId = await createWorkspace(database.pool);
});

const [first, second] = [new Date("2026-03-01T00:00:00Z"), new Date("2026-03-02T00:00:00Z")];
const save = (traits: JsonObject) =>
  saveTraits(database.pool, { workspaceId, kind: "user", record: "u", source: "api", at: second }, traits);
const read = async (sql: string) => (await database.pool.query(sql, [workspaceId])).rows;

const createUser = (madeByConnection: string | null) =>
  inTransaction(database.pool, (tx) =>
    createMissingUsers(tx, workspaceId, [{ externalId: "u", madeByConnection }], first),
  );

test("a record that matching made is its caller's from then on", async () => {
  const { connectionId } = await createPlace(database.pool, { workspaceId });
  await createUser(connectionId);
  expect(await save({ plan: "Team" })).toMatchObject({ outcome: "saved", changed: 1 });
  expect(await read("select made_by_connection as by, updated_at as at from users where workspace_id = $1")).toEqual([
    { by: null, at: second },
  ]);
});

test.each(["what matching made", "what somebody made"])(
  "%s and is deleted at this moment gets no traits, and is not made anew",
  async (what) => {
    const { connectionId } = await createPlace(database.pool, { workspaceId });
    await createUser(what === "what matching made" ? connectionId : null);
    const remover = await database.pool.connect();
    try {
      await remover.query("begin");
      await remover.query("delete from users where workspace_id = $1", [workspaceId]);
      const saving = save({ plan: "Team" });
      const waits = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      while ((await database.pool.query(waits)).rows.length === 0)
        await new Promise((resolve) => setTimeout(resolve, 10));
      await remover.query("commit");
      expect(await saving).toEqual({ outcome: "no-record" });
    } finally {
      remover.release();
    }
    for (const table of ["users", "traits", "trait_changes"])
      expect(await read(`select 1 from ${table} where workspace_id = $1`)).toEqual([]);
  },
);

test("many who set traits of one record at once all set theirs", async () => {
  await createUser(null);
  await Promise.all(Array.from({ length: 20 }, (_, n) => save({ [`own ${n}`]: n, shared: n % 2, same: "x" })));
  const traits = await read("select name, value from traits where workspace_id = $1 order by name");
  expect(traits).toHaveLength(22);
  for (let n = 0; n < 20; n += 1) expect(traits).toContainEqual({ name: `own ${n}`, value: n });
  expect(await read("select 1 from trait_changes where workspace_id = $1 and name = 'same'")).toHaveLength(1);
  // Each change goes on from what the one before it left.
  const [shown] = traits.filter((trait) => trait.name === "shared");
  const changes = await read(
    `select old_value as old, new_value as new from trait_changes where workspace_id = $1 and name = 'shared'`,
  );
  expect(changes.filter((change) => change.old === null)).toHaveLength(1);
  expect(changes.filter((change) => change.new === shown!.value).length).toBeGreaterThan(0);
});
