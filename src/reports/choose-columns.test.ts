import { describe, expect, test } from "vitest";
import type { RecordKind } from "../pipeline/records.ts";
import { type Choices, chooseColumns, keepColumns } from "./choose-columns.ts";
import { proposeColumns } from "./propose-columns.ts";

const rows = [
  { visitorId: "v-1", accountId: "a-1", plan: "free", minutes: 12, lastvisit: "2026-11-20", crm: "x-1" },
  { visitorId: "v-2", accountId: "a-1", plan: "team", minutes: 3, lastvisit: "2026-11-21", crm: "x-2" },
];
const seen = Object.keys(rows[0]!);
const { columns: proposed } = proposeColumns(
  { columns: seen, rows },
  { pendoLevel: "visitor", accountLevel: "account" },
);

function choose(choices: Choices, level: RecordKind = "user", of = seen, isWhole = true) {
  const columns = proposed.filter(({ column }) => of.includes(column));
  return chooseColumns(choices, level, { seen: of, isWhole, columns });
}

const traits = (choices: Choices, level?: RecordKind) =>
  choose(choices, level).columns.map(({ trait, combine, latestBy }) => `${trait} ${combine} ${latestBy ?? ""}`.trim());

describe("the id column", () => {
  test.each<[Choices, RecordKind, string, string]>([
    [{}, "user", "visitorId", "visitor"],
    [{}, "account", "accountId", "account"],
    [{}, "organization", "accountId", "account"],
    [{ idColumn: "crm" }, "user", "crm", "external"],
    [{ idColumn: "accountId" }, "user", "accountId", "account"],
    [{ idColumn: "visitorId", idKind: "external" }, "account", "visitorId", "external"],
    [{ idColumn: "crm", idKind: "visitor" }, "user", "crm", "visitor"],
  ])("%j at level %s is %s, of kind %s", (choices, level, idColumn, idKind) => {
    expect(choose(choices, level)).toMatchObject({ idColumn, idKind });
  });

  test("has to be said where none is named like it", () => {
    expect(() => choose({}, "user", ["accountId", "plan"])).toThrow(
      'No column is named like Pendo\'s id of a visitor, which level user needs: say which one holds the ids (--id-column). Its columns: "accountId", "plan".',
    );
    expect(() => choose({ idColumn: "Crm" })).toThrow(/^The report has no column "Crm"\. Its columns: "visitorId", /);
    expect(() => choose({}, "user", [])).toThrow(/Pendo has no rows for this report at the moment/);
  });
});

describe("the columns", () => {
  test("are all but the id column, as proposed, unless some are chosen", () => {
    expect(traits({})).toEqual([
      "pendo.accountId latest",
      "pendo.plan latest",
      "pendo.minutes sum",
      "pendo.lastvisit latest",
      "pendo.crm latest",
    ]);
    expect(traits({ columns: [{ column: "minutes", trait: "Minutes" }, { column: "plan" }] })).toEqual([
      "Minutes sum",
      "pendo.plan latest",
    ]);
  });

  test("that only rows have that nobody looked at are taken with a type", () => {
    const late = { column: "late", type: "number" } as const;
    expect(choose({ columns: [late] }, "user", seen, false).columns).toEqual([
      { column: "late", trait: "pendo.late", type: "number", combine: "sum", latestBy: null },
    ]);
    expect(() => choose({ columns: [late] })).toThrow(/^The report has no column "late"/);
    expect(() => choose({ columns: [{ column: "late" }] }, "user", seen, false)).toThrow(
      /^The rows that were looked at have no column "late"\. If later ones have it, say its type/,
    );
  });

  test("of another type than proposed are combined as that type is", () => {
    expect(
      traits({
        columns: [
          { column: "minutes", type: "text" },
          { column: "plan", type: "number" },
        ],
      }),
    ).toEqual(["pendo.minutes latest", "pendo.plan sum"]);
  });

  test("the id column can be a trait as well, and a column two", () => {
    expect(
      traits({
        columns: [
          { column: "visitorId", combine: "distinct" },
          { column: "minutes", combine: "max", trait: "most" },
          { column: "minutes" },
        ],
      }),
    ).toEqual(["pendo.visitorId distinct", "most max", "pendo.minutes sum"]);
  });

  test("a combination for all is for those that it fits", () => {
    const columns = [{ column: "minutes" }, { column: "plan" }, { column: "lastvisit" }];
    expect(traits({ columns, combine: "average" })).toEqual([
      "pendo.minutes average",
      "pendo.plan latest",
      "pendo.lastvisit latest",
    ]);
    expect(traits({ columns, combine: "max" })).toEqual([
      "pendo.minutes max",
      "pendo.plan latest",
      "pendo.lastvisit max",
    ]);
    expect(traits({ columns: [{ column: "minutes", combine: "min" }], combine: "min" })).toEqual(["pendo.minutes min"]);
    expect(() => traits({ columns: [{ column: "plan" }], combine: "sum" })).toThrow(
      "None of these columns can be combined by sum",
    );
  });

  test("the column of dates is for those whose latest value counts", () => {
    expect(traits({ columns: [{ column: "minutes" }, { column: "plan" }], latestBy: "lastvisit" })).toEqual([
      "pendo.minutes sum",
      "pendo.plan latest lastvisit",
    ]);
    expect(() => traits({ columns: [{ column: "minutes" }], latestBy: "lastvisit" })).toThrow("would say nothing");
    expect(() => traits({ columns: [{ column: "plan" }], latestBy: "last visit" })).toThrow('no column "last visit"');
  });

  test.each<[Choices, string]>([
    [{ columns: [] }, 'There is no column to make a trait of beside "visitorId".'],
    [{ columns: [{ column: "seats" }] }, 'The report has no column "seats". Its columns: "visitorId", "accountId"'],
    [{ columns: [{ column: "plan", combine: "sum" }] }, 'There is no sum of "plan", which is of type text: count, '],
    [{ columns: [{ column: "lastvisit", combine: "sum" }] }, "of type date: min, max, count, distinct or latest"],
    [{ columns: [{ column: "minutes", type: "text", combine: "max" }] }, 'There is no max of "minutes"'],
    [{ columns: [{ column: "plan", trait: "" }] }, 'The trait of "plan" needs a name'],
    [{ columns: [{ column: "plan", trait: " x" }] }, 'The trait of "plan" needs a name, without blanks at its ends'],
    [{ columns: [{ column: "plan", trait: "x".repeat(201) }] }, "at most 200 characters"],
    [{ columns: [{ column: "plan", trait: "a\0b" }] }, "that can be kept"],
    [
      {
        columns: [
          { column: "plan", trait: "x" },
          { column: "crm", trait: "x" },
        ],
      },
      '"plan" and "crm" would both become the trait "x": give one of them another name',
    ],
    [{ columns: [{ column: "plan" }, { column: "plan" }] }, 'would both become the trait "pendo.plan"'],
    [
      { columns: Array.from({ length: 501 }, (_, i) => ({ column: "plan", trait: `t${i}` })) },
      "A report can become 500 traits, and these are 501",
    ],
  ])("%#: refused", (choices, sentence) => expect(() => choose(choices)).toThrow(sentence));

  test("of a report without rows are taken as they are named, with their types", () => {
    const chosen = choose({ idColumn: "visitorId", columns: [{ column: "seats", type: "number" }] }, "user", []);
    expect(chosen.columns).toEqual([
      { column: "seats", trait: "pendo.seats", type: "number", combine: "sum", latestBy: null },
    ]);
    expect(() => choose({ idColumn: "visitorId" }, "user", [])).toThrow("its columns are not known");
    expect(() => choose({ idColumn: "visitorId", columns: [{ column: "seats" }] }, "user", [])).toThrow(
      'so the type of "seats" is not known',
    );
  });

  test("of before stay as they are but for what is chosen for all of them", () => {
    const { columns } = choose({
      columns: [
        { column: "minutes", trait: "most", combine: "max" },
        { column: "minutes", trait: "least", combine: "min" },
        { column: "plan", latestBy: "lastvisit" },
      ],
    });
    const keep = (choices: Choices) => traits({ ...choices, columns: keepColumns(columns, choices) });
    expect(keep({})).toEqual(["most max", "least min", "pendo.plan latest lastvisit"]);
    expect(keep({ combine: "count" })).toEqual(["most count", "least count", "pendo.plan count"]);
    expect(keep({ combine: "average" })).toEqual(["most average", "least average", "pendo.plan latest lastvisit"]);
  });
});
