// A job of matching, watched from the command line.
import { getJob, type MatchJob } from "../pipeline/match/match-jobs-table.ts";
import type { Queryable } from "../platform/database/pool.ts";

const glance = 500;

export type Following = {
  /** Does what of it can be done here and now; another process may do the rest. */
  work: () => Promise<unknown>;
  /** Why a job that waits would wait for long; null: it goes on soon. */
  explainWait: (job: MatchJob) => Promise<string | null>;
};

/**
 * Works on a job until it is at its end, or watches whichever process does. A job that has to wait for long is left to a
 * running Plumbline: then this throws, with the reason.
 */
export async function followJob(
  database: Queryable,
  job: MatchJob,
  { work, explainWait }: Following,
): Promise<MatchJob> {
  const stopShowing = showProgress(database, job);
  try {
    for (;;) {
      await work();
      const now = await getJob(database, job.workspaceId, job.id);
      if (now.state === "failed") throw new Error(now.message ?? "The job failed.");
      if (now.state !== "running") return now;
      const reason = now.message === null ? null : await explainWait(now);
      if (reason !== null) throw new Error(`${reason} A running Plumbline goes on with it by itself.`);
      await new Promise((resolve) => setTimeout(resolve, glance));
    }
  } finally {
    stopShowing();
  }
}

function showProgress(database: Queryable, job: MatchJob): () => void {
  if (!process.stderr.isTTY) return () => {};
  const show = ({ step, done, total, message }: MatchJob) =>
    process.stderr.write(`\r\x1b[K${message ?? `${step ?? ""} ${done}${total === null ? "" : ` of ${total}`}`}\r`);
  const timer = setInterval(() => {
    getJob(database, job.workspaceId, job.id).then(show, () => {});
  }, glance);
  return () => clearInterval(timer);
}
