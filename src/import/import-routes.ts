// Imports over HTTP: a file comes in a stream and is kept; a job works it off.
import type { FastifyInstance } from "fastify";
import { writeAudit } from "../access/audit-log-table.ts";
import { ErrorAnswer, PageOf } from "../contract/api.ts";
import { CsvFile, RejectedCsvQuery } from "../contract/csv.ts";
import {
  CsvBody,
  ImportDetail,
  ImportParameter,
  Import as ImportSchema,
  ImportsQuery,
  NewImportQuery,
  StartImportBody,
} from "../contract/imports.ts";
import { answerCsv, writeCsv } from "../platform/csv.ts";
import type { Database, Queryable, Tx } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import { listPage } from "../platform/paging.ts";
import { type Author, addGetRoute, addRoute, addWriteRoute } from "../platform/routes.ts";
import { type ColumnChoice, type Import, rejectionColumn, WrongFileError } from "./import.ts";
import { FileTooLargeError, putPieces, readPieces } from "./import-pieces-table.ts";
import { listRejections } from "./import-rejections-table.ts";
import {
  cancelImport,
  deleteUpload,
  findImport,
  importColumns,
  insertImport,
  setUploaded,
  startImport,
} from "./imports-table.ts";
import { readCsv } from "./open-csv.ts";
import { chooseColumns, proposeColumns } from "./read-columns.ts";

export type ImportRoutesOptions = {
  clock: () => Date;
  /** Of a file. */
  mostBytes: number;
  /** There is work for whoever works off imports. */
  announce: (tx: Queryable) => Promise<void>;
};

const tag = "Imports";
const errors = ErrorAnswer;

export function addImportRoutes(app: FastifyInstance, options: ImportRoutesOptions): void {
  addUploadRoute(app, options);
  addReadingRoutes(app);
  addStartRoutes(app, options);
  addRejectedRoute(app);
}

function addUploadRoute(app: FastifyInstance, options: ImportRoutesOptions): void {
  app.register(async (uploads) => {
    // The file is not read before it is known who sends it, and never into memory.
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser("text/csv", (_request, _payload, done) => done(null));
    addRoute(uploads, {
      method: "POST",
      url: "/imports",
      summary: "Bring in organizations, accounts or users from a CSV file, sent as text/csv",
      tag,
      query: NewImportQuery,
      body: CsvBody,
      status: 201,
      answer: ImportSchema,
      errors,
      async run({ workspaceId, author, query, database, answerFrom, request }) {
        const given = { workspaceId, kind: query.kind, isRehearsal: query.dryRun, encoding: query.encoding ?? null };
        const id = await insertImport(database, { ...given, madeBy: nameAuthor(author) }, options.clock());
        const of = { workspaceId, id };
        try {
          const file = await receive(database, of, request.raw.iterator({ destroyOnReturn: false }), {
            ...options,
            encoding: query.encoding,
          });
          return await answerFrom(async (tx) => {
            await setUploaded(tx, of, file);
            await note(tx, { ...of, author, action: "import.uploaded", after: { kind: query.kind } }, options.clock());
            if (query.start) await start(tx, { ...of, author }, { dryRun: query.dryRun }, options);
            return show(await getImport(tx, of));
          });
        } catch (error) {
          // The rest is let pass, so that whoever sends it gets to the answer. Half a file is of no use to anybody; a whole one
          // stays where only the answer to its commit was lost: what is kept for the request's key tells of it.
          request.raw.resume();
          await deleteUpload(database, of);
          throw error;
        }
      },
    });
  });
}

async function receive(
  database: Database,
  of: { workspaceId: string; id: string },
  bytes: AsyncIterable<Uint8Array>,
  { mostBytes, encoding }: { mostBytes: number; encoding: string | undefined },
): Promise<{ size: number; columns: readonly string[] }> {
  try {
    const size = await putPieces(database, of, bytes, mostBytes);
    const { columns } = await readCsv(readPieces(database, of), encoding);
    return { size, columns };
  } catch (error) {
    if (error instanceof FileTooLargeError)
      throw new HttpError(413, `The file is longer than ${mostBytes} bytes: send it in parts.`);
    throw explainWrongFile(error);
  }
}

function explainWrongFile(error: unknown): unknown {
  return error instanceof WrongFileError ? new HttpError(400, error.message) : error;
}

function addReadingRoutes(app: FastifyInstance): void {
  addGetRoute(app, {
    url: "/imports",
    summary: "Imports, newest first",
    tag,
    query: ImportsQuery,
    answer: PageOf(ImportSchema),
    errors,
    async read({ db, workspaceId, query }) {
      const { items, next } = await listPage<Import>(db, {
        select: `select ${importColumns} from imports`,
        time: "created_at",
        id: "import_id",
        conditions: [{ sql: "workspace_id = ?", values: [workspaceId] }],
        limit: query.limit,
        from: query.from,
      });
      return { items: items.map(show), next };
    },
  });
  addGetRoute(app, {
    url: "/imports/:id",
    summary: "One import: what its columns become, how far it is, what became of it",
    tag,
    params: ImportParameter,
    answer: ImportDetail,
    errors,
    async read({ db, workspaceId, params }) {
      const found = await getImport(db, { workspaceId, id: params.id });
      const rejections = await listRejections(db, found, { after: 0, limit: 20 });
      return { ...show(found), rejections: rejections.map(({ row, reason }) => ({ row, reason })) };
    },
  });
}

function addStartRoutes(app: FastifyInstance, options: ImportRoutesOptions): void {
  addWriteRoute(app, {
    method: "POST",
    url: "/imports/:id/start",
    summary: "Begin an import: one that waits, was rehearsed, failed or was cancelled",
    tag,
    params: ImportParameter,
    body: StartImportBody,
    status: 202,
    answer: ImportSchema,
    errors,
    async write({ db, workspaceId, author, params, body }) {
      await start(db, { workspaceId, id: params.id, author }, body, options);
      return show(await getImport(db, { workspaceId, id: params.id }));
    },
  });
  addWriteRoute(app, {
    method: "POST",
    url: "/imports/:id/cancel",
    summary: "Stop an import. Records that are saved stay",
    tag,
    params: ImportParameter,
    answer: ImportSchema,
    errors,
    async write({ db, workspaceId, author, params }) {
      const of = { workspaceId, id: params.id };
      const { state } = await getImport(db, of);
      if (!(await cancelImport(db, of, options.clock())))
        throw new HttpError(409, `The import is ${state}: there is nothing to cancel.`);
      await note(db, { ...of, author, action: "import.cancelled" }, options.clock());
      return show(await getImport(db, of));
    },
  });
}

async function start(
  tx: Tx,
  { author, ...of }: { workspaceId: string; id: string; author: Author },
  { dryRun = false, columns }: { dryRun?: boolean; columns?: readonly ColumnChoice[] },
  { clock, announce }: ImportRoutesOptions,
): Promise<void> {
  const found = await getImport(tx, of);
  const choices = columns ?? found.choices;
  try {
    chooseColumns(found.kind, found.columns, choices);
  } catch (error) {
    throw explainWrongFile(error);
  }
  const { rows } = await tx.query("select from import_pieces where workspace_id = $1 and import_id = $2 limit 1", [
    of.workspaceId,
    of.id,
  ]);
  if (rows.length === 0) throw new HttpError(410, "The file has been deleted: send it again.");
  if (!(await startImport(tx, of, { isRehearsal: dryRun, choices }, clock())))
    throw new HttpError(409, `The import is ${found.state}: it cannot begin.`);
  await note(tx, { ...of, author, action: "import.begun", after: { kind: found.kind, dryRun } }, clock());
  await announce(tx);
}

function addRejectedRoute(app: FastifyInstance): void {
  addRoute(app, {
    method: "GET",
    url: "/imports/:id/rejected.csv",
    summary: "The rows that were not taken, as they came, with the reasons. Mended, the file can be imported",
    tag,
    params: ImportParameter,
    query: RejectedCsvQuery,
    answer: CsvFile,
    answerType: "text/csv",
    errors,
    async run({ workspaceId, params, query: { bom, escape: escapeFormulas = true }, database, inWorkspace }) {
      const found = await inWorkspace((db) => getImport(db, { workspaceId, id: params.id }));
      const file = writeCsv([rejectionColumn, ...found.columns], listCells(database, found), { bom, escapeFormulas });
      return answerCsv(file, `import-${found.id}-rejected`);
    },
  });
}

const pageSize = 1_000;

async function* listCells(database: Database, of: Import): AsyncGenerator<string[]> {
  let after = 0;
  for (;;) {
    const page = await listRejections(database, of, { after, limit: pageSize });
    for (const { reason, cells } of page) yield [reason, ...cells];
    if (page.length < pageSize) return;
    after = page.at(-1)!.row;
  }
}

async function getImport(db: Queryable, of: { workspaceId: string; id: string }): Promise<Import> {
  const found = await findImport(db, of);
  if (!found) throw new HttpError(404, `There is no import ${JSON.stringify(of.id)} in this workspace.`);
  return found;
}

function show({ isRehearsal, columns, choices, ...one }: Import): object {
  const chosen = new Map((choices ?? []).map((choice) => [choice.column, choice]));
  const proposed = proposeColumns(one.kind, columns);
  return { ...one, dryRun: isRehearsal, columns: proposed.map((column) => chosen.get(column.column) ?? column) };
}

function nameAuthor({ by }: Author): string {
  return typeof by === "string" ? by : by.name;
}

type Note = {
  workspaceId: string;
  id: string;
  author: Author;
  action: "import.uploaded" | "import.begun" | "import.cancelled";
  after?: Record<string, unknown>;
};

async function note(tx: Queryable, { workspaceId, id, author, action, after }: Note, at: Date): Promise<void> {
  await writeAudit(tx, { ...author, workspaceId, action, subject: { type: "import", id }, after }, at);
}
