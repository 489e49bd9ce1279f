import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dumpSchema } from "../../../scripts/dump-schema.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../../test/support/test-database.ts";
import { packageRoot } from "../package-root.ts";
import { listMigrations, migrate } from "./migrate.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Read before the workspace is known, so they cannot be found by it; small, and the same on every shard. */
const globalTables = [
  "workspaces",
  "connection_addresses",
  "api_keys",
  "members",
  "workspace_members",
  "sessions",
  "one_time_links",
  "schema_migrations",
  "job_workers",
  "recurring_jobs",
];

test("migrations/schema.sql is what the migrations make (npm run schema writes it)", async () => {
  expect(readFileSync(join(packageRoot, "migrations/schema.sql"), "utf8")).toBe(await dumpSchema(database.pool));
});

test("workspace_id leads every primary key, unique constraint, foreign key and index", async () => {
  const { rows: keys } = await database.pool.query(
    `select t.relname as table, c.relname as index, a.attname as first
     from pg_index i join pg_class t on t.oid = i.indrelid join pg_class c on c.oid = i.indexrelid
     join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
     where t.relnamespace = 'public'::regnamespace and t.relname <> all($1)`,
    [globalTables],
  );
  expect(keys.length).toBeGreaterThan(20);
  expect(keys.filter(({ first }) => first !== "workspace_id")).toEqual([]);
  const { rows: references } = await database.pool.query(
    `select f.conname, a.attname as first, b.attname as target from pg_constraint f
     -- A table that is the same on every shard may be referred to by its own key.
     join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
     join pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[1]
     where f.contype = 'f' and f.connamespace = 'public'::regnamespace and f.confrelid <> 'members'::regclass`,
  );
  expect(references.filter(({ first, target }) => first !== "workspace_id" || target !== "workspace_id")).toEqual([]);
});

test("nothing stands in the way of distributing by workspace: no triggers, no functions, no sequences of ours", async () => {
  const { rows } = await database.pool.query(
    `select 'trigger ' || tgname as what from pg_trigger t join pg_class c on c.oid = t.tgrelid where not tgisinternal and c.relnamespace = 'public'::regnamespace
     union all select 'function ' || proname from pg_proc where pronamespace = 'public'::regnamespace
     union all select 'sequence ' || relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace`,
  );
  expect(rows).toEqual([]);
});

test("durability is on", async () => {
  for (const setting of ["fsync", "synchronous_commit", "full_page_writes"]) {
    const { rows } = await database.pool.query(`show ${setting}`);
    expect(rows[0][setting]).toBe("on");
  }
});

test("a second migration finds nothing to do; a changed or unknown file is refused", async () => {
  expect(await migrate(database.pool, silentLog)).toEqual([]);
  const changed = listMigrations().map((migration) => ({ ...migration, checksum: "other" }));
  await expect(migrate(database.pool, silentLog, changed)).rejects.toThrow(/was changed after it had been applied/);
  await expect(migrate(database.pool, silentLog, [])).rejects.toThrow(/newer version/);
});
