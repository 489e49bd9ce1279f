import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { setTraits } from "../record/traits-table.ts";
import type { TraitSaid } from "../records.ts";
import { saveRecords } from "../save-records.ts";
import { findRecord, listRecords } from "./records-queries.ts";
import { listTraits } from "./traits-queries.ts";

let database: TestDatabase;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  workspaceId = await createWorkspace(database.pool);
});

const day = (number: number) => new Date(Date.UTC(2026, 2, number));
const text = (name: string, value: string): TraitSaid => ({ name, type: "text", value });

async function createUser(externalId: string): Promise<string> {
  const to = { workspaceId, kind: "user" as const, source: "import" as const, at: day(1) };
  await saveRecords(database.pool, to, [{ externalId, traits: [] }]);
  const { rows } = await database.pool.query("select user_id from users where workspace_id = $1 and external_id = $2", [
    workspaceId,
    externalId,
  ]);
  return rows[0].user_id;
}

const set = (recordId: string, source: string, traits: readonly TraitSaid[], readAt = day(1)) =>
  inTransaction(database.pool, (tx) =>
    setTraits(
      tx,
      { workspaceId, recordType: "user", source, readAt },
      traits.map((one) => ({ ...one, recordId })),
    ),
  );

const readShown = async () => (await findRecord(database.pool, "users", workspaceId, "u")) as { traits: object };

test("where sources share a name, custom stands before integrations, and those by name", async () => {
  const user = await createUser("u");
  expect((await readShown()).traits).toEqual({});
  await set(user, "stripe", [text("plan", "of stripe"), text("only", "of stripe")]);
  expect((await readShown()).traits).toEqual({ plan: "of stripe", only: "of stripe" });
  await set(user, "pendo", [text("plan", "of pendo")]);
  expect((await readShown()).traits).toMatchObject({ plan: "of pendo" });
  await set(user, "custom", [text("plan", "by hand")]);
  expect((await readShown()).traits).toEqual({ plan: "by hand", only: "of stripe" });
  expect(
    (await listTraits(database.pool, workspaceId, "user", user)).map((one) => [one.name, one.source, one.shown]),
  ).toEqual([
    ["only", "stripe", true],
    ["plan", "custom", true],
    ["plan", "pendo", false],
    ["plan", "stripe", false],
  ]);
  await set(user, "custom", [{ name: "plan", type: null, value: null }], day(2));
  expect((await readShown()).traits).toMatchObject({ plan: "of pendo" });
  const [, cleared, next] = await listTraits(database.pool, workspaceId, "user", user);
  expect(cleared).toEqual({
    name: "plan",
    source: "custom",
    type: null,
    value: null,
    readAt: day(2),
    shown: false,
    history: [
      { oldValue: "by hand", newValue: null, readAt: day(2) },
      { oldValue: null, newValue: "by hand", readAt: day(1) },
    ],
  });
  expect(next).toMatchObject({ source: "pendo", shown: true });
});

test("the newest hundred changes are told", async () => {
  const user = await createUser("u");
  for (let n = 0; n < 105; n += 1) await set(user, "custom", [{ name: "n", type: "number", value: n }], day(n));
  const [trait] = await listTraits(database.pool, workspaceId, "user", user);
  expect(trait).toMatchObject({ value: 104, readAt: day(104) });
  expect(trait!.history).toHaveLength(100);
  expect(trait!.history[0]).toEqual({ oldValue: 103, newValue: 104, readAt: day(104) });
});

test("each record of a list has its own, whatever they are called", async () => {
  const [one, other] = [await createUser("u"), await createUser("v")];
  await createUser("w");
  await set(one, "custom", [text("__proto__", "x"), text("constructor", "y"), text("", "z"), text("a?b", "?")]);
  await set(other, "custom", [{ name: "list", type: "list", value: ["a", 1] }]);
  const { items } = await listRecords(database.pool, "users", workspaceId, { limit: 10 });
  const traits = (items as { externalId: string; traits: object }[]).map((item) => [
    item.externalId,
    JSON.stringify(item.traits),
  ]);
  expect(traits.sort()).toEqual([
    ["u", '{"":"z","a?b":"?","__proto__":"x","constructor":"y"}'],
    ["v", '{"list":["a",1]}'],
    ["w", "{}"],
  ]);
});
