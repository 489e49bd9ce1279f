// What a run is compared with.
import type { Queryable } from "../platform/database/pool.ts";
import type { Seen } from "./guards.ts";
import { findLastDoneRun, type ReportRun } from "./report-runs-table.ts";

/** The last done run; for a confirmed run the stopped one that a person has seen. Undefined: there was none yet. */
export async function findLastSeen(db: Queryable, run: ReportRun): Promise<Seen | undefined> {
  const done = await findLastDoneRun(db, run);
  return (run.isConfirmed ? await findStoppedRun(db, run, done?.number ?? 0) : undefined) ?? done;
}

async function findStoppedRun(db: Queryable, run: ReportRun, after: number): Promise<Seen | undefined> {
  const { rows } = await db.query<Seen>(
    `select number, rows_read as "rowsRead", columns_seen as "columnsSeen" from report_runs
     where workspace_id = $1 and report_id = $2 and state = 'stopped' and number > $3 and number < $4
     order by number desc limit 1`,
    [run.workspaceId, run.reportId, after, run.number],
  );
  return rows[0];
}
