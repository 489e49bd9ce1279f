// Records are named wherever something refers to them, each workspace by its own names, even where their external IDs are the same.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { silentLog } from "../../../test/support/test-database.ts";
import { createApiKey } from "../../access/api-keys-table.ts";
import { apiRole } from "../../platform/database/api-role.ts";
import { createPool, type DatabasePool } from "../../platform/database/pool.ts";
import { createConnection } from "../../settings/connections.ts";
import { setHierarchy } from "../../settings/workspaces-table.ts";
import { findOwners } from "../inbox/made-queries.ts";
import type { RecordKind } from "../records.ts";
import { saveRecords } from "../save-records.ts";

type Side = { workspaceId: string; mark: string; read: (path: string) => Promise<any> };

let plumbline: TestApp;
let ours: Side;
let theirs: Side;
beforeAll(async () => {
  plumbline = await createTestApp();
  const other = await createWorkspace(plumbline.database.pool);
  ours = await furnish(plumbline.workspaceId, "Our");
  theirs = await furnish(other, "Their");
});
afterAll(() => plumbline.stop());

/** The same external IDs in each workspace; u-2 and its account a-2 have no names. */
async function furnish(workspaceId: string, mark: string): Promise<Side> {
  const { pool } = plumbline.database;
  await setHierarchy(pool, workspaceId, true);
  const save = (kind: RecordKind, externalId: string, said: object = {}) =>
    saveRecords(pool, { workspaceId, kind, source: "import", at: new Date() }, [{ externalId, traits: [], ...said }]);
  await save("organization", "o-1", { name: `${mark} organization` });
  await save("account", "a-1", { name: `${mark} account`, organization: "o-1" });
  await save("user", "u-1", { name: `${mark} user`, accounts: ["a-1"] });
  await save("user", "u-2", { email: "u-2@acme.example", accounts: ["a-1", "a-2"] });
  const connection = await createConnection(plumbline.settings, { name: mark, workspaceId });
  const send = async (event: string, properties: object, visitorId = "u-1", accountId = "a-1") => {
    await plumbline.send(connection, createBody(event, properties, { visitorId, accountId }));
  };
  await send("trackEventReceived", { name: "Opened" });
  await send("npsSubmitted", { guideId: "g", nps: { rating: 3, reason: "slow" } });
  await send("pollSubmitted", { guideId: "g", poll: { id: "p", question: "Why?", response: "because" } });
  await send("trackEventReceived", { name: "Without names" }, "u-2", "a-2");
  await plumbline.settle();
  const { key } = await createApiKey(pool, workspaceId, mark, new Date(), { scopes: ["read"] });
  return {
    workspaceId,
    mark,
    async read(path) {
      const answer = await fetch(`${plumbline.url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
      expect([path, answer.status]).toEqual([path, 200]);
      return path.includes(".csv") ? answer.text() : answer.json();
    },
  };
}

const both = [["ours"], ["theirs"]] as const;
const sideOf = (name: "ours" | "theirs") => (name === "ours" ? ours : theirs);
const id = expect.any(String);
const named = ({ mark }: Side) => ({
  user: { id, externalId: "u-1", name: `${mark} user` },
  account: { id, externalId: "a-1", name: `${mark} account` },
  organization: { id, externalId: "o-1", name: `${mark} organization` },
});

describe.each(both)("%s", (which) => {
  test.each(["events?name=Opened", "nps-responses?", "poll-responses?"])("%s", async (list) => {
    const side = sideOf(which);
    const { items } = await side.read(`/${list}`);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject(named(side));
    const one = await side.read(`/${list.split("?")[0]}/${items[0].id}`);
    const { user, account } = named(side);
    expect(one).toMatchObject({
      ...named(side),
      why: { user: { record: { type: "user", ...user } }, account: { record: { type: "account", ...account } } },
    });
  });

  test("those without a name are called by nothing else", async () => {
    const { items } = await sideOf(which).read("/events?user=u-2");
    expect(items).toMatchObject([
      { user: { id, externalId: "u-2", name: null }, account: { id, externalId: "a-2", name: null } },
    ]);
  });

  test("what users and accounts belong to", async () => {
    const side = sideOf(which);
    const { account, organization } = named(side);
    const accounts = [account, { id, externalId: "a-2", name: null }];
    expect((await side.read("/users?externalId=u-2")).items).toMatchObject([
      { accounts, organizations: [organization] },
    ]);
    const { memberships } = await side.read("/users/u-2");
    expect(memberships.map((one: any) => one.account)).toEqual(expect.arrayContaining(accounts));
    expect(memberships).toHaveLength(accounts.length);
    expect((await side.read("/accounts?externalId=a-1")).items).toMatchObject([{ organization }]);
    expect(await side.read("/accounts/a-1")).toMatchObject({ organization });
  });

  test("whose is what was made of a delivery", async () => {
    const side = sideOf(which);
    const [event] = (await side.read("/events?name=Opened")).items;
    const { made } = await side.read(`/deliveries/${event.deliveryId}`);
    expect(made).toEqual([{ type: "event", id: event.id, ...named(side) }]);
    const owned = await findOwners(plumbline.database.pool, side.workspaceId, [
      { type: "account", id: event.account.id },
      { type: "event", id: "00000000-0000-4000-8000-000000000000" },
      { type: "user", id: event.user.id },
    ]);
    const nobody = { user: null, account: null, organization: null };
    const { user, account } = named(side);
    expect(owned).toEqual([
      { type: "account", id: event.account.id, ...nobody, account },
      { type: "event", id: "00000000-0000-4000-8000-000000000000", ...nobody },
      { type: "user", id: event.user.id, ...nobody, user },
    ]);
  });

  test("files have the names in columns of their own", async () => {
    const side = sideOf(which);
    const [head, row] = (await side.read("/nps-responses.csv")).split("\r\n");
    expect(head).toContain(
      "user,account,organization,user_id,account_id,organization_id,user_name,account_name,organization_name,pendo_",
    );
    expect(row).toContain(`,${side.mark} user,${side.mark} account,${side.mark} organization,`);
    const users = await side.read("/users.csv?sort=name");
    expect(users).toContain("\r\nu-2,,u-2@acme.example,");
    expect(users).toContain(`,a-1;a-2,${side.mark} account;,o-1,${side.mark} organization,`);
    expect(await side.read("/accounts.csv?externalId=a-1")).toContain(
      `\r\na-1,${side.mark} account,o-1,${side.mark} organization,2,`,
    );
  });
});

describe("a delivery that says it had made another workspace's records", () => {
  test("is told nothing of them, in the SQL and by the database itself", async () => {
    const [event] = (await theirs.read("/events?name=Opened")).items;
    const made = [
      { type: "event", id: event.id },
      { type: "user", id: event.user.id },
    ] as const;
    const nobody = made.map((one) => ({ ...one, user: null, account: null, organization: null }));
    expect(await findOwners(plumbline.database.pool, ours.workspaceId, made)).toEqual(nobody);
    await withApiRole(ours.workspaceId, async (pool) => {
      // Even where the SQL asked for the wrong workspace: the rows of another one are not shown.
      expect(await findOwners(pool, theirs.workspaceId, made)).toEqual(nobody);
    });
    await withApiRole(theirs.workspaceId, async (pool) => {
      expect(await findOwners(pool, theirs.workspaceId, made)).toMatchObject([
        named(theirs),
        { user: named(theirs).user },
      ]);
    });
  });
});

/** As the API's requests see the database. */
async function withApiRole(workspaceId: string, run: (pool: DatabasePool) => Promise<void>): Promise<void> {
  const pool = createPool(plumbline.database.settings, { max: 1, name: "test", log: silentLog, role: apiRole });
  try {
    await pool.query("select set_config('plumbline.workspace_id', $1, false)", [workspaceId]);
    await run(pool);
  } finally {
    await pool.end();
  }
}
