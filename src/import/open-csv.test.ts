import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasCorpus, listNaughtyStrings } from "../../test/support/corpora.ts";
import { openCsv } from "./open-csv.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plumbline-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function readAll(bytes: string | Buffer, encoding?: string): Promise<(readonly string[])[]> {
  const file = join(folder, "table.csv");
  writeFileSync(file, bytes);
  const table = await openCsv(file, encoding);
  const rows = [table.columns];
  for await (const { cells } of table.rows) rows.push(cells);
  return rows;
}

const utf16 = (text: string, mark = "\ufeff") => Buffer.from(mark + text, "utf16le");
const cells = [
  ["id", "näme"],
  ["1", "Zoë €"],
];

describe("a table is read whatever it is written with", () => {
  test.each<[string, string | Buffer, string?]>([
    ["commas", "id,näme\n1,Zoë €\n"],
    ["semicolons", "id;näme\n1;Zoë €\n"],
    ["tabs", "id\tnäme\n1\tZoë €\n"],
    ["a separator that is said", "sep=;\r\nid;näme\r\n1;Zoë €\r\n"],
    ["a separator that no other would be taken for", "sep=|\nid|näme\n1|Zoë €\n"],
    ["lines of Windows", "id,näme\r\n1,Zoë €\r\n"],
    ["lines of old Macs", "id,näme\r1,Zoë €\r"],
    ["lines of several kinds", "id,näme\n1,Zoë €\r\n\r"],
    ["no end of the last line", "id,näme\n1,Zoë €"],
    ["quotes", '"id","näme"\n"1","Zoë €"\n'],
    ["empty lines before and between", "\n\nid,näme\n\n\n1,Zoë €\n\n"],
    ["a mark of UTF-8", "\ufeffid,näme\n1,Zoë €\n"],
    ["UTF-16 with its mark", utf16("id\tnäme\r\n1\tZoë €\r\n")],
    ["UTF-16 without", utf16("id\tnäme\r\n1\tZoë €\r\n", "")],
    ["UTF-16 of the other byte order", utf16("id,näme\n1,Zoë €\n").swap16()],
    ["UTF-16 of the other byte order, without its mark", utf16("id,näme\n1,Zoë €\n", "").swap16()],
    ["an encoding that is said", Buffer.from("id,n\xe4me\n1,Zo\xeb \x80\n", "latin1"), "windows-1252"],
    ["a mark against what is said", "\ufeffid,näme\n1,Zoë €\n", "windows-1252"],
  ])("%s", async (_name, bytes, encoding) => {
    expect(await readAll(bytes, encoding)).toEqual(cells);
  });

  test("what stands in quotes is text: separators, line feeds, quotes", async () => {
    expect(await readAll('id,note\n1,"a,b"\n2,"a\nb"\n3,"say ""hi"""\n4,"a;b\tc"\n')).toEqual([
      ["id", "note"],
      ["1", "a,b"],
      ["2", "a\nb"],
      ["3", 'say "hi"'],
      ["4", "a;b\tc"],
    ]);
  });

  test("the separator is told from the first line, not from what stands in quotes there", async () => {
    expect(await readAll('id;"a,b,c"\n1;2\n')).toEqual([
      ["id", "a,b,c"],
      ["1", "2"],
    ]);
    expect(await readAll("id\nu-1\nu;2\n")).toEqual([["id"], ["u-1"], ["u;2"]]);
    expect(await readAll('"id\nof it";"x"\n1;2\n')).toEqual([
      ["id\nof it", "x"],
      ["1", "2"],
    ]);
  });

  test("a quote in the middle of a cell is text", async () => {
    expect(await readAll('id,size\n1,5" pipe\n2,"x"y\n')).toEqual([
      ["id", "size"],
      ["1", '5" pipe'],
      ["2", '"x"y'],
    ]);
  });

  test("spaces stay", async () => {
    expect(await readAll("id,name\n 1 ,\u00a0x \n")).toEqual([
      ["id", "name"],
      [" 1 ", "\u00a0x "],
    ]);
  });

  test("rows have the numbers of a spreadsheet", async () => {
    const file = join(folder, "numbers.csv");
    writeFileSync(file, 'id,n\n1,"a\nb"\n\n2,c\n,\n3,d\n');
    const rows = [];
    for await (const { row, cells: own } of (await openCsv(file)).rows) rows.push([row, own[0]]);
    expect(rows).toEqual([
      [2, "1"],
      [4, "2"],
      [6, "3"],
    ]);
  });
});

describe("what is no table is refused in plain words, with nothing read", () => {
  test.each<[string, string | Buffer, RegExp, string?]>([
    ["nothing", "", /is empty/],
    ["nothing but lines", "\n\n\r\n", /is empty/],
    ["nothing but a mark", "\ufeff", /is empty/],
    ["a quote that is never closed", 'id,name\n1,x\n2,"Acme\n3,y\n4,z\n', /Line 3: a quote is opened and never closed/],
    ["the same behind a row of several lines", 'id,name\n1,"a\nb"\n2,"Acme\n3,y', /Line 4: a quote is opened/],
    ["the same in the first line", 'id,"name\n1,x\n', /Line 1: a quote is opened/],
    ["a row that has lost its quote", `id,name\n1,"${"x\n".repeat(600_000)}"\n`, /Line 2: the row cannot be read/],
    ["another encoding", Buffer.from("id,name\n1,M\xfcller\n", "latin1"), /not UTF-8.*--encoding windows-1252/],
    ["another encoding, cut short", Buffer.from("id,name\n1,M\xfc", "latin1"), /not UTF-8/],
    ["half a character of UTF-16", utf16("id,name\n1,x").subarray(0, -1), /not UTF-16LE/],
    ["an encoding that nobody knows", "id,name\n1,x\n", /"klingon" is not known/, "klingon"],
  ])("%s", async (_name, bytes, says, encoding) => {
    await expect(readAll(bytes, encoding)).rejects.toThrow(says);
  });

  test("a file that is not there", async () => {
    await expect(openCsv(join(folder, "none.csv"))).rejects.toThrow(/ENOENT/);
  });
});

const cell = fc.oneof(
  fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
  fc.string({ unit: fc.constantFrom('"', ",", ";", "\t", "\n", "\r", " ", "a", "\ufeff", "é") }),
);

test("whatever is written by the rules is read as it was", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }),
      fc.constantFrom(",", ";", "\t"),
      fc.constantFrom("\n", "\r\n"),
      async (rows, delimiter, record_delimiter) => {
        const text = stringify([["id", "b", "c"], ...rows], { delimiter, record_delimiter, quoted: true });
        expect(await readAll(text)).toEqual([
          ["id", "b", "c"],
          ...rows.filter((row) => row.some((one) => one.trim() !== "")),
        ]);
      },
    ),
    { numRuns: 200 },
  );
});

test.skipIf(!hasCorpus("naughty-strings"))("naughty strings are cells like any other", async () => {
  const rows = listNaughtyStrings().map((text) => ["x", text]);
  expect(await readAll(stringify([["id", "b"], ...rows], { delimiter: ";" }))).toEqual([["id", "b"], ...rows]);
});
