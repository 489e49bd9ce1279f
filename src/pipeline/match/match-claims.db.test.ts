import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasCorpus, listNaughtyStrings } from "../../../test/support/corpora.ts";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { isStorableText } from "../../platform/json.ts";
import { createUuid } from "../../platform/uuid.ts";
import type { Owner } from "../facts.ts";
import { type ClaimToMatch, matchClaims } from "./match-claims.ts";

let database: TestDatabase;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  workspaceId = await createWorkspace(database.pool);
});

const at = new Date("2026-03-10T12:00:00.000Z");

const connectionId = createUuid(1);

const claim = (
  user: string | null,
  account: string | null,
  mayCreate = true,
  level: ClaimToMatch["level"] = "account",
): ClaimToMatch => ({
  user,
  account,
  mayCreate,
  level,
  trace: { connectionId, pendoVisitorId: user, pendoAccountId: account, mappingVersion: 3 },
});

const match = (claims: readonly ClaimToMatch[]) =>
  inTransaction(database.pool, async (tx) => (await matchClaims(tx, workspaceId, claims, at)).results);

async function matchOwners(claims: readonly ClaimToMatch[]): Promise<Owner[]> {
  return (await match(claims)).map((one) => {
    if (one.outcome !== "ok") throw new Error(`${one.outcome}: ${one.reason}`);
    return one.value;
  });
}

/** What there is in the workspace: external IDs, and who belongs to what. */
async function readRecords() {
  const read = async (sql: string) => (await database.pool.query(sql, [workspaceId])).rows.map((row) => row.value);
  return {
    users: await read("select external_id as value from users where workspace_id = $1 order by 1"),
    accounts: await read("select external_id as value from accounts where workspace_id = $1 order by 1"),
    members: await read(
      `select u.external_id || ' in ' || a.external_id as value from account_users m
       join users u using (workspace_id, user_id) join accounts a using (workspace_id, account_id)
       where m.workspace_id = $1 order by 1`,
    ),
  };
}

test("nothing to match needs nothing", async () => {
  expect(await match([])).toEqual([]);
});

test("each claim gets its owner, in order; equal ids are one record; who acts in an account belongs to it", async () => {
  const owners = await matchOwners([
    claim("u-1", "a-1"),
    claim("u-2", "a-1"),
    claim("u-1", "a-2"),
    claim("u-1", "a-1"),
    claim("u-3", null),
    claim(null, "a-3"),
    claim(null, null),
  ]);
  expect(owners.map((one) => one.userId === null)).toEqual([false, false, false, false, false, true, true]);
  expect(owners[0]).toEqual(owners[3]);
  expect(owners[0]!.userId).toBe(owners[2]!.userId);
  expect(owners[0]!.accountId).toBe(owners[1]!.accountId);
  expect(owners[6]).toEqual({ userId: null, accountId: null, organizationId: null });
  expect(await readRecords()).toEqual({
    users: ["u-1", "u-2", "u-3"],
    accounts: ["a-1", "a-2", "a-3"],
    members: ["u-1 in a-1", "u-1 in a-2", "u-2 in a-1"],
  });
  expect(await matchOwners([claim("u-2", "a-1")])).toEqual([owners[1]]);
});

test("a record that is made has its external ID and nothing else", async () => {
  await match([claim("u-1", "a-1")]);
  const { rows: users } = await database.pool.query("select * from users where workspace_id = $1", [workspaceId]);
  expect(users).toMatchObject([
    {
      workspace_id: workspaceId,
      user_id: users[0].user_id,
      external_id: "u-1",
      name: null,
      email: null,
      created_at: at,
      updated_at: at,
      made_by_connection: connectionId,
    },
  ]);
  const { rows: accounts } = await database.pool.query("select * from accounts where workspace_id = $1", [workspaceId]);
  expect(accounts).toMatchObject([
    {
      workspace_id: workspaceId,
      account_id: accounts[0].account_id,
      external_id: "a-1",
      name: null,
      organization_id: null,
      created_at: at,
      updated_at: at,
      made_by_connection: connectionId,
    },
  ]);
});

test("a record that is there is linked and left as it is; its account's organization is the account's to tell", async () => {
  const [organizationId, accountId, userId] = [createUuid(1), createUuid(2), createUuid(3)];
  await database.pool.query(
    "insert into organizations (workspace_id, organization_id, external_id) values ($1, $2, 'o')",
    [workspaceId, organizationId],
  );
  await database.pool.query(
    "insert into accounts (workspace_id, account_id, external_id, name, organization_id) values ($1, $2, 'a', 'Acme', $3)",
    [workspaceId, accountId, organizationId],
  );
  await database.pool.query(
    "insert into users (workspace_id, user_id, external_id, name, email) values ($1, $2, 'u', 'Jo', 'jo@acme.example')",
    [workspaceId, userId],
  );
  for (const mayCreate of [true, false])
    expect(await matchOwners([claim("u", "a", mayCreate)])).toEqual([{ userId, accountId, organizationId: null }]);
  const { rows } = await database.pool.query("select name, email from users where workspace_id = $1", [workspaceId]);
  expect(rows).toEqual([{ name: "Jo", email: "jo@acme.example" }]);
});

describe("Pendo's account is an organization", () => {
  const inOrganization = (user: string | null, organization: string | null, mayCreate = true) =>
    claim(user, organization, mayCreate, "organization");

  test("it is made, users are tied to it, and no account is made or linked", async () => {
    const owners = await matchOwners([
      inOrganization("u-1", "acme"),
      inOrganization("u-2", "acme"),
      inOrganization(null, "globex"),
      inOrganization("u-3", null),
    ]);
    expect(owners.map(({ accountId }) => accountId)).toEqual([null, null, null, null]);
    expect(owners[0]!.organizationId).toBe(owners[1]!.organizationId);
    expect(owners[3]!.organizationId).toBeNull();
    const { rows } = await database.pool.query(
      "select external_id, made_by_connection from organizations where workspace_id = $1 order by 1",
      [workspaceId],
    );
    expect(rows).toEqual(["acme", "globex"].map((external_id) => ({ external_id, made_by_connection: connectionId })));
    const { rows: members } = await database.pool.query(
      `select u.external_id, m.source, m.connection_id, m.pendo_visitor_id, m.pendo_account_id, m.mapping_version
       from organization_users m join users u using (workspace_id, user_id) where m.workspace_id = $1 order by 1`,
      [workspaceId],
    );
    const way = { source: "pendo", connection_id: connectionId, pendo_account_id: "acme", mapping_version: 3 };
    expect(members).toEqual(["u-1", "u-2"].map((id) => ({ external_id: id, pendo_visitor_id: id, ...way })));
    expect((await readRecords()).accounts).toEqual([]);
    expect(await matchOwners([inOrganization("u-2", "acme", false)])).toEqual([owners[1]]);
  });

  test("beside a connection whose accounts are accounts, in one batch: the same external ID is two records", async () => {
    const [one, other] = await matchOwners([claim("u-1", "acme"), inOrganization("u-1", "acme")]);
    expect(one).toMatchObject({ accountId: expect.any(String), organizationId: null });
    expect(other).toMatchObject({ accountId: null, organizationId: expect.any(String) });
    expect(one!.userId).toBe(other!.userId);
  });

  test("link only parks what has no organization", async () => {
    await match([claim("u-1", "acme")]);
    expect(await match([inOrganization("u-1", "acme", false)])).toEqual([
      { outcome: "park", reason: "no-such-organization", detail: 'No organization has the external ID "acme".' },
    ]);
  });
});

describe("matching is exact", () => {
  const alike = [
    "jo@example.com",
    "Jo@example.com",
    "JO@EXAMPLE.COM",
    " jo@example.com",
    "jo@example.com ",
    "jo@example.com\n",
    "jo@example.co\u200bm",
    "jo@examp\u0142e.com",
    "jo@example.c\u043em",
    "é",
    "e\u0301",
    "É",
    "ß",
    "ss",
    "ﬁ",
    "fi",
    "１",
    "1",
    "01",
    "1.0",
    "I",
    "ı",
    "İ",
    "i",
    "a_b",
    "a%b",
    "a\\b",
    "a'b",
    'a"b',
    "{a,b}",
    "NULL",
    "a\u00a0b",
    "a b",
  ];

  test("ids that look alike are as many users and accounts", async () => {
    const owners = await matchOwners(alike.map((id) => claim(id, id)));
    expect(new Set(owners.map((one) => one.userId)).size).toBe(alike.length);
    expect(new Set(owners.map((one) => one.accountId)).size).toBe(alike.length);
    expect(await matchOwners(alike.toReversed().map((id) => claim(id, id, false)))).toEqual(owners.toReversed());
    expect(new Set((await readRecords()).users)).toEqual(new Set(alike));
  });

  test.skipIf(!hasCorpus("naughty-strings"))("naughty strings are ids like any other", async () => {
    const ids = [...new Set(listNaughtyStrings())].filter((id) => isStorableText(id) && Buffer.byteLength(id) <= 1_000);
    const owners = await matchOwners(ids.map((id) => claim(id, id)));
    expect(new Set(owners.map((one) => one.userId)).size).toBe(ids.length);
    expect(new Set((await readRecords()).users)).toEqual(new Set(ids));
  });
});

describe("link only", () => {
  test("what has no record is parked with the id that is missing, and nothing is made", async () => {
    await match([claim("u-1", "a-1")]);
    const before = await readRecords();
    expect(await match([claim("u-9", "a-1", false), claim("u-1", "a-9", false), claim("u-8", "a-8", false)])).toEqual([
      { outcome: "park", reason: "no-such-user", detail: 'No user has the external ID "u-9".' },
      { outcome: "park", reason: "no-such-account", detail: 'No account has the external ID "a-9".' },
      { outcome: "park", reason: "no-such-user", detail: 'No user has the external ID "u-8".' },
    ]);
    expect(await readRecords()).toEqual(before);
  });

  test("ids that identify nobody are nothing to link", async () => {
    expect(await matchOwners([claim(null, null, false)])).toEqual([
      { userId: null, accountId: null, organizationId: null },
    ]);
  });

  test("beside a connection that makes records, in one batch", async () => {
    const [made, parked] = await match([claim("u-1", "a-1"), claim("u-2", "a-1", false)]);
    expect([made!.outcome, parked!.outcome]).toEqual(["ok", "park"]);
    expect(await readRecords()).toEqual({ users: ["u-1"], accounts: ["a-1"], members: ["u-1 in a-1"] });
  });

  test("once the record is there it matches", async () => {
    expect((await match([claim("late", null, false)]))[0]!.outcome).toBe("park");
    await match([claim("late", null)]);
    expect((await match([claim("late", null, false)]))[0]!.outcome).toBe("ok");
  });
});

test("records of another workspace are not seen", async () => {
  const [owner] = await matchOwners([claim("u-1", "a-1")]);
  const first = workspaceId;
  workspaceId = await createWorkspace(database.pool);
  expect((await match([claim("u-1", "a-1", false)]))[0]).toMatchObject({ outcome: "park", reason: "no-such-user" });
  const [other] = await matchOwners([claim("u-1", "a-1")]);
  expect(other!.userId).not.toBe(owner!.userId);
  expect(other!.accountId).not.toBe(owner!.accountId);
  expect(first).not.toBe(workspaceId);
});

test("many who make the same records at once make each once, and nobody waits for ever", async () => {
  const ids = Array.from({ length: 40 }, (_, n) => `id-${n}`);
  const rounds = await Promise.all(
    Array.from({ length: 12 }, (_, worker) => {
      const order = ids.map((_, n) => ids[(n * 7 + worker * 3) % ids.length]!);
      return matchOwners((worker % 2 === 0 ? order : order.toReversed()).map((id) => claim(id, id)));
    }),
  );
  const found = new Set(rounds.flat().map((one) => `${one.userId} ${one.accountId}`));
  expect(found.size).toBe(ids.length);
  const records = await readRecords();
  expect([records.users.length, records.accounts.length, records.members.length]).toEqual([40, 40, 40]);
});
