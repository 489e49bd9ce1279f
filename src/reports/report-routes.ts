// Reports over HTTP: what Pendo has, and what is made of it here.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer, IdParameter } from "../contract/api.ts";
import {
  NewReportBody,
  PendoReportList,
  PendoReportParameters,
  PreviewQuery,
  RemovedReport,
  RemoveReportQuery,
  Report,
  ReportChangeBody,
  ReportList,
  ReportPreview,
  ReportsQuery,
} from "../contract/reports.ts";
import type { Tx } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import { addGetRoute, addRoute, addWriteRoute } from "../platform/routes.ts";
import { isUuid } from "../platform/uuid.ts";
import { listPendoReports, withLastRuns } from "./list-reports.ts";
import type { PendoReports } from "./pendo-reports.ts";
import type { Report as SavedReport } from "./report.ts";
import { addReportRunRoutes } from "./report-run-routes.ts";
import { listReports } from "./reports-table.ts";
import { addReport, type ClearTraits, changeReport, getReport, previewReport, removeReport } from "./save-report.ts";

export type ReportRoutesOptions = {
  pendo: PendoReports;
  clock: () => Date;
  clearTraits: ClearTraits;
};

const tag = "Reports";
const errors = ErrorAnswer;

export function addReportRoutes(app: FastifyInstance, options: ReportRoutesOptions): void {
  addPendoRoutes(app, options);
  addReadingRoutes(app);
  addSettingRoutes(app, options);
  addReportRunRoutes(app, options);
}

function addPendoRoutes(app: FastifyInstance, { pendo }: ReportRoutesOptions): void {
  addRoute(app, {
    method: "GET",
    url: "/connections/:id/pendo-reports",
    summary: "Pendo's reports, also those that cannot be synced",
    tag,
    params: IdParameter,
    answer: PendoReportList,
    errors,
    async run({ workspaceId, database, params }) {
      return { items: await listPendoReports({ database, pendo }, { workspaceId, connectionId: params.id }) };
    },
  });
  addRoute(app, {
    method: "GET",
    url: "/connections/:id/pendo-reports/:reportId/preview",
    summary: "The first rows of a report of Pendo's, and what its columns would become. Runs the report at Pendo",
    tag,
    query: PreviewQuery,
    params: PendoReportParameters,
    answer: ReportPreview,
    errors,
    async run({ workspaceId, database, params, query }) {
      const of = { workspaceId, connectionId: params.id };
      const { report, proposal, first } = await previewReport({ database, pendo }, of, params.reportId);
      return {
        id: report.id,
        name: report.name,
        ...proposal,
        rowsLookedAt: first.rows.length,
        rows: first.rows.slice(0, query.rows),
      };
    },
  });
}

function addReadingRoutes(app: FastifyInstance): void {
  addGetRoute(app, {
    url: "/reports",
    summary: "Reports that are synced, with their last runs",
    tag,
    query: ReportsQuery,
    answer: ReportList,
    errors,
    async read({ db, workspaceId, query }) {
      if (query.connection !== undefined && !isUuid(query.connection))
        throw new HttpError(400, "`connection` is not the id of a connection.");
      return { items: await withLastRuns(db, await listReports(db, { workspaceId, connectionId: query.connection })) };
    },
  });
  addGetRoute(app, {
    url: "/reports/:id",
    summary: "One report, with its last run",
    tag,
    params: IdParameter,
    answer: Report,
    errors,
    async read({ db, workspaceId, params }) {
      return (await withLastRuns(db, [await getReport(db, { workspaceId, id: params.id })]))[0];
    },
  });
}

function addSettingRoutes(app: FastifyInstance, options: ReportRoutesOptions): void {
  const { pendo, clock, clearTraits } = options;
  addRoute(app, {
    method: "POST",
    url: "/reports",
    summary: "Sync a report: its columns become traits. The first run is due at once",
    tag,
    body: NewReportBody,
    status: 201,
    answer: Report,
    errors,
    run({ workspaceId, database, author, answerFrom, body: { connectionId, ...wanted } }) {
      const save = (work: (tx: Tx) => Promise<SavedReport>) =>
        answerFrom(async (tx) => ({ ...(await work(tx)), lastRun: null }));
      return addReport({ database, pendo, clock, author, save }, { workspaceId, connectionId }, wanted);
    },
  });
  addRoute(app, {
    method: "PATCH",
    url: "/reports/:id",
    summary: "Change a report, pause it or let it go on. What is left out stays",
    tag,
    params: IdParameter,
    body: ReportChangeBody,
    answer: Report,
    errors,
    run({ workspaceId, database, author, answerFrom, params, body }) {
      const save = (work: (tx: Tx) => Promise<SavedReport>) =>
        answerFrom(async (tx) => (await withLastRuns(tx, [await work(tx)]))[0]!);
      return changeReport({ database, pendo, clock, author, save }, { workspaceId, id: params.id }, body);
    },
  });
  addWriteRoute(app, {
    method: "DELETE",
    url: "/reports/:id",
    summary: "Sync a report no longer. The traits it has given stay, unless they are cleared",
    tag,
    query: RemoveReportQuery,
    params: IdParameter,
    answer: RemovedReport,
    errors,
    async write({ db, workspaceId, author, params, query }) {
      const removal = { workspaceId, id: params.id, author, clearTraits: query.clear ? clearTraits : undefined };
      const { report, cleared } = await removeReport(db, removal, clock());
      return { id: report.id, cleared };
    },
  });
}
