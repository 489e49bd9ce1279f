import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../world/types.ts";
import { compileExpression } from "./compile-expression.ts";
import { compareText } from "./values.ts";

const now = Date.UTC(2026, 10, 20, 15, 4, 5);
const context = { now, appIds: [-323232, 5_629_499_534_213_120] };
const row = {
  visitorId: "ada@example.com",
  accountId: "",
  numEvents: 12,
  zero: 0,
  nothing: null,
  isTrial: true,
  polls: [{ id: "p1", attributes: { type: "NPSRating" } }, { id: "p2" }],
  metadata: { agent: { email: "Ada@Example.com" }, auto: { lastvisit: 1_700_000_000_000, accountids: ["a", "b"] } },
  größe: 3,
  "with space": { "a.b": 1 },
  type: "ui:web:pollResponse",
};
const evaluate = (text: string): Json => compileExpression(text, context)(row);

describe("operators", () => {
  test.each<[string, Json]>([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 4 - 3", 3],
    ["7 % 4 / 2", 1.5],
    ["2 * -3", -6],
    ["- -3", 3],
    ["1.5e3 + .5", 1500.5],
    ["1 / 0", null],
    ["nothing + 1", null],
    ["visitorId - 1", null],
    ['"a" + "b"', "ab"],
    ["now() - 7 * 1000 * 60 *60 * 24", now - 7 * 24 * 3_600_000],
    ["1 + 1 == 2", true],
    ["1 < 2 == true", true],
    ["true || false && false", true],
    ["!true || true", true],
    ["!(true || true)", false],
    ["!zero && !accountId && !nothing", true],
    ["numEvents >= 12 && numEvents <= 12 && !(numEvents > 12) && !(numEvents < 12)", true],
  ])("%s is %j", (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });
});

describe("comparisons", () => {
  test.each<[string, Json]>([
    ["visitorId == `ada@example.com`", true],
    ['visitorId != "ada@example.com"', false],
    // Ids are case-sensitive.
    ['visitorId == "ADA@example.com"', false],
    ["numEvents == 12.0", true],
    ['numEvents == "12"', false],
    ['numEvents < "13"', false],
    ["nothing == null", true],
    ["missing == null", true],
    ["missing == nothing", true],
    ["missing != 1", true],
    ["missing > 1 || missing < 1 || missing == 1", false],
    ["missing.deep.down == null", true],
    ["isTrial == true", true],
    ['"b" > "a" && "a" >= "a" && "B" < "a"', true],
    // By code points: the emoji is behind the last letter of the basic plane, whatever UTF-16 says.
    ['"😀" > "\uffee"', true],
    ['"Caf\u00e9" == "Cafe\u0301"', false],
    ["metadata.auto.accountids == metadata.auto.accountids", true],
    ["polls == metadata.auto.accountids", false],
  ])("%s is %j", (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });
});

describe("fields", () => {
  test.each<[string, Json]>([
    ["metadata.agent.email", "Ada@Example.com"],
    ["polls[0].id", "p1"],
    ["polls[1].attributes.type", null],
    ["polls[2].id", null],
    ["polls.id", null],
    ["größe", 3],
    ["metadata.auto", { lastvisit: 1_700_000_000_000, accountids: ["a", "b"] }],
    ["visitorId.length", null],
    ["metadata.constructor", null],
    ["__proto__", null],
    ["polls.length", null],
  ])("%s is %j", (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });
});

describe("strings", () => {
  test.each<[string, Json]>([
    [String.raw`"say \"hi\""`, 'say "hi"'],
    [String.raw`"back\\slash"`, "back\\slash"],
    [String.raw`"\n\t\u00e9\/"`, "\n\té/"],
    [String.raw`"\ud83d\ude00"`, "😀"],
    ['`raw \\n "quoted"`', 'raw \\n "quoted"'],
    ['"株式会社 && (x"', "株式会社 && (x"],
    ['""', ""],
  ])("%s is %j", (text, expected) => {
    expect(evaluate(text)).toBe(expected);
  });

  test("an id that was escaped, backslash first, is itself again", () => {
    const quote = (id: string) => `"${id.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (id) => {
        expect(compileExpression(`visitorId == ${quote(id)}`, context)({ visitorId: id })).toBe(true);
        expect(evaluate(quote(id))).toBe(id);
      }),
    );
  });
});

describe("functions", () => {
  test.each<[string, Json]>([
    ['contains(visitorId, "@example")', true],
    ['contains(nothing, "a")', false],
    ['contains(metadata.auto.accountids, "b")', true],
    ['contains(list("x", 1), 1)', true],
    ["startsWith(visitorId, `ada`) && endsWith(visitorId, `.com`)", true],
    ["startsWith(visitorId, `da`)", false],
    ["len(visitorId)", 15],
    ['len("😀é")', 2],
    ["len(polls)", 2],
    ["len(nothing)", 0],
    ["isNull(missing) && isNull(nothing) && !isNull(zero) && !isNull(accountId)", true],
    ['if(isNull(missing), "none", missing)', "none"],
    ["if(zero, 1, 2)", 2],
    ["identified(visitorId) && !identified(accountId) && !identified(`_PENDO_T_abc`)", true],
    ["eventSubType(type)", "pollResponse"],
    ["keys(metadata)", ["agent", "auto"]],
    ['expandAppIds("*")', [-323232, 5_629_499_534_213_120]],
    ['expandAppIds("-323232")', [-323232]],
    ["now()", now],
    ["date(2024, 2, 29)", Date.UTC(2024, 1, 29)],
    ["date(2024, 1, 15, 12, 30)", Date.UTC(2024, 0, 15, 12, 30)],
    ['date("2024-01-15")', Date.UTC(2024, 0, 15)],
    ['date("soon")', null],
    ['dateAdd(now(), -30, "days")', now - 30 * 24 * 3_600_000],
    ['dateAdd(date(2024, 3, 31), -1, "months")', Date.UTC(2024, 1, 29)],
    ['dateAdd(date(2024, 2, 29), 1, "year")', Date.UTC(2025, 1, 28)],
    ['dateAdd(now(), 1, "fortnight")', null],
    ['startOfPeriod("daily", now())', Date.UTC(2026, 10, 20)],
    ['startOfPeriod("hourly", now())', Date.UTC(2026, 10, 20, 15)],
    // 20 November 2026 is a Friday; weeks begin on Sunday.
    ['startOfPeriod("weekly", now())', Date.UTC(2026, 10, 15)],
    ['startOfPeriod("monthly", dateAdd(now(), -6, "months"))', Date.UTC(2026, 4, 1)],
    ['startOfPeriod("quarterly", now())', Date.UTC(2026, 9, 1)],
    ['formatTime("2006-01-02 15:04:05 Mon Jan", now())', "2026-11-20 15:04:05 Fri Nov"],
  ])("%s is %j", (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test("hash is the same for the same text and a whole number", () => {
    expect(evaluate("hash(visitorId)")).toBe(evaluate('hash("ada@example.com")'));
    expect(evaluate("hash(visitorId)")).not.toBe(evaluate('hash("ada@example.con")'));
    expect(evaluate("hash(visitorId)")).toEqual(expect.any(Number));
  });
});

describe("refused", () => {
  test.each([
    ["", "unexpected end"],
    ["   ", "unexpected end"],
    ["visitorId ==", "unexpected end"],
    ["visitorId = 1", 'unexpected "="'],
    ["visitorId === 1", 'unexpected "="'],
    ["a & b", 'unexpected "&"'],
    ["a | b", 'unexpected "|"'],
    ["visitorId == 'ada'", 'unexpected "\'"'],
    ['visitorId == "ada', "has no end"],
    ["visitorId == `ada", "has no end"],
    ['"\\x41"', "unknown escape"],
    ['"\\', "unknown escape"],
    ["(a", "unexpected end"],
    ["a)", 'unexpected ")"'],
    ["a b", 'unexpected "b"'],
    ["a.", "unexpected end"],
    ["a[b]", 'unexpected "b"'],
    ["a and b", 'unexpected "and"'],
    ["nosuch(1)", "unknown function nosuch"],
    ["constructor(1)", "unknown function constructor"],
    ["isNull()", "wrong number of arguments"],
    ["contains(a)", "wrong number of arguments"],
    ["contains(a,)", 'unexpected ")"'],
    ["a; drop", 'unexpected ";"'],
  ])("%s", (text, message) => {
    expect(() => evaluate(text)).toThrow(message);
  });

  test("what is too deep for the stack", () => {
    for (const text of [`${"(".repeat(5000)}1${")".repeat(5000)}`, `${"!".repeat(5000)}1`, `1${" + 1".repeat(5000)}`])
      expect(() => evaluate(text)).toThrow("levels deep");
  });

  test("any text either has a value or is refused with words", () => {
    const pieces = fc.constantFrom(
      "a",
      ".",
      "[0]",
      "(",
      ")",
      "==",
      "&&",
      "||",
      "!",
      '"x"',
      "`y`",
      "1",
      " ",
      ",",
      "if",
      "-",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (list) => {
        try {
          expect(evaluate(list.join(""))).not.toBe(undefined);
        } catch (error) {
          expect((error as Error).message).toMatch(/^(unexpected|unknown|wrong number|the string|more than)/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test("a filter may name thousands of ids", () => {
  const ids = Array.from({ length: 20_000 }, (_, place) => `visitorId == "v${place}"`);
  const isNamed = compileExpression(ids.join(" || "), context);
  expect(isNamed({ visitorId: "v19999" })).toBe(true);
  expect(isNamed({ visitorId: "v20000" })).toBe(false);
});

test("text is ordered as its UTF-8 bytes are", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a.toWellFormed()), Buffer.from(b.toWellFormed()));
      expect(Math.sign(compareText(a.toWellFormed(), b.toWellFormed()))).toBe(bytes);
    }),
  );
});
