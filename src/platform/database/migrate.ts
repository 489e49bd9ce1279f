// Numbered plain SQL, forward only. Applied files are remembered with a checksum: history is not rewritten.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../log.ts";
import { packageRoot } from "../package-root.ts";
import { secureTables } from "./api-role.ts";
import type { Database } from "./pool.ts";

const migrationsFolder = join(packageRoot, "migrations");

type Migration = { name: string; sql: string; checksum: string };

export function listMigrations(folder = migrationsFolder): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

/** Brings the schema up to date; resolves to the names applied now. Processes that start together wait for each other. */
export async function migrate(database: Database, log: Log, migrations = listMigrations()): Promise<string[]> {
  const client = await database.connect();
  try {
    await refuseOldServer(client);
    await client.query("begin");
    // The lock only keeps two starters from getting in each other's way; the table's key would stop the second anyway.
    await client.query("select pg_advisory_xact_lock(hashtext('plumbline migrations'))");
    await client.query(
      "create table if not exists schema_migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())",
    );
    const { rows } = await client.query<{ name: string; checksum: string }>(
      "select name, checksum from schema_migrations",
    );
    const applied = new Map(rows.map((row) => [row.name, row.checksum]));
    const unknown = rows
      .filter((row) => !migrations.some((migration) => migration.name === row.name))
      .map((row) => row.name);
    if (unknown.length > 0) {
      throw new Error(
        `The database was already upgraded by a newer version (${unknown.join(", ")}): start that version, or restore a backup of before the upgrade.`,
      );
    }
    const now: string[] = [];
    for (const migration of migrations) {
      const checksum = applied.get(migration.name);
      if (checksum === migration.checksum) continue;
      if (checksum !== undefined)
        throw new Error(
          `The migration ${migration.name} was changed after it had been applied: put the old text back and write a new file.`,
        );
      await client.query(migration.sql);
      await client.query("insert into schema_migrations (name, checksum) values ($1, $2)", [
        migration.name,
        migration.checksum,
      ]);
      now.push(migration.name);
    }
    await secureTables(client);
    await client.query("commit");
    if (now.length > 0) log.info({ migrations: now }, "brought the database schema up to date");
    return now;
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

async function refuseOldServer(client: { query: Database["query"] }): Promise<void> {
  const { rows } = await client.query("select current_setting('server_version_num')::int as version");
  const version: number = rows[0].version;
  if (version < 150_000)
    throw new Error(`The database is PostgreSQL ${Math.floor(version / 10_000)}; version 15 or newer is needed.`);
}
