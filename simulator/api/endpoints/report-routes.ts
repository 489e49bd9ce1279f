import type { JsonObject } from "../../world/types.ts";
import { answerJson, answerStream, writeList } from "../http/answer.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/find-route.ts";
import { Refusal } from "../refusal.ts";
import type { Report } from "../reports/report.ts";
import type { ReportStore } from "../reports/report-store.ts";
import { writeCsv } from "../reports/write-csv.ts";

type Parts = {
  reports: ReportStore;
  /** Whether every run of a report is the next version of it. */
  isChanging: boolean;
  now: () => number;
  createdAt: number;
};

const user: JsonObject = { id: "4804364563251200", username: "pendo-user@example.com", first: "Pat", last: "Example" };

export function createReportRoutes(parts: Parts): Route[] {
  const run = ({ parameters }: Exchange) => {
    const report = parts.reports.find(parameters.id!);
    if (!report?.isShared) throw new Refusal(404, "report not found");
    if (!report.hasResults)
      throw new Refusal(
        400,
        "Paths, Funnels, Retention, and Data Explorer reports cannot be returned with this endpoint",
      );
    const rows = parts.reports.listRows(report);
    if (parts.isChanging) parts.reports.advance(report);
    return { report, rows };
  };
  return [
    {
      method: "GET",
      path: "/api/v1/report",
      answer: () => answerJson(parts.reports.list().map((report) => describeReport(report, parts))),
    },
    {
      method: "GET",
      path: "/api/v1/report/:id/results.json",
      answer: (exchange) => answerStream("application/json; charset=utf-8", writeList("", run(exchange).rows, "")),
    },
    {
      method: "GET",
      path: "/api/v1/report/:id/results.csv",
      answer: (exchange) => {
        const { report, rows } = run(exchange);
        const fields = report.columns.map(({ field }) => field);
        return answerStream("text/csv; charset=utf-8", writeCsv(fields, rows));
      },
    },
  ];
}

function describeReport(report: Report, { createdAt, now }: Parts): JsonObject {
  return {
    id: report.id,
    name: report.name,
    description: "",
    kind: "Report",
    type: report.type,
    level: report.level,
    scope: "public",
    shared: report.isShared,
    rootVersionId: report.id,
    stableVersionId: `${report.id}-1`,
    createdAt,
    createdByUser: user,
    ownedByUser: user,
    lastUpdatedAt: createdAt,
    lastUpdatedByUser: user,
    lastRunAt: now(),
    definition: {},
    aggregation: { fields: report.columns.map(({ field }) => ({ field, title: field, type: "" })), pipeline: [] },
    aggregationList: [],
  };
}
