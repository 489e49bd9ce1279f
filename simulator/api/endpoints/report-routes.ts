import type { JsonObject } from "../../world/types.ts";
import { answerJson, answerStream, writeList } from "../http/answer.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/find-route.ts";
import { Refusal } from "../refusal.ts";
import { listFields, type Report } from "../reports/report.ts";
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
  /** Epoch milliseconds, by id. */
  const ranAt = new Map<string, number>();
  const run = ({ parameters }: Exchange, format: "json" | "csv") => {
    const report = parts.reports.find(parameters.id!);
    if (!report?.isShared || report.isDeleted) throw new Refusal(404, "report not found");
    if (!report.hasResults)
      throw new Refusal(
        400,
        "Paths, Funnels, Retention, and Data Explorer reports cannot be returned with this endpoint",
      );
    if (format === "json" && report.shape === "csv") throw new Refusal(406, "only text/csv");
    ranAt.set(report.id, parts.now());
    const rows = parts.reports.listRows(report);
    if (parts.isChanging) parts.reports.advance(report);
    return { report, rows };
  };
  return [
    {
      method: "GET",
      path: "/api/v1/report",
      answer: () => {
        const listed = parts.reports.list().filter(({ isDeleted }) => !isDeleted);
        return answerJson(
          listed.map((report) => describeReport(report, parts.createdAt, ranAt.get(report.id) ?? parts.createdAt)),
        );
      },
    },
    {
      method: "GET",
      path: "/api/v1/report/:id/results.json",
      answer: (exchange) => {
        const { report, rows } = run(exchange, "json");
        return answerStream("application/json; charset=utf-8", writeRows(report.shape, rows));
      },
    },
    {
      method: "GET",
      path: "/api/v1/report/:id/results.csv",
      answer: (exchange) => {
        const { report, rows } = run(exchange, "csv");
        return answerStream("text/csv; charset=utf-8", writeCsv(listFields(report), rows));
      },
    },
  ];
}

/** In an object, a list without rows is null, as it is in aggregations. */
function writeRows(shape: Report["shape"], rows: Iterable<JsonObject>): Iterable<string> {
  return shape === "list" ? writeList("", rows, "") : writeList(`{"${shape}":`, rows, "}", "null");
}

function describeReport(report: Report, createdAt: number, lastRunAt: number): JsonObject {
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
    lastRunAt,
    definition: {},
    aggregation: { fields: listFields(report).map((field) => ({ field, title: field, type: "" })), pipeline: [] },
    aggregationList: [],
  };
}
