// Works on jobs that are rows with a lease: takes those that nobody holds, renews the lease while it works, and leaves each
// in a state that the next process can go on from, whatever ends this one. What a job is, and in which table, its store says.
import { isDatabaseAway } from "./database/errors.ts";
import type { Database, Queryable, Tx } from "./database/pool.ts";
import { inTransaction } from "./database/transaction.ts";
import type { Log } from "./log.ts";
import { createSleeper } from "./sleeper.ts";
import { createUuid } from "./uuid.ts";

export type JobName = { workspaceId: string; id: string };
export type LeasedJob = JobName & {
  /** How often it could not go on, since the last time that it got on. */
  failures: number;
  /** How often in a row its holder was gone before it got on (`countDeath`); undefined: its store does not count. */
  deaths?: number;
};

export type JobEnd = { state: string; message: string | null };
/** What the runner itself writes of a job that cannot be done. */
export type FailedEnd = { state: "failed"; message: string };

export type JobWait = { until: Date; message: string | null; failures: number };

/** The table of jobs. Whatever it writes of a job, it writes only while the job is running and this holder's. */
export type LeaseStore<Job extends LeasedJob, Progress, End extends JobEnd> = {
  /** Running jobs that nobody holds (`whenFree`): new ones, those whose process died, those whose wait is over. */
  listFree: (db: Queryable, now: Date) => Promise<JobName[]>;
  /** Takes a job that is free, for as long as a lease is; undefined when somebody was faster. */
  take: (db: Queryable, job: JobName, holder: string, now: Date) => Promise<Job | undefined>;
  /** Resolves to false when the job is no longer this holder's: cancelled, or taken over. */
  renew: (db: Queryable, job: Job, holder: string, now: Date) => Promise<boolean>;
  /** Resolves to the job as it is now; to undefined when it is no longer this holder's: then whatever was done is undone. */
  saveProgress: (tx: Tx, job: Job, holder: string, progress: Progress, now: Date) => Promise<Job | undefined>;
  /** The job waits: nobody takes it before `until`. */
  putOff: (db: Queryable, job: Job, holder: string, wait: JobWait) => Promise<void>;
  /** Resolves to false as `renew` does. */
  finish: (tx: Queryable, job: Job, holder: string, end: End | FailedEnd, now: Date) => Promise<boolean>;
};

/** What a job can do on its way. */
export type JobWay<Job, Progress, End> = {
  job: Job;
  /** Aborted when the process stops, or the job is no longer this process's. */
  signal: AbortSignal;
  /**
   * One step and how far it leads, in one transaction. Rejects, and nothing is written, when the job was cancelled or
   * somebody else has it by now.
   */
  step: <T extends Progress>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  /**
   * The end of the job, in the transaction of its last step, whose ever that is. Rejects as `step` does: then the transaction
   * has to be undone.
   */
  finish: (tx: Queryable, end: End) => Promise<void>;
};

/** Resolves when all is done, to how the job ends; to nothing when that was written by `way.finish`. */
export type RunJob<Job, Progress, End> = (way: JobWay<Job, Progress, End>) => Promise<End | undefined>;

/** What an error of the world outside means for the job that met it. */
export type ErrorMeaning =
  /** This process is stopping: the next one goes on at once. */
  | { next: "stop" }
  /** Nothing before so many milliseconds. */
  | { next: "try-again"; afterMs: number }
  /** Trying the same again is of no use. */
  | { next: "give-up" };

export type LeaseRunner = {
  start: () => void;
  wake: () => void;
  /** Works until no job is free; for tests and commands. */
  settleAll: () => Promise<void>;
  /** Works on one job, if it is free. Resolves to whether it was. */
  work: (job: JobName) => Promise<boolean>;
  stop: () => Promise<void>;
};

export type LeaseRunnerOptions<Job extends LeasedJob, Progress, End extends JobEnd> = {
  database: Database;
  log: Log;
  clock: () => Date;
  /** What its jobs are called in the log. */
  name: string;
  store: LeaseStore<Job, Progress, End>;
  run: RunJob<Job, Progress, End>;
  /** Undefined: nobody thought of this error. */
  readError?: (error: unknown) => ErrorMeaning | undefined;
  /** Jobs that this process works on at a time. */
  mostAtOnce: number;
  /** Something can be seen of the job that could not be seen before: how far it is, that it waits, how it ended. */
  onChange?: (job: JobName) => void;
};

/** How long a process may be silent before others take its jobs: within a minute, with the time until they look. */
const jobLease = 45_000;
/**
 * No lease and no wait is that long, of processes whose clocks are minutes apart: one that ends later was given by a clock that
 * was ahead, and would keep its job until then.
 */
const mostAhead = { held: jobLease + 10 * 60_000, waiting: 70 * 60_000 };
const longestSleep = 5_000;
const firstBackOff = 30_000;
const longestBackOff = 15 * 60_000;
/** Ten hours of a world that does not answer, or a few tries of something that nobody thought of. */
const mostFailures = { outside: 45, unexpected: 5 };
/** What takes its process with it, as one that needs more memory than there is, would do so for ever. */
const mostDeaths = 5;

/** Until when a lease is given. */
export function leaseEnd(now: Date): Date {
  return new Date(now.getTime() + jobLease);
}

/** Whether nobody has a running job, for SQL: `whenFreeValues` are its parameters, from `$first` on. */
export function whenFree(first: number): string {
  return `(held_until <= $${first} or held_until > case when held_by is null then $${first + 2}::timestamptz else $${first + 1}::timestamptz end)`;
}

export function whenFreeValues(now: Date): [Date, Date, Date] {
  const after = (ms: number) => new Date(now.getTime() + ms);
  return [now, after(mostAhead.held), after(mostAhead.waiting)];
}

/** For SQL that takes a job: a holder that is still written down let go of it without a word. */
export const countDeath = "deaths = deaths + case when held_by is null then 0 else 1 end";

class JobLostError extends Error {}

/** Thrown by a job that has to wait, for something that goes on elsewhere: it is taken again after so many milliseconds. */
export class JobWaitsError extends Error {
  readonly afterMs: number;

  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

const explainDeaths = `Given up: ${mostDeaths} times in a row the process that worked on it was gone before it got on – killed, out of memory, or away from the database for too long. See to its log and its memory, then start it again.`;

export function createLeaseRunner<Job extends LeasedJob, Progress, End extends JobEnd>(
  options: LeaseRunnerOptions<Job, Progress, End>,
): LeaseRunner {
  const { database, log, clock, store, name } = options;
  const holder = createUuid(Date.now());
  const stopping = new AbortController();
  const working = new Set<Promise<unknown>>();
  let isWoken = false;
  const sleeper = createSleeper();

  async function work(free: JobName): Promise<boolean> {
    const job = await store.take(database, free, holder, clock());
    if (!job) return false;
    const lost = new AbortController();
    const renewal = setInterval(() => {
      store.renew(database, job, holder, clock()).then(
        (isOurs) => isOurs || lost.abort(),
        () => {},
      );
    }, jobLease / 3);
    try {
      const end =
        refuseDeadly(job) ?? (await options.run(openWay(job, AbortSignal.any([stopping.signal, lost.signal]))));
      if (end) await finish(job, end);
    } catch (error) {
      await leave(job, error);
    } finally {
      clearInterval(renewal);
      options.onChange?.(job);
    }
    return true;
  }

  function refuseDeadly({ id, deaths = 0 }: Job): FailedEnd | undefined {
    if (deaths < mostDeaths) return undefined;
    log.error({ jobs: name, job: id, deaths }, "a job was given up");
    return { state: "failed", message: explainDeaths };
  }

  const finish = (job: Job, end: End | FailedEnd) =>
    inTransaction(database, (tx) => store.finish(tx, job, holder, end, clock()));

  function openWay(job: Job, signal: AbortSignal): JobWay<Job, Progress, End> {
    return {
      job,
      signal,
      async step(work) {
        if (signal.aborted) throw new JobLostError();
        const { progress, reached } = await inTransaction(database, async (tx) => {
          const progress = await work(tx);
          const reached = await store.saveProgress(tx, job, holder, progress, clock());
          if (!reached) throw new JobLostError();
          return { progress, reached };
        });
        Object.assign(job, reached);
        options.onChange?.(job);
        return progress;
      },
      async finish(tx, end) {
        if (signal.aborted || !(await store.finish(tx, job, holder, end, clock()))) throw new JobLostError();
      },
    };
  }

  /** What becomes of a job that did not get to its end. */
  async function leave(job: Job, error: unknown): Promise<void> {
    const now = clock();
    const meaning = options.readError?.(error);
    if (stopping.signal.aborted || meaning?.next === "stop")
      return store.putOff(database, job, holder, { until: now, message: null, failures: job.failures });
    if (error instanceof JobLostError) return;
    if (error instanceof JobWaitsError) {
      const until = new Date(now.getTime() + error.afterMs);
      return store.putOff(database, job, holder, { until, message: error.message, failures: 0 });
    }
    // Its lease runs out by itself, and then somebody tries again.
    if (!meaning && isDatabaseAway(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const failures = job.failures + 1;
    log[meaning ? "warn" : "error"]({ jobs: name, job: job.id, failures, error: message }, "a job could not go on");
    if (meaning?.next === "give-up" || failures >= mostFailures[meaning ? "outside" : "unexpected"]) {
      await finish(job, { state: "failed", message });
      return;
    }
    const pause = Math.min(longestBackOff, firstBackOff * 2 ** Math.min(failures - 1, 10));
    const asked = meaning?.afterMs ?? 0;
    const until = new Date(now.getTime() + Math.max(pause, asked));
    await store.putOff(database, job, holder, { until, message, failures });
  }

  /** Begins what is free, as far as there are hands for it. Resolves to how many it began. */
  async function beginFree(): Promise<number> {
    const free = await store.listFree(database, clock());
    let begun = 0;
    for (const job of free) {
      if (working.size >= options.mostAtOnce || stopping.signal.aborted) break;
      begun += 1;
      const task: Promise<unknown> = work(job)
        .catch((error) =>
          log.warn({ jobs: name, job: job.id, error: (error as Error).message }, "a job could not be worked on"),
        )
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
        log.warn({ jobs: name, error: (error as Error).message }, "jobs could not be looked for; trying again");
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
        const free = await store.listFree(database, clock());
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
