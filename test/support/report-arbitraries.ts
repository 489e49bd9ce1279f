// Random columns and rows of reports, for properties.
import fc from "fast-check";
import type { TraitType } from "../../src/pipeline/records.ts";
import type { Json, JsonObject } from "../../src/platform/json.ts";
import type { Combine, ReportColumn } from "../../src/reports/report.ts";

const thousandths = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((whole) => whole / 1000);
const dates = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2020-01-05"), noInvalidDate: true })
  .chain((date) => fc.constantFrom(date.toISOString().slice(0, 10), `${date.toISOString().slice(0, 13)}:00:00Z`));
const texts = fc.constantFrom(
  "a",
  "A",
  "ä",
  "\\N",
  "a\tb",
  "tab\\t",
  "é",
  "e\u0301",
  "🙂",
  "\uFFFF",
  " a",
  "x\ny\r",
  "NULL",
);

/** Of each type a column of that name. */
const cells: Record<TraitType, fc.Arbitrary<Json>> = {
  number: fc.oneof(thousandths, thousandths.map(String)),
  text: texts,
  "yes-no": fc.constantFrom<Json>(true, false, "yes", "No"),
  date: dates,
  list: fc.array(fc.oneof(texts, fc.integer()), { maxLength: 2 }),
};
const misfits: Record<TraitType, Json> = { number: "1,5", text: { a: 1 }, "yes-no": "2", date: "soon", list: "[1" };
const types = Object.keys(cells) as TraitType[];

const oneCell = (type: TraitType): fc.Arbitrary<Json> =>
  fc.oneof(
    { arbitrary: cells[type], weight: 6 },
    { arbitrary: fc.constantFrom<Json>(null, "", "  "), weight: 2 },
    { arbitrary: fc.constant(misfits[type]), weight: 1 },
  );

const rows: fc.Arbitrary<JsonObject> = fc
  .record({
    id: fc.constantFrom("a", "b", "c"),
    number: oneCell("number"),
    text: oneCell("text"),
    "yes-no": oneCell("yes-no"),
    date: oneCell("date"),
    list: oneCell("list"),
    by: oneCell("date"),
  })
  .map((row) => row as JsonObject);

export const rowLists = fc.array(rows, { minLength: 1, maxLength: 25 });

const combinesOf: Record<TraitType, readonly Combine[]> = {
  number: ["sum", "average", "min", "max", "count", "distinct", "latest"],
  date: ["min", "max", "count", "distinct", "latest"],
  text: ["count", "distinct", "latest"],
  "yes-no": ["count", "distinct", "latest"],
  list: ["count", "distinct", "latest"],
};

const oneColumn = fc.constantFrom(...types).chain((type) =>
  fc.record({
    column: fc.constant(type),
    type: fc.constant(type),
    combine: fc.constantFrom(...combinesOf[type]),
    latestBy: fc.constantFrom(null, "by"),
  }),
);

export const columnLists: fc.Arbitrary<ReportColumn[]> = fc
  .array(oneColumn, { minLength: 1, maxLength: 6 })
  .map((list) =>
    list.map((one, place) => ({
      ...one,
      trait: `trait ${place}`,
      latestBy: one.combine === "latest" ? one.latestBy : null,
    })),
  );
