// Runs that somebody asks for. The process that works on them is told; where none runs, whoever asked works on it.
import { writeAudit } from "../access/audit-log-table.ts";
import type { Tx } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Author } from "../platform/routes.ts";
import { announceChange } from "../settings/connections.ts";
import { cancelRun, confirmRun, getReportRun, type ReportRun, startRunByHand } from "./report-runs-table.ts";
import { getReport } from "./save-report.ts";

/** Begins a run, or resolves to the one that is running; of a report that is paused as well. */
export async function startRunNow(
  tx: Tx,
  { author, ...of }: { workspaceId: string; id: string; author: Author },
  now: Date,
): Promise<ReportRun> {
  const report = await getReport(tx, of);
  const { run } = await startRunByHand(tx, { workspaceId: report.workspaceId, reportId: report.id }, now);
  await noteRun(tx, run, { author, action: "report.run-started" }, now);
  await announceChange(tx, run.workspaceId);
  return run;
}

/** Begins a run that does not stop for what the stopped one stopped for. */
export async function confirmStoppedRun(
  tx: Tx,
  { author, ...stopped }: ReportRun & { author: Author },
  now: Date,
): Promise<ReportRun> {
  const { outcome, run } = await confirmRun(tx, stopped.workspaceId, stopped.id, now);
  switch (outcome) {
    case "started":
      await noteRun(tx, run, { author, action: "report.run-confirmed" }, now);
      await announceChange(tx, run.workspaceId);
      return run;
    case "running":
      throw new HttpError(409, `Run ${run.number} of this report is under way: wait for its end, then try again.`);
    case "not-stopped":
      throw new HttpError(409, `Run ${run.number} is ${run.state}: only a stopped run can be confirmed.`);
    case "overtaken":
      throw new HttpError(409, `A later run than ${run.number} is done: there is nothing to confirm any more.`);
    case "stopped-later":
      throw new HttpError(
        409,
        `Run ${run.number} of this report was stopped later than run ${stopped.number}, and shows the report as it is by now: confirm that one (\`plumbline report confirm ${run.id}\`).`,
      );
    default:
      return outcome satisfies never;
  }
}

/** Stops a run: no trait is changed by it. */
export async function cancelRunNow(
  tx: Tx,
  { author, ...run }: ReportRun & { author: Author },
  now: Date,
): Promise<ReportRun> {
  if (!(await cancelRun(tx, run.workspaceId, run.id, "It was cancelled by a person.", now)))
    throw new HttpError(409, `Run ${run.number} is ${run.state}: there is nothing to cancel.`);
  await noteRun(tx, run, { author, action: "report.run-cancelled" }, now);
  return getReportRun(tx, run.workspaceId, run.id);
}

async function noteRun(
  tx: Tx,
  { workspaceId, reportId, id, number }: ReportRun,
  { author, action }: { author: Author; action: `report.${string}` },
  now: Date,
): Promise<void> {
  const subject = { type: "report", id: reportId };
  await writeAudit(tx, { ...author, workspaceId, action, subject, after: { run: id, number } }, now);
}
