// A backup without pg_dump, which the embedded server does not bring: every table as PostgreSQL's own COPY text, in one
// snapshot, in one gzipped file.
//
//   {"plumbline": 1, "migrations": […]}        first line
//   {"table": "users", "columns": […]}         then for each table: its head, its rows, and \.
//   …
//   {"end": true, "rows": 1234}                last line: without it the file is not whole
import { createWriteStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { to as copyTo } from "pg-copy-streams";
import type { Database, Tx } from "./pool.ts";

export type TableColumns = { table: string; columns: string[] };
export type Backup = { file: string; rows: number; bytes: number };

/** Writes `file` (readable by its owner only); a file that is not whole never gets its name. */
export async function backUp(database: Database, file: string): Promise<Backup> {
  const client = await database.connect();
  const draft = `${file}.part`;
  let rows = 0;
  try {
    await client.query("begin isolation level repeatable read read only");
    await client.query("set local statement_timeout = 0");
    const tables = await listTables(client);
    const migrations = await listAppliedMigrations(client);
    async function* write(): AsyncGenerator<Buffer | string> {
      yield `${JSON.stringify({ plumbline: 1, migrations })}\n`;
      for (const table of tables) {
        yield `${JSON.stringify(table)}\n`;
        const copy = client.query(
          copyTo(`copy (select ${table.columns.map(quote).join(", ")} from ${quote(table.table)}) to stdout`),
        );
        for await (const chunk of copy) yield chunk as Buffer;
        rows += copy.rowCount;
        yield "\\.\n";
      }
      yield `${JSON.stringify({ end: true, rows })}\n`;
    }
    await pipeline(write(), createGzip({ level: 6 }), createWriteStream(draft, { mode: 0o600 }));
    await client.query("commit");
    const handle = await open(draft, "r+");
    await handle.sync();
    await handle.close();
    await rename(draft, file);
    return { file, rows, bytes: (await stat(file)).size };
  } finally {
    client.release(true);
    await rm(draft, { force: true });
  }
}

/** Our tables, those first that others refer to. Partitions come with their parent. */
export async function listTables(tx: Pick<Tx, "query">): Promise<TableColumns[]> {
  const { rows } = await tx.query<TableColumns & { needs: string[] }>(
    `select c.relname as table,
            (select array_agg(a.attname::text order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
            array(select distinct f.confrelid::regclass::text from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as needs
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'schema_migrations'
     order by c.relname`,
  );
  const ordered: TableColumns[] = [];
  const left = [...rows];
  while (left.length > 0) {
    const next = left.findIndex((row) => row.needs.every((need) => ordered.some((done) => done.table === need)));
    if (next === -1)
      throw new Error(`Tables refer to each other in a circle: ${left.map((row) => row.table).join(", ")}.`);
    const [row] = left.splice(next, 1);
    ordered.push({ table: row!.table, columns: row!.columns });
  }
  return ordered;
}

export async function listAppliedMigrations(tx: Pick<Tx, "query">): Promise<string[]> {
  const { rows } = await tx.query("select name from schema_migrations order by name");
  return rows.map((row) => row.name);
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
