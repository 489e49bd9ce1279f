import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeFormula, unescapeFormula, writeCsv } from "./csv.ts";

async function* listRows(rows: readonly (readonly unknown[])[]) {
  yield* rows;
}

/** With the mark, which a decoder of text would take away. */
const text = async (file: Readable) => (await buffer(file)).toString();

const write = (rows: readonly (readonly unknown[])[], { bom = false, escapeFormulas = true } = {}) =>
  text(writeCsv(["one", "two"], listRows(rows), { bom, escapeFormulas }));

describe("cells", () => {
  test.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "-1"],
    ["-0.25", "-0.25"],
    ["-1+1", "'-1+1"],
    ["-1e5", "'-1e5"],
    ["'=1", "''=1"],
    ["'quoted'", "'quoted'"],
    ["＝1", "'＝1"],
    ["@cmd", "'@cmd"],
    ["\tx", "'\tx"],
    [" =1", " =1"],
    ["a=1", "a=1"],
    [-1, "-1"],
    [0.5, "0.5"],
    [true, "true"],
    [false, "false"],
    [null, ""],
    ["", ""],
  ])("%j is written as %j", async (value, written) => {
    expect(await write([[value, "x"]])).toBe(`one,two\r\n${written},x\r\n`);
  });

  test("that begin with a carriage return are quoted behind an apostrophe", async () => {
    expect(await write([["\r=1", "x"]])).toBe('one,two\r\n"\'\r=1",x\r\n');
  });

  test("that were escaped are what they were again", () => {
    const start = fc.stringMatching(/^'{0,2}[=+@\t\r-]?/);
    fc.assert(
      fc.property(start, fc.string(), (first, rest) => {
        expect(unescapeFormula(escapeFormula(`${first}${rest}`))).toBe(`${first}${rest}`);
      }),
    );
  });

  test("may be kept as they are", async () => {
    expect(await write([["=1", "x"]], { escapeFormulas: false })).toBe("one,two\r\n=1,x\r\n");
  });

  test("come back as they were, whatever is in them", async () => {
    const cell = fc.string({ unit: "binary", maxLength: 20 }).filter((one) => one.isWellFormed());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1 }), async (rows) => {
        const file = await write(rows, { escapeFormulas: false });
        const [, ...read] = parse(file, { record_delimiter: ["\r\n", "\n", "\r"] }) as string[][];
        expect(read).toEqual(rows);
      }),
    );
  });

  test("of columns with one name stay apart", async () => {
    const file = await text(writeCsv(["a", "a"], listRows([["1", "2"]]), { bom: false, escapeFormulas: true }));
    expect(file).toBe("a,a\r\n1,2\r\n");
  });
});

test("a file without rows has the names of its columns, behind a mark where that is wanted", async () => {
  expect(await write([])).toBe("one,two\r\n");
  expect(await write([], { bom: true })).toBe("\ufeffone,two\r\n");
});

test("what goes wrong on the way is an error for whoever reads", async () => {
  async function* breakOff() {
    yield ["1", "2"];
    throw new Error("the database is gone");
  }
  await expect(text(writeCsv(["one", "two"], breakOff(), { bom: false, escapeFormulas: true }))).rejects.toThrow(
    "the database is gone",
  );
});

test("whoever stops reading stops the rows", async () => {
  let isEnded = false;
  async function* countOn() {
    try {
      for (let count = 0; ; count += 1) yield [count, "x"];
    } finally {
      isEnded = true;
    }
  }
  const file = writeCsv(["one", "two"], countOn(), { bom: false, escapeFormulas: true });
  await new Promise((resolve) => file.once("data", resolve));
  file.destroy();
  await expect.poll(() => isEnded).toBe(true);
});
