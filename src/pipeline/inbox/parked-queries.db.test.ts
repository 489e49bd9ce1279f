import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createPlace, createWorkspace, type Place } from "../../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../../test/support/test-database.ts";
import { createUuid } from "../../platform/uuid.ts";
import type { Mapping } from "../facts.ts";
import type { NamedRecords } from "../records.ts";
import { listParked } from "./parked-queries.ts";
import { releaseParkedForRecords } from "./release-parked-for-records.ts";

let database: TestDatabase;
let workspaceId: string;
let place: Place;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  workspaceId = await createWorkspace(database.pool);
  place = await createPlace(database.pool, { workspaceId });
});

type Parked = { visitor?: string; account?: string; reason?: string; state?: string; at?: Date; tryAt?: Date };

async function parkAll(rows: readonly Parked[], { workspaceId: owner, connectionId } = place): Promise<void> {
  await database.pool.query(
    `insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state, reason, detail, pendo_visitor_id, pendo_account_id, try_at)
     select $1, id, $2, at, 2, false, state, reason, 'detail of ' || visitor, visitor, account, "tryAt"
     from json_to_recordset($3) as r(id uuid, at timestamptz, state text, reason text, visitor text, account text, "tryAt" timestamptz)`,
    [
      owner,
      connectionId,
      JSON.stringify(
        rows.map(({ at = new Date(0), state = "parked", reason = "no-such-user", ...row }, n) => ({
          ...row,
          at,
          state,
          reason,
          id: createUuid(at.getTime() + n),
        })),
      ),
    ],
  );
}

/** A mapping in force from now on. */
async function setMapping({ workspaceId: owner, connectionId }: Place, mapping: Partial<Mapping>): Promise<void> {
  const { userIdFrom = null, accountIdFrom = null, level = "account" } = mapping;
  await database.pool.query(
    "insert into connection_mappings (workspace_id, connection_id, version, user_id_from, account_id_from, level) values ($1, $2, 2, $3, $4, $5)",
    [owner, connectionId, userIdFrom, accountIdFrom, level],
  );
  await database.pool.query("update connections set mapping_version = 2 where connection_id = $1", [connectionId]);
}

async function setIdentity(
  [kind, pendoId, field, externalId]: readonly [kind: string, pendoId: string, field: string, externalId: string],
  { connectionId }: Place,
): Promise<void> {
  await database.pool.query(
    `insert into pendo_identities (workspace_id, connection_id, kind, pendo_id, field, state, external_id, read_at)
     values ($1, $2, $3, $4, $5, 'mapped', $6, now())`,
    [workspaceId, connectionId, kind, pendoId, field, externalId],
  );
}

const release = (records: NamedRecords) => releaseParkedForRecords(database.pool, workspaceId, records);

/** Visitors whose deliveries wait for a worker. */
const readWaiting = async () =>
  (
    await database.pool.query(
      "select pendo_visitor_id as v, reason, detail, try_at from deliveries where state = 'waiting' order by 1",
    )
  ).rows.map((row) => {
    expect([row.reason, row.detail, row.try_at]).toEqual([null, null, null]);
    return row.v;
  });

describe("a record frees what waited for it", () => {
  beforeEach(() => database.pool.query("delete from deliveries"));

  test("by Pendo's id, where that is the external ID; nothing else is touched", async () => {
    await parkAll([
      { visitor: "u-1" },
      { visitor: "u-1", account: "x" },
      { visitor: "U-1" },
      { visitor: "u-2" },
      { visitor: "u-1", reason: "identity-wanted" },
      { visitor: "u-1", reason: "no-such-account", account: "a-1" },
      { visitor: "u-1", reason: "not-recordable", state: "failed" },
    ]);
    await parkAll([{ visitor: "u-1" }], await createPlace(database.pool));
    expect(await release({ user: ["u-1", "u-9"] })).toBe(2);
    expect(await readWaiting()).toEqual(["u-1", "u-1"]);
    expect(await release({ user: ["u-1"] })).toBe(0);
    expect(await release({ account: ["a-1", "u-2"] })).toBe(1);
    expect(await release({ user: ["u-2"], account: ["a-1"] })).toBe(1);
  });

  test("in each connection by its own mapping: through Pendo's metadata", async () => {
    const other = await createPlace(database.pool, { workspaceId });
    await setMapping(other, { userIdFrom: "agent.email", accountIdFrom: "crm" });
    await setIdentity(["visitor", "v-1", "agent.email", "jo@acme.example"], other);
    await setIdentity(["visitor", "v-2", "agent.email", "jo@acme.example"], other);
    await setIdentity(["account", "p-1", "crm", "crm-1"], other);
    // Mappings that are not in force any more: what was known by them says nothing.
    await setIdentity(["visitor", "v-3", "agent.email", "jo@acme.example"], place);
    await setIdentity(["visitor", "v-5", "agent.login", "jo@acme.example"], other);
    await parkAll([{ visitor: "v-1" }, { visitor: "v-2" }, { visitor: "v-5" }, { visitor: "jo@acme.example" }], other);
    await parkAll([{ visitor: "v-4", account: "p-1", reason: "no-such-account" }], other);
    await parkAll([{ visitor: "v-3" }, { visitor: "jo@acme.example" }]);
    expect(await release({ user: ["jo@acme.example"] })).toBe(3);
    expect(await readWaiting()).toEqual(["jo@acme.example", "v-1", "v-2"]);
    expect(await release({ account: ["crm-1"] })).toBe(1);
    expect((await listParked(database.pool, { workspaceId })).map((group) => group.count)).toEqual([2, 1]);
  });

  test("where Pendo's account is an organization, an organization and no account", async () => {
    await setMapping(place, { level: "organization" });
    await parkAll([{ visitor: "v", account: "acme", reason: "no-such-organization" }]);
    expect(await release({ account: ["acme"], user: ["acme", "v"] })).toBe(0);
    expect(await release({ organization: ["acme"] })).toBe(1);
  });

  test("however many wait", async () => {
    await parkAll(Array.from({ length: 5_001 }, () => ({ visitor: "busy" })));
    expect(await release({ user: ["busy"] })).toBe(5_001);
  });
});

test("what is parked is counted by connection and reason, most first, with the oldest, the next try and examples", async () => {
  const at = (day: number) => new Date(Date.UTC(2026, 2, day));
  const other = await createPlace(database.pool, { workspaceId });
  await parkAll([
    { visitor: "a", at: at(1), tryAt: at(15) },
    { visitor: "b", at: at(3), tryAt: at(16) },
    { visitor: "c", at: at(5), tryAt: at(14) },
    { visitor: "d", at: at(7) },
    { visitor: "e", state: "recorded" },
  ]);
  await parkAll([{ visitor: "f", account: "g", reason: "no-such-account", at: at(9) }], other);
  await parkAll([{ visitor: "x" }], await createPlace(database.pool));
  const groups = await listParked(database.pool, { workspaceId });
  expect(groups).toEqual([
    {
      connectionId: place.connectionId,
      connectionName: "Test",
      reason: "no-such-user",
      message: "No user has this external ID, and the connection only links to existing records.",
      count: 4,
      oldestAt: at(1),
      nextTryAt: at(14),
      examples: ["a", "b", "c"].map((visitorId) =>
        expect.objectContaining({ pendo: { visitorId, accountId: null }, detail: `detail of ${visitorId}` }),
      ),
    },
    expect.objectContaining({ connectionId: other.connectionId, reason: "no-such-account", count: 1, nextTryAt: null }),
  ]);
  expect(await listParked(database.pool, { workspaceId, connectionId: other.connectionId })).toEqual([groups[1]]);
  expect(await listParked(database.pool, { connectionId: createUuid(1) })).toEqual([]);
});
