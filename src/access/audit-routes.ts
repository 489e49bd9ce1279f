// The audit log over HTTP, for administrators.
import type { FastifyInstance } from "fastify";
import { AuditPage, AuditQuery } from "../contract/access.ts";
import { ErrorAnswer } from "../contract/api.ts";
import { AuditCsvQuery } from "../contract/csv.ts";
import { addExportRoute } from "../platform/export-route.ts";
import { type ExportColumns, type Exports, readCellsOf } from "../platform/exports.ts";
import { addRoute } from "../platform/routes.ts";
import { listAudit } from "./audit-queries.ts";

const auditColumns: ExportColumns = {
  id: "id",
  at: "at",
  by_kind: "by.kind",
  by_id: "by.id",
  by_name: "by.name",
  address: "address",
  action: "action",
  subject_type: "subject.type",
  subject_id: "subject.id",
  before: "before",
  after: "after",
};

export function addAuditRoutes(app: FastifyInstance, exports: Exports): void {
  addExportRoute(app, exports, {
    url: "/audit-log.csv",
    summary: "All lines of the audit log that match, newest first, as a CSV file",
    tag: "Audit log",
    needs: "admin",
    query: AuditCsvQuery,
    prepare: async () => readCellsOf(auditColumns),
    readPage: (db, { workspaceId, filter, page }) => listAudit(db, workspaceId, filter, page),
  });
  addRoute(app, {
    method: "GET",
    url: "/audit-log",
    summary:
      "Who changed what, and who used a secret: when, from where, what it was before and is after. The newest first",
    tag: "Audit log",
    needs: "admin",
    query: AuditQuery,
    answer: AuditPage,
    errors: ErrorAnswer,
    run: ({ workspaceId, query, inWorkspace }) => inWorkspace((db) => listAudit(db, workspaceId, query, query)),
  });
}
