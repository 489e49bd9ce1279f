// Whole lists as CSV files, with the filters of the lists.
import type { FastifyInstance } from "fastify";
import { FactsCsvQuery, RecordsCsvQuery } from "../../contract/csv.ts";
import { addExportRoute } from "../../platform/export-route.ts";
import { type Exports, readCellsOf } from "../../platform/exports.ts";
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

export function addExportRoutes(app: FastifyInstance, exports: Exports): void {
  for (const { url, list, name } of facts)
    addExportRoute(app, exports, {
      url,
      summary: `All ${name} that match, newest first, as a CSV file`,
      tag: "Facts",
      query: FactsCsvQuery,
      prepare: async () => readCellsOf(factColumns[list]),
      readPage: (db, { workspaceId, filter, page }) => listFacts(db, list, workspaceId, { ...filter, ...page }),
    });
  for (const { url, list, kind } of records)
    addExportRoute(app, exports, {
      url,
      summary: `All ${list} that match, newest first, as a CSV file: a column for each trait`,
      tag: "Records",
      query: RecordsCsvQuery,
      prepare: (db, workspaceId) => prepareRecordColumns(db, { workspaceId, list, kind }),
      readPage: (db, { workspaceId, filter, page }) => listRecords(db, list, workspaceId, { ...filter, ...page }),
    });
}
