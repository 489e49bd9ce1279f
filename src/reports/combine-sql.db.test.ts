import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { combineRows } from "../../test/support/combine-reference.ts";
import { columnLists, rowLists } from "../../test/support/report-arbitraries.ts";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import type { Json, JsonObject } from "../platform/json.ts";
import { selectSaid } from "./combine-sql.ts";
import type { ReportColumn } from "./report.ts";
import { openStagedReport } from "./staged-report.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** By id and name of the trait, as the database writes it: a reader here would round what it has too much. */
async function combine(columns: readonly ReportColumn[], rows: readonly JsonObject[], batch = 7) {
  const staged = await openStagedReport(database.pool, { idColumn: "id", columns }, new AbortController().signal);
  try {
    await staged.begin();
    for (let start = 0; start < rows.length; start += batch) await staged.take(rows.slice(start, start + batch));
    await staged.end();
    await staged.session.query(
      `create temporary table report_ids as
       select distinct id, md5(id)::uuid as record_id, null::text as reason from pg_temp.report_rows where reason is null`,
    );
    await staged.combine();
    const { rows: said } = await staged.session.query(
      `select i.id, s.place, coalesce(s.value::text, 'null') as value from (${selectSaid}) s
       join pg_temp.report_ids i using (record_id) order by i.id, s.place`,
    );
    return said.map(({ id, place, value }) => [id, columns[place]!.trait, value as string] as const);
  } finally {
    await staged.close();
  }
}

function refer(columns: readonly ReportColumn[], rows: readonly JsonObject[]) {
  return [...combineRows({ idColumn: "id", columns }, rows)]
    .flatMap(([id, traits]) =>
      [...traits].flatMap(([trait, value]) => (value === undefined ? [] : [[id, trait, value] as const])),
    )
    .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}

const closely = (values: readonly (readonly [string, string, Json])[]) =>
  values.map(([id, trait, value]) => [id, trait, typeof value === "number" ? Number(value.toPrecision(14)) : value]);

test("what the database makes of rows is what a plain reading makes of them", { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(columnLists, rowLists, async (columns, rows) => {
      const said = (await combine(columns, rows)).map(
        ([id, trait, value]) => [id, trait, JSON.parse(value) as Json] as const,
      );
      expect(closely(said)).toEqual(closely(refer(columns, rows)));
    }),
    { numRuns: 150 },
  );
});

test("the order of rows changes nothing but what came last", { timeout: 300_000 }, async () => {
  const orders = rowLists.chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length })),
  );
  await fc.assert(
    fc.asyncProperty(columnLists, orders, async (given, [rows, shuffled]) => {
      const columns = given.filter(({ combine }) => combine !== "latest");
      fc.pre(columns.length > 0);
      expect(await combine(columns, shuffled)).toEqual(await combine(columns, rows));
    }),
    { numRuns: 75 },
  );
});

test("sums are exact, and what no double holds is no value", async () => {
  const column = (combine: ReportColumn["combine"]): ReportColumn => ({
    column: "n",
    trait: combine,
    type: "number",
    combine,
    latestBy: null,
  });
  const columns = [column("sum"), column("average")];
  const values = (id: string, numbers: readonly number[]) => numbers.map((n) => ({ id, n }));
  const rows = [
    ...values(
      "tenths",
      Array.from({ length: 10 }, () => 0.1),
    ),
    ...values("far", [1e300, 1, -1e300]),
    ...values("huge", [1.7e308, 1.7e308]),
    ...values("tiny", [5e-324, 0, 0]),
    ...values("thirds", [1, 0, 0]),
  ];
  expect(
    Object.fromEntries((await combine(columns, rows)).map(([id, trait, value]) => [`${id} ${trait}`, value])),
  ).toEqual({
    "tenths sum": "1",
    "tenths average": "0.1",
    "far sum": "1",
    "far average": "0.3333333333333333",
    "huge sum": "null",
    "huge average": `17${"0".repeat(307)}`,
    "tiny sum": `0.${"0".repeat(323)}5`,
    "tiny average": "0",
    "thirds sum": "1",
    "thirds average": "0.3333333333333333",
  });
});
