// Works on match_jobs: takes those that nobody holds, renews its lease while it works, and leaves each in a state that the
// next process can go on from, whatever ends this one.
import { PendoError } from "../pendo/client/pendo-error.ts";
import { isDatabaseAway } from "../platform/database/errors.ts";
import type { Database, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Log } from "../platform/log.ts";
import { createSleeper } from "../platform/sleeper.ts";
import { createUuid } from "../platform/uuid.ts";
import {
  finishJob,
  type JobProgress,
  jobLease,
  listFreeJobs,
  type MatchJob,
  type MatchJobKind,
  putJobOff,
  renewJob,
  saveJobProgress,
  takeJob,
} from "./match/match-jobs-table.ts";

/** What a job can do on its way. */
export type JobWay = {
  job: MatchJob;
  /** Aborted when the process stops, or the job is no longer this process's. */
  signal: AbortSignal;
  /**
   * One step and how far it leads, in one transaction. Rejects, and nothing is written, when the job was cancelled or
   * somebody else has it by now.
   */
  step: <T extends JobProgress>(work: (tx: Tx) => Promise<T>) => Promise<T>;
};

/** Begins where the job's step and cursor say; resolves when all is done, to what a person should know of it. */
export type RunMatchJob = (way: JobWay) => Promise<string | null>;

export type MatchJobRunner = {
  start: () => void;
  wake: () => void;
  /** Works until no job is free; for tests and commands. */
  settleAll: () => Promise<void>;
  /** Works on one job, if it is free. Resolves to whether it was. */
  work: (job: Pick<MatchJob, "workspaceId" | "id">) => Promise<boolean>;
  stop: () => Promise<void>;
};

export type MatchJobRunnerOptions = {
  database: Database;
  log: Log;
  clock: () => Date;
  run: Partial<Record<MatchJobKind, RunMatchJob>>;
};

const mostAtOnce = 4;
const longestSleep = 5_000;
const firstBackOff = 30_000;
const longestBackOff = 15 * 60_000;
/** Ten hours of a Pendo that cannot be asked, or a few tries of something that nobody thought of. */
const mostFailures = { pendo: 45, other: 5 };

class JobLostError extends Error {}

/** Thrown by a job that has to wait, for something that goes on elsewhere: it is taken again after so many milliseconds. */
export class JobWaitsError extends Error {
  readonly afterMs: number;

  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

export function createMatchJobRunner(options: MatchJobRunnerOptions): MatchJobRunner {
  const { database, log, clock } = options;
  const holder = createUuid(Date.now());
  const stopping = new AbortController();
  const working = new Set<Promise<unknown>>();
  let isWoken = false;
  const sleeper = createSleeper();

  async function work(free: Pick<MatchJob, "workspaceId" | "id">): Promise<boolean> {
    const job = await takeJob(database, free, holder, clock());
    if (!job) return false;
    const lost = new AbortController();
    const renewal = setInterval(() => {
      renewJob(database, job, holder, clock()).then(
        (isOurs) => isOurs || lost.abort(),
        () => {},
      );
    }, jobLease / 3);
    try {
      const run = options.run[job.kind];
      if (!run) throw new Error(`This version has no way to do ${job.kind}.`);
      const signal = AbortSignal.any([stopping.signal, lost.signal]);
      const message = await run({ job, signal, step: (write) => takeStep(job, signal, write) });
      await finishJob(database, job, holder, { state: "done", message }, clock());
    } catch (error) {
      await leave(job, error);
    } finally {
      clearInterval(renewal);
    }
    return true;
  }

  async function takeStep<T extends JobProgress>(
    job: MatchJob,
    signal: AbortSignal,
    write: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    if (signal.aborted) throw new JobLostError();
    const progress = await inTransaction(database, async (tx) => {
      const reached = await write(tx);
      if (!(await saveJobProgress(tx, job, holder, reached, clock()))) throw new JobLostError();
      return reached;
    });
    const { step, cursor, done, total, counts } = progress;
    Object.assign(job, { step, cursor, done, total, counts, failures: 0 });
    return progress;
  }

  /** What becomes of a job that did not get to its end. */
  async function leave(job: MatchJob, error: unknown): Promise<void> {
    const now = clock();
    const pendo = error instanceof PendoError ? error : undefined;
    if (stopping.signal.aborted || pendo?.trouble === "stopped")
      return putJobOff(database, job, holder, { until: now, message: null, failures: job.failures });
    if (error instanceof JobLostError) return;
    if (error instanceof JobWaitsError) {
      const until = new Date(now.getTime() + error.afterMs);
      return putJobOff(database, job, holder, { until, message: error.message, failures: 0 });
    }
    // Its lease runs out by itself, and then somebody tries again.
    if (isDatabaseAway(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const failures = job.failures + 1;
    log[pendo ? "warn" : "error"]({ job: job.id, kind: job.kind, failures, error: message }, "a job could not go on");
    const isHopeless = pendo !== undefined && pendo.next.kind !== "try-again";
    if (isHopeless || failures >= (pendo ? mostFailures.pendo : mostFailures.other)) {
      await finishJob(database, job, holder, { state: "failed", message }, now);
      return;
    }
    const pause = Math.min(longestBackOff, firstBackOff * 2 ** Math.min(failures - 1, 10));
    const asked = pendo?.next.kind === "try-again" ? pendo.next.afterMs : 0;
    await putJobOff(database, job, holder, {
      until: new Date(now.getTime() + Math.max(pause, asked)),
      message,
      failures,
    });
  }

  /** Begins what is free, as far as there are hands for it. Resolves to how many it began. */
  async function beginFree(): Promise<number> {
    const free = await listFreeJobs(database, clock());
    let begun = 0;
    for (const job of free) {
      if (working.size >= mostAtOnce || stopping.signal.aborted) break;
      begun += 1;
      const task: Promise<unknown> = work(job)
        .catch((error) => log.warn({ job: job.id, error: (error as Error).message }, "a job could not be worked on"))
        .finally(() => {
          working.delete(task);
          sleeper.rouse();
        });
      working.add(task);
    }
    return begun;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      isWoken = false;
      try {
        await beginFree();
      } catch (error) {
        log.warn({ error: (error as Error).message }, "jobs of matching could not be looked for; trying again");
      }
      if (!isWoken) await sleeper.sleep(longestSleep);
    }
  }

  let running: Promise<void> | undefined;
  return {
    start() {
      running ??= run();
    },
    wake() {
      isWoken = true;
      sleeper.rouse();
    },
    async settleAll() {
      for (;;) {
        const free = await listFreeJobs(database, clock());
        const begun = await Promise.all(free.map(work));
        if (!begun.includes(true)) return;
      }
    },
    work,
    async stop() {
      stopping.abort();
      sleeper.end();
      await running;
      await Promise.all(working);
    },
  };
}
