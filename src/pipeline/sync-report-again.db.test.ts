// What holds for runs one after the other, whatever comes between: the state they end in is that of a plain reading.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyCombined, combineRows, type TraitState } from "../../test/support/combine-reference.ts";
import { columnLists, rowLists } from "../../test/support/report-arbitraries.ts";
import { createReportPlace, oneColumn, type ReportPlace, readTraitsOf } from "../../test/support/reports.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { watchStatements } from "../../test/support/watched-database.ts";
import type { Database } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { JsonObject } from "../platform/json.ts";
import type { LeaseRunner } from "../platform/lease-runner.ts";
import type { Report } from "../reports/report.ts";
import { findReportRun, startRunByHand } from "../reports/report-runs-table.ts";
import { createReportRunner } from "./run-reports.ts";
import { createSyncReport } from "./sync-report.ts";

let database: TestDatabase;
let place: ReportPlace;

beforeAll(async () => {
  database = await createTestDatabase();
  place = await createReportPlace(database.pool);
});
afterAll(async () => {
  await place.stop();
  await database.drop();
});

const addReport = (given: Partial<Report>) => place.addReport({ idColumn: "id", idKind: "external", ...given });
/** Without what an average may round differently. */
const closely = (state: TraitState) =>
  JSON.parse(JSON.stringify(state, (_, value) => (typeof value === "number" ? Number(value.toPrecision(14)) : value)));

/** To the end; what surprises is confirmed. */
async function run(report: Report, rows: readonly JsonObject[]): Promise<void> {
  const first = await place.run(report, rows);
  const last = first.state === "stopped" ? await place.run(report, rows, { confirms: first }) : first;
  expect(last.state).toBe("done");
}

describe("a series of runs", () => {
  test("ends in the state that a plain reading ends in", { timeout: 300_000 }, async () => {
    const series = fc.record({
      columns: columnLists,
      others: columnLists,
      vanished: fc.constantFrom("keep" as const, "clear" as const),
      versions: fc.array(rowLists, { minLength: 1, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(series, async ({ columns, others, vanished, versions }) => {
        let report = await addReport({ columns, vanished });
        let expected: TraitState = {};
        for (const [place, rows] of versions.entries()) {
          // In the middle of the series other columns are mapped.
          if (place === 2) report = await changeColumns(report, others);
          await run(report, rows);
          expected = applyCombined(report, expected, combineRows(report, rows));
          expect(closely((await readTraitsOf(database.pool, report)) as TraitState)).toEqual(closely(expected));
        }
      }),
      { numRuns: 25 },
    );
  });

  test("of two reports, in whatever order they take turns: neither sees the other", { timeout: 300_000 }, async () => {
    const turns = fc.record({
      columns: columnLists,
      one: fc.array(rowLists, { minLength: 1, maxLength: 2 }),
      other: fc.array(rowLists, { minLength: 1, maxLength: 2 }),
      order: fc.shuffledSubarray([0, 0, 1, 1], { minLength: 4, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(turns, async ({ columns, one, other, order }) => {
        const sides = [
          { report: await addReport({ columns, vanished: "clear" }), left: [...one], expected: {} as TraitState },
          { report: await addReport({ columns, vanished: "keep" }), left: [...other], expected: {} as TraitState },
        ];
        for (const turn of order) {
          const side = sides[turn]!;
          const rows = side.left.shift();
          if (!rows) continue;
          await run(side.report, rows);
          side.expected = applyCombined(side.report, side.expected, combineRows(side.report, rows));
        }
        for (const { report, expected } of sides)
          expect(closely((await readTraitsOf(database.pool, report)) as TraitState)).toEqual(closely(expected));
      }),
      { numRuns: 15 },
    );
  });
});

async function changeColumns(report: Report, columns: Report["columns"]): Promise<Report> {
  return place.changeReport(report, { columns });
}

const before: JsonObject[] = [
  { id: "stays", seats: 1, plan: "a" },
  { id: "changes", seats: 1, plan: "a" },
  { id: "goes", seats: 1, plan: "a" },
];
const after: JsonObject[] = [
  { id: "stays", seats: 1, plan: "a" },
  { id: "changes", seats: 2, plan: "" },
  { id: "null", seats: 2, plan: "" },
  { id: "changes", seats: "many", plan: "b" },
  ...Array.from({ length: 7 }, (_, index) => ({ id: `new ${index}`, seats: index, plan: "n" })),
];
const columns = [oneColumn({ combine: "sum" }), oneColumn({ column: "plan", trait: "plan", type: "text" })];
const hour = 60 * 60_000;

type Ending = (client: { query: (text: string) => Promise<unknown> }, runner: LeaseRunner) => Promise<void> | void;

/** Begins a run that is ended before its statement of this number, then one more that goes on an hour later. */
async function runBroken(number: number, end: Ending): Promise<{ isEnded: boolean; state: unknown }> {
  const prefix = `${number} `;
  const own = (rows: readonly JsonObject[]) =>
    rows.map((row) => ({ ...row, id: row.id === "null" ? "null" : prefix + row.id }));
  const report = await addReport({ columns, vanished: "clear" });
  await run(report, own(before));
  place.server.rows = own(after);
  const begun = await inTransaction(database.pool, (tx) =>
    startRunByHand(tx, { workspaceId: place.workspaceId, reportId: report.id }, new Date()),
  );
  let count = 0;
  let isEnded = false;
  const watched = watchStatements(database.pool, async (_, client) => {
    count += 1;
    if (count !== number) return;
    isEnded = true;
    await end(client as never, broken);
  });
  const broken = openRunner(watched, () => new Date());
  await broken.work(begun.run).catch(() => {});
  await broken.stop();
  const later = openRunner(database.pool, () => new Date(Date.now() + hour));
  await later.work(begun.run);
  await later.stop();
  const last = (await findReportRun(database.pool, place.workspaceId, begun.run.id))!;
  const traits = (await readTraitsOf(database.pool, report)) as TraitState;
  const { rows: changes } = await database.pool.query(
    "select count(*) as count from trait_changes where workspace_id = $1 and report_run_id = $2",
    [place.workspaceId, begun.run.id],
  );
  const { rows: problems } = await database.pool.query(
    "select row_number, column_name, reason from report_problems where report_run_id = $1 order by 1, 2",
    [begun.run.id],
  );
  const withoutPrefix = Object.fromEntries(Object.entries(traits).map(([id, own]) => [id.slice(prefix.length), own]));
  const counts = [last.state, last.matched, last.changed, last.valuesChanged, last.unmatched, last.typeErrors];
  return { isEnded, state: { traits: withoutPrefix, changes: changes[0].count, problems, counts } };
}

function openRunner(to: Database, clock: () => Date): LeaseRunner {
  const sync = createSyncReport({ database: to, clients: place.clients, clock, sliceSize: 3 });
  return createReportRunner({ database: to, log: silentLog, clock, run: sync });
}

describe("a run that is ended before any of its statements, and begun again, ends as if nothing had been", () => {
  const endings: [string, Ending][] = [
    [
      "its connection is killed",
      (client) =>
        client.query("select pg_terminate_backend(pg_backend_pid())").then(
          () => {},
          () => {},
        ),
    ],
    ["its process stops", (_, runner) => void runner.stop()],
  ];
  test.each(endings)("%s", { timeout: 300_000 }, async (_, end) => {
    const undisturbed = await runBroken(0, end);
    expect(undisturbed.state).toMatchObject({
      counts: ["done", 9, 9, 18, 1, 1],
      changes: 18,
      problems: [
        { row_number: 3, column_name: "", reason: "nobody" },
        { row_number: 4, column_name: "seats", reason: "not-a-number" },
      ],
    });
    let number = 1;
    for (; ; number += 1) {
      const { isEnded, state } = await runBroken(number, end);
      if (!isEnded) break;
      expect({ number, state }).toEqual({ number, state: undisturbed.state });
    }
    expect(number).toBeGreaterThan(30);
  });
});

test("a run that is left ends its request to Pendo, which may not have given a row yet", async () => {
  const report = await addReport({ columns: [oneColumn()] });
  const begun = await inTransaction(database.pool, (tx) =>
    startRunByHand(tx, { workspaceId: place.workspaceId, reportId: report.id }, new Date()),
  );
  const { brokenOff } = place.server;
  const runner = openRunner(database.pool, () => new Date());
  const hasAsked = new Promise<void>((resolve) => {
    place.server.onAnswer = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  const working = runner.work(begun.run);
  await hasAsked;
  await Promise.all([runner.stop(), working]);
  place.server.onAnswer = () => {};
  await expect.poll(() => place.server.brokenOff, { timeout: 10_000 }).toBe(brokenOff + 1);
});

test("nothing is left of a run that was broken off", async () => {
  const listTables = async () =>
    (await database.pool.query("select relname from pg_class where relname like 'report\\_%' and relpersistence = 't'"))
      .rows;
  // The server ends a session some moments after its connection.
  await expect.poll(listTables, { timeout: 10_000 }).toEqual([]);
  const idle = await database.pool.query(
    "select count(*) as count from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()",
  );
  expect(idle.rows[0].count).toBe(0);
});
