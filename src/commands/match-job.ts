// A job of matching, worked on and watched from the command line.
import { getJob, type MatchJob } from "../pipeline/match/match-jobs-table.ts";
import type { MatchJobRunner } from "../pipeline/run-match-jobs.ts";
import type { Queryable } from "../platform/database/pool.ts";

const glance = 500;

/**
 * Works on a job until it is at its end, or watches whichever process does. A job that has to wait for Pendo is left to a
 * running Plumbline: then this throws, with the reason.
 */
export async function followJob(database: Queryable, runner: MatchJobRunner, job: MatchJob): Promise<MatchJob> {
  const stopShowing = showProgress(database, job);
  try {
    for (;;) {
      await runner.work(job);
      const now = await getJob(database, job.workspaceId, job.id);
      if (now.state === "failed") throw new Error(now.message ?? "The job failed.");
      if (now.state !== "running") return now;
      if (now.message !== null) throw new Error(`${now.message} A running Plumbline goes on with it by itself.`);
      await new Promise((resolve) => setTimeout(resolve, glance));
    }
  } finally {
    stopShowing();
  }
}

function showProgress(database: Queryable, { workspaceId, id }: MatchJob): () => void {
  if (!process.stderr.isTTY) return () => {};
  const timer = setInterval(() => {
    getJob(database, workspaceId, id).then(
      ({ done, total, step }) =>
        process.stderr.write(`\r${step ?? ""} ${done}${total === null ? "" : ` of ${total}`}\r`),
      () => {},
    );
  }, glance);
  return () => clearInterval(timer);
}
