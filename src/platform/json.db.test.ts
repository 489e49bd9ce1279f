import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasCorpus, listDocuments, listNaughtyStrings } from "../../test/support/corpora.ts";
import { createHostileJson } from "../../test/support/hostile-json.ts";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import { parseJsonExactly, toStorableJson } from "./json.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Through jsonb and back, as one value inside of a row, the way rows are written. */
async function store(value: unknown): Promise<unknown> {
  const { rows } = await database.pool.query({
    name: "store",
    text: "select v::text as v from json_to_recordset($1) as r(v jsonb)",
    values: [toStorableJson([{ v: value }])],
  });
  return rows[0].v === null ? null : JSON.parse(rows[0].v);
}

test("PostgreSQL takes in whatever toStorableJson gives, and gives the same back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(createHostileJson(), fc.jsonValue({ stringUnit: "binary" })), async (value) => {
      expect(await store(value)).toEqual(JSON.parse(toStorableJson(value)));
    }),
    { numRuns: 300 },
  );
});

test.each(["\ud800", "\udc00", "a\0b", "\udc00\ud800", "\\u0000", 1e308, 5e-324, -0, { "\0": { "\udc00": "\udfff" } }])(
  "PostgreSQL takes in %j",
  async (value) => {
    expect(await store(value)).toEqual(JSON.parse(toStorableJson(value)));
  },
);

test.skipIf(!hasCorpus("json-test-suite"))("PostgreSQL takes in every document that Node does", async () => {
  let count = 0;
  for (const folder of ["test_parsing", "test_transform"])
    for (const { name, body } of listDocuments(`json-test-suite/${folder}`)) {
      let value: unknown;
      try {
        value = parseJsonExactly(body.toString("utf8"));
      } catch {
        continue;
      }
      count += 1;
      await expect(store(value), name).resolves.toEqual(JSON.parse(toStorableJson(value)));
    }
  expect(count).toBeGreaterThan(100);
});

test.skipIf(!hasCorpus("naughty-strings"))("PostgreSQL takes in naughty strings, as keys and values", async () => {
  for (const text of listNaughtyStrings()) expect(await store({ [text]: text })).toEqual({ [text]: text });
});
