// A run of a report, worked on and watched from the command line.
import { setTimeout } from "node:timers/promises";
import { createIdentifier } from "../pipeline/identify-wanted.ts";
import { createReportRunner } from "../pipeline/run-reports.ts";
import { createSyncReport } from "../pipeline/sync-report.ts";
import type { Database } from "../platform/database/pool.ts";
import type { LeaseRunner } from "../platform/lease-runner.ts";
import { findLastDoneRun, getReportRun, type ReportRun } from "../reports/report-runs-table.ts";
import { type CommandContext, wakeWorkers } from "./command.ts";
import { withPendo } from "./with-pendo.ts";

const glance = 500;

/** Resolves to the run when it is at its end, whoever worked on it. Throws, with the reason, where it has to wait. */
export function runReport(context: CommandContext, begun: ReportRun): Promise<ReportRun> {
  const { pool: database } = context.database;
  const { clock } = context.settings();
  const { log } = context;
  return withPendo(context, async (clients) => {
    let isWanted = false;
    const onWanted = () => {
      isWanted = true;
    };
    const run = createSyncReport({ database, clients, clock, onWanted, onReleased: () => {} });
    const runner = createReportRunner({ database, log, clock, run });
    const identifier = createIdentifier({ database, clients, log, clock, onReleased: () => {} });
    try {
      const ended = await followRun(database, runner, begun);
      // Where no Plumbline runs, nobody else would ask.
      if (isWanted) await identifier.settleAll();
      await wakeWorkers(database);
      return ended;
    } finally {
      await identifier.stop();
      await runner.stop();
    }
  });
}

async function followRun(database: Database, runner: LeaseRunner, { workspaceId, id }: ReportRun): Promise<ReportRun> {
  const look = () => getReportRun(database, workspaceId, id);
  const stopShowing = await showProgress(database, await look());
  const leaving = new AbortController();
  const leave = () => {
    leaving.abort();
    void runner.stop();
  };
  process.once("SIGINT", leave);
  try {
    for (;;) {
      await runner.work({ workspaceId, id });
      const run = await look();
      if (run.state !== "running") return run;
      if (leaving.signal.aborted)
        throw new Error(
          `Left before its end: no trait is changed. A running Plumbline begins run ${run.number} again, and so does \`plumbline report sync ${run.reportId}\`; \`plumbline report cancel ${run.id}\` ends it.`,
        );
      if (run.message !== null) throw new Error(`${run.message} A running Plumbline goes on with it by itself.`);
      await setTimeout(glance, undefined, { signal: leaving.signal }).catch(() => {});
    }
  } finally {
    process.off("SIGINT", leave);
    stopShowing();
  }
}

/** How many rows there will be is known of the last run only. */
async function showProgress(database: Database, run: ReportRun): Promise<() => void> {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  const rowsBefore = (await findLastDoneRun(database, run))?.rowsRead ?? null;
  const timer = setInterval(() => {
    getReportRun(database, run.workspaceId, run.id).then(
      (now) => stderr.write(`\r\x1b[K${describeProgress(now, rowsBefore)}`),
      () => {},
    );
  }, glance);
  return () => {
    clearInterval(timer);
    stderr.write("\r\x1b[K");
  };
}

const widest = 30;

export function describeProgress(
  { step, done, total, message }: Pick<ReportRun, "step" | "done" | "total" | "message">,
  rowsBefore: number | null,
): string {
  if (message !== null) return message;
  if (step === null || (step === "reading" && done === 0)) return "Pendo is asked for the report …";
  const known = total ?? (step === "reading" ? rowsBefore : null);
  const written = done.toLocaleString("en-US");
  if (!known) return step === "reading" ? `reading ${written} rows` : `${step} …`;
  const filled = Math.round(widest * Math.min(1, done / known));
  const about = total === null ? "about " : "";
  return `${step} [${"#".repeat(filled).padEnd(widest, "·")}] ${written} of ${about}${known.toLocaleString("en-US")}`;
}
