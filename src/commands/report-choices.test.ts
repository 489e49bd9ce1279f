import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseColumns, parseEvery } from "./report-choices.ts";

describe("columns", () => {
  test.each<[string, object[]]>([
    ["a", [{ column: "a" }]],
    [" a , b ", [{ column: "a" }, { column: "b" }]],
    ["a,b:name", [{ column: "a" }, { column: "b", trait: "name" }]],
    ["a:name:number", [{ column: "a", trait: "name", type: "number" }]],
    ["a::number", [{ column: "a", type: "number" }]],
    ["a:::sum", [{ column: "a", combine: "sum" }]],
    ["a:n:yes-no:latest", [{ column: "a", trait: "n", type: "yes-no", combine: "latest" }]],
    ["a,,b,", [{ column: "a" }, { column: "b" }]],
    ["Active days:Active days", [{ column: "Active days", trait: "Active days" }]],
    ['"Name, with comma":name', [{ column: "Name, with comma", trait: "name" }]],
    ['"a:b","c"', [{ column: "a:b" }, { column: "c" }]],
    ['"with ""quotes"""', [{ column: 'with "quotes"' }]],
    ['with "quotes"', [{ column: 'with "quotes"' }]],
    ['"" : nameless', [{ column: "", trait: "nameless" }]],
    [":nameless", [{ column: "", trait: "nameless" }]],
    ['""', [{ column: "" }]],
    ["=1+1,🙂:x", [{ column: "=1+1" }, { column: "🙂", trait: "x" }]],
  ])("%s", (text, expected) => expect(parseColumns(text)).toEqual(expected));

  test.each<[string, RegExp]>([
    ["", /names no column/],
    [" , ", /names no column/],
    ["a:b:c", /"c" in "a:b:c" is no type: there are number, text, yes-no, date, list\./],
    ["a:b:number:mean", /"mean" in "a:b:number:mean" is no way to combine: there are sum, average, /],
    ["a:b:number:sum:x", /too many colons/],
  ])("%s is refused", (text, message) => expect(() => parseColumns(text)).toThrow(message));

  test("any name can be written", () => {
    const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string({ minLength: 1 })), { minLength: 1 }), (wanted) => {
        const text = wanted.map(([column, trait]) => `${quote(column)}:${quote(trait)}`).join(",");
        expect(parseColumns(text)).toEqual(wanted.map(([column, trait]) => ({ column, trait })));
      }),
    );
  });
});

test("intervals", () => {
  expect(["1h", "3", " 6H ", "12 h", "24"].map(parseEvery)).toEqual([1, 3, 6, 12, 24]);
  for (const text of ["", "2h", "0", "12d", "-1", "1.0h", "120"])
    expect(() => parseEvery(text), text).toThrow("there are 1h, 3h, 6h, 12h, 24h.");
});
