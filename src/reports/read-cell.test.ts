import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCorpus, listNaughtyStrings } from "../../test/support/corpora.ts";
import { readTraitValue } from "../import/read-trait.ts";
import type { TraitType } from "../pipeline/records.ts";
import { type Json, parseJsonExactly } from "../platform/json.ts";
import { readCell } from "./read-cell.ts";

const types: TraitType[] = ["number", "text", "yes-no", "date", "list"];
const misfit = Symbol("misfit");
const none = Symbol("none");

function read(cell: Json | undefined, type: TraitType) {
  const reading = readCell(cell, type);
  if (reading.outcome === "value") return reading.value;
  return reading.outcome === "none" ? none : misfit;
}

describe("nothing is no value, whatever the type", () => {
  test.each(types)("%s", (type) => {
    for (const cell of [undefined, null, "", " ", "\t\r\n", "\u00a0 \u2003"]) expect(read(cell, type)).toBe(none);
  });
});

describe("a number", () => {
  test.each<[Json, unknown]>([
    [0, 0],
    [-0, 0],
    [12.75, 12.75],
    [1e21, 1e21],
    [Number.NaN, misfit],
    [Number.POSITIVE_INFINITY, misfit],
    ["12", 12],
    [" 12 ", 12],
    ["-0.50", -0.5],
    ["-0", 0],
    ["123456789012345", 123456789012345],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", misfit],
    ["3.3333333333333335", 3.3333333333333335],
    ["3.33333333333333351", misfit],
    ["100000000000000000000", 1e20],
    ["1000000000000000000000", 1e21],
    ["1000000000000000000001", misfit],
    ["1e21", 1e21],
    ["-1.50E+300", -1.5e300],
    ["1.7976931348623157e+308", Number.MAX_VALUE],
    ["1e400", misfit],
    ["1.23456789012345678901e30", misfit],
    ["1e20", misfit],
    ["1.00000000000000000", 1],
    ["1e-7", misfit],
    ["90071992547409931234", misfit],
    ["007", misfit],
    ["+49", misfit],
    ["1,234.5", misfit],
    ["1.234,5", misfit],
    ["1e3", misfit],
    ["0x10", misfit],
    [".5", misfit],
    ["5.", misfit],
    ["n/a", misfit],
    ["NaN", misfit],
    ["Infinity", misfit],
    ["١٢", misfit],
    ["1\u00002", misfit],
    [true, misfit],
    [[3], misfit],
    [{ a: 1 }, misfit],
  ])("%j", (cell, expected) => expect(read(cell, "number")).toBe(expected));

  test("that JavaScript would round is not rounded, in JSON either", () => {
    const [row] = parseJsonExactly('[{"a": 9007199254740993, "b": 1e400, "c": 9007199254740991}]') as [
      Record<string, Json>,
    ];
    expect([read(row.a, "number"), read(row.b, "number"), read(row.c, "number")]).toEqual([
      misfit,
      misfit,
      9007199254740991,
    ]);
    expect(read(row.a, "text")).toBe("9007199254740993");
  });

  test("that JSON writes with an exponent is a number, and the one that is kept", () => {
    for (const number of [1e21, -1e21, 1.5e22, 6.02214076e23, Number.MAX_VALUE])
      expect(read(parseJsonExactly(JSON.stringify(number)), "number")).toBe(number);
  });
});

describe("a yes or no", () => {
  test.each<[Json, unknown]>([
    [true, true],
    [false, false],
    [1, true],
    [0, false],
    [2, misfit],
    [-1, misfit],
    ["true", true],
    ["No", false],
    ["YES", true],
    [" False ", false],
    ["1", misfit],
    ["0", misfit],
    ["y", misfit],
    ["ja", misfit],
    [[], misfit],
    [[true], misfit],
  ])("%j", (cell, expected) => expect(read(cell, "yes-no")).toBe(expected));
});

describe("a date", () => {
  test.each<[Json, unknown]>([
    ["2026-11-20", "2026-11-20"],
    [" 2026-11-20 ", "2026-11-20"],
    ["2026-11-20T15:00:00+09:00", "2026-11-20T06:00:00.000Z"],
    ["2026-11-20 15:00", "2026-11-20T15:00:00.000Z"],
    [1_700_000_000_000, "2023-11-14T22:13:20.000Z"],
    [1_700_000_000, "2023-11-14T22:13:20.000Z"],
    [1_700_000_000.25, "2023-11-14T22:13:20.250Z"],
    ["1700000000000", "2023-11-14T22:13:20.000Z"],
    ["1700000000", "2023-11-14T22:13:20.000Z"],
    [1e8, "1973-03-03T09:46:40.000Z"],
    [99_999_999, misfit],
    [1e11, "1973-03-03T09:46:40.000Z"],
    [0, misfit],
    [-1_700_000_000, misfit],
    [20_261_120, misfit],
    [45_000, misfit],
    [1_700_000_000_000_000, misfit],
    [20_261_120_150_000, misfit],
    ["20261120", misfit],
    ["2026", misfit],
    ["2026-02-30", misfit],
    ["2026-13-01", misfit],
    ["20.11.2026", misfit],
    ["11/20/2026", misfit],
    ["0000-01-01", misfit],
    ["0001-01-01T00:00:00+01:00", misfit],
    ["9999-12-31T23:59:59-01:00", misfit],
    ["soon", misfit],
    [true, misfit],
    [["2026-11-20"], misfit],
  ])("%j", (cell, expected) => expect(read(cell, "date")).toBe(expected));
});

describe("a list", () => {
  test.each<[Json, unknown]>([
    [[], []],
    [["a"], ["a"]],
    [
      ["a", "b,c", 3],
      ["a", "b,c", 3],
    ],
    ['["a",1]', ["a", 1]],
    [' ["a"]', ["a"]],
    ["[9007199254740993]", ["9007199254740993"]],
    [["\0\ud800"], ["\ufffd\ufffd"]],
    ["a;b", misfit],
    ["[a", misfit],
    [[null], misfit],
    [[["a"]], misfit],
    [[true], misfit],
    [{ a: 1 }, misfit],
    [3, misfit],
  ])("%j", (cell, expected) => expect(read(cell, "list")).toEqual(expected));
});

describe("a text", () => {
  test.each<[Json, unknown]>([
    ["free", "free"],
    [" as it stands ", " as it stands "],
    ["007", "007"],
    [12.5, "12.5"],
    [true, "true"],
    ["a\u0000b", "a\ufffdb"],
    ["\ud800", "\ufffd"],
    ["=1+1", "=1+1"],
    ["🙂 مرحبا e\u0301", "🙂 مرحبا e\u0301"],
    [["a"], misfit],
    [{ a: 1 }, misfit],
  ])("%j", (cell, expected) => expect(read(cell, "text")).toBe(expected));
});

const cells: fc.Arbitrary<Json> = fc.oneof(
  fc.jsonValue() as fc.Arbitrary<Json>,
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.date({ noInvalidDate: false }).map((date) => date.toJSON()),
);

test("every cell ends in one of three ways, and what is kept can be kept exactly, and read again as itself", () => {
  fc.assert(
    fc.property(cells, fc.constantFrom(...types), (cell, type) => {
      const reading = readCell(cell, type);
      if (reading.outcome === "none") return;
      if (reading.outcome === "misfit") {
        expect(reading.text.length).toBeLessThanOrEqual(200);
        expect(reading.text).not.toContain("\0");
        expect(reading.text.isWellFormed()).toBe(true);
        return;
      }
      const kept = JSON.parse(JSON.stringify(reading.value)) as Json;
      expect(kept).toEqual(reading.value);
      expect(JSON.stringify(kept)).not.toMatch(/\\u0000|\\ud[89a-f]/);
      expect(readCell(kept, type)).toEqual(reading);
    }),
    { numRuns: 2_000 },
  );
});

test("a number is the one that was written, to its last digit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (wanted) => {
      const value = read(parseJsonExactly(`${wanted}`), "number");
      if (value === misfit) expect(Number.isSafeInteger(Number(wanted))).toBe(false);
      else expect(JSON.stringify(value).replace(/^(-?)(\d)(?:\.(\d+))?e\+(\d+)$/, spellOut)).toBe(String(wanted));
    }),
  );
});

/** 1.5e+21 with all its digits. */
function spellOut(_all: string, sign: string, first: string, rest = "", exponent: string): string {
  return sign + first + rest.padEnd(Number(exponent), "0");
}

test("a cell of a report and a cell of a file that is imported say the same", () => {
  const texts = [
    ...["12", "-1.50", "007", "true", "No", "2026-11-20", "2026-11-20T15:00:00+09:00", '["a",1]', "[a", "free"],
    ...(hasCorpus("naughty-strings") ? listNaughtyStrings() : []),
  ].filter((text) => text.trim() === text && text !== "");
  for (const text of texts) {
    const { type, value } = readTraitValue(text);
    expect(readCell(text, type), text).toEqual({ outcome: "value", value });
  }
});

test("what nests too deep to be shown is a misfit, and no error", () => {
  const depth = 200_000;
  const deep = JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`) as Json;
  for (const type of types) expect(readCell(deep, type).outcome).toBe("misfit");
  for (const text of ["[".repeat(depth), `${"[".repeat(depth)}${"]".repeat(depth)}`])
    expect(readCell(text, "list").outcome).toBe("misfit");
});
