import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonObject, parseJsonExactly } from "../../platform/json.ts";
import { createRowSplitter, HalfAnswerError, type RowPlace, WrongContentError } from "./split-rows.ts";

function split(bytes: Uint8Array, cuts: readonly number[] = [], place?: RowPlace): JsonObject[] {
  const rows: JsonObject[] = [];
  const splitter = createRowSplitter((row) => rows.push(row), place);
  let from = 0;
  for (const to of [...cuts].sort((a, b) => a - b).filter((cut) => cut <= bytes.length)) {
    splitter.push(bytes.subarray(from, to));
    from = to;
  }
  splitter.push(bytes.subarray(from));
  splitter.end();
  return rows;
}

const splitText = (text: string, cuts?: readonly number[]) => split(Buffer.from(text), cuts);

const ofReport: RowPlace = { names: ["results", "rows"], mayBeBare: true, mayBeMissing: false };
const splitReport = (text: string, cuts?: readonly number[]) => split(Buffer.from(text), cuts, ofReport);

const rowsOf = fc.array(
  fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true }),
);
const spaces = fc.constantFrom(undefined, 1, "\t");

test("the rows come out as they went in, wherever the answer is cut into pieces, and with whatever is around them", () => {
  fc.assert(
    fc.property(rowsOf, fc.boolean(), spaces, fc.array(fc.nat(3000)), (rows, isAfter, space, cuts) => {
      const other = { startTime: 5, note: '"results": [{"a": "]}', list: [[{ results: [1] }]] };
      const answer = isAfter ? { ...other, results: rows } : { results: rows, ...other };
      const text = JSON.stringify(answer, null, space);
      expect(splitText(text, cuts)).toEqual(rows.map((row) => parseJsonExactly(JSON.stringify(row))));
    }),
  );
});

test("a list may be bare, or have another name, where that is expected", () => {
  fc.assert(
    fc.property(
      rowsOf,
      fc.constantFrom("results", "rows", null),
      spaces,
      fc.array(fc.nat(3000)),
      (rows, name, space, cuts) => {
        const other = { total: rows.length, results_note: ["results", { rows: [1] }], '"rows': {} };
        const text = JSON.stringify(name === null ? rows : { ...other, [name]: rows, more: [] }, null, space);
        expect(splitReport(text, cuts)).toEqual(rows.map((row) => parseJsonExactly(JSON.stringify(row))));
      },
    ),
  );
});

test.each([
  "[]",
  " [ ] \n",
  "\ufeff[]",
  "null",
  '{"results":null}',
  '{"rows":[]}',
  '{"rows":null,"results":[]}',
  '{"rows":5,"results":[]}',
])("a report that is %s has no rows", (text) => expect(splitReport(text)).toEqual([]));

test.each([
  "{}",
  '{"startTime":1}',
  '{"message":"later"}',
  '{"rows":5}',
  '"rows"',
  "[1]",
  "[null]",
  "[[{}]]",
  "[{}]]",
  "[{}][{}]",
  "[{}],[{}]",
  "[{},]",
  "[,{}]",
  "[{}} ",
  "[{}] and more",
  '{"results":[{}],"rows":[{}]}',
  '{"results":[{}],"results":[{}]}',
  '{"data":{"results":[{}]}}',
  "<!doctype html><title>Please wait</title>",
])("a report is not %s", (text) => expect(() => splitReport(text)).toThrow(WrongContentError));

test("a bare list that ends anywhere before its end is half", () => {
  const bytes = Buffer.from(JSON.stringify([{ id: 'ä"\\😀', a: [1, { b: "]" }] }, { id: "b" }]));
  expect(split(bytes, [], ofReport)).toHaveLength(2);
  for (let length = 0; length < bytes.length; length += 1)
    expect(() => split(bytes.subarray(0, length), [], ofReport), `${length}`).toThrow(HalfAnswerError);
});

test("an answer that ends anywhere before its end is half, never less rows", () => {
  const bytes = Buffer.from(
    JSON.stringify({ startTime: 1, results: [{ id: 'ä"\\😀', a: [1, { b: "]" }] }, { id: "b" }] }),
  );
  expect(split(bytes)).toHaveLength(2);
  for (let length = 0; length < bytes.length; length += 1)
    expect(() => split(bytes.subarray(0, length)), `${length}`).toThrow(HalfAnswerError);
});

test.each([
  '{"results":null}',
  "{}",
  '{"results":[]}',
  '{"startTime":1}',
  ' {"results" : [ ] } \n',
  '\ufeff{"results":[]}',
])("%s has no rows", (text) => expect(splitText(text)).toEqual([]));

test.each([
  "<!doctype html><title>Please wait</title>",
  "null",
  "[]",
  '[{"results":[]}]',
  '"results"',
  '{"results":{}}',
  '{"results":"none"}',
  '{"results":[1]}',
  '{"results":[null]}',
  '{"results":[[{}]]}',
  '{"results":[{}{}]}',
  '{"results":[,{}]}',
  '{"results":[{},]}',
  '{"results":[{}]]',
  '{"results":[{"a":}]}',
  '{"results":[{]}',
  '{"results":[{}]} and more',
  '{"results":[{}]}}',
  '{"error":"Cannot parse"}',
  '{"message":"later"}',
  `{"results":[${'{"a":'.repeat(200)}1${"}".repeat(200)}]}`,
  `{"a":${"[".repeat(100_000)}`,
])("%s is not what was asked for", (text) => {
  expect(() => splitText(text)).toThrow(WrongContentError);
});

test("bytes that are no text are refused: another letter would be another id", () => {
  expect(() =>
    split(Buffer.concat([Buffer.from('{"results":[{"a":"'), Buffer.from([0xff]), Buffer.from('"}]}')])),
  ).toThrow(WrongContentError);
});

test("numbers keep their digits, and names of prototypes are names", () => {
  expect(splitText('{"results":[{"id":12345678901234567890,"__proto__":{"x":1}}]}')[0]).toEqual(
    JSON.parse('{"id":"12345678901234567890","__proto__":{"x":1}}'),
  );
});

test("neither one endless row nor endless other data is kept", () => {
  const feed = (start: string) => () => {
    const splitter = createRowSplitter(() => {});
    splitter.push(Buffer.from(start));
    const chunk = Buffer.alloc(64 * 1024, "x");
    for (let count = 0; count < 1000; count += 1) splitter.push(chunk);
  };
  expect(feed('{"results":[{"a":"')).toThrow(/row is too large/);
  expect(feed('{"a":"')).toThrow(/no rows/);
  const splitter = createRowSplitter(() => {});
  splitter.push(Buffer.from('{"a":[]'));
  const lists = Buffer.from(',"a":[]'.repeat(10_000));
  const startedAt = performance.now();
  expect(() => {
    for (let count = 0; count < 1000; count += 1) splitter.push(lists);
  }).toThrow(/no rows/);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test("a long answer is read in a straight line of time", () => {
  const row = JSON.stringify({
    visitorId: "someone@example.com",
    metadata_agent: { email: "a@b.c", name: "x".repeat(200) },
  });
  const read = (count: number) => {
    const bytes = Buffer.from(`{"results":[${Array(count).fill(row).join(",")}]}`);
    const cuts = Array.from({ length: Math.floor(bytes.length / 16_384) }, (_, n) => (n + 1) * 16_384);
    const startedAt = performance.now();
    expect(split(bytes, cuts)).toHaveLength(count);
    return performance.now() - startedAt;
  };
  read(1000);
  expect(read(40_000)).toBeLessThan(20 * read(4_000) + 200);
});
