// Works on report_runs: each begins when its window does or somebody asks for it (src/reports/start-due-reports.ts).
import { readPendoError } from "../pendo/client/read-pendo-error.ts";
import type { Database } from "../platform/database/pool.ts";
import {
  createLeaseRunner,
  type JobName,
  type JobWay,
  type LeaseRunner,
  type RunJob,
} from "../platform/lease-runner.ts";
import type { Log } from "../platform/log.ts";
import {
  type ReportRun,
  type ReportRunEnd,
  type ReportRunProgress,
  reportRunStore,
} from "../reports/report-runs-table.ts";

export type ReportWay = JobWay<ReportRun, ReportRunProgress, ReportRunEnd>;

/** Always begins at the start of the run. */
export type RunReport = RunJob<ReportRun, ReportRunProgress, ReportRunEnd>;

/** Each holds a connection to the database for as long as it lasts, and rows on their way through memory. */
const mostAtOnce = 2;

export function createReportRunner(options: {
  database: Database;
  log: Log;
  clock: () => Date;
  onChange?: (job: JobName) => void;
  run: RunReport;
}): LeaseRunner {
  return createLeaseRunner({
    ...options,
    name: "reports",
    store: reportRunStore,
    readError: readPendoError,
    mostAtOnce,
  });
}
