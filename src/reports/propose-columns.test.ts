import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../platform/json.ts";
import { chooseColumns } from "./choose-columns.ts";
import { proposeColumns } from "./propose-columns.ts";
import { readCell } from "./read-cell.ts";

const about = { pendoLevel: "visitor", accountLevel: "account" } as const;

function propose(column: string, cells: readonly (Json | undefined)[]) {
  const rows = cells.map((cell, place) => ({ visitorId: `v-${place}`, ...(cell !== undefined && { [column]: cell }) }));
  return proposeColumns({ columns: ["visitorId", column], rows }, about).columns[1]!;
}

describe("the type of a column", () => {
  test.each<[string, Json[], string]>([
    ["seats", [12, 0, -3.5, null], "number"],
    ["seats", ["12", "7"], "number"],
    ["seats", [12, "n/a"], "text"],
    ["zip", ["01234", "98765"], "text"],
    ["flag", [1, 0, 1], "number"],
    ["flag", [true, false, null], "yes-no"],
    ["flag", ["Yes", "no", ""], "yes-no"],
    ["flag", [true, 1], "yes-no"],
    ["flag", ["yes", "maybe"], "text"],
    ["renewalDate", ["2026-11-20", "", "2026-01-01T10:00:00Z"], "date"],
    ["renewal", ["2026-11-20"], "date"],
    ["renewalDate", ["20.11.2026"], "text"],
    ["lastvisit", [1515771385415, 1531108800000], "date"],
    ["lastvisit", ["1515771385415"], "date"],
    ["createdAt", [1515771385415], "date"],
    ["seen_at", [1515771385415], "date"],
    ["lastvisit", [1515771385415, 0], "number"],
    ["lastvisit", [1515771385], "number"],
    ["timeOnPage", [1515771385415], "number"],
    ["numVisits", [1515771385415], "number"],
    ["flat", [1515771385415], "number"],
    ["bytes", [1515771385415], "number"],
    ["tags", [["a"], ["b", 3], []], "list"],
    ["tags", ['["a"]'], "list"],
    ["tags", [["a"], "a;b"], "text"],
    ["mixed", [{ a: 1 }, "x"], "text"],
    ["empty", [null, "", " "], "text"],
  ])("%s of %j is %s", (column, cells, type) => {
    const proposed = propose(column, cells);
    expect(proposed).toMatchObject({
      column,
      trait: `pendo.${column}`,
      type,
      combine: type === "number" ? "sum" : "latest",
      latestBy: null,
    });
  });

  test("says how much is in it, and what", () => {
    expect(propose("plan", ["free", undefined, "", "team", "free", null, "a", "b"])).toMatchObject({
      filled: 5,
      examples: ["free", "team", "a"],
    });
  });

  test("is text, or one that every cell fits", () => {
    const cells = fc.array(
      fc.oneof(
        fc.constantFrom<Json>("2026-11-20", "yes", "12", 1_700_000_000_000, 1, 0, true, "", null, ["a"], "x"),
        fc.jsonValue() as fc.Arbitrary<Json>,
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.constantFrom("lastvisit", "seats", "__proto__"), cells, (column, values) => {
        const rows = values.map((value) => Object.fromEntries([[column, value]]) as JsonObject);
        const { type } = proposeColumns({ columns: [column], rows }, about).columns[0]!;
        for (const value of values) if (type !== "text") expect(readCell(value, type).outcome).not.toBe("misfit");
      }),
    );
  });
});

describe("whose a row is", () => {
  const proposeId = (columns: string[], of: Partial<Parameters<typeof proposeColumns>[1]> = {}) => {
    const { idColumn, idKind, level } = proposeColumns({ columns, rows: [] }, { ...about, ...of });
    return [idColumn, idKind, level];
  };

  test.each<[string[], Partial<Parameters<typeof proposeColumns>[1]>, (string | null)[]]>([
    [["visitorId", "accountId", "x"], {}, ["visitorId", "visitor", "user"]],
    [["accountId", "visitorId"], { pendoLevel: "account" }, ["accountId", "account", "account"]],
    [["x", "visitor_id"], {}, ["visitor_id", "visitor", "user"]],
    [["Visitor ID"], {}, ["Visitor ID", "visitor", "user"]],
    [["ACCOUNTID", "x"], {}, ["ACCOUNTID", "account", "account"]],
    [["Account Id", "x"], { accountLevel: "organization" }, ["Account Id", "account", "organization"]],
    [["crm_id", "x"], {}, [null, null, "user"]],
    [["crm_id"], { pendoLevel: "account" }, [null, null, "account"]],
    [["crm_id"], { pendoLevel: null }, [null, null, "user"]],
    [[], {}, [null, null, "user"]],
  ])("%j %j", (columns, of, expected) => expect(proposeId(columns, of)).toEqual(expected));
});

test("a column without a name gets one by its place", () => {
  const { columns } = proposeColumns({ columns: ["visitorId", "", "\u00a0"], rows: [] }, about);
  expect(columns.map(({ trait }) => trait)).toEqual(["pendo.visitorId", "pendo.column 2", "pendo.column 3"]);
});

test.each([
  ["Seats ", "pendo.Seats"],
  ["\tSeats", "pendo.Seats"],
  ["x".repeat(300), `pendo.${"x".repeat(194)}`],
  [`${"x".repeat(193)}🙂`, `pendo.${"x".repeat(193)}\uFFFD`],
  [`${"x".repeat(193)}  y`, `pendo.${"x".repeat(193)}`],
  ["a\0b\uD800", "pendo.a\uFFFDb\uFFFD"],
])("%j can be synced as it is proposed", (column, trait) => {
  const { columns } = proposeColumns({ columns: ["visitorId", column], rows: [] }, about);
  expect(columns[1]).toMatchObject({ column, trait });
  const seen = ["visitorId", column];
  expect(chooseColumns({}, "user", { seen, isWhole: true, columns }).columns).toMatchObject([{ column, trait }]);
});
