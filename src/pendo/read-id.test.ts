import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../platform/json.ts";
import { parseJsonExactly } from "../platform/json.ts";
import { isNobody, readId } from "./read-id.ts";

const nobody = ["", "null", "undefined", "0", "anonymous", "[object Object]"];

describe("ids that identify nobody", () => {
  const forms: [string, (id: string) => string][] = [
    ["bare", (id) => id],
    ["in capitals", (id) => id.toUpperCase()],
    ["in small letters", (id) => id.toLowerCase()],
    ["in spaces", (id) => ` \t${id}\n\u00a0`],
    ["in double quotes", (id) => `"${id}"`],
    ["in single quotes", (id) => `'${id}'`],
    ["in backquotes", (id) => `\`${id}\``],
    ["in escaped quotes", (id) => `\\"${id}\\"`],
    ["in quotes in quotes", (id) => `"'${id}'"`],
    ["in quotes and spaces", (id) => ` " ${id} " `],
    ["as JSON of JSON", (id) => JSON.stringify(JSON.stringify(id))],
    ["with one quote lost", (id) => `${id}"`],
  ];
  test.each(forms)("%s", (_name, put) => {
    for (const id of nobody) {
      expect(readId(put(id)), JSON.stringify(put(id))).toEqual({
        text: put(id),
        identifies: null,
        distinguishes: null,
      });
      expect(isNobody(put(id))).toBe(true);
    }
  });

  test.each<[string, Json | undefined, string | null]>([
    ["missing", undefined, null],
    ["null", null, null],
    ["0", 0, "0"],
    ["-0", -0, "0"],
    ["false", false, "false"],
    ["true", true, "true"],
    ["an object", { id: "u-1" }, '{"id":"u-1"}'],
    ["a list", ["u-1"], '["u-1"]'],
    ["a large object", { x: "y".repeat(1_000) }, `{"x":"${"y".repeat(194)}`],
  ])("%s", (_name, value, text) => {
    expect(readId(value)).toEqual({ text, identifies: null, distinguishes: null });
  });

  test("Pendo's ids of visitors who have not signed in tell one from another, but identify nobody", () => {
    for (const id of ["_PENDO_T_8Xb2kQ", '"_PENDO_T_8Xb2kQ"', "_PENDO_T_"])
      expect(readId(id)).toEqual({ text: id, identifies: null, distinguishes: id });
  });

  test("what is shown of them is short", () => {
    expect(readId(" ".repeat(5_000)).text).toHaveLength(200);
    expect(readId(`_PENDO_T_${"x".repeat(5_000)}`)).toMatchObject({
      identifies: null,
      text: expect.stringMatching(/^.{200}$/),
    });
  });
});

describe("ids that identify somebody, exactly as they came", () => {
  test.each([
    "u-1",
    " u-1",
    "u-1 ",
    '"u-1"',
    "00",
    "0.0",
    "-0",
    "0 0",
    "Null Island GmbH",
    "null-and-void",
    "nullable",
    "undefined behaviour",
    "anonymous-coward",
    "anonymous@example.com",
    "Anonymous Coward",
    "[object Object]s",
    "object Object",
    "none",
    "n/a",
    "NaN",
    "guest",
    "unknown",
    "true",
    "false",
    "_PENDO_X_1",
    "_pendo_t_1",
    "my_PENDO_T_1",
    "x_PENDO_T_",
    "１",
    "０",
    "ñull",
    "u\u200b",
    "😀",
    "12345678901234567890",
    "constructor",
    "__proto__",
  ])("%j", (id) => {
    expect(readId(id)).toEqual({ text: id, identifies: id, distinguishes: id });
  });

  test.each([
    ["12345", "12345"],
    ["-323232", "-323232"],
    ["12345678901234567890", "12345678901234567890"],
    ["9007199254740993", "9007199254740993"],
    ["1000000000000000000000", "1000000000000000000000"],
    ["1.0", "1"],
    ["1.5", "1.5"],
    ["1e3", "1000"],
    ["1e21", "1e21"],
  ])("a number, %s in the body, is the text of its digits", (digits, id) => {
    expect(readId(parseJsonExactly(digits)).identifies).toBe(id);
  });

  test("case and spaces tell ids apart", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.constantFrom(" ", "\t", "\n", "\u200b"), (id, space) => {
        fc.pre(!isNobody(id));
        const ids = [id, `${id}${space}`, `${space}${id}`, id.toUpperCase(), id.toLowerCase()];
        for (const one of ids) expect(readId(one).identifies).toBe(one);
      }),
    );
  });
});

test("a long id takes no longer than a short one, whatever it is made of", () => {
  for (const filling of [" ", '"', "\\", "0", "_PENDO_T_"]) {
    const id = `a${filling.repeat(1_000_000 / filling.length)}b`;
    const start = performance.now();
    expect(readId(id).identifies).toBe(id);
    readId(`${filling.repeat(100_000)}b`);
    readId(filling.repeat(100_000));
    expect(performance.now() - start).toBeLessThan(500);
  }
});
