import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, silentLog, type TestDatabase } from "../../../test/support/test-database.ts";
import { apiRole, openWorkspace, refuseOtherRole, secureTables } from "./api-role.ts";
import { migrate } from "./migrate.ts";
import { createPool, type DatabasePool } from "./pool.ts";
import { inTransaction } from "./transaction.ts";

let database: TestDatabase;
let api: DatabasePool;
const ours = randomUUID();
const theirs = randomUUID();

beforeAll(async () => {
  database = await createTestDatabase();
  api = createPool(database.settings, { max: 4, name: "api", log: silentLog, role: apiRole });
  for (const id of [ours, theirs])
    await database.pool.query("insert into workspaces (workspace_id, name) values ($1, 'a workspace')", [id]);
  for (const id of [ours, theirs])
    await database.pool.query("insert into users (workspace_id, user_id, external_id) values ($1, $2, 'u-1')", [
      id,
      randomUUID(),
    ]);
});

afterAll(async () => {
  await api.end();
  await database.drop();
});

test("no table that has a workspace is left out", async () => {
  const { rows } = await database.pool.query(
    `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
            array(select polname::text from pg_policy p where p.polrelid = c.oid order by 1) as policies
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id')`,
  );
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row).toMatchObject({ forced: true, policies: ["every_workspace", "one_workspace"] });
});

test("tables without a workspace are closed to the API", async () => {
  const { rows } = await database.pool.query(
    `select c.relname as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
       and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id')
       and has_table_privilege($1, c.oid, 'select, insert, update, delete')`,
    [apiRole],
  );
  expect(rows).toEqual([]);
});

test("partitions are reached through their table alone", async () => {
  const { rows } = await database.pool.query(
    `select c.relname from pg_class c where c.relispartition and c.relkind = 'r' and has_table_privilege($1, c.oid, 'select, insert, update, delete')`,
    [apiRole],
  );
  expect(rows).toEqual([]);
});

test("the role owns nothing, cannot sign in and goes around nothing", async () => {
  const { rows } = await database.pool.query(
    `select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole,
            (select count(*) from pg_class where relowner = r.oid) as owned
     from pg_roles r where rolname = $1`,
    [apiRole],
  );
  expect(rows).toEqual([{ rolcanlogin: false, rolsuper: false, rolbypassrls: false, rolcreaterole: false, owned: 0 }]);
  await expect(api.query("alter table users disable row level security")).rejects.toThrow(/owner/);
});

test("whatever a statement asks, it sees the workspace that was named and no other", async () => {
  const workspace = openWorkspace(api, ours);
  const { rows } = await workspace.query("select workspace_id from users");
  expect(rows).toEqual([{ workspace_id: ours }]);
  const asked = await workspace.query("select from users where workspace_id = $1", [theirs]);
  expect(asked.rowCount).toBe(0);
  const changed = await workspace.query("update users set name = 'x' where workspace_id = $1", [theirs]);
  expect(changed.rowCount).toBe(0);
  await expect(
    workspace.query("insert into users (workspace_id, user_id, external_id) values ($1, $2, 'u-2')", [
      theirs,
      randomUUID(),
    ]),
  ).rejects.toThrow(/row-level security/);
});

test("without a workspace there is nothing", async () => {
  const client = await api.connect();
  try {
    await client.query("reset plumbline.workspace_id");
    expect((await client.query("select from users")).rowCount).toBe(0);
    expect((await client.query("select from workspaces")).rowCount).toBe(0);
  } finally {
    client.release();
  }
});

test("many at once, each with its own workspace, never see each other's", async () => {
  const seen = await Promise.all(
    Array.from({ length: 200 }, (_, i) => {
      const own = i % 2 === 0 ? ours : theirs;
      return inTransaction(openWorkspace(api, own), async (tx) => {
        const { rows } = await tx.query("select workspace_id as seen from users");
        return rows.every(({ seen }) => seen === own) && rows.length === 1;
      });
    }),
  );
  expect(seen).not.toContain(false);
});

test("a table that is added is secured the next time, and nothing else is touched", async () => {
  await database.pool.query("create table later (workspace_id uuid not null, id uuid, primary key (workspace_id, id))");
  await inTransaction(database.pool, secureTables);
  await database.pool.query("insert into later values ($1, $2), ($3, $4)", [ours, randomUUID(), theirs, randomUUID()]);
  expect((await openWorkspace(api, ours).query("select from later")).rowCount).toBe(1);
  const policies = () => database.pool.query("select oid from pg_policy order by oid");
  const before = (await policies()).rows;
  await inTransaction(database.pool, secureTables);
  expect((await policies()).rows).toEqual(before);
});

test("connections of another role are refused", async () => {
  await expect(refuseOtherRole(database.pool)).rejects.toThrow(/and not plumbline_api/);
  await refuseOtherRole(api);
});

test("a user who may not make roles is told what an administrator has to do, and then it works", async () => {
  const name = `plumbline_test_owner_${process.pid}`;
  const admin = createPool({ ...database.settings, database: "postgres" } as never, {
    max: 1,
    name: "tests",
    log: silentLog,
  });
  await admin.query(`create role ${name} login`);
  await admin.query(`create database ${name} owner ${name}`);
  const own = createPool({ ...database.settings, user: name, database: name } as never, {
    max: 2,
    name: "tests",
    log: silentLog,
  });
  try {
    await expect(migrate(own, silentLog)).rejects.toThrow(`grant ${apiRole} to "${name}"`);
    await admin.query(`grant ${apiRole} to ${name}`);
    await migrate(own, silentLog);
    await own.query("insert into workspaces (workspace_id, name) values ($1, 'ours'), ($2, 'theirs')", [ours, theirs]);
    // Forced row-level security holds for owners too, who see every workspace by a policy of their own.
    expect((await own.query("select from workspaces")).rowCount).toBe(2);
    const settings = { ...database.settings, user: name, database: name } as never;
    const pool = createPool(settings, { max: 1, name: "api", log: silentLog, role: apiRole });
    await refuseOtherRole(pool);
    const { rows } = await openWorkspace(pool, ours).query("select name from workspaces");
    expect(rows).toEqual([{ name: "ours" }]);
    await pool.end();
  } finally {
    await own.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.query(`revoke ${apiRole} from ${name}`);
    await admin.query(`drop role ${name}`);
    await admin.end();
  }
});
