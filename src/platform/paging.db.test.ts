import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import { HttpError } from "./http-server.ts";
import { type Condition, listPage, type Page } from "./paging.ts";

type Row = { id: string; n: number };

let database: TestDatabase;
/** Newest first: by time, then by id. Some share a time, some differ by a microsecond. */
const times = [
  "2026-03-10T12:00:00.000002Z",
  "2026-03-10T12:00:00.000001Z",
  "2026-03-10T12:00:00.000001Z",
  "2026-03-10T12:00:00.000001Z",
  "2026-03-10T12:00:00Z",
  "2026-03-10T11:59:59.999999Z",
  "1969-12-31T23:59:59.999999Z",
  "0001-01-01T00:00:00Z",
];
const rowsNewestFirst = times.map((at, n) => ({
  id: `00000000-0000-4000-8000-${String(times.length - n).padStart(12, "0")}`,
  at,
  n,
}));

beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query("create table notes (id uuid primary key, at timestamptz not null, n int not null)");
  await database.pool.query(
    "insert into notes select * from json_to_recordset($1) as r(id uuid, at timestamptz, n int)",
    [JSON.stringify(rowsNewestFirst)],
  );
});
afterAll(() => database.drop());

function list(limit: number, from?: string, conditions: Condition[] = [{ sql: "true", values: [] }]) {
  const query = { select: " select n.id, n.n from notes n", time: "n.at", id: "n.id", conditions, limit, from };
  return listPage<Row>(database.pool, query);
}

async function listAll(limit: number, conditions?: Condition[]): Promise<Page<Row>[]> {
  const pages = [await list(limit, undefined, conditions)];
  while (pages.at(-1)!.next !== null) pages.push(await list(limit, pages.at(-1)!.next!, conditions));
  return pages;
}

const numbers = (pages: readonly Page<Row>[]) => pages.flatMap((page) => page.items.map((row) => row.n));

test("pages of any size go through every row once, newest first, where times are the same too", async () => {
  for (let limit = 1; limit <= times.length + 1; limit += 1) {
    const pages = await listAll(limit);
    expect(numbers(pages)).toEqual(rowsNewestFirst.map((row) => row.n));
    expect(pages).toHaveLength(Math.ceil(times.length / limit));
  }
});

test("rows hold what was asked for and nothing of the cursor", async () => {
  expect((await list(1)).items).toEqual([{ id: rowsNewestFirst[0]!.id, n: 0 }]);
});

test("each condition gets its own values", async () => {
  const conditions = [
    { sql: "n.n >= ? and n.n < ?", values: [1, 7] },
    { sql: "true", values: [] },
    { sql: "n.n <> ?", values: [3] },
  ];
  expect(numbers(await listAll(2, conditions))).toEqual([1, 2, 4, 5, 6]);
});

test("what comes in later in front does not move the pages behind", async () => {
  const first = await list(3);
  await database.pool.query("insert into notes values (gen_random_uuid(), '2027-01-01', 100)");
  expect(numbers([await list(3, first.next!)])).toEqual([3, 4, 5]);
  await database.pool.query("delete from notes where n = 100");
});

test("a cursor means the same whatever the session's time zone and style of dates", async () => {
  const client = await database.pool.connect();
  const query = { select: "select n.id, n.n from notes n", time: "n.at", id: "n.id", limit: 2 };
  const conditions: Condition[] = [{ sql: "true", values: [] }];
  try {
    await client.query("set timezone = 'Asia/Kolkata'");
    await client.query("set datestyle = 'German'");
    const first = await listPage<Row>(client, { ...query, conditions, from: undefined });
    expect(first.next).toBe((await list(2)).next);
    await client.query("set timezone = 'America/St_Johns'");
    const second = await listPage<Row>(client, { ...query, conditions, from: first.next! });
    expect(numbers([second])).toEqual([2, 3]);
  } finally {
    client.release(true);
  }
});

describe("a cursor that is none is the caller's mistake", () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const id = rowsNewestFirst[0]!.id;
  const time = "2026-03-10T12:00:00.000000Z";

  test("the pattern itself is right", async () => {
    expect(numbers([await list(2, encode([time, id]))])).toEqual([4, 5]);
  });

  test.each([
    ["empty", ""],
    ["no base64", "%%%"],
    ["no JSON", Buffer.from("[oops").toString("base64url")],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0]).toString("base64url")],
    ["no list", encode({ time, id })],
    ["null", encode(null)],
    ["a text", encode(time)],
    ["too short", encode([time])],
    ["numbers", encode([1, 2])],
    ["lists", encode([[time], [id]])],
    ["no such month", encode(["2026-99-99T00:00:00.000000Z", id])],
    ["no such day", encode(["2026-02-30T00:00:00.000000Z", id])],
    ["no such hour", encode(["2026-02-28T25:00:00.000000Z", id])],
    ["the end of a day as 24", encode(["2026-02-28T24:00:00.000000Z", id])],
    ["a leap second", encode(["2026-06-30T23:59:60.000000Z", id])],
    ["the year 0", encode(["0000-01-01T00:00:00.000000Z", id])],
    ["another notation", encode(["2026-03-10 12:00:00+00", id])],
    ["something behind the time", encode([`${time}; drop table notes`, id])],
    ["infinity", encode(["infinity", id])],
    ["an id of dashes", encode([time, "-".repeat(36)])],
    ["an id with U+0000", encode([time, `${id.slice(0, 35)}\0`])],
    ["an id in another place", encode([id, time])],
  ])("%s", async (_name, from) => {
    const error = await list(2, from).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ statusCode: 400, message: expect.stringContaining("`from`") });
  });
});

test("where ids carry the time, pages are in their order whatever the times say", async () => {
  const given = { select: "select n.id, n.n from notes n", time: "n.at", id: "n.id", byId: true, limit: 3 };
  const conditions: Condition[] = [{ sql: "true", values: [] }];
  for (const order of ["newest-first", "oldest-first"] as const) {
    const ids: string[] = [];
    let from: string | undefined;
    do {
      const page: Page<Row> = await listPage<Row>(database.pool, { ...given, order, conditions, from });
      ids.push(...page.items.map((row) => row.id));
      from = page.next ?? undefined;
    } while (from !== undefined);
    const sorted = rowsNewestFirst.map((row) => row.id).sort();
    expect(ids).toEqual(order === "oldest-first" ? sorted : sorted.reverse());
  }
});
