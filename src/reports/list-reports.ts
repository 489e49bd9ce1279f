// Pendo's reports beside what is synced of them here.
import type { Database, Queryable } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { PendoReport, PendoReports } from "./pendo-reports.ts";
import type { Report } from "./report.ts";
import { findLastRuns, readReportingConnection } from "./report-queries.ts";
import type { ReportRun } from "./report-runs-table.ts";
import { listReports } from "./reports-table.ts";

export type ReportWithRun = Report & { lastRun: ReportRun | null };
export type ListedReport = PendoReport & { reports: ReportWithRun[] };

/** In Pendo's order; at the end those that are synced and that Pendo does not list any more. */
export async function listPendoReports(
  { database, pendo }: { database: Database; pendo: PendoReports },
  of: { workspaceId: string; connectionId: string },
): Promise<ListedReport[]> {
  const synced = await inTransaction(database, async (tx) => {
    await readReportingConnection(tx, of);
    return withLastRuns(tx, await listReports(tx, of));
  });
  const listed = await pendo.list(of);
  const reportsOf = (id: string) => synced.filter(({ pendoReportId }) => pendoReportId === id);
  const known = new Set(listed.map(({ id }) => id));
  const gone = new Map(synced.map((report) => [report.pendoReportId, report]));
  return [
    ...listed.map((report) => ({ ...report, reports: reportsOf(report.id) })),
    ...[...gone.values()]
      .filter(({ pendoReportId }) => !known.has(pendoReportId))
      .map(({ pendoReportId, name }) => ({
        id: pendoReportId,
        name,
        type: null,
        level: null,
        isShared: false,
        lastRunAt: null,
        isSyncable: false,
        whyNot: "Pendo does not list it any more: it was deleted there, or is no longer shared.",
        reports: reportsOf(pendoReportId),
      })),
  ];
}

export async function withLastRuns(db: Queryable, reports: readonly Report[]): Promise<ReportWithRun[]> {
  const [first] = reports;
  const runs = first ? await findLastRuns(db, first.workspaceId, reports) : new Map<string, ReportRun>();
  return reports.map((report) => ({ ...report, lastRun: runs.get(report.id) ?? null }));
}
