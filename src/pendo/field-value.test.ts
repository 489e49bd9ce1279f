import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Json, type JsonObject, parseJsonExactly } from "../platform/json.ts";
import { parseFieldName, readFieldValue } from "./field-value.ts";
import { isNobody } from "./read-id.ts";

const read = (metadata: JsonObject, name: string) => readFieldValue(metadata, parseFieldName(name)!);
const readOne = (value: Json) => read({ agent: { field: value } }, "agent.field")?.text ?? null;

describe("the name of a field", () => {
  test.each([
    ["agent.email", { group: "agent", field: "email" }],
    ["email", { group: null, field: "email" }],
    ["custom.crm.id", { group: "custom", field: "crm.id" }],
    ["salesforce.Account Id", { group: "salesforce", field: "Account Id" }],
    ["auto__323232.firstvisit", { group: "auto__323232", field: "firstvisit" }],
    ["__proto__", { group: null, field: "__proto__" }],
    ["", undefined],
    [".", undefined],
    [".email", undefined],
    ["agent.", undefined],
    ["agent.\0", undefined],
    ["\ud800", undefined],
  ])("%j", (text, expected) => {
    expect(parseFieldName(text)).toEqual(expected);
  });
});

describe("where a field is found", () => {
  const metadata: JsonObject = {
    zeta: { email: "in zeta", both: "in zeta" },
    auto: { id: "in auto", both: "in auto", email: "in auto" },
    custom: { crm: "in custom", email: "in custom", both: null },
    agent: { email: "in agent", both: "" },
    broken: "no group",
  };
  test.each([
    ["agent.email", "in agent", "agent.email"],
    ["custom.email", "in custom", "custom.email"],
    ["email", "in agent", "agent.email"],
    ["crm", "in custom", "custom.crm"],
    ["id", "in auto", "auto.id"],
    // Empty in agent and custom: the first of the others by name that has a value.
    ["both", "in auto", "auto.both"],
  ])("%s", (name, text, foundIn) => {
    expect(read(metadata, name)).toEqual({ text, foundIn });
  });

  test.each(["agent.crm", "nothing", "missing.email", "broken.length", "broken.0", "agent.constructor", "constructor"])(
    "%s is nowhere",
    (name) => {
      expect(read(metadata, name)).toBeNull();
    },
  );

  test("in which order the groups came means nothing", () => {
    const groups = ["agent", "custom", "auto", "hubspot", "pendo", "salesforce"];
    const places = fc.uniqueArray(fc.constantFrom(...groups), { minLength: 1 });
    fc.assert(
      fc.property(places, fc.shuffledSubarray(groups, { minLength: 6 }), (having, order) => {
        const shuffled = Object.fromEntries(order.map((name) => [name, having.includes(name) ? { id: name } : {}]));
        const first = groups.find((name) => having.includes(name));
        expect(read(shuffled, "id")).toEqual({ text: first, foundIn: `${first}.id` });
      }),
    );
  });
});

describe("a value as a text", () => {
  test.each<[string, Json, string | null]>([
    ["a text", "u-1", "u-1"],
    ["a text with spaces, as it is", " Jo@Example.com ", " Jo@Example.com "],
    ["a number", 42, "42"],
    ["a fraction", 0.1, "0.1"],
    ["a negative number", -7, "-7"],
    ["zero, which identifies nobody", 0, null],
    ["zero as a text", "0", null],
    ["yes", true, "true"],
    ["no", false, "false"],
    ["null", null, null],
    ["an empty text", "", null],
    ["spaces", "  ", null],
    ["a template's emptiness", "undefined", null],
    ["the same in quotes", '"null"', null],
    ["somebody not identified", "_PENDO_T_8Xb2kQ", null],
    ["an object", { id: "u-1" }, null],
    ["an empty list", [], null],
    ["a list of nobody", [null, "", "anonymous", {}], null],
    ["a list of one", ["u-1"], "u-1"],
    ["a list of one number", [42], "42"],
    ["a list of one and nobody", [null, "u-1", ""], "u-1"],
    ["a list of the same twice", ["u-1", "u-1"], "u-1"],
    ["a list of several", ["b", "a", 1], '["b","a",1]'],
    ["a text that cannot be kept", "a\0b", null],
    ["half a character", "\ud800", null],
    ["the longest", "x".repeat(1_000), "x".repeat(1_000)],
    ["too long a text", "x".repeat(1_001), null],
    ["too long in bytes", "ä".repeat(501), null],
    ["too long a list", ["x".repeat(600), "y".repeat(600)], null],
  ])("%s", (_name, value, expected) => {
    expect(readOne(value)).toBe(expected);
  });

  test("digits that a number would lose are kept", () => {
    const metadata = parseJsonExactly('{"agent":{"id":12345678901234567891,"small":123456789012345}}') as JsonObject;
    expect(read(metadata, "agent.id")?.text).toBe("12345678901234567891");
    expect(read(metadata, "agent.small")?.text).toBe("123456789012345");
  });

  test("two texts that differ stay different, and what identifies nobody is never a value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, other) => {
        const [first, second] = [readOne(one), readOne(other)];
        if (first !== null) expect(first).toBe(one);
        if (first !== null && second !== null) expect(first === second).toBe(one === other);
        if (isNobody(one)) expect(first).toBeNull();
      }),
    );
  });

  test("any metadata is read without an error", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (metadata, name) => {
        const field = parseFieldName(name);
        if (field === undefined) return;
        const value = readFieldValue(metadata as JsonObject, field);
        if (value !== null) expect(isNobody(value.text)).toBe(false);
      }),
    );
  });
});
