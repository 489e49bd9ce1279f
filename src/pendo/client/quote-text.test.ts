import fc from "fast-check";
import { expect, test } from "vitest";
import { compileExpression } from "../../../simulator/api/aggregation/expressions/compile-expression.ts";
import { hasCorpus, listNaughtyStrings } from "../../../test/support/corpora.ts";
import { groupIds, idsPerRequest } from "./group-ids.ts";
import { quoteText } from "./quote-text.ts";

/** What the simulator, which has a grammar of its own, reads there. */
function readBack(text: string) {
  return compileExpression(quoteText(text), { now: 0, appIds: [] })({});
}

const wellFormed = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed());

test("whatever an id is, it is one string of the filter, and the same", () => {
  fc.assert(
    fc.property(wellFormed, (text) => {
      expect(readBack(text)).toBe(text);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."\\\"`'\n\r\t\0 |&=()") }), (text) => {
      expect(readBack(text)).toBe(text);
    }),
  );
});

test("an id cannot end its string and go on as an expression", () => {
  for (const id of ['" || true || "', '\\" || true || \\"', "\\", '\\\\"', '"', "` || true", '\n" || true'])
    for (const operator of ["==", ">"]) {
      const filter = compileExpression(`visitorId ${operator} ${quoteText(id)}`, { now: 0, appIds: [] });
      expect(filter({ visitorId: "" }), id).toBe(false);
    }
});

test("nothing that could break a line or vanish stays as it is", () => {
  fc.assert(
    fc.property(wellFormed, (text) => {
      expect(quoteText(text).slice(1, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\ufeff]|(?<!\\)(\\\\)*"/u);
    }),
  );
  expect(() => quoteText("\ud800")).toThrow(/surrogates/);
});

test.skipIf(!hasCorpus("naughty-strings"))("naughty strings, too", () => {
  for (const text of listNaughtyStrings()) if (text.isWellFormed()) expect(readBack(text)).toBe(text);
});

test("groups hold every id once, and stay small", () => {
  const long = "x".repeat(40_000);
  const ids = [...Array.from({ length: 1000 }, (_, n) => `user-${n}`), "user-1", "", "\ud800", long, "ä".repeat(600)];
  const groups = groupIds(ids);
  expect(groups.flat()).toEqual([...new Set(ids)].filter((id) => id !== "" && id !== "\ud800"));
  for (const group of groups) {
    expect(group.length).toBeLessThanOrEqual(idsPerRequest);
    const bytes = Buffer.byteLength(group.map((id) => `visitorId == ${quoteText(id)}`).join(" || "));
    if (group.length > 1) expect(bytes).toBeLessThanOrEqual(33_000);
  }
  expect(groups.length).toBe(7);
  expect(groupIds([])).toEqual([]);
});
