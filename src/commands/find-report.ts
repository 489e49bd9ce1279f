// What an id on the command line stands for, in whichever workspace it is.
import type { Queryable } from "../platform/database/pool.ts";
import type { Report } from "../reports/report.ts";
import { type ReportRun, reportRunColumns } from "../reports/report-runs-table.ts";
import { findReport } from "../reports/reports-table.ts";

export async function findReportOf(db: Queryable, id: string): Promise<Report> {
  const report = await findReport(db, id);
  if (report) return report;
  throw new Error(`There is no report ${id}; \`plumbline report list <connection>\` shows those there are.`);
}

export async function findRunOf(db: Queryable, id: string): Promise<ReportRun> {
  const { rows } = await db.query<ReportRun>(`select ${reportRunColumns} from report_runs where report_run_id = $1`, [
    id,
  ]);
  if (rows[0]) return rows[0];
  throw new Error(`There is no run ${id}; \`plumbline report runs <id>\` shows those of a report.`);
}
