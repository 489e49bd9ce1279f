import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCorpus, listDocuments } from "../../test/support/corpora.ts";
import { createHostileJson, listLeaves } from "../../test/support/hostile-json.ts";
import { isStorableText, isWithinDepth, parseJsonExactly, toStorableJson, toStorableText } from "./json.ts";

const anyJson = fc.jsonValue({ maxDepth: 5, stringUnit: "binary" });
const hostileJson = createHostileJson();

describe("parseJsonExactly", () => {
  test.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", "9007199254740992"],
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ["12345678901234567890", "12345678901234567890"],
    ["1000000000000000000000", "1000000000000000000000"],
    ["9007199254740993.0", "9007199254740993.0"],
    ["4802463602049999", 4802463602049999],
    ["1e400", "1e400"],
    ["-1E400", "-1E400"],
    ["1e21", "1e21"],
    ["1e-400", "1e-400"],
    [`0.${"0".repeat(400)}1`, `0.${"0".repeat(400)}1`],
    ["0e400", 0],
    ["0.0e-400", 0],
    ["1e5", 100_000],
    ["1.5E+3", 1500],
    ["-0", -0],
    ["1.0", 1],
    ["0.1", 0.1],
    ["0.10000000000000001", 0.1],
    ["0.1000000000000000055511151231257827", 0.1],
    ["123456789012.12345678", 123456789012.12346],
  ])("reads the number %s wherever it stands", (digits, expected) => {
    for (const [text, value] of [
      [digits, expected],
      [` \n${digits} `, expected],
      [`[${digits}]`, [expected]],
      [`[1, ${digits} ,2]`, [1, expected, 2]],
      [`{"a" : ${digits}}`, { a: expected }],
      [`{"a\\\\":${digits},"b\\"":"${digits}"}`, { "a\\": expected, 'b"': digits }],
    ] as const)
      expect(parseJsonExactly(text)).toStrictEqual(value);
  });

  test("leaves digits inside of texts and keys alone", () => {
    const value = {
      "k: 9007199254740993": 'say "x": 12345678901234567890, 1e400 \\',
      list: ["[1e400,", "\\\\", "1e9"],
    };
    const text = JSON.stringify(value).replace("{", '{"big":9007199254740993,');
    expect(parseJsonExactly(text)).toStrictEqual({ big: "9007199254740993", ...value });
  });

  test("a key that is there twice has its last value, __proto__ is a key like any other and changes nothing", () => {
    expect(parseJsonExactly('{"a":[],"a":{},"b":1,"b":9007199254740993}')).toStrictEqual({
      a: {},
      b: "9007199254740993",
    });
    for (const text of ['{"__proto__":{"x":1},"n":1}', '{"__proto__":{"x":1},"n":1e400}']) {
      const parsed = parseJsonExactly(text) as object;
      expect(Object.keys(parsed)).toEqual(["__proto__", "n"]);
      expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
      expect("x" in parsed).toBe(false);
    }
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test("is JSON.parse for everything that holds no unsafe number, however it is indented", () => {
    fc.assert(
      fc.property(fc.oneof(anyJson, hostileJson), fc.constantFrom(0, 1, "\t"), (value, indent) => {
        const text = JSON.stringify(value, withoutUnsafeNumbers, indent);
        expectSame(parseJsonExactly(text), JSON.parse(text));
      }),
    );
  });

  test("keeps the digits of every integer that is put anywhere into any JSON", () => {
    const place = "PLACE-OF-A-NUMBER";
    const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String);
    fc.assert(
      fc.property(hostileJson, digits, fc.constantFrom(0, 1), (value, number, indent) => {
        const shape = { before: value, [place]: [place, { x: place }], after: value };
        const text = JSON.stringify(shape, withoutUnsafeNumbers, indent).replaceAll(`"${place}"`, (found, at, whole) =>
          /^\s*:/.test(whole.slice(at + found.length)) ? found : number,
        );
        const parsed = parseJsonExactly(text) as Record<string, [unknown, { x: unknown }]>;
        const expected = Number.isSafeInteger(Number(number)) ? Number(number) : number;
        expectSame(parsed[place], [expected, { x: expected }]);
        expectSame(parsed.before, JSON.parse(JSON.stringify(value, withoutUnsafeNumbers)));
        expectSame(parsed.after, parsed.before);
      }),
    );
  });

  test("refuses what JSON.parse refuses", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: fc.constantFrom(...'{}[],:"\\0123456789.eE+-tfn ') }),
          fc.constant("9007199254740993"),
        ),
        (text) => {
          let expected: unknown;
          try {
            expected = JSON.parse(text);
          } catch {
            expect(() => parseJsonExactly(text)).toThrow(SyntaxError);
            return;
          }
          if (JSON.stringify(expected, withoutUnsafeNumbers) === JSON.stringify(expected) && !/\d{15}|e/i.test(text))
            expectSame(parseJsonExactly(text), expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("takes no longer for a megabyte that was made to be slow", () => {
    const big = '"n":9007199254740993';
    for (const text of [
      `{${big},"s":"${"\\\\".repeat(500_000)}"}`,
      `{${big},"s":"${'\\"'.repeat(500_000)}"}`,
      `{${big},"s":[${"1e1,".repeat(250_000)}1]}`,
      `{${big},"s":[${"12345678901234567,".repeat(55_000)}1]}`,
      `{"s":",${"1.".repeat(500_000)}"}`,
      `{"s":"${",1".repeat(500_000)}"}`,
      `{"s":",${" ".repeat(1_000_000)}"}`,
      `{"s":"${"123456789012345.".repeat(65_000)}"}`,
    ]) {
      const start = performance.now();
      parseJsonExactly(text);
      expect(performance.now() - start).toBeLessThan(1_000);
    }
  });

  test.skipIf(!hasCorpus("json-test-suite"))("takes in and refuses the documents of JSONTestSuite", () => {
    const documents = listDocuments("json-test-suite/test_parsing");
    expect(documents.length).toBeGreaterThan(300);
    for (const { name, body } of documents) {
      const text = body.toString("utf8");
      if (name.startsWith("y_")) expect(() => parseJsonExactly(text), name).not.toThrow();
      if (name.startsWith("n_")) expect(() => parseJsonExactly(text), name).toThrow(SyntaxError);
    }
  });
});

/** As values, by node's own comparison: a key named "constructor" confuses others. */
function expectSame(actual: unknown, expected: unknown): void {
  expect(isDeepStrictEqual(actual, expected), `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`).toBe(
    true,
  );
}

/** Numbers that parseJsonExactly turns into text are no part of a comparison with JSON.parse. */
function withoutUnsafeNumbers(_key: string, value: unknown): unknown {
  const isUnsafe =
    typeof value === "number" &&
    (Number.isInteger(value) ? !Number.isSafeInteger(value) : Math.abs(value) < Number.MIN_VALUE * 2 ** 52);
  return isUnsafe ? 7 : value;
}

describe("toStorableJson", () => {
  test("changes nothing that PostgreSQL can keep", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: "grapheme" }), (value) => {
        expect(toStorableJson(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  test.each([
    ["\0", "\ufffd"],
    ["a\0b\0", "a\ufffdb\ufffd"],
    ["\ud800", "\ufffd"],
    ["\udc00", "\ufffd"],
    ["\udfff x", "\ufffd x"],
    ["\ude00\ud83d", "\ufffd\ufffd"],
    ["😀", "😀"],
    ["\\u0000 \\ud800", "\\u0000 \\ud800"],
    ["😀".slice(0, 1), "\ufffd"],
    ["😀".slice(1), "\ufffd"],
  ])("replaces what it cannot keep, in values and keys: %j", (text, expected) => {
    expect(JSON.parse(toStorableJson({ [text]: [text] }))).toStrictEqual({ [expected]: [expected] });
    expect(JSON.parse(toStorableJson(text))).toBe(expected);
    expect(toStorableText(text)).toBe(expected);
    expect(isStorableText(text)).toBe(text === expected);
  });

  test("keys that become the same name are all kept, __proto__ too", () => {
    const value = JSON.parse(
      String.raw`{"a\u0000":1,"a\ufffd":2,"a\ufffd (2)":3,"a\ud800":4,"__proto__":{"\u0000":5}}`,
    );
    const kept = JSON.parse(toStorableJson(value));
    expect(Object.keys(kept)).toContain("__proto__");
    expect(Object.keys(kept)).toHaveLength(5);
    expect(leaves(kept)).toEqual(leaves(value));
  });

  test("takes no longer for a megabyte of keys that all become the same name", () => {
    const hex = (value: number) => value.toString(16).padStart(2, "0");
    const keys = Array.from({ length: 50_000 }, (_, index) => `"\\ud8${hex(index & 255)}\\ud9${hex(index >> 8)}":1`);
    const value = JSON.parse(`{${keys.join(",")}}`);
    const start = performance.now();
    expect(Object.keys(JSON.parse(toStorableJson(value)))).toHaveLength(50_000);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test("no key and no value is lost or left unkeepable, whatever comes", () => {
    fc.assert(
      fc.property(hostileJson, (value) => {
        const kept = JSON.parse(toStorableJson(value));
        expect(leaves(kept)).toEqual(leaves(JSON.parse(JSON.stringify(value))));
        expect(toStorableJson(kept)).toBe(JSON.stringify(kept));
        expect(listTexts(kept).every(isStorableText)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/** Texts as they can be kept. */
function leaves(value: unknown): unknown[] {
  return listLeaves(value).map((leaf) => (typeof leaf === "string" ? toStorableText(leaf) : leaf));
}

function listTexts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  return [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(listTexts)];
}

describe("isWithinDepth", () => {
  test("counts brackets and braces, not those inside of texts", () => {
    fc.assert(
      fc.property(hostileJson, fc.constantFrom(0, 1), (value, indent) => {
        const bytes = Buffer.from(JSON.stringify(value, null, indent));
        const depth = depthOf(value);
        expect(isWithinDepth(bytes, depth)).toBe(true);
        if (depth > 0) expect(isWithinDepth(bytes, depth - 1)).toBe(false);
      }),
    );
  });

  test.each([
    ["", 0, true],
    ['"[[[["', 0, true],
    [String.raw`"\"[[["`, 0, true],
    [String.raw`"\\"[[[`, 2, false],
    ["[[]]", 2, true],
    ["[[]]", 1, false],
    ["][][][", 1, true],
    ["[".repeat(100_000), 100, false],
    [`"${"\\".repeat(100_001)}`, 0, true],
  ])("%j is within %i: %s", (text, limit, expected) => {
    expect(isWithinDepth(Buffer.from(text), limit)).toBe(expected);
  });
});

function depthOf(value: unknown): number {
  if (value === null || typeof value !== "object") return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
