// The timetable: everything that Plumbline does again and again without being asked. `plumbline jobs list` shows it.
import { deleteOldAnswers } from "./access/idempotency-keys-table.ts";
import { deleteOldLinks } from "./access/one-time-links-table.ts";
import { deleteOldSessions } from "./access/sessions-table.ts";
import { keepImports } from "./import/keep-imports.ts";
import { releaseParked } from "./pipeline/inbox/deliveries-table.ts";
import { keepBodies } from "./pipeline/inbox/retention.job.ts";
import { startDueReadings } from "./pipeline/read-identities.ts";
import { forgetMessages } from "./pipeline/record/messages-table.ts";
import type { DatabasePool } from "./platform/database/pool.ts";
import type { Log } from "./platform/log.ts";
import type { RecurringJob } from "./platform/recurring-jobs-table.ts";
import { keepReportRuns } from "./reports/keep-report-runs.ts";
import { startDueReports } from "./reports/start-due-reports.ts";
import { announceChange } from "./settings/connections.ts";
import { listWorkspaces } from "./settings/workspaces-table.ts";

export type RecurringJobsOptions = {
  database: DatabasePool;
  log: Log;
  clock: () => Date;
  rawBodyDays: number;
  /** Deliveries wait again. */
  onReleased: () => void;
};

export function createRecurringJobs(options: RecurringJobsOptions): RecurringJob[] {
  const { database, log, clock, rawBodyDays, onReleased } = options;
  return [
    {
      name: "releaseParked",
      when: "* * * * *",
      why: "Parked deliveries go through again whose user or account is there by now.",
      async run() {
        for (const { workspaceId } of await listWorkspaces(database))
          if ((await releaseParked(database, workspaceId, clock())) > 0) onReleased();
      },
    },
    {
      name: "startDueReadings",
      when: "* * * * *",
      why: "Begins to read all visitors and accounts of the connections whose minute of the day has come.",
      async run() {
        if ((await startDueReadings(database, clock())) > 0) await announceChange(database);
      },
    },
    {
      name: "startDueReports",
      when: "* * * * *",
      why: "Begins the runs of the reports that are due.",
      async run() {
        if ((await startDueReports(database, clock())) > 0) await announceChange(database);
      },
    },
    {
      name: "keepBodies",
      when: "7 * * * *",
      why: "Makes room for the raw bodies of the next days, and deletes those whose time is over.",
      run: () => keepBodies({ database, log, rawBodyDays, now: clock() }),
    },
    {
      name: "forgetMessages",
      when: "37 * * * *",
      why: "Forgets which messages of the Analytics API have come, once they are as old as raw bodies may be.",
      async run() {
        await forgetMessages(database, new Date(clock().getTime() - rawBodyDays * 24 * 60 * 60 * 1000));
      },
    },
    {
      name: "keepImports",
      when: "47 * * * *",
      why: "Deletes imported files after a week, and uploads that were broken off.",
      run: () => keepImports(database, clock()),
    },
    {
      name: "deleteOldAnswers",
      when: "37 * * * *",
      why: "Deletes the answers that were kept a day for requests with an Idempotency-Key.",
      async run() {
        for (const { workspaceId } of await listWorkspaces(database))
          await deleteOldAnswers(database, workspaceId, clock());
      },
    },
    {
      name: "deleteOldSessions",
      when: "47 * * * *",
      why: "Deletes the sessions that are over, and one-time links a month after they were good.",
      async run() {
        await deleteOldSessions(database, clock());
        await deleteOldLinks(database, clock());
      },
    },
    {
      name: "keepReportRuns",
      when: "23 4 * * *",
      why: "Deletes the runs of reports that are older than 90 days, and what all but the last ten could not use.",
      run: () => keepReportRuns(database, clock()),
    },
  ];
}
