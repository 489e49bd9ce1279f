// Begins the runs of reports whose window has begun. Several processes may look at once, and their clocks may be wrong: a
// window has its run once, whatever `next_at` says, and a report whose next window lies further ahead than windows are is
// one that a clock has moved there.
import type { Database, Queryable } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { findRunningRun, startWindowRun } from "./report-runs-table.ts";
import { lockReport, setNextAt } from "./reports-table.ts";
import { lastWindow, nextWindow } from "./windows.ts";

type Due = { workspaceId: string; id: string };

/** Resolves to how many it began. However many windows were missed, the last of them has one run for all. */
export async function startDueReports(database: Database, now: Date): Promise<number> {
  let begun = 0;
  for (const due of await listDue(database, now)) if (await startDue(database, due, now)) begun += 1;
  return begun;
}

/** Of a report that is paused, or whose connection is off or cannot ask Pendo, the windows pass. */
async function listDue(db: Queryable, now: Date): Promise<Due[]> {
  const { rows } = await db.query(
    `select r.workspace_id as "workspaceId", r.report_id as id
     from reports r
     join connections c on c.workspace_id = r.workspace_id and c.connection_id = r.connection_id and c.is_on
     join integration_keys k on k.workspace_id = r.workspace_id and k.connection_id = r.connection_id
     where r.is_on and (r.next_at <= $1 or r.next_at > $1::timestamptz + make_interval(hours => r.every_hours))
     order by r.next_at`,
    [now],
  );
  return rows;
}

async function startDue(database: Database, due: Due, now: Date): Promise<boolean> {
  return inTransaction(database, async (tx) => {
    // Whoever looks at the same time waits here, and then finds it done.
    const report = await lockReport(tx, due);
    if (!report?.isOn) return false;
    const next = nextWindow(report, now);
    if (report.nextAt > now) {
      if (report.nextAt > next) await setNextAt(tx, due, next);
      return false;
    }
    const of = { workspaceId: report.workspaceId, reportId: report.id };
    const run = await startWindowRun(tx, of, lastWindow(report, now), now);
    // The run that is in the way may have begun before this window did: it stays due until that run is over.
    if (!run && (await findRunningRun(tx, of))) return false;
    await setNextAt(tx, due, next);
    return run !== undefined;
  });
}
