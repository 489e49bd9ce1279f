// How long runs of reports are kept: 90 days, and the last done one of a report for ever; what a run could not use until ten
// others have followed it.
import type { Database } from "../platform/database/pool.ts";
import { deleteOldProblems } from "./report-problems-table.ts";
import { deleteOldRuns } from "./report-runs-table.ts";

const day = 24 * 60 * 60 * 1000;
const keptRunDays = 90;
const runsWithProblems = 10;

export async function keepReportRuns(database: Database, now: Date): Promise<void> {
  await deleteOldProblems(database, runsWithProblems);
  await deleteOldRuns(database, new Date(now.getTime() - keptRunDays * day));
}
