import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { createUuid } from "../../platform/uuid.ts";
import type { RecordKind } from "../records.ts";
import { type RecordTrait, setTraits } from "./traits-table.ts";

let database: TestDatabase;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  workspaceId = await createWorkspace(database.pool);
});

const [one, other] = [createUuid(1), createUuid(2)];
const day = (number: number) => new Date(Date.UTC(2026, 2, number));

const set = (
  traits: readonly RecordTrait[],
  given: { source?: string; readAt?: Date; recordType?: RecordKind } = {},
) => {
  const { source = "custom", readAt = day(1), recordType = "account" } = given;
  return inTransaction(database.pool, (tx) => setTraits(tx, { workspaceId, recordType, source, readAt }, traits));
};

const text = (recordId: string, name: string, value: string): RecordTrait => ({ recordId, name, type: "text", value });
const gone = (recordId: string, name: string): RecordTrait => ({ recordId, name, type: null, value: null });

const readTraits = async () =>
  (
    await database.pool.query(
      `select record_type as "recordType", record_id as "recordId", name, source, type, value, read_at as "readAt" from traits
       where workspace_id = $1 order by 1, 2, 3, 4`,
      [workspaceId],
    )
  ).rows;
const readHistory = async (name: string) =>
  (
    await database.pool.query(
      `select old_value as old, new_value as new, read_at as "readAt" from trait_changes
       where workspace_id = $1 and name = $2 order by trait_change_id`,
      [workspaceId, name],
    )
  ).rows;

test("each type is kept as it is", async () => {
  const typed: RecordTrait[] = [
    { recordId: one, name: "seats", type: "number", value: 12.5 },
    { recordId: one, name: "plan", type: "text", value: "Team" },
    { recordId: one, name: "is vip", type: "yes-no", value: false },
    { recordId: one, name: "renewal", type: "date", value: "2026-03-31" },
    { recordId: one, name: "tags", type: "list", value: ["a", 2, ""] },
    { recordId: one, name: "__proto__", type: "text", value: "x" },
    { recordId: one, name: "", type: "text", value: "" },
  ];
  expect(await set(typed)).toHaveLength(typed.length);
  const kept = (await readTraits()).map(({ recordId, name, type, value }) => ({ recordId, name, type, value }));
  expect(kept.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
    [...typed].sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
});

test("what is the same is not written; what is another value leaves a line of history; null takes it away", async () => {
  await set([text(one, "plan", "Trial"), text(other, "plan", "Trial")]);
  expect(await set([text(one, "plan", "Trial"), text(other, "plan", "Team")], { readAt: day(2) })).toEqual([
    expect.objectContaining({ recordId: other, name: "plan", oldValue: "Trial", newValue: "Team" }),
  ]);
  expect(await readTraits()).toMatchObject([
    { recordId: one, value: "Trial", readAt: day(1) },
    { recordId: other, value: "Team", readAt: day(2) },
  ]);
  expect(await set([gone(other, "plan"), gone(other, "never there")], { readAt: day(3) })).toHaveLength(1);
  expect(await readTraits()).toMatchObject([{ recordId: one }]);
  expect(await readHistory("plan")).toEqual([
    { old: null, new: "Trial", readAt: day(1) },
    { old: null, new: "Trial", readAt: day(1) },
    { old: "Trial", new: "Team", readAt: day(2) },
    { old: "Team", new: null, readAt: day(3) },
  ]);
  expect(await readHistory("never there")).toEqual([]);
});

test("numbers are compared as numbers; another type of the same value is a change", async () => {
  const number = (value: number): RecordTrait => ({ recordId: one, name: "n", type: "number", value });
  await set([number(1)]);
  expect(await set([number(1.0)])).toEqual([]);
  expect(await set([{ recordId: one, name: "n", type: "text", value: "1" }])).toHaveLength(1);
  await set([{ recordId: one, name: "d", type: "text", value: "2026-03-31" }]);
  expect(await set([{ recordId: one, name: "d", type: "date", value: "2026-03-31" }])).toHaveLength(1);
  expect(await readTraits()).toMatchObject([
    { name: "d", type: "date" },
    { name: "n", type: "text" },
  ]);
});

test("a source writes its own values and never another's; kinds of record and workspaces are apart", async () => {
  await set([text(one, "plan", "of custom")]);
  await set([text(one, "plan", "of pendo")], { source: "pendo" });
  await set([text(one, "plan", "of a user")], { recordType: "user" });
  await set([gone(one, "plan")], { source: "pendo" });
  const first = workspaceId;
  workspaceId = await createWorkspace(database.pool);
  expect(await set([gone(one, "plan")])).toEqual([]);
  workspaceId = first;
  expect(await readTraits()).toMatchObject([
    { recordType: "account", source: "custom", value: "of custom" },
    { recordType: "user", source: "custom", value: "of a user" },
  ]);
});

test("of a trait that is named twice the last counts", async () => {
  expect(await set([text(one, "plan", "first"), gone(one, "plan"), text(one, "plan", "last")])).toHaveLength(1);
  expect(await readTraits()).toMatchObject([{ value: "last" }]);
});

test("characters that PostgreSQL refuses are replaced, and do not change at each setting", async () => {
  expect(await set([text(one, "x", "a\0b\ud800")])).toHaveLength(1);
  expect(await set([text(one, "x", "a\0b\ud800")])).toEqual([]);
  expect(await readTraits()).toMatchObject([{ value: "a\ufffdb\ufffd" }]);
});

test("many who set the same traits at once change each once", async () => {
  const traits = Array.from({ length: 50 }, (_, n) => text(n % 2 ? one : other, `t${n}`, "x"));
  const rounds = await Promise.all(
    Array.from({ length: 8 }, (_, n) => set(n % 2 ? traits : [...traits].reverse(), { readAt: day(n + 1) })),
  );
  expect(await readTraits()).toHaveLength(50);
  expect(rounds.flat()).toHaveLength(50);
  expect(await readHistory("t7")).toHaveLength(1);
});

test("each of many values that are set at once is changed into the next one, and none is made twice", async () => {
  const rounds = await Promise.all(
    Array.from({ length: 12 }, (_, n) => set([text(one, "plan", `v${n}`), text(other, "plan", `w${n}`)])),
  );
  expect(rounds.flat()).toHaveLength(24);
  for (const recordId of [one, other]) {
    const changes = rounds.flat().filter((change) => change.recordId === recordId);
    // From nothing over every value once to the one that is there.
    const next = new Map(changes.map((change) => [change.oldValue, change.newValue]));
    let last: unknown = null;
    for (let count = 0; count < 12; count += 1) last = next.get(last);
    expect(await readTraits()).toContainEqual(expect.objectContaining({ recordId, value: last }));
    expect(next.has(last)).toBe(false);
  }
});
