import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../platform/json.ts";
import { createCsvSplitter } from "./split-csv.ts";
import { HalfAnswerError, WrongContentError } from "./split-rows.ts";

async function split(bytes: Uint8Array, cuts: readonly number[] = []): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  const splitter = createCsvSplitter((row) => rows.push(row));
  let from = 0;
  for (const to of [...cuts].sort((a, b) => a - b).filter((cut) => cut <= bytes.length)) {
    await splitter.push(bytes.subarray(from, to));
    from = to;
  }
  await splitter.push(bytes.subarray(from));
  await splitter.end();
  return rows;
}

const splitText = (text: string, cuts?: readonly number[]) => split(Buffer.from(text), cuts);

const cell = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom('"', ",", "\n", "\r\n", ' "x"', "=1+1", ""));

test("the cells come out as they went in, wherever the answer is cut into pieces", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }),
      fc.array(fc.nat(500)),
      fc.constantFrom("\n", "\r\n"),
      async (cells, cuts, lineEnd) => {
        const names = ["visitorId", "Größe", "with, comma"];
        // A line that is empty would be none.
        const rows = cells.map(([first, ...rest]) => [`x${first}`, ...rest]);
        const text = stringify([names, ...rows], { record_delimiter: lineEnd });
        const expected = rows.map((row) => Object.fromEntries(row.map((value, place) => [names[place]!, value])));
        expect(await splitText(text, cuts)).toEqual(expected);
      },
    ),
  );
});

test("names are names: marked, empty, twice, of a prototype", async () => {
  expect(await splitText("\ufeffa,a,,__proto__,a\r\n1,2,3,4,5\r\n")).toEqual([
    JSON.parse('{"a":"1","a (2)":"2","":"3","__proto__":"4","a (3)":"5"}'),
  ]);
});

test("names alone are no rows; the last line may lack its end", async () => {
  expect(await splitText("a,b\n")).toEqual([]);
  expect(await splitText("a,b\n1,2")).toEqual([{ a: "1", b: "2" }]);
});

test.each([
  ["nothing", ""],
  ["a quote that stays open", 'a,b\n1,"2'],
])("%s is half", async (_name, text) => {
  await expect(splitText(text)).rejects.toThrow(HalfAnswerError);
});

test.each([
  ["a row with a cell too few", "a,b\n1,2\n3\n"],
  ["a row with a cell too many", "a,b\n1,2,3\n"],
  ["text behind a quote", 'a,b\n"1"x,2\n'],
  ["a page", "<!doctype html><title>Please wait</title>\n"],
])("%s is not CSV", async (_name, text) => {
  await expect(splitText(text)).rejects.toThrow(WrongContentError);
});

test("bytes that are no text are refused, also at the end", async () => {
  for (const bytes of [[0xff], [0xc3]])
    await expect(split(Buffer.concat([Buffer.from("a\nx"), Buffer.from(bytes)]))).rejects.toThrow(WrongContentError);
});

test("a row without end is not kept", async () => {
  const splitter = createCsvSplitter(() => {});
  await splitter.push(Buffer.from('a\n"'));
  const feed = async () => {
    for (let count = 0; count < 400; count += 1) await splitter.push(Buffer.alloc(64 * 1024, "x"));
  };
  await expect(feed()).rejects.toThrow(WrongContentError);
});
