import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createPlace, createWorkspace } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { createUuid } from "../../platform/uuid.ts";
import { putTraitSettings } from "../record/trait-settings-table.ts";
import { setTraits } from "../record/traits-table.ts";
import type { TraitSaid } from "../records.ts";
import { saveRecords } from "../save-records.ts";
import { sourceOfReport } from "../trait-sources.ts";
import { findRecord, listRecords } from "./records-queries.ts";
import { listTraitNames } from "./trait-names-queries.ts";
import { listTraitHistory, listTraits, readShownTraits } from "./traits-queries.ts";

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

const list = (recordId: string) => listTraits(database.pool, { workspaceId, kind: "user", recordId });

const choose = (name: string, sources: string[] | null) =>
  inTransaction(database.pool, (tx) =>
    putTraitSettings(tx, { workspaceId, kind: "user", name }, { type: null, sources }, day(1)),
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
  expect((await list(user)).map((one) => [one.name, one.source, one.shown])).toEqual([
    ["only", "stripe", true],
    ["plan", "custom", true],
    ["plan", "pendo", false],
    ["plan", "stripe", false],
  ]);
  await set(user, "custom", [{ name: "plan", type: null, value: null }], day(2));
  expect((await readShown()).traits).toMatchObject({ plan: "of pendo" });
  const [, cleared, next] = await list(user);
  expect(cleared).toEqual({
    name: "plan",
    source: "custom",
    sourceName: "Plumbline",
    reportId: null,
    type: null,
    value: null,
    readAt: day(2),
    shown: false,
    history: [
      { oldValue: "by hand", newValue: null, readAt: day(2), reportRunId: null },
      { oldValue: null, newValue: "by hand", readAt: day(1), reportRunId: null },
    ],
  });
  expect(next).toMatchObject({ source: "pendo", shown: true });
});

test("the newest hundred changes are told", async () => {
  const user = await createUser("u");
  for (let n = 0; n < 105; n += 1) await set(user, "custom", [{ name: "n", type: "number", value: n }], day(n));
  const [trait] = await list(user);
  expect(trait).toMatchObject({ value: 104, readAt: day(104) });
  expect(trait!.history).toHaveLength(100);
  expect(trait!.history[0]).toMatchObject({ oldValue: 103, newValue: 104, readAt: day(104) });
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

test("the order that is chosen for a name stands before the usual one; of what it does not name the usual order counts", async () => {
  const user = await createUser("u");
  for (const source of ["custom", "stripe", "pendo", "analytics"])
    await set(user, source, [text("plan", `of ${source}`), text("other", `of ${source}`)]);
  await choose("plan", ["stripe"]);
  expect((await readShown()).traits).toEqual({ plan: "of stripe", other: "of custom" });
  const order = async () => (await list(user)).filter((one) => one.name === "plan").map((one) => one.source);
  expect(await order()).toEqual(["stripe", "custom", "analytics", "pendo"]);
  await choose("plan", ["nobody", "pendo", "custom"]);
  expect(await order()).toEqual(["pendo", "custom", "analytics", "stripe"]);
  expect((await list(user)).filter((one) => one.shown).map((one) => [one.name, one.source])).toEqual([
    ["other", "custom"],
    ["plan", "pendo"],
  ]);
  // Where the chosen source has no value any more, the next one stands for the name.
  await set(user, "pendo", [{ name: "plan", type: null, value: null }], day(2));
  expect((await readShown()).traits).toMatchObject({ plan: "of custom" });
  await choose("plan", null);
  expect((await readShown()).traits).toMatchObject({ plan: "of custom" });
  expect(await order()).toEqual(["custom", "analytics", "pendo", "stripe"]);
});

test("what is chosen counts for one level and one workspace", async () => {
  const user = await createUser("u");
  for (const source of ["custom", "stripe"]) await set(user, source, [text("plan", `of ${source}`)]);
  const account = { workspaceId, kind: "account" as const, name: "plan" };
  const elsewhere = { workspaceId: await createWorkspace(database.pool), kind: "user" as const, name: "plan" };
  for (const of of [account, elsewhere])
    await inTransaction(database.pool, (tx) => putTraitSettings(tx, of, { type: null, sources: ["stripe"] }, day(1)));
  expect((await readShown()).traits).toEqual({ plan: "of custom" });
});

/** In the usual order. */
const sources = ["custom", "analytics", "pendo-report:b", "pendo-report:a"];
const writes = fc.array(
  fc.record({
    source: fc.constantFrom(...sources),
    name: fc.constantFrom("plan", "seats"),
    value: fc.option(fc.integer({ min: 0, max: 3 })),
  }),
  { maxLength: 12 },
);
const chosen = fc.record({ plan: fc.subarray(sources), seats: fc.shuffledSubarray(sources) });

test("whatever the order in which sources write, what is shown follows from their last values and the chosen order", async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(writes, chosen, fc.infiniteStream(fc.nat()), async (said, order, random) => {
      workspaceId = await createWorkspace(database.pool);
      const users = [await createUser("u"), await createUser("v")] as const;
      for (const [name, list] of Object.entries(order)) await choose(name, list.length > 0 ? list : null);
      const write = async (user: string, all: readonly Write[]) => {
        for (const { source, name, value } of all) {
          count += 1;
          const trait = value === null ? { type: null, value } : { type: "number" as const, value };
          await set(user, source, [{ name, ...trait }], day(count));
        }
      };
      await write(users[0], said);
      await write(users[1], interleave(said, random));
      const expected = showByHand(said, order);
      for (const recordId of users)
        expect(await readShownTraits(database.pool, { workspaceId, kind: "user", recordId })).toEqual(expected);
      // One query for a list says the same as one for each.
      const { items } = await listRecords(database.pool, "users", workspaceId, { limit: 10 });
      for (const item of items) expect(item).toMatchObject({ traits: expected });
    }),
    { numRuns: 40 },
  );
}, 60_000);

type Write = { source: string; name: string; value: number | null };

/** Another order in which each source still says its own things one after the other. */
function interleave(said: readonly Write[], random: fc.Stream<number>): Write[] {
  const queues = sources.map((source) => said.filter((write) => write.source === source));
  const mixed: Write[] = [];
  for (const number of random) {
    const waiting = queues.filter((queue) => queue.length > 0);
    if (waiting.length === 0) return mixed;
    mixed.push(waiting[number % waiting.length]!.shift()!);
  }
  return mixed;
}

function showByHand(said: readonly Write[], order: Record<string, string[]>): Record<string, number> {
  const shown: Record<string, number> = {};
  for (const name of ["plan", "seats"]) {
    const ordered = [...order[name]!, ...sources.filter((source) => !order[name]!.includes(source))];
    for (const source of ordered.reverse()) {
      const last = said.findLast((write) => write.source === source && write.name === name);
      if (typeof last?.value === "number") shown[name] = last.value;
    }
  }
  return shown;
}

async function createReport(name: string): Promise<string> {
  const { connectionId } = await createPlace(database.pool, { workspaceId });
  const reportId = createUuid(day(1).getTime());
  await database.pool.query(
    `insert into reports (workspace_id, report_id, connection_id, pendo_report_id, name, record_type, id_column, id_kind, columns, next_at)
     values ($1, $2, $3, 'r-1', $4, 'user', 'visitorId', 'visitor', '[]', now())`,
    [workspaceId, reportId, connectionId, name],
  );
  return reportId;
}

async function addRun(reportId: string, number: number, state: string, answeredAt: Date): Promise<string> {
  const id = createUuid(answeredAt.getTime());
  const answers = [
    { at: answeredAt.toISOString(), status: 200, bytes: 1, rows: 1, milliseconds: 90_000, trouble: null },
  ];
  await database.pool.query(
    `insert into report_runs (workspace_id, report_run_id, report_id, number, state, held_until, started_at, answers)
     values ($1, $2, $3, $4, $5, now(), $6, $7)`,
    [workspaceId, id, reportId, number, state, answeredAt, JSON.stringify(answers)],
  );
  return id;
}

test("a report's traits carry its name, and were read when its last run that was done got its answer", async () => {
  const user = await createUser("u");
  const reportId = await createReport("Visitors by week");
  const source = sourceOfReport(reportId);
  await set(user, source, [text("plan", "Team"), text("gone", "x")], day(2));
  await set(user, source, [{ name: "gone", type: null, value: null }], day(3));
  const removed = sourceOfReport(createUuid(1));
  await set(user, removed, [text("plan", "Old")], day(2));
  expect(await list(user)).toMatchObject([
    { name: "gone", source, type: null, readAt: day(3) },
    { name: "plan", source, sourceName: "Visitors by week", reportId, readAt: day(2), shown: true },
    { name: "plan", source: removed, sourceName: "a report that was removed", readAt: day(2), shown: false },
  ]);
  await addRun(reportId, 1, "done", day(4));
  await addRun(reportId, 2, "done", day(5));
  await addRun(reportId, 3, "failed", day(6));
  expect((await list(user)).map((one) => one.readAt)).toEqual([day(3), new Date(day(5).getTime() + 90_000), day(2)]);
});

test("the history of one trait comes in the order of time, in pages, of all sources or of one", async () => {
  const user = await createUser("u");
  for (let n = 1; n <= 7; n += 1)
    await set(
      user,
      n % 3 === 0 ? "stripe" : "custom",
      [{ name: "a/b?", type: "number", value: n }, text("t", "")],
      day(n),
    );
  const of = { workspaceId, kind: "user" as const, recordId: user, name: "a/b?" };
  const read = async (query: { source?: string; since?: string; until?: string }, limit: number) => {
    const points: unknown[] = [];
    for (let from: string | undefined; ; ) {
      const page = await listTraitHistory(database.pool, of, { ...query, limit, from });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      points.push(...page.items.map((point) => point.newValue));
      if (page.next === null) return points;
      from = page.next;
    }
  };
  for (const limit of [1, 2, 3, 7, 100]) expect(await read({}, limit)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(await read({ source: "stripe" }, 1)).toEqual([3, 6]);
  expect(await read({ since: day(2).toISOString(), until: day(5).toISOString() }, 2)).toEqual([2, 3, 4]);
  const { items } = await listTraitHistory(database.pool, of, { source: "stripe", limit: 1 });
  expect(items).toEqual([
    {
      source: "stripe",
      sourceName: "stripe",
      reportId: null,
      readAt: day(3),
      oldValue: null,
      newValue: 3,
      reportRunId: null,
    },
  ]);
});

test("every name in use is listed once, with its sources as they stand for it, types, and how many records have it", async () => {
  const [one, other, third] = [await createUser("u"), await createUser("v"), await createUser("w")];
  const reportId = await createReport("Visitors by week");
  const source = sourceOfReport(reportId);
  for (const user of [one, other]) await set(user, source, [{ name: "plan", type: "number", value: 1 }]);
  await set(one, "custom", [text("plan", "x"), text("only", "x")]);
  await set(third, "custom", [{ name: "plan", type: "yes-no", value: true }]);
  await choose("plan", [source]);
  await inTransaction(database.pool, (tx) =>
    putTraitSettings(tx, { workspaceId, kind: "user", name: "later" }, { type: "date", sources: null }, day(1)),
  );
  const custom = { source: "custom", sourceName: "Plumbline", reportId: null };
  const names = await listTraitNames(database.pool, workspaceId, "user");
  expect(names).toEqual([
    { level: "user", name: "later", type: "date", sources: null, records: 0, from: [] },
    {
      level: "user",
      name: "only",
      type: null,
      sources: null,
      records: 1,
      from: [{ ...custom, records: 1, types: [{ type: "text", records: 1 }] }],
    },
    {
      level: "user",
      name: "plan",
      type: null,
      sources: [source],
      records: 3,
      from: [
        { source, sourceName: "Visitors by week", reportId, records: 2, types: [{ type: "number", records: 2 }] },
        {
          ...custom,
          records: 2,
          types: expect.arrayContaining([
            { type: "text", records: 1 },
            { type: "yes-no", records: 1 },
          ]),
        },
      ],
    },
  ]);
  expect(await listTraitNames(database.pool, workspaceId, "account")).toEqual([]);
});

test("a record that has a trait from several sources counts once", async () => {
  const users = [];
  for (let n = 0; n < 8; n += 1) users.push(await createUser(`u-${n}`));
  // Which sources give it to whom; the last record has none.
  const given: Record<string, number[]> = { custom: [0, 1, 2], analytics: [2, 3, 4, 5], stripe: [0, 5, 6], pendo: [2] };
  for (const [source, places] of Object.entries(given))
    for (const place of places) await set(users[place]!, source, [text("plan", source), text(`only ${source}`, "x")]);
  const names = await listTraitNames(database.pool, workspaceId, "user");
  expect(names.map(({ name, records }) => [name, records])).toEqual([
    ["only analytics", 4],
    ["only custom", 3],
    ["only pendo", 1],
    ["only stripe", 3],
    ["plan", 7],
  ]);
});
