import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createPlace } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { createUuid } from "../../platform/uuid.ts";
import { listFacts } from "./facts-queries.ts";

let database: TestDatabase;
let workspaceId: string;
let connectionId: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  ({ workspaceId, connectionId } = await createPlace(database.pool));
});

async function createOrganization(externalId: string, accounts: number): Promise<{ id: string; accounts: string[] }> {
  const id = createUuid(1);
  await database.pool.query(
    "insert into organizations (workspace_id, organization_id, external_id) values ($1, $2, $3)",
    [workspaceId, id, externalId],
  );
  const { rows } = await database.pool.query(
    `insert into accounts (workspace_id, account_id, external_id, organization_id)
     select $1, gen_random_uuid(), $2 || '-' || n, $3 from generate_series(1, $4) n returning account_id`,
    [workspaceId, externalId, id, accounts],
  );
  return { id, accounts: rows.map((row) => row.account_id) };
}

/** Events of these owners in turn; every second of them three. */
async function createEvents(count: number, owners: readonly { account?: string; organization?: string }[]) {
  const rows = Array.from({ length: count }, (_, n) => {
    const { account, organization } = owners[n % owners.length]!;
    return {
      id: createUuid(n),
      at: new Date(Math.floor(n / 3) * 1000),
      account,
      organization,
      kind: n % 4 ? "a" : "b",
    };
  });
  await database.pool.query(
    `insert into events (workspace_id, event_id, connection_id, delivery_id, source, kind, name, occurred_at, account_id, organization_id, properties)
     select $1, id, $2, id, 'test', kind, 'n', at, account, organization, '{}'
     from json_to_recordset($3) as r(id uuid, kind text, at timestamptz, account uuid, organization uuid)`,
    [workspaceId, connectionId, JSON.stringify(rows)],
  );
}

async function readPages(query: { organization?: string; kind?: string; account?: string }) {
  const rows: { id: string; organization: { externalId: string } | null }[] = [];
  for (let from: string | undefined; ; ) {
    const page = await listFacts(database.pool, "events", workspaceId, { ...query, limit: 7, ...(from && { from }) });
    rows.push(...(page.items as typeof rows));
    if (page.next === null) return rows;
    from = page.next;
  }
}

// Below and above the number of accounts that are read one by one.
test.each([1, 3, 250])(
  "an organization of %i accounts: its events by page, newest first, each once",
  async (accounts) => {
    const one = await createOrganization("one", accounts);
    const other = await createOrganization("other", 2);
    await createEvents(300, [
      { account: one.accounts[0]! },
      { account: one.accounts.at(-1)! },
      { organization: one.id },
      { account: other.accounts[0]! },
      {},
      { organization: other.id },
      // Of an account of the other: whatever is written beside it, the account tells.
      { account: other.accounts[1]!, organization: one.id },
    ]);
    const all = await readPages({});
    expect(all).toHaveLength(300);
    for (const name of ["one", "other"]) {
      const expected = all.filter((event) => event.organization?.externalId === name);
      expect(expected.length).toBeGreaterThan(80);
      expect(await readPages({ organization: name })).toEqual(expected);
      const ofKind = await readPages({ organization: name, kind: "b" });
      expect(ofKind).toEqual(expected.filter((event) => (event as unknown as { kind: string }).kind === "b"));
    }
    expect(await readPages({ organization: one.id })).toEqual(await readPages({ organization: "one" }));
    expect(await readPages({ organization: "nobody" })).toEqual([]);
    expect(await readPages({ organization: "one", account: "other-1" })).toEqual([]);
  },
);
