// The audit log over HTTP, for administrators.
import type { FastifyInstance } from "fastify";
import { AuditPage, AuditQuery } from "../contract/access.ts";
import { ErrorAnswer } from "../contract/api.ts";
import { addRoute } from "../platform/routes.ts";
import { listAudit } from "./audit-queries.ts";

export function addAuditRoutes(app: FastifyInstance): void {
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
