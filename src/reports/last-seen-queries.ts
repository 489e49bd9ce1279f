// What a run is compared with.
import type { Queryable } from "../platform/database/pool.ts";
import type { Seen } from "./guards.ts";
import { type Report, sourceOfReport } from "./report.ts";
import { findLastDoneRun, findLastStoppedRun, type ReportRun } from "./report-runs-table.ts";

/** The last done run; for a confirmed run the stopped one that a person has seen. Undefined: there was none yet. */
export async function findLastSeen(db: Queryable, run: ReportRun): Promise<Seen | undefined> {
  const done = await findLastDoneRun(db, run);
  const stopped = run.isConfirmed ? await findLastStoppedRun(db, run) : undefined;
  return stopped && stopped.number > (done?.number ?? 0) ? stopped : done;
}

/** When the report was read by a run: at the end of Pendo's answer, as trait-sources-queries.ts tells it of the last one. */
export function findReadAt({ answers, startedAt }: ReportRun): Date {
  const last = answers.at(-1);
  return last ? new Date(Date.parse(last.at) + last.milliseconds) : startedAt;
}

/** Of the traits of records, those that a report has given. Looks through all of the workspace: for a run that stops. */
export async function countValues(db: Queryable, report: Report): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    "select count(*) as count from traits where workspace_id = $1 and record_type = $2 and source = $3",
    [report.workspaceId, report.level, sourceOfReport(report.id)],
  );
  return rows[0]!.count;
}
