// Not Pendo's: what happens to reports between two runs of them.
import type { Json, JsonObject } from "../../world/types.ts";
import { isObject } from "../aggregation/read-shape.ts";
import { answerJson } from "../http/answer.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/find-route.ts";
import { Refusal } from "../refusal.ts";
import { type Report, reportShapes } from "../reports/report.ts";
import type { NewReport, ReportChange, ReportStore } from "../reports/report-store.ts";

export function createReportControlRoutes(reports: ReportStore): Route[] {
  const describe = (report: Report): JsonObject => {
    const { id, name, level, type, size, isChanging, hasResults, isShared, isDeleted, shape } = report;
    const version = reports.versionOf(report);
    return { id, name, level, type, size, isChanging, hasResults, isShared, isDeleted, shape, version };
  };
  const get = ({ parameters }: Exchange): Report => {
    const report = reports.find(parameters.id!);
    if (!report) throw new Refusal(404, "report not found");
    return report;
  };
  return [
    { method: "GET", path: "/simulator/reports", answer: () => answerJson(reports.list().map(describe)) },
    {
      method: "POST",
      path: "/simulator/reports",
      answer: ({ readJson }) => answerJson(describe(reports.create(readNewReport(readJson())))),
    },
    {
      method: "POST",
      path: "/simulator/reports/:id",
      answer: (exchange) => answerJson(describe(reports.change(get(exchange), readChange(exchange.readJson())))),
    },
    {
      method: "POST",
      path: "/simulator/reports/:id/advance",
      answer: (exchange) => answerJson({ version: reports.advance(get(exchange)) }),
    },
  ];
}

function readNewReport(body: Json): NewReport {
  if (!isObject(body)) throw new Refusal(400, "the body must be an object");
  const { name, level, rows, type } = body;
  if (typeof name !== "string" || (level !== "visitor" && level !== "account") || !isListOfRows(rows))
    throw new Refusal(400, 'the body must be like {"name": "Seats", "level": "account", "rows": [{"accountId": "a"}]}');
  return { name, level, rows, ...(typeof type === "string" && { type }) };
}

type Check = (value: Json) => boolean;

const isText: Check = (value) => typeof value === "string";
const isTruth: Check = (value) => typeof value === "boolean";
const isListOfRows = (value: Json | undefined): value is JsonObject[] => Array.isArray(value) && value.every(isObject);

const checks: Record<keyof ReportChange, Check> = {
  name: isText,
  isDeleted: isTruth,
  isShared: isTruth,
  withoutColumns: (value) => Array.isArray(value) && value.every(isText),
  share: (value) => typeof value === "number" && value >= 0 && value <= 1,
  rows: (value) => value === null || isListOfRows(value),
  shape: (value) => (reportShapes as readonly Json[]).includes(value),
};

function readChange(body: Json): ReportChange {
  if (!isObject(body)) throw new Refusal(400, "the body must be an object");
  for (const [name, value] of Object.entries(body))
    if (!(Object.hasOwn(checks, name) && checks[name as keyof ReportChange](value)))
      throw new Refusal(400, `${name} is none of ${Object.keys(checks).join(", ")}, or not what it must be`);
  return body as ReportChange;
}
