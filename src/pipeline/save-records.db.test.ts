import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasCorpus, listNaughtyStrings } from "../../test/support/corpora.ts";
import { createPlace, createWorkspace } from "../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { isStorableText } from "../platform/json.ts";
import { addMemberships } from "./match/account-users-table.ts";
import { createMissingAccounts } from "./match/accounts-table.ts";
import { createMissingOrganizations } from "./match/organizations-table.ts";
import { createMissingUsers } from "./match/users-table.ts";
import type { RecordKind, RecordSaid } from "./records.ts";
import { type SaveTo, saveRecords } from "./save-records.ts";

let database: TestDatabase;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  workspaceId = await createWorkspace(database.pool);
});

const [first, second] = [new Date("2026-03-01T00:00:00Z"), new Date("2026-03-02T00:00:00Z")];

type Said = Partial<RecordSaid> & { externalId: string };

const save = (kind: RecordKind, said: readonly Said[], given: Partial<SaveTo> = {}) =>
  saveRecords(
    database.pool,
    { workspaceId, kind, source: "import", at: first, ...given },
    said.map((one) => ({ traits: [], ...one })),
  );

const outcomesOf = async (...args: Parameters<typeof save>) => (await save(...args)).outcomes;

const trait = (name: string, value: string | null) =>
  value === null ? { name, type: null, value } : { name, type: "text" as const, value };

const read = async (sql: string) => (await database.pool.query(sql, [workspaceId])).rows;
const readUsers = () =>
  read(
    `select external_id as "externalId", name, email, made_by_connection as "madeBy", updated_at as "updatedAt" from users
     where workspace_id = $1 order by 1`,
  );
const readAccounts = () =>
  read(
    `select a.external_id as "externalId", a.name, o.external_id as organization, a.made_by_connection as "madeBy", a.updated_at as "updatedAt"
     from accounts a left join organizations o using (workspace_id, organization_id) where a.workspace_id = $1 order by 1`,
  );
const readMembers = () =>
  read(
    `select u.external_id || ' in ' || x.external_id as member, m.source, m.connection_id as "connectionId"
     from (select workspace_id, user_id, account_id as id, source, connection_id from account_users
           union all select workspace_id, user_id, organization_id, source, connection_id from organization_users) m
     join users u using (workspace_id, user_id)
     join (select account_id as id, external_id from accounts union all select organization_id, external_id from organizations) x using (id)
     where m.workspace_id = $1 order by 1`,
  );
const readTraits = () => read("select name, value from traits where workspace_id = $1 order by name");

test("nothing to save needs nothing", async () => {
  expect(await save("user", [])).toEqual({
    outcomes: [],
    traits: 0,
    made: { organizations: [], accounts: [] },
    released: 0,
  });
});

test("missing ones are made, those that are there are changed; what is not said stays; null clears", async () => {
  expect(
    await outcomesOf("user", [
      { externalId: "u-2", name: "Two", email: "two@acme.example" },
      { externalId: "u-1", name: "One" },
    ]),
  ).toEqual(["created", "created"]);
  expect(
    await outcomesOf(
      "user",
      [{ externalId: "u-1", email: "one@acme.example" }, { externalId: "u-2", name: null }, { externalId: "u-3" }],
      { at: second },
    ),
  ).toEqual(["updated", "updated", "created"]);
  expect(await readUsers()).toEqual([
    { externalId: "u-1", name: "One", email: "one@acme.example", madeBy: null, updatedAt: second },
    { externalId: "u-2", name: null, email: "two@acme.example", madeBy: null, updatedAt: second },
    { externalId: "u-3", name: null, email: null, madeBy: null, updatedAt: second },
  ]);
});

test("saying the same again changes nothing, not even a time", async () => {
  const said: Said[] = [
    { externalId: "u-1", name: "One", accounts: ["a-1"], organizations: ["o-1"], traits: [trait("role", "admin")] },
    { externalId: "u-2" },
  ];
  await save("user", said);
  const before = [await readUsers(), await readAccounts(), await readMembers(), await readTraits()];
  const again = await save("user", said, { at: second });
  expect(again).toMatchObject({
    outcomes: ["unchanged", "unchanged"],
    traits: 0,
    made: { organizations: [], accounts: [] },
  });
  expect([await readUsers(), await readAccounts(), await readMembers(), await readTraits()]).toEqual(before);
});

test("a trait or a membership changes its record; nothing else of it", async () => {
  await save("user", [{ externalId: "u-1" }, { externalId: "u-2" }, { externalId: "u-3", accounts: ["a-1"] }]);
  expect(
    await save(
      "user",
      [
        { externalId: "u-1", traits: [trait("role", "admin")] },
        { externalId: "u-2", accounts: ["a-1"] },
        { externalId: "u-3", accounts: ["a-1"], traits: [trait("role", null)] },
      ],
      { at: second },
    ),
  ).toMatchObject({ outcomes: ["updated", "updated", "unchanged"], traits: 1 });
  expect((await readUsers()).map((user) => user.updatedAt)).toEqual([second, second, first]);
});

test("accounts in organizations: put in, moved, taken out, left; what is named and missing is made once", async () => {
  const made = await save("account", [
    { externalId: "a-1", organization: "o-1" },
    { externalId: "a-2", organization: "o-1" },
    { externalId: "a-3" },
  ]);
  expect(made.made).toEqual({ organizations: ["o-1"], accounts: [] });
  expect(
    await outcomesOf("account", [
      { externalId: "a-1", organization: "o-2" },
      { externalId: "a-2", organization: null },
      { externalId: "a-3", organization: null },
    ]),
  ).toEqual(["updated", "updated", "unchanged"]);
  expect(await readAccounts()).toMatchObject([
    { externalId: "a-1", organization: "o-2" },
    { externalId: "a-2", organization: null },
    { externalId: "a-3", organization: null },
  ]);
});

test("users in several accounts and organizations; what they are in is added to", async () => {
  const saved = await save("user", [
    { externalId: "u-1", accounts: ["a-1", "a-2", "a-1"], organizations: ["o-1"] },
    { externalId: "u-2", accounts: ["a-2"] },
  ]);
  expect(saved.made).toEqual({ organizations: ["o-1"], accounts: ["a-1", "a-2"] });
  await save("user", [{ externalId: "u-1", accounts: ["a-3"] }]);
  expect((await readMembers()).map((row) => `${row.member} by ${row.source}`)).toEqual([
    "u-1 in a-1 by import",
    "u-1 in a-2 by import",
    "u-1 in a-3 by import",
    "u-1 in o-1 by import",
    "u-2 in a-2 by import",
  ]);
});

test("what matching made belongs to whoever names it by hand from then on", async () => {
  const { connectionId } = await createPlace(database.pool, { workspaceId });
  const missing = (externalId: string) => [{ externalId, madeByConnection: connectionId }];
  await inTransaction(database.pool, async (tx) => {
    await createMissingUsers(tx, workspaceId, [...missing("u-1"), ...missing("u-2")], first);
    await createMissingAccounts(tx, workspaceId, [...missing("a-1"), ...missing("a-2")], first);
    await createMissingOrganizations(tx, workspaceId, missing("o-1"), first);
    const { rows } = await tx.query(
      "select user_id, account_id from users join accounts using (workspace_id) where workspace_id = $1",
      [workspaceId],
    );
    const trace = { connectionId, pendoVisitorId: "v", pendoAccountId: "p", mappingVersion: 1 };
    const memberships = rows.map((row) => ({ userId: row.user_id, accountId: row.account_id, trace }));
    await addMemberships(tx, workspaceId, memberships, first);
  });
  expect(
    await outcomesOf("user", [{ externalId: "u-1", accounts: ["a-1"], organizations: ["o-1"] }], { at: second }),
  ).toEqual(["updated"]);
  expect(await readUsers()).toMatchObject([{ madeBy: null }, { madeBy: connectionId, updatedAt: first }]);
  // Only named: it stays as it is, but is no longer matching's to take away.
  expect(await readAccounts()).toMatchObject([{ madeBy: null, updatedAt: first }, { madeBy: connectionId }]);
  expect(await read("select made_by_connection as by from organizations where workspace_id = $1")).toEqual([
    { by: null },
  ]);
  expect((await readMembers()).map(({ member, source, connectionId: by }) => [member, source, by === null])).toEqual([
    ["u-1 in a-1", "import", true],
    ["u-1 in a-2", "pendo", false],
    ["u-1 in o-1", "import", true],
    ["u-2 in a-1", "pendo", false],
    ["u-2 in a-2", "pendo", false],
  ]);
});

test("what matching again takes away at this moment is made anew", async () => {
  const { connectionId } = await createPlace(database.pool, { workspaceId });
  await inTransaction(database.pool, (tx) =>
    createMissingUsers(tx, workspaceId, [{ externalId: "u-1", madeByConnection: connectionId }], first),
  );
  const remover = await database.pool.connect();
  try {
    await remover.query("begin");
    await remover.query("delete from users where workspace_id = $1", [workspaceId]);
    const saving = outcomesOf("user", [{ externalId: "u-1", traits: [trait("role", "admin")] }], { at: second });
    await waitForLock();
    await remover.query("commit");
    expect(await saving).toEqual(["created"]);
  } finally {
    remover.release();
  }
  expect(await readUsers()).toMatchObject([{ externalId: "u-1", madeBy: null }]);
  expect(await readTraits()).toEqual([{ name: "role", value: "admin" }]);
});

/** Until somebody in this database waits for somebody else. */
async function waitForLock(): Promise<void> {
  const waits = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  while ((await database.pool.query(waits)).rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("one said by a person stays a person's when an import says it again", async () => {
  await save("user", [{ externalId: "u", accounts: ["a"] }], { source: "person" });
  expect(await outcomesOf("user", [{ externalId: "u", accounts: ["a"] }])).toEqual(["unchanged"]);
  expect(await readMembers()).toMatchObject([{ source: "person" }]);
});

test("a rehearsal says what would be, and changes nothing", async () => {
  await save("account", [{ externalId: "a-1", name: "One", traits: [trait("plan", "Trial")] }]);
  const before = [await readAccounts(), await readTraits()];
  const said: Said[] = [
    { externalId: "a-1", name: "Other", traits: [trait("plan", null)] },
    { externalId: "a-2", organization: "o-1" },
  ];
  const rehearsed = await save("account", said, { at: second, isRehearsal: true });
  expect([await readAccounts(), await readTraits()]).toEqual(before);
  expect(await read("select 1 from organizations where workspace_id = $1")).toEqual([]);
  expect(rehearsed).toEqual(await save("account", said, { at: second }));
  expect(rehearsed).toMatchObject({ outcomes: ["updated", "created"], traits: 1, made: { organizations: ["o-1"] } });
});

describe("external IDs are exact", () => {
  const exact = async (ids: readonly string[]) => {
    expect(
      new Set(
        await outcomesOf(
          "account",
          ids.map((externalId) => ({ externalId })),
        ),
      ),
    ).toEqual(new Set(["created"]));
    expect((await readAccounts()).map((row) => row.externalId).sort()).toEqual([...ids].sort());
    expect(
      new Set(
        await outcomesOf(
          "account",
          ids.map((externalId) => ({ externalId })),
        ),
      ),
    ).toEqual(new Set(["unchanged"]));
  };
  test("what looks alike is not the same", () =>
    exact(["a", "A", " a", "a ", "á", "a\u0301", "a\u200b", "а", "1", "01", "1.0", "a;b", '"a"', "a\nb", "%", "_"]));
  test.skipIf(!hasCorpus("naughty-strings"))("naughty strings are ids like any other", () =>
    exact([...new Set(listNaughtyStrings())].filter((id) => isStorableText(id) && Buffer.byteLength(id) <= 1_000)),
  );
});

test("many who save the same records at once make each once, and nobody waits for ever", async () => {
  const said = Array.from({ length: 30 }, (_, n) => ({
    externalId: `u-${n}`,
    name: `n${n}`,
    accounts: [`a-${n % 7}`, `a-${(n * 3) % 7}`],
    organizations: [`o-${n % 3}`],
    traits: [trait("t", String(n))],
  }));
  const rounds = await Promise.all(
    Array.from({ length: 8 }, (_, n) => outcomesOf("user", n % 2 ? said : said.toReversed())),
  );
  expect(rounds.flat().filter((outcome) => outcome === "created")).toHaveLength(30);
  expect([(await readUsers()).length, (await readAccounts()).length]).toEqual([30, 7]);
  expect(await read("select 1 from trait_changes where workspace_id = $1")).toHaveLength(30);
});

test("other workspaces are not touched", async () => {
  await save("account", [{ externalId: "a-1", name: "Mine" }]);
  const mine = workspaceId;
  workspaceId = await createWorkspace(database.pool);
  expect(await outcomesOf("account", [{ externalId: "a-1", name: "Yours" }])).toEqual(["created"]);
  workspaceId = mine;
  expect(await readAccounts()).toMatchObject([{ name: "Mine" }]);
});
