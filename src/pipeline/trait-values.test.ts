import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../platform/json.ts";
import type { TraitType } from "./records.ts";
import { readTraits } from "./trait-values.ts";

const read = (said: JsonObject, types: Record<string, TraitType> = {}) =>
  readTraits(said, new Map(Object.entries(types)));
const traitOf = (value: Json, type?: TraitType) => {
  const reading = read({ x: value }, type ? { x: type } : {});
  return "traits" in reading ? reading.traits[0] : reading.problems[0];
};

test.each<[Json, object]>([
  [12.5, { type: "number", value: 12.5 }],
  [0, { type: "number", value: 0 }],
  ["12", { type: "text", value: "12" }],
  ["true", { type: "text", value: "true" }],
  ["", { type: "text", value: "" }],
  [false, { type: "yes-no", value: false }],
  ["2026-03-31", { type: "date", value: "2026-03-31" }],
  ["2026-03-31T14:00:00+02:00", { type: "date", value: "2026-03-31T12:00:00.000Z" }],
  ["2026-02-30", { type: "text", value: "2026-02-30" }],
  [["a", 2, ""], { type: "list", value: ["a", 2, ""] }],
  [[], { type: "list", value: [] }],
  ["a\0b", { type: "text", value: "a\ufffdb" }],
  [null, { type: null, value: null }],
])("without a set type, %j is %j", (value, trait) => {
  expect(traitOf(value)).toEqual({ name: "x", ...trait });
});

test.each<[Json, RegExp]>([
  [{ a: 1 }, /"x" is no number, text, .*\{"a":1\}/],
  [[true], /"x" is no number/],
  [[["a"]], /"x" is no number/],
  [2 ** 53, /"x" has more digits/],
  [-(2 ** 60), /"x" has more digits/],
  [Number.POSITIVE_INFINITY, /"x" has more digits/],
  [["a", 2 ** 53], /"x" has more digits/],
  ["é".repeat(16 * 1024), /"x" is longer than 32 KB/],
])("%j is refused, with the name", (value, message) => {
  expect(traitOf(value)).toMatch(message);
});

test("a number that is as large as is exact, and a text that is as long as is allowed, are taken", () => {
  expect(traitOf(2 ** 53 - 1)).toMatchObject({ type: "number" });
  expect(traitOf("x".repeat(32 * 1024 - 2))).toMatchObject({ type: "text" });
});

describe("a type that is set", () => {
  const fitting: Record<TraitType, Json> = {
    number: 1,
    text: "a",
    "yes-no": true,
    date: "2026-03-31",
    list: ["a"],
  };
  const types = Object.keys(fitting) as TraitType[];
  test.each(types.flatMap((type) => types.map((of) => [type, of] as const)))("%s, given a %s", (type, of) => {
    const isTaken = type === of || (type === "text" && of === "date");
    expect(traitOf(fitting[of], type)).toEqual(
      isTaken ? { name: "x", type, value: fitting[of] } : expect.stringMatching(/^The trait "x" is a .*is none\.$/),
    );
  });
  test("is no reason to keep a value", () => {
    for (const type of types) expect(traitOf(null, type)).toEqual({ name: "x", type: null, value: null });
  });
});

test("every problem is told, and then nothing is taken", () => {
  const reading = read({ good: 1, seats: "many", "": 1, ["n".repeat(201)]: 1 }, { seats: "number" });
  expect(reading).toEqual({
    problems: [
      'The trait "seats" is a number in this workspace, and "many" is none.',
      "A trait has no name.",
      `The name that begins with "${"n".repeat(200)}" is longer than 200 characters.`,
    ],
  });
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`t${n}`, n]));
  expect(read(many(500))).toMatchObject({ traits: { length: 500 } });
  expect(read(many(501))).toEqual({ problems: ["501 traits at once are too many; 500 are the most."] });
});

test("whatever is said, it is taken with a type that it fits, or refused with its name", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1, maxLength: 30 }), fc.jsonValue()), (said) => {
      const reading = read(said as JsonObject);
      if ("problems" in reading) {
        expect(reading.problems.length).toBeGreaterThan(0);
        return;
      }
      expect(reading.traits.map((trait) => trait.name)).toEqual(Object.keys(said));
      // What was taken is taken again as what it is.
      for (const { name, type, value } of reading.traits) {
        const again = read({ [name]: value as Json }, type === null ? {} : { [name]: type });
        expect(again).toEqual({ traits: [{ name, type, value }] });
      }
    }),
  );
});
