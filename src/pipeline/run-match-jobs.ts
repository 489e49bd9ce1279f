// Works on match_jobs: reading all identities, and matching again.
import { readPendoError } from "../pendo/client/read-pendo-error.ts";
import type { Database } from "../platform/database/pool.ts";
import {
  createLeaseRunner,
  type JobName,
  type LeaseRunner,
  type JobWay as WayOfJob,
} from "../platform/lease-runner.ts";
import type { Log } from "../platform/log.ts";
import {
  type JobProgress,
  type MatchJob,
  type MatchJobEnd,
  type MatchJobKind,
  matchJobStore,
} from "./match/match-jobs-table.ts";

export type JobWay = Pick<WayOfJob<MatchJob, JobProgress, MatchJobEnd>, "job" | "signal" | "step">;

/** Begins where the job's step and cursor say; resolves when all is done, to what a person should know of it. */
export type RunMatchJob = (way: JobWay) => Promise<string | null>;

export type MatchJobRunner = LeaseRunner;

export type MatchJobRunnerOptions = {
  database: Database;
  log: Log;
  clock: () => Date;
  onChange?: (job: JobName) => void;
  run: Partial<Record<MatchJobKind, RunMatchJob>>;
};

const mostAtOnce = 4;

export function createMatchJobRunner({ run, ...options }: MatchJobRunnerOptions): MatchJobRunner {
  return createLeaseRunner({
    ...options,
    name: "matching",
    store: matchJobStore,
    readError: readPendoError,
    mostAtOnce,
    async run(way) {
      const runKind = run[way.job.kind];
      if (!runKind) throw new Error(`This version has no way to do ${way.job.kind}.`);
      return { state: "done" as const, message: await runKind(way) };
    },
  });
}
