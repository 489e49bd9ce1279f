// Whole lists as CSV files, with the filters of the lists.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer } from "../../contract/api.ts";
import { CsvFile, FactsCsvQuery, RecordsCsvQuery } from "../../contract/csv.ts";
import { type Exports, readCellsOf } from "../../platform/exports.ts";
import { addRoute } from "../../platform/routes.ts";
import { factColumns, prepareRecordColumns } from "./export-columns.ts";
import { listFacts } from "./facts-queries.ts";
import { listRecords } from "./records-queries.ts";

const facts = [
  { url: "/events.csv", list: "events", name: "events" },
  { url: "/nps-responses.csv", list: "npsResponses", name: "NPS responses" },
  { url: "/poll-responses.csv", list: "pollResponses", name: "poll responses" },
] as const;

const records = [
  { url: "/users.csv", list: "users", kind: "user" },
  { url: "/accounts.csv", list: "accounts", kind: "account" },
  { url: "/organizations.csv", list: "organizations", kind: "organization" },
] as const;

const nameOfFile = (url: string) => url.slice(1, -".csv".length);

export function addExportRoutes(app: FastifyInstance, exports: Exports): void {
  for (const { url, list, name } of facts)
    addRoute(app, {
      method: "GET",
      url,
      summary: `All ${name} that match, newest first, as a CSV file`,
      tag: "Facts",
      query: FactsCsvQuery,
      answer: CsvFile,
      answerType: "text/csv",
      errors: ErrorAnswer,
      run: ({ workspaceId, author, database, query: { bom = false, escape: escapeFormulas = true, ...filter } }) =>
        exports.answer({
          database,
          workspaceId,
          author,
          name: nameOfFile(url),
          filter,
          csv: { bom, escapeFormulas },
          prepare: async () => readCellsOf(factColumns[list]),
          readPage: (db, page) => listFacts(db, list, workspaceId, { ...filter, ...page }),
        }),
    });
  for (const { url, list, kind } of records)
    addRoute(app, {
      method: "GET",
      url,
      summary: `All ${list} that match, newest first, as a CSV file: a column for each trait`,
      tag: "Records",
      query: RecordsCsvQuery,
      answer: CsvFile,
      answerType: "text/csv",
      errors: ErrorAnswer,
      run: ({ workspaceId, author, database, query: { bom = false, escape: escapeFormulas = true, ...filter } }) =>
        exports.answer({
          database,
          workspaceId,
          author,
          name: nameOfFile(url),
          filter,
          csv: { bom, escapeFormulas },
          prepare: (db) => prepareRecordColumns(db, { workspaceId, list, kind }),
          readPage: (db, page) => listRecords(db, list, workspaceId, { ...filter, ...page }),
        }),
    });
}
