// Reads what backup.ts wrote into an empty database of the same version; all or nothing.
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { from as copyFrom } from "pg-copy-streams";
import { listAppliedMigrations, listTables, quote, type TableColumns } from "./backup.ts";
import { isAboutData } from "./errors.ts";
import type { Database, Tx } from "./pool.ts";

export async function restore(database: Database, file: string): Promise<{ rows: number }> {
  const client = await database.connect();
  try {
    await client.query("begin");
    await client.query("set local statement_timeout = 0");
    await refuseFilledDatabase(client);
    const lines = readLines(file);
    await checkHead(client, parseLine(await lines.next(), file), file);
    let rows = 0;
    for (;;) {
      const head = parseLine(await lines.next(), file) as TableColumns | { end: true; rows: number };
      if ("end" in head) {
        if (head.rows !== rows)
          throw new Error(`${file} says it holds ${head.rows} rows, but ${rows} were read: the file is damaged.`);
        // To the very end: only there is the checksum of what was packed.
        if (!(await lines.next()).done) throw new Error(`${file} goes on behind its end: the file is damaged.`);
        await client.query("commit");
        return { rows };
      }
      rows += await copyTable(client, head, takeRows(lines, file), file);
    }
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release(true);
  }
}

async function copyTable(client: Tx, head: TableColumns, rows: AsyncGenerator<Buffer>, file: string): Promise<number> {
  const copy = client.query(copyFrom(`copy ${quote(head.table)} (${head.columns.map(quote).join(", ")}) from stdin`));
  try {
    await pipeline(Readable.from(rows), copy);
  } catch (error) {
    if (!isAboutData(error)) throw error;
    throw new Error(
      `The rows of ${head.table} in ${file} do not fit (${(error as Error).message}): the file is damaged.`,
      { cause: error },
    );
  }
  return copy.rowCount ?? 0;
}

async function refuseFilledDatabase(client: Tx): Promise<void> {
  for (const { table } of await listTables(client)) {
    const { rows } = await client.query(`select exists (select from ${quote(table)}) as filled`);
    if (rows[0].filled)
      throw new Error(
        `The database is not empty (table ${table}): restore into a new one, by another DATA_DIR or DATABASE_URL.`,
      );
  }
}

async function checkHead(client: Tx, head: object, file: string): Promise<void> {
  if (!("plumbline" in head) || head.plumbline !== 1 || !("migrations" in head))
    throw new Error(`${file} is not a backup of Plumbline.`);
  const here = await listAppliedMigrations(client);
  if (JSON.stringify(head.migrations) !== JSON.stringify(here)) {
    throw new Error(
      `The backup is of another version (its last migration is ${(head.migrations as string[]).at(-1)}, here it is ${here.at(-1)}): restore it with that version, then upgrade.`,
    );
  }
}

/** Lines with their line feed; COPY text escapes those inside of values. */
async function* readLines(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  const source = createReadStream(file);
  const text = source.pipe(createGunzip());
  source.on("error", (error) => text.destroy(error));
  try {
    for await (const chunk of text as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        yield Buffer.concat([...rest, chunk.subarray(start, end + 1)]);
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    throw describeUnreadable(error as NodeJS.ErrnoException, file);
  } finally {
    source.destroy();
  }
}

function describeUnreadable(error: NodeJS.ErrnoException, file: string): Error {
  if (error.code === "Z_BUF_ERROR") return new Error(`${file} is not whole: its end is missing.`, { cause: error });
  if (error.code?.startsWith("Z_"))
    return new Error(`${file} is not a backup of Plumbline, or it is damaged.`, { cause: error });
  return new Error(`${file} cannot be read: ${error.message}`, { cause: error });
}

async function* takeRows(lines: AsyncGenerator<Buffer>, file: string): AsyncGenerator<Buffer> {
  for (;;) {
    const line = await lines.next();
    if (line.done) throw new Error(`${file} ends in the middle of a table: the file is damaged.`);
    if (line.value.equals(endOfRows)) return;
    yield line.value;
  }
}

const endOfRows = Buffer.from("\\.\n");

function parseLine(line: IteratorResult<Buffer>, file: string): object {
  if (line.done) throw new Error(`${file} is not whole: its end is missing.`);
  try {
    const value = JSON.parse(line.value.toString("utf8"));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // The message below says what is wrong.
  }
  throw new Error(`${file} is not a backup of Plumbline, or it is damaged.`);
}
