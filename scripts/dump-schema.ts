// Writes migrations/schema.sql: the schema that all migrations together make, for reading and for comparing.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "../src/platform/database/migrate.ts";
import { createPool, type Queryable } from "../src/platform/database/pool.ts";
import { startEmbeddedPostgres } from "../src/platform/embedded-postgres/embedded-postgres.ts";
import { createLog } from "../src/platform/log.ts";
import { packageRoot } from "../src/platform/package-root.ts";
import { createOpenFolder } from "../test/support/plumbline-process.ts";

/** Tables with columns, constraints and indexes, in a fixed order; partitions by day are left out. */
export async function dumpSchema(db: Queryable): Promise<string> {
  const { rows: tables } = await db.query(
    `select c.oid, c.relname as name, c.relispartition as "isPartition", pg_get_partkeydef(c.oid) as partitioned, pg_get_expr(c.relpartbound, c.oid) as bound,
            array_to_string(c.reloptions, ', ') as options
     from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname !~ '_\\d{4}_\\d\\d_\\d\\d$' order by c.relname`,
  );
  const parts: string[] = [];
  for (const table of tables) {
    const { rows: columns } = await db.query(
      `select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
              || coalesce(case when a.attgenerated = '' then ' default ' || pg_get_expr(d.adbin, d.adrelid)
                                   else ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored' end, '') as line
       from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`,
      [table.oid],
    );
    const { rows: constraints } = await db.query(
      "select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint where conrelid = $1 and contype <> 'n' and coninhcount = 0 order by contype, conname",
      [table.oid],
    );
    const { rows: indexes } = await db.query(
      `select pg_get_indexdef(i.indexrelid) || ';' as line from pg_index i join pg_class c on c.oid = i.indexrelid
       where i.indrelid = $1 and not exists (select from pg_constraint where conindid = i.indexrelid) order by c.relname`,
      [table.oid],
    );
    const lines = [...columns, ...constraints].map(({ line }) => `  ${line}`).join(",\n");
    const tail = `${table.partitioned ? ` partition by ${table.partitioned}` : ""}${table.isPartition ? ` -- partition: ${table.bound}` : ""}${table.options ? ` with (${table.options})` : ""}`;
    parts.push([`create table ${table.name} (\n${lines}\n)${tail};`, ...indexes.map(({ line }) => line)].join("\n"));
  }
  return `-- The schema that all migrations together make. Written by \`npm run schema\`; read it to know the database.\n-- Every table with a workspace_id also has row-level security, forced: src/platform/database/api-role.ts.\n\n${parts.join("\n\n")}\n`;
}

if (process.argv[1]?.endsWith("dump-schema.ts")) {
  const dataDir = createOpenFolder();
  const log = createLog({ format: "json", level: "error" });
  const server = await startEmbeddedPostgres({ dataDir, log, supervise: false });
  const pool = createPool(server.connection, { max: 1, name: "schema", log });
  try {
    await migrate(pool, log);
    writeFileSync(join(packageRoot, "migrations/schema.sql"), await dumpSchema(pool));
    console.log("wrote migrations/schema.sql");
  } finally {
    await pool.end();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
