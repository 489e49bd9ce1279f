import type { JsonObject } from "../../world/types.ts";
import { listReportRows, type Report } from "./report.ts";

export type ReportStore = {
  list: () => readonly Report[];
  find: (id: string) => Report | undefined;
  /** From 1. */
  versionOf: (report: Report) => number;
  /** Makes the next version the current one and returns its number. */
  advance: (report: Report) => number;
  /** Rows of the current version, or of another. */
  listRows: (report: Report, version?: number) => Iterable<JsonObject>;
};

export function createReportStore(reports: readonly Report[]): ReportStore {
  const byId = new Map(reports.map((report) => [report.id, report]));
  const versions = new Map<string, number>();
  const versionOf = ({ id }: Report) => versions.get(id) ?? 1;
  return {
    list: () => reports,
    find: (id) => byId.get(id),
    versionOf,
    advance: (report) => {
      const version = versionOf(report) + 1;
      versions.set(report.id, version);
      return version;
    },
    listRows: (report, version = versionOf(report)) => listReportRows(report, version),
  };
}
