import { describe, expect, test } from "vitest";
import { formatTable } from "./command.ts";

describe("formatTable", () => {
  test("no rows are said in words", () => {
    expect(formatTable([], "Nothing is here.")).toBe("Nothing is here.");
  });

  test("columns are as wide as their widest cell, and no line ends in spaces", () => {
    expect(
      formatTable(
        [
          { id: 1, name: "a", note: null },
          { id: 200, name: "bcdefg", note: "x" },
          { id: 3, name: undefined, note: "" },
        ],
        "",
      ),
    ).toBe(["id   name    note", "1    a       –", "200  bcdefg  x", "3    –"].join("\n"));
  });

  test("times, lists and booleans are readable", () => {
    const row = { at: new Date(0), kinds: ["a", "b"], none: [], on: false };
    expect(formatTable([row], "").split("\n")[1]).toBe("1970-01-01T00:00:00.000Z  a b          false");
  });

  test("a long cell is cut at sixty characters", () => {
    const [, line] = formatTable([{ long: "x".repeat(500), next: "y" }], "").split("\n");
    expect(line).toBe(`${"x".repeat(60)}  y`);
  });

  test.each([
    ["a line feed", "a\r\nb", "a b"],
    ["a tab", "a\tb", "a b"],
    ["an escape sequence", "\u001b[31mred\u001b[0m", " [31mred [0m"],
    ["a bell and a backspace", "a\u0007\bb", "a b"],
    ["a sequence of eight bits", "a\u009b2Jb", "a 2Jb"],
    ["letters that turn the line round", "a\u202eb\u2066c", "a b c"],
  ])("%s from outside cannot break the table or steer the terminal", (_name, value, shown) => {
    const [, line] = formatTable([{ value: `<${value}>` }], "").split("\n");
    expect(line).toBe(`<${shown}>`);
  });
});
