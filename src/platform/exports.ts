// Whole lists as CSV files. A file shows one moment, however long it takes to write: all its pages are read in one snapshot.
// It is written as fast as it is taken, so one page is in memory; and as each file holds a connection to the database and a
// snapshot, only a few are written at a time, and nobody may hold one for ever.
import type { Readable } from "node:stream";
import { answerCsv, type CsvOptions, writeCsv } from "./csv.ts";
import type { Database, Tx } from "./database/pool.ts";
import { HttpError } from "./http-server.ts";
import type { Page } from "./paging.ts";
import type { Author } from "./routes.ts";

/** The columns of a file: what each is called, and where in a row it is: `user.externalId`. */
export type ExportColumns = Readonly<Record<string, string>>;

export type Export = {
  database: Database;
  workspaceId: string;
  author: Author;
  /** What is exported: the file's name. */
  name: string;
  /** What the list was asked for, as the audit log keeps it. */
  filter: Readonly<Record<string, unknown>>;
  csv: CsvOptions;
  /** The columns, once the snapshot is open. */
  prepare: (db: Tx) => Promise<{ columns: readonly string[]; readCells: (row: object) => unknown[] }>;
  readPage: (db: Tx, page: { limit: number; from?: string }) => Promise<Page<object>>;
};

export type Exports = { answer: (wanted: Export) => Promise<Response> };

export type ExportsOptions = {
  mostAtOnce?: number;
  note: (wanted: Pick<Export, "database" | "workspaceId" | "author" | "name" | "filter">) => Promise<void>;
};

const pageSize = 1_000;
/** Milliseconds that whoever takes the file may leave it alone, and that it may take as a whole. */
const longestPause = 5 * 60_000;
const longestExport = 2 * 60 * 60_000;

export function createExports({ mostAtOnce = 4, note }: ExportsOptions): Exports {
  let underWay = 0;
  return {
    async answer(wanted) {
      if (underWay >= mostAtOnce)
        throw new HttpError(429, `${underWay} lists are being exported just now: try again when one of them is done.`);
      underWay += 1;
      const rows = readRows(wanted, () => {
        underWay -= 1;
      });
      // What is wrong with the question is found out before the answer begins.
      const { value: columns } = await rows.next();
      await note(wanted).catch(async (error) => {
        await rows.return([]);
        throw error;
      });
      return answerCsv(watch(writeCsv(columns as string[], rows, wanted.csv), rows), wanted.name);
    },
  };
}

/** A file that nobody begins to read does not begin its rows, and would not end them. */
function watch(file: Readable, rows: AsyncGenerator<unknown[]>): Readable {
  return file.once("close", () => void rows.return([]));
}

/** The names of the columns, then row by row. */
async function* readRows({ database, prepare, readPage }: Export, done: () => void): AsyncGenerator<unknown[]> {
  const until = Date.now() + longestExport;
  let isDone = false;
  const client = await database.connect().catch((error) => {
    done();
    throw error;
  });
  try {
    await client.query("begin isolation level repeatable read read only");
    await client.query(`set local idle_in_transaction_session_timeout = ${longestPause}`);
    const { columns, readCells } = await prepare(client);
    let page = await readPage(client, { limit: pageSize });
    yield [...columns];
    for (;;) {
      for (const row of page.items) yield readCells(row);
      if (page.next === null) break;
      if (Date.now() > until) throw new Error("An export took longer than two hours and was broken off.");
      page = await readPage(client, { limit: pageSize, from: page.next });
    }
    await client.query("commit");
    isDone = true;
  } finally {
    // Broken off or gone wrong: the connection is closed, and the snapshot goes with it.
    client.release(!isDone);
    done();
  }
}

/** Cells by columns that are the same for every row. */
export function readCellsOf(columns: ExportColumns): { columns: string[]; readCells: (row: object) => unknown[] } {
  const paths = Object.values(columns).map((path) => path.split("."));
  return { columns: Object.keys(columns), readCells: (row) => paths.map((path) => toCell(findValue(row, path))) };
}

function findValue(row: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], row);
}

/** What is more than a value stands there as JSON. */
export function toCell(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}
