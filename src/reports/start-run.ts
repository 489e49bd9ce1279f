// Runs that somebody asks for. The process that works on them is told; where none runs, whoever asked works on it.
import type { Tx } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import { announceChange } from "../settings/connections.ts";
import { confirmRun, type ReportRun, startRunByHand } from "./report-runs-table.ts";
import { getReport } from "./save-report.ts";

/** Begins a run, or resolves to the one that is running; of a report that is paused as well. */
export async function startRunNow(tx: Tx, of: { workspaceId: string; id: string }, now: Date): Promise<ReportRun> {
  const report = await getReport(tx, of);
  const { run } = await startRunByHand(tx, { workspaceId: report.workspaceId, reportId: report.id }, now);
  await announceChange(tx);
  return run;
}

/** Begins a run that does not stop for what the stopped one stopped for. */
export async function confirmStoppedRun(tx: Tx, stopped: ReportRun, now: Date): Promise<ReportRun> {
  const { outcome, run } = await confirmRun(tx, stopped.workspaceId, stopped.id, now);
  switch (outcome) {
    case "started":
      await announceChange(tx);
      return run;
    case "running":
      throw new HttpError(409, `Run ${run.number} of this report is under way: wait for its end, then try again.`);
    case "not-stopped":
      throw new HttpError(409, `Run ${run.number} is ${run.state}: only a stopped run can be confirmed.`);
    case "overtaken":
      throw new HttpError(409, `A later run than ${run.number} is done: there is nothing to confirm any more.`);
    default:
      return outcome satisfies never;
  }
}
