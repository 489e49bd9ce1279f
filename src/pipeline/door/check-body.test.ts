import fc from "fast-check";
import { expect, test } from "vitest";
import { hasCorpus, listDocuments } from "../../../test/support/corpora.ts";
import { createHostileJson } from "../../../test/support/hostile-json.ts";
import { checkBody, judgeObjects, limits } from "./check-body.ts";

const judge = (body: Buffer) => checkBody(body, judgeObjects)?.reason ?? null;

const nest = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;

test.each<[string, string | Buffer, string | null]>([
  ["an object", '{"event":"ping"}', null],
  ["an empty object", "{}", null],
  ["a list of objects", "[{},{}]", null],
  ["space around", " \n{}\t", null],
  ["lone surrogates and U+0000 as escapes", String.raw`{"a":"\u0000\ud800"}`, null],
  ["numbers that no double holds", '{"a":1e400,"b":12345678901234567890}', null],
  ["as deep as may be", nest(limits.depth), null],
  ["brackets inside of a text", `{"a":"${"[".repeat(1_000)}"}`, null],
  ["a key twice", '{"a":1,"a":2}', null],
  ["nothing", "", "not-json"],
  ["only space", "  ", "not-json"],
  ["a broken object", '{"a":', "not-json"],
  ["a comma too many", '{"a":1,}', "not-json"],
  ["single quotes", "{'a':1}", "not-json"],
  ["NaN", '{"a":NaN}', "not-json"],
  ["a raw U+0000", '{"a":"\0"}', "not-json"],
  ["a byte order mark", "\ufeff{}", "not-json"],
  ["two objects", "{}{}", "not-json"],
  ["a form", "event=ping", "not-json"],
  ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "not-json"],
  ["UTF-16", Buffer.from('{"a":1}', "utf16le"), "not-json"],
  ["a surrogate as bytes", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), "not-json"],
  ["an overlong form", Buffer.from([0x22, 0xc0, 0xaf, 0x22]), "not-json"],
  ["null", "null", "not-an-object"],
  ["a number", "1", "not-an-object"],
  ["a text", '"text"', "not-an-object"],
  ["an empty list", "[]", "not-an-object"],
  ["a list of numbers", "[1]", "not-an-object"],
  ["a list with null", "[{},null]", "not-an-object"],
  ["lists in lists", "[[{}]]", "not-an-object"],
  ["one level too deep", nest(limits.depth + 1), "too-deep"],
  ["far too deep, and not closed", "[".repeat(500_000), "too-deep"],
])("%s", (_name, body, reason) => {
  expect(judge(Buffer.isBuffer(body) ? body : Buffer.from(body))).toBe(reason);
});

test("every object that can be written is taken", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), createHostileJson()), (object) => {
      expect(judge(Buffer.from(JSON.stringify(object)))).toBeNull();
      expect(judge(Buffer.from(JSON.stringify([object, object], null, 2)))).toBeNull();
    }),
  );
});

test("any bytes are judged, and none throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect([null, "not-json", "not-an-object"]).toContain(judge(Buffer.from(bytes)));
    }),
  );
});

test.skipIf(!hasCorpus("json-test-suite"))("refuses what JSONTestSuite says is no JSON, and takes its objects", () => {
  for (const { name, body } of listDocuments("json-test-suite/test_parsing")) {
    const reason = judge(body);
    if (name.startsWith("n_")) expect(reason, name).toMatch(/^(not-json|too-deep)$/);
    if (name.startsWith("y_")) expect([null, "not-an-object"], name).toContain(reason);
    if (name.startsWith("y_object")) expect(reason, name).toBeNull();
  }
});
