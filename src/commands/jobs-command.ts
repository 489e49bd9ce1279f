import type { Command } from "commander";
import { inTransaction } from "../platform/database/transaction.ts";
import { listJobs } from "../platform/job-queries.ts";
import { listRecurringJobs } from "../platform/recurring-jobs-table.ts";
import { retryJobNow } from "../settings/retry-job-now.ts";
import { commandLine, findWorkspaceId, formatTable, print, withDatabase } from "./command.ts";

export function addJobsCommand(program: Command): void {
  const jobs = program.command("jobs").description("what runs in the background: the timetable, and jobs that failed");
  jobs
    .command("list")
    .description("the timetable with what became of each job last, and every job that waits, runs, or has failed")
    .option("--json", "print one JSON document")
    .action((options) =>
      withDatabase(async ({ database: { pool } }) => {
        const listed = { recurring: await listRecurringJobs(pool), jobs: await listJobs(pool) };
        print(listed, options, describeJobs);
      }),
    );
  jobs
    .command("retry")
    .description("let a job that waits or has failed run at once")
    .argument("<id>", "the job's id, as list shows it")
    .option("--json", "print one JSON document")
    .action((id: string, options) =>
      withDatabase(async ({ database: { pool } }) => {
        const asked = { id, workspaceId: await findWorkspaceId(pool, undefined), author: commandLine };
        const job = await inTransaction(pool, (tx) => retryJobNow(tx, asked, new Date()));
        print(job, options, ({ name }) => `${name} runs as soon as a scheduler is there.`);
      }),
    );
}

type Listed = { recurring: Awaited<ReturnType<typeof listRecurringJobs>>; jobs: Awaited<ReturnType<typeof listJobs>> };

function describeJobs({ recurring, jobs }: Listed): string {
  const timetable = recurring.map((job) => ({
    name: job.name,
    when: `${job.when} ${job.zone}`,
    next: job.nextAt,
    "last started": job.lastStartedAt,
    "last finished": job.lastFinishedAt,
    "last failure": job.lastFailure && `${job.lastFailedAt?.toISOString()}: ${job.lastFailure}`,
    why: job.why,
  }));
  const open = jobs.map((job) => ({
    id: job.id,
    name: job.name,
    state: job.state,
    attempts: `${job.attempts} of ${job.mostAttempts}`,
    due: job.runAt,
    "last failure": job.lastFailure,
  }));
  return [
    formatTable(timetable, "There is no timetable yet: it is written when a Plumbline with the role scheduler starts."),
    "",
    formatTable(open, "No job waits, runs, or has failed."),
  ].join("\n");
}
