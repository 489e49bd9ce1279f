import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createWorkspace } from "../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import type { RecordKind } from "../pipeline/records.ts";
import { saveRecords } from "../pipeline/save-records.ts";
import { type Import, importFile } from "./import-file.ts";

let database: TestDatabase;
let workspaceId: string;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  workspaceId = await createWorkspace(database.pool);
  folder = mkdtempSync(join(tmpdir(), "plumbline-test-"));
  return () => rmSync(folder, { recursive: true, force: true });
});

let seconds = 0;

/** Imports a text as a file, at a later time than the import before. */
function run(kind: RecordKind, text: string | Buffer, given: Partial<Import> & { name?: string } = {}) {
  const file = join(folder, given.name ?? "file.csv");
  writeFileSync(file, text);
  seconds += 1;
  const at = new Date(Date.UTC(2026, 2, 1, 0, 0, seconds));
  const isRehearsal = given.isRehearsal ?? false;
  return importFile({
    database: database.pool,
    file,
    kind,
    hierarchy: true,
    isRehearsal,
    save: (records) => saveRecords(database.pool, { workspaceId, kind, source: "import", at, isRehearsal }, records),
    ...given,
  });
}

/** All that an import can change, without ids; `times` too, or not. */
async function readState({ times = true } = {}) {
  const read = async (sql: string) => (await database.pool.query(sql, [workspaceId])).rows;
  const updatedAt = times ? "r.updated_at" : "null";
  return {
    records: await read(
      `select 'organization' as kind, r.external_id, r.name, null as email, null as organization, ${updatedAt} as at from organizations r where r.workspace_id = $1
       union all select 'account', r.external_id, r.name, null, o.external_id, ${updatedAt} from accounts r
         left join organizations o using (workspace_id, organization_id) where r.workspace_id = $1
       union all select 'user', r.external_id, r.name, r.email, null, ${updatedAt} from users r where r.workspace_id = $1
       order by 1, 2`,
    ),
    members: await read(
      `select u.external_id as "user", x.external_id as place, x.kind, m.source
       from (select workspace_id, user_id, account_id as id, source from account_users
             union all select workspace_id, user_id, organization_id, source from organization_users) m
       join users u using (workspace_id, user_id)
       join (select account_id as id, external_id, 'account' as kind from accounts
             union all select organization_id, external_id, 'organization' from organizations) x using (id)
       where m.workspace_id = $1 order by 1, 2, 3`,
    ),
    traits: await read(
      `select t.record_type, x.external_id, t.name, t.source, t.type, t.value from traits t
       join (select account_id as id, external_id from accounts union all select organization_id, external_id from organizations
             union all select user_id, external_id from users) x on x.id = t.record_id
       where t.workspace_id = $1 order by 1, 2, 3, 4`,
    ),
    ...(times && { history: await read("select count(*) from trait_changes where workspace_id = $1") }),
  };
}

test("a file of organizations, of accounts, of users: made, tied together, with traits", async () => {
  expect(await run("organization", "external_id,name,Region\no-1,Acme Group,EU\n")).toEqual({
    read: 1,
    created: 1,
    updated: 0,
    unchanged: 0,
    repeated: 0,
    rejected: 0,
    traits: 1,
    made: { organizations: 0, accounts: 0 },
    released: 0,
    rejections: [],
    rejectedFile: null,
  });
  await run("account", "id;organization;name;seats;vip\na-1;o-1;Acme;12;yes\na-2;o-2;;;\n");
  await run("user", "Id\tE-Mail\tAccounts\tJoined\nu-1\tjo@acme.example\ta-1;a-3\t2026-03-31\n");
  expect(await readState({ times: false })).toEqual({
    records: [
      { kind: "account", external_id: "a-1", name: "Acme", email: null, organization: "o-1", at: null },
      { kind: "account", external_id: "a-2", name: null, email: null, organization: "o-2", at: null },
      { kind: "account", external_id: "a-3", name: null, email: null, organization: null, at: null },
      { kind: "organization", external_id: "o-1", name: "Acme Group", email: null, organization: null, at: null },
      { kind: "organization", external_id: "o-2", name: null, email: null, organization: null, at: null },
      { kind: "user", external_id: "u-1", name: null, email: "jo@acme.example", organization: null, at: null },
    ],
    members: [
      { user: "u-1", place: "a-1", kind: "account", source: "import" },
      { user: "u-1", place: "a-3", kind: "account", source: "import" },
    ],
    traits: [
      { record_type: "account", external_id: "a-1", name: "seats", source: "custom", type: "number", value: 12 },
      { record_type: "account", external_id: "a-1", name: "vip", source: "custom", type: "yes-no", value: true },
      { record_type: "organization", external_id: "o-1", name: "Region", source: "custom", type: "text", value: "EU" },
      { record_type: "user", external_id: "u-1", name: "Joined", source: "custom", type: "date", value: "2026-03-31" },
    ],
  });
});

describe("rows that are rejected", () => {
  const text = 'id,name,plan\nu-1,Jo,Team\nnull,Nobody,"x, y"\n\nu-2\nu-3,Al,"Free\nfor ever"\nu-4,"Ann",a,b\n';

  test("are told with row and reason, kept in a file beside, and hold up nobody", async () => {
    const report = await run("user", text);
    const file = join(folder, "file.csv.rejected.csv");
    expect(report).toMatchObject({ read: 5, created: 2, rejected: 3, rejectedFile: file });
    expect(report.rejections).toEqual([
      { row: 3, reason: 'The external ID "null" identifies nobody.' },
      { row: 5, reason: "It has 1 cells, and there are 3 columns." },
      { row: 7, reason: "It has 4 cells, and there are 3 columns." },
    ]);
    expect(readFileSync(file, "utf8")).toBe(
      '\ufeffrejection reason,id,name,plan\n"The external ID ""null"" identifies nobody.",null,Nobody,"x, y"\n' +
        '"It has 1 cells, and there are 3 columns.",u-2\n"It has 4 cells, and there are 3 columns.",u-4,Ann,a,b\n',
    );
  });

  test("can be mended and imported as they are: the reason is no trait", async () => {
    await run("user", text);
    const mended = readFileSync(join(folder, "file.csv.rejected.csv"), "utf8")
      .replace(",null,", ",u-0,")
      .replace(",u-2", ",u-2,,")
      .replace(",a,b", ",a");
    const name = "file.csv.rejected.csv";
    expect(await run("user", mended, { name })).toMatchObject({ created: 3, rejected: 0, traits: 2 });
    expect(await readState()).toMatchObject({
      traits: expect.not.arrayContaining([expect.objectContaining({ name: "reason" })]),
    });
    expect(await run("user", "reason,id\nx,u-9\n")).toMatchObject({ traits: 1 });
  });

  test("are safe in a spreadsheet, and mended what they were, in a file of any name", async () => {
    await run("user", "id,=name,phone,balance\n-7,=1+1,+49 30 1,-5,x\n");
    const file = readFileSync(join(folder, "file.csv.rejected.csv"), "utf8");
    expect(file.split("\n")).toEqual([
      "\ufeffrejection reason,id,'=name,phone,balance",
      `"It has 5 cells, and there are 4 columns.",-7,'=1+1,'+49 30 1,-5,x`,
      "",
    ]);
    expect(await run("user", file.replace(",x", ""), { name: "other.csv" })).toMatchObject({ created: 1, traits: 3 });
    const { records, traits } = await readState();
    expect(records).toMatchObject([{ external_id: "-7" }]);
    expect(traits.map(({ name, value }) => [name, value])).toEqual([
      ["=name", "=1+1"],
      ["balance", -5],
      ["phone", "+49 30 1"],
    ]);
  });

  test("are those with a value that is not of its trait's type, too; its other rows are imported", async () => {
    const types = new Map([["seats", "number"] as const, ["code", "text"] as const]);
    const report = await run("user", "id,seats,code\nu-1,12,1.10\nu-2,many,2\n", { types });
    expect(report).toMatchObject({ created: 1, rejected: 1, traits: 2 });
    expect(report.rejections).toEqual([
      { row: 3, reason: 'The trait "seats" is a number in this workspace, and "many" is none.' },
    ]);
    expect((await readState({ times: false })).traits).toMatchObject([
      { external_id: "u-1", name: "code", type: "text", value: "1.10" },
      { external_id: "u-1", name: "seats", type: "number", value: 12 },
    ]);
  });

  test("leave no file in a rehearsal", async () => {
    expect(await run("user", text, { isRehearsal: true })).toMatchObject({ rejected: 3, rejectedFile: null });
    expect(existsSync(join(folder, "file.csv.rejected.csv"))).toBe(false);
  });

  test("the first twenty are told, all are kept", async () => {
    const rows = Array.from({ length: 3_000 }, (_, n) => `null,${n}`);
    const report = await run("user", `id,name\n${rows.join("\n")}\n`);
    expect(report).toMatchObject({ read: 3_000, rejected: 3_000, created: 0 });
    expect(report.rejections.map((one) => one.row)).toEqual(Array.from({ length: 20 }, (_, n) => n + 2));
    expect(readFileSync(report.rejectedFile!, "utf8").trimEnd().split("\n")).toHaveLength(3_001);
  });
});

describe("nothing is imported of a file that is wrong as a whole", () => {
  test.each<[string, string | Buffer, Partial<Import>, RegExp]>([
    ["broken at its end", `id,name\n${"u-1,x\n".repeat(3_000)}u-2,"open`, {}, /Line 3002: a quote is opened/],
    [
      "not UTF-8",
      Buffer.concat([Buffer.from(`id,name\n${"u-1,x\n".repeat(50_000)}`), Buffer.from([0xe4])]),
      {},
      /UTF-8/,
    ],
    ["without an external ID", "name\nx\n", {}, /No column is the external ID/],
    ["a column of texts that is not there", "id,a\nx,1\n", { textColumns: ["a", "b"] }, /no column "b"/],
    [
      "a column of texts whose trait is a number",
      "id,a\nx,1\n",
      { textColumns: ["a"], types: new Map([["a", "number"]]) },
      /"a" has the type number/,
    ],
    ["with organizations where there are none", "id,organization\nx,o\n", { hierarchy: false }, /--hierarchy on/],
  ])("%s", async (_name, text, given, says) => {
    await expect(run("account", text, given)).rejects.toThrow(says);
    expect(await readState()).toMatchObject({ records: [], traits: [] });
  });

  test("its temporary table is gone, and its connection to the database is usable", async () => {
    for (let round = 0; round < 20; round += 1)
      await expect(run("user", 'id,name\n1,x\n2,"open')).rejects.toThrow(/quote/);
    const { rows } = await database.pool.query("select 1 from pg_class where relname = 'plumbline_rows'");
    expect(rows).toEqual([]);
  });
});

describe("rows about one record", () => {
  test("count together, wherever they stand: the later says what counts, what a user is in adds up", async () => {
    const between = Array.from({ length: 2_500 }, (_, n) => `f-${n},,,,`);
    const text = [
      "id,name,account,plan,seats",
      "u-1,First,a-1,Team,5",
      ...between,
      "u-1,Last,a-2,,null",
      "u-1,,a-3,Free,",
    ].join("\n");
    expect(await run("user", text)).toMatchObject({ read: 2_503, created: 2_501, repeated: 2, traits: 1 });
    expect(await readState()).toMatchObject({
      members: [{ place: "a-1" }, { place: "a-2" }, { place: "a-3" }],
      traits: [{ name: "plan", value: "Free" }],
    });
    expect(await run("user", text)).toMatchObject({ created: 0, updated: 0, unchanged: 2_501, traits: 0 });
  });
});

const ids = fc.constantFrom("1", "2", "3", "é", "E\u0301", " 3", "a;b", "null", "");
const cells = fc.record({
  external_id: ids,
  name: fc.constantFrom("", "Jo", "Al", "null", " Jo "),
  email: fc.constantFrom("", "a@x.example", "null"),
  accounts: fc.constantFrom("", "a-1", "a-1;a-2", '["a-3"]', "0"),
  organization: fc.constantFrom("", "o-1", "o-2", "null"),
  plan: fc.constantFrom("", "Team", "5", "5.0", "yes", "null", "2026-03-31", '["a"]'),
  "Plan ": fc.constantFrom("", "x", "null"),
});
const files = fc.array(cells, { minLength: 1, maxLength: 25 });
const kinds = fc.constantFrom<RecordKind>("user", "account", "organization");

const write = (rows: readonly object[]) =>
  stringify(rows as object[], {
    header: true,
    columns: ["external_id", "name", "email", "accounts", "organization", "plan", "Plan "],
  });

test("a file that is imported twice changes nothing the second time", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, files, files, async (kind, before, rows) => {
      workspaceId = await createWorkspace(database.pool);
      await run(kind, write(before));
      const first = await run(kind, write(rows));
      const state = await readState();
      const again = await run(kind, write(rows));
      expect(await readState()).toEqual(state);
      const changed = first.created + first.updated + first.unchanged;
      expect(again).toEqual({
        ...first,
        created: 0,
        updated: 0,
        unchanged: changed,
        traits: 0,
        made: { organizations: 0, accounts: 0 },
      });
    }),
    { numRuns: 60 },
  );
});

test("two halves of a file give what the whole gives", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, files, fc.nat(25), async (kind, rows, place) => {
      workspaceId = await createWorkspace(database.pool);
      await run(kind, write(rows));
      const whole = await readState({ times: false });
      workspaceId = await createWorkspace(database.pool);
      for (const half of [rows.slice(0, place), rows.slice(place)]) if (half.length > 0) await run(kind, write(half));
      expect(await readState({ times: false })).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test("a rehearsal says what the import then does", async () => {
  await fc.assert(
    fc.asyncProperty(kinds, files, files, async (kind, before, rows) => {
      workspaceId = await createWorkspace(database.pool);
      await run(kind, write(before));
      const state = await readState();
      const rehearsed = await run(kind, write(rows), { isRehearsal: true });
      expect(await readState()).toEqual(state);
      const done = await run(kind, write(rows));
      expect({ ...rehearsed, rejectedFile: null }).toEqual({ ...done, rejectedFile: null });
    }),
    { numRuns: 40 },
  );
});
