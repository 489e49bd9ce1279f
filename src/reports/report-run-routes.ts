// Runs of reports over HTTP: begin, watch, confirm, cancel, and see what they could not use.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer, IdParameter } from "../contract/api.ts";
import { CsvFile } from "../contract/csv.ts";
import { ProblemsQuery, ReportProblems, ReportRun, ReportRuns, RunsQuery } from "../contract/reports.ts";
import { answerCsv } from "../platform/csv.ts";
import type { Queryable } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import { isStorableText } from "../platform/json.ts";
import { addGetRoute, addRoute, addWriteRoute } from "../platform/routes.ts";
import { isUuid } from "../platform/uuid.ts";
import { describeProblem, writeProblems } from "./describe-problem.ts";
import type { ReportProblem } from "./report.ts";
import { listReportProblems, type ProblemPlace } from "./report-problems-table.ts";
import { findReportRun, listReportRuns, type ReportRun as Run } from "./report-runs-table.ts";
import { getReport } from "./save-report.ts";
import { cancelRunNow, confirmStoppedRun, startRunNow } from "./start-run.ts";

const tag = "Reports";
const errors = ErrorAnswer;

export function addReportRunRoutes(app: FastifyInstance, options: { clock: () => Date }): void {
  addRunningRoutes(app, options);
  addWatchingRoutes(app);
  addProblemRoutes(app);
}

function addRunningRoutes(app: FastifyInstance, { clock }: { clock: () => Date }): void {
  const shared = { method: "POST", tag, params: IdParameter, answer: ReportRun, errors } as const;
  addWriteRoute(app, {
    ...shared,
    url: "/reports/:id/sync",
    summary: "Run a report now. Where it is running already, that run is the answer",
    status: 202,
    write: ({ db, workspaceId, author, params }) => startRunNow(db, { workspaceId, id: params.id, author }, clock()),
  });
  addWriteRoute(app, {
    ...shared,
    url: "/report-runs/:id/confirm",
    summary: "It is right that the report looks so different: run it all the same",
    status: 202,
    write: async ({ db, workspaceId, author, params }) =>
      confirmStoppedRun(db, { ...(await findRun(db, workspaceId, params.id)), author }, clock()),
  });
  addWriteRoute(app, {
    ...shared,
    url: "/report-runs/:id/cancel",
    summary: "Stop a run: no trait is changed by it",
    write: async ({ db, workspaceId, author, params }) =>
      cancelRunNow(db, { ...(await findRun(db, workspaceId, params.id)), author }, clock()),
  });
}

function addWatchingRoutes(app: FastifyInstance): void {
  addGetRoute(app, {
    url: "/reports/:id/runs",
    summary: "The runs of a report",
    tag,
    query: RunsQuery,
    params: IdParameter,
    answer: ReportRuns,
    errors,
    async read({ db, workspaceId, params, query }) {
      const report = await getReport(db, { workspaceId, id: params.id });
      return { items: await listReportRuns(db, { workspaceId, reportId: report.id }, query.limit) };
    },
  });
  addGetRoute(app, {
    url: "/report-runs/:id",
    summary: "One run: how far it is, what it read and changed",
    tag,
    params: IdParameter,
    answer: ReportRun,
    errors,
    read: ({ db, workspaceId, params }) => findRun(db, workspaceId, params.id),
  });
}

function addProblemRoutes(app: FastifyInstance): void {
  addGetRoute(app, {
    url: "/report-runs/:id/problems",
    summary: "What a run could not use: rows that are nobody's and cells that do not fit, in the order of rows",
    tag,
    query: ProblemsQuery,
    params: IdParameter,
    answer: ReportProblems,
    errors,
    async read({ db, workspaceId, params, query }) {
      const run = await findRun(db, workspaceId, params.id);
      const after = query.from === undefined ? undefined : readPlace(query.from);
      const found = await listReportProblems(db, run, { after, limit: query.limit + 1 });
      const items = found.slice(0, query.limit);
      return {
        items: items.map((problem) => ({
          ...problem,
          column: problem.column === "" && problem.kind === "unmatched" ? null : problem.column,
          message: describeProblem(problem),
        })),
        next: found.length > query.limit ? writePlace(items.at(-1)!) : null,
      };
    },
  });
  addRoute(app, {
    method: "GET",
    url: "/report-runs/:id/problems.csv",
    summary: "The same as a CSV file, all of it",
    tag,
    params: IdParameter,
    answer: CsvFile,
    answerType: "text/csv",
    errors,
    async run({ workspaceId, params, database, inWorkspace }) {
      const run = await inWorkspace((db) => findRun(db, workspaceId, params.id));
      const file = writeProblems((page) => listReportProblems(database, run, page));
      return answerCsv(file, `report-run-${run.number}-problems`);
    },
  });
}

async function findRun(db: Queryable, workspaceId: string, id: string): Promise<Run> {
  const run = isUuid(id) ? await findReportRun(db, workspaceId, id) : undefined;
  if (!run) throw new HttpError(404, `There is no run ${JSON.stringify(id)} in this workspace.`);
  return run;
}

function writePlace({ rowNumber, column }: ReportProblem): string {
  return Buffer.from(JSON.stringify([rowNumber, column])).toString("base64url");
}

function readPlace(text: string): ProblemPlace {
  try {
    const [rowNumber, column] = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (Number.isSafeInteger(rowNumber) && typeof column === "string" && isStorableText(column))
      return { rowNumber, column };
  } catch {
    // The message below says what is wrong.
  }
  throw new HttpError(400, "`from` is not the `next` of an earlier page; leave it out to start from the beginning.");
}
