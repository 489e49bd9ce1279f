import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendBodies, createPlace, type Place } from "../../../test/support/inbox.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../../test/support/test-database.ts";
import { commandLine } from "../../commands/command.ts";
import { createWorker } from "../../pipeline/work-inbox.ts";
import { createConnection } from "../../settings/connections.ts";
import { createSecretBox } from "../secret-box.ts";
import { backUp, listTables, quote } from "./backup.ts";
import type { Database } from "./pool.ts";
import { restore } from "./restore.ts";

let source: TestDatabase;
let target: TestDatabase;
let place: Place;
let folder: string;
let file: string;

const strange = [
  "plain",
  "",
  " ",
  "tab\tfeed\nreturn\rback\b\f\v",
  "\\",
  "\\\\",
  "\\.",
  "\n\\.\n",
  "\\N",
  "\\x41 \\u0041 \\1",
  "'quotes' \"and\" `more` $1 $$",
  '{"end":true,"rows":0}',
  "{a,b}",
  "ä€😀 e\u0301 \u200b\u202e\ufeff\u2028",
  "\u0001\u001f\u007f",
  "x".repeat(20_000),
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plumbline-test-"));
  file = join(folder, "backup");
  source = await createTestDatabase();
  const settings = {
    database: source.pool,
    secretBox: createSecretBox(randomBytes(32)),
    publicUrl: "",
    clock: () => new Date(),
    author: commandLine,
  };
  const { workspaceId, id } = await createConnection(settings, { name: strange.join(" "), secret: "whsec" });
  place = { workspaceId, connectionId: id };
  await fill();
});
afterAll(async () => {
  await source.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Restores into a new database and looks at what is there. */
async function restoreAnew<T>(look: (database: Database, restored: { rows: number }) => Promise<T>): Promise<T> {
  const database = await createTestDatabase();
  try {
    return await look(database.pool, await restore(database.pool, file));
  } finally {
    await database.drop();
  }
}

/** Deliveries of every end, with what they became. */
async function fill(): Promise<void> {
  const bodies = strange.flatMap((text, n) => [
    {
      event: "trackEventReceived",
      visitorId: `u ${text}`.slice(0, 500),
      accountId: `a ${n}`,
      uniqueId: `e${n}`,
      properties: { name: text, eventProperties: { [text]: [text, null, 0.1, -0, true] } },
    },
    { event: "pollSubmitted", visitorId: "u", uniqueId: `p${n}`, properties: { question: text, pollResponse: [text] } },
    { event: "npsSubmitted", visitorId: "u", uniqueId: `n${n}`, properties: { nps: { rating: n % 11, reason: text } } },
  ]);
  await appendBodies(source.pool, place, [
    ...bodies,
    { event: "ping" },
    "{",
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    randomBytes(5_000),
  ]);
  await appendBodies(source.pool, place, [{}], new Date("2020-02-29T23:59:59.999Z"));
  const clock = () => new Date();
  await createWorker({
    database: source.pool,
    log: silentLog,
    clock,
    batchSize: 100,
    onSettled: () => {},
    awaitTurn: async () => {},
  }).settleAll();
  await appendBodies(source.pool, place, [{ event: "ping" }]);
  const left = await createPlace(source.pool, {
    rules: { isOn: false, missingRecords: "link", filteredKinds: strange.slice(0, 15), recordedKinds: [] },
  });
  await appendBodies(source.pool, left, [{}]);
}

/** Every row of every table, as text. */
async function readAll(database: Database): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const { table } of await listTables(database)) {
    const { rows } = await database.query(`select t::text as row from ${quote(table)} t order by 1`);
    all[table] = rows.map((row) => row.row);
  }
  return all;
}

const isEmpty = async (database: Database) => Object.values(await readAll(database)).every((rows) => rows.length === 0);

test("what was backed up is all there again, every byte of it", async () => {
  const before = await readAll(source.pool);
  const filled = Object.entries(before)
    .filter(([, rows]) => rows.length > 0)
    .map(([table]) => table);
  expect(filled).toEqual(
    expect.arrayContaining([
      "events",
      "nps_responses",
      "poll_responses",
      "deliveries",
      "delivery_bodies",
      "connection_secrets",
      "users",
      "account_users",
      "ledger_counts",
    ]),
  );
  const count = Object.values(before).reduce((sum, rows) => sum + rows.length, 0);
  const { rows, bytes } = await backUp(source.pool, file);
  expect(rows).toBe(count);
  expect(bytes).toBe(statSync(file).size);
  await restoreAnew(async (database, restored) => {
    expect(restored).toEqual({ rows: count });
    expect(await readAll(database)).toEqual(before);
  });
});

test("the file is its owner's only, and holds no draft beside it", async () => {
  await backUp(source.pool, file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["backup"]);
});

test("a file that is there is replaced only by a whole one", async () => {
  writeFileSync(file, "before");
  // A table that is locked holds the backup in its middle, where it is then cut off.
  const client = await source.pool.connect();
  await client.query("begin");
  await client.query("lock table workspaces in access exclusive mode");
  const backingUp = backUp(source.pool, file).catch((error: Error) => error);
  for (;;) {
    const { rows } = await source.pool.query(
      `select pg_terminate_backend(pid) as ended from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like 'copy%'`,
    );
    if (rows.length > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await backingUp).toBeInstanceOf(Error);
  await client.query("rollback");
  client.release();
  expect(readFileSync(file, "utf8")).toBe("before");
  expect(readdirSync(folder)).toEqual(["backup"]);
});

test("a place that cannot be written to is named", async () => {
  await expect(backUp(source.pool, join(folder, "no", "such", "folder"))).rejects.toThrow(/no\/such\/folder/);
  await expect(backUp(source.pool, folder)).rejects.toThrow();
  expect(existsSync(`${folder}.part`)).toBe(false);
});

test("an empty database can be backed up and restored", async () => {
  const empty = await createTestDatabase();
  try {
    expect((await backUp(empty.pool, file)).rows).toBe(0);
    expect(await restore(empty.pool, file)).toEqual({ rows: 0 });
  } finally {
    await empty.drop();
  }
});

test("what is written meanwhile is left out whole: references fit, and the ledger balances", async () => {
  let isDone = false;
  const writing = (async () => {
    while (!isDone) await appendBodies(source.pool, place, [{ event: "ping" }, { event: "ping" }]);
  })();
  await backUp(source.pool, file);
  isDone = true;
  await writing;
  const { rows } = await restoreAnew((database) =>
    database.query(
      `select (select sum(received)::int from ledger_counts) as received, (select count(*) from deliveries) as kept,
            (select count(*) from delivery_bodies) as bodies`,
    ),
  );
  expect(rows[0].kept).toBe(rows[0].received);
  expect(rows[0].bodies).toBe(rows[0].received);
});

describe("refused, and nothing is changed", () => {
  let whole: Buffer;
  beforeAll(async () => {
    target = await createTestDatabase();
    await backUp(source.pool, file);
    whole = readFileSync(file);
  });
  afterAll(() => target.drop());

  /** Restores a changed file into the empty database and expects to be told why not. */
  async function expectRefusal(content: Buffer, message: RegExp): Promise<void> {
    writeFileSync(file, content);
    await expect(restore(target.pool, file)).rejects.toThrow(message);
    expect(await isEmpty(target.pool)).toBe(true);
  }

  const change = (edit: (text: string) => string) =>
    gzipSync(Buffer.from(edit(gunzipSync(whole).toString("latin1")), "latin1"));

  test("a file that ends too early, wherever it ends", async () => {
    for (const part of [0, 1, 10, 0.1, 0.5, 0.9]) {
      const length = part >= 1 || part === 0 ? part : Math.floor(whole.length * part);
      await expectRefusal(whole.subarray(0, length), /backup is not (whole|a backup)|damaged/);
    }
    await expectRefusal(whole.subarray(0, -1), /not whole|damaged/);
  });

  test("one whose text ends too early, wherever it ends", async () => {
    const text = gunzipSync(whole);
    for (const length of [0, 5, 200, Math.floor(text.length / 2), text.length - 30, text.length - 1])
      await expectRefusal(gzipSync(text.subarray(0, length)), /not whole|damaged|not a backup/);
  });

  test("one with a byte changed, wherever it is", async () => {
    for (const place of [0.05, 0.3, 0.5, 0.7, 0.95]) {
      const copy = Buffer.from(whole);
      copy[Math.floor(copy.length * place)]! ^= 0x01;
      await expectRefusal(copy, /damaged|not whole/);
    }
  });

  test("one whose checksum does not fit, though all its rows do", async () => {
    const copy = Buffer.from(whole);
    copy[copy.length - 8]! ^= 0x01;
    await expectRefusal(copy, /damaged/);
  });

  test("one that goes on behind its end", async () => {
    await expectRefusal(
      change((text) => `${text}{"table":"users","columns":[]}\n`),
      /goes on behind its end/,
    );
  });

  test("one with a row taken out, or put in twice", async () => {
    await expectRefusal(
      change((text) => text.replace(/\n[^\n{]+(\n\\\.\n)/, "$1")),
      /says it holds .* rows/,
    );
    await expectRefusal(
      change((text) => text.replace(/("columns":[^\n]*\n)([^\n\\]+\n)/, "$1$2$2")),
      /duplicate key.*damaged|says it holds/,
    );
  });

  test.each<[string, () => Buffer, RegExp]>([
    ["no backup at all", () => gzipSync("hello\n"), /not a backup of Plumbline/],
    ["JSON that is no backup", () => gzipSync('{"a":1}\n'), /not a backup of Plumbline/],
    ["a text that is not packed", () => Buffer.from("hello"), /not a backup of Plumbline/],
    [
      "another format",
      () => change((text) => text.replace('"plumbline":1', '"plumbline":2')),
      /not a backup of Plumbline/,
    ],
    [
      "another version",
      () => change((text) => text.replace(/"migrations":\["/, '"migrations":["0000_before.sql","')),
      /another version.*restore it with that version/,
    ],
  ])("%s", async (_name, create, message) => {
    await expectRefusal(create(), message);
  });

  test("a file that is not there", async () => {
    await expect(restore(target.pool, join(folder, "nowhere"))).rejects.toThrow(/nowhere/);
  });

  test("a database that is not empty", async () => {
    writeFileSync(file, whole);
    const before = await readAll(source.pool);
    await expect(restore(source.pool, file)).rejects.toThrow(/not empty.*DATA_DIR or DATABASE_URL/);
    expect(await readAll(source.pool)).toEqual(before);
  });

  test("but the whole one is taken after all that", async () => {
    writeFileSync(file, whole);
    expect((await restore(target.pool, file)).rows).toBeGreaterThan(100);
    expect(existsSync(`${file}.part`)).toBe(false);
  });
});
