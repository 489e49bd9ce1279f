// Background jobs and their timetable, by graphile-worker: a job runs once however many processes there are. Beside it, each
// process says every few seconds that it lives: those that do not any more lose their jobs to others, and a clock that was
// set is noticed.
import { EventEmitter } from "node:events";
import { performance } from "node:perf_hooks";
import {
  Logger as LoggerOfJobs,
  parseCronItems,
  type Runner,
  run,
  type TaskList,
  type WorkerEvents,
  type WorkerPool,
} from "graphile-worker";
import type { DatabasePool, Queryable } from "./database/pool.ts";
import { inTransaction } from "./database/transaction.ts";
import { forgetWorkers, noteWorkers, unlockSilentWorkers } from "./job-workers-table.ts";
import type { Log } from "./log.ts";
import { findNextTime } from "./next-time.ts";
import { noteEnd, noteFailure, noteStart, type RecurringJob, setRecurringJobs } from "./recurring-jobs-table.ts";

export type JobRunner = { stop: () => Promise<void> };

export type JobsOptions = {
  database: DatabasePool;
  /** Jobs that somebody else adds. */
  tasks?: TaskList;
  recurring?: readonly RecurringJob[];
  log: Log;
  /** For tests: milliseconds between two signs of life. */
  beatMs?: number;
};

/** One of them that takes long leaves the others their turn. */
const concurrency = 4;
const defaultBeatMs = 8_000;
/** A clock that differs from the time that has passed by more was set. */
const mostDrift = 60_000;

/** When the database goes away the runner is started again until it works. */
export function startJobs(options: JobsOptions): JobRunner {
  const { database, recurring = [], log, beatMs = defaultBeatMs } = options;
  const tasks = {
    ...options.tasks,
    ...Object.fromEntries(recurring.map((job) => [job.name, createTask(database, job)])),
  };
  let runner: Runner | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let starting: Promise<void> | undefined;
  const workerIds = new Set<string>();
  let parting: Promise<void> | undefined;

  async function start(): Promise<void> {
    try {
      await writeTimetable(database, recurring);
      const events: WorkerEvents = new EventEmitter();
      events.on("pool:create", ({ workerPool }) => follow(workerPool));
      runner = await run({
        pgPool: database,
        taskList: tasks,
        parsedCronItems: parseCronItems(recurring.map(createCronItem)),
        concurrency,
        noHandleSignals: true,
        logger: quietLogger(log),
        events,
      });
      if (stopped) return await runner.stop();
      runner.promise.catch(() => {}).finally(() => again());
    } catch (error) {
      log.warn({ error: (error as Error).message }, "background jobs could not be started; trying again");
      again();
    }
  }

  function again(): void {
    runner = undefined;
    if (!stopped) timer = setTimeout(() => (starting = start()), 2_000);
  }

  /** A worker is known before it takes its first job, or at least hardly later. */
  function follow(pool: WorkerPool): void {
    workerIds.add(pool.id);
    noteWorkers(database, [pool.id]).catch(() => {});
    parting = pool.promise
      .catch(() => {})
      .then(() => {
        workerIds.delete(pool.id);
        return forgetWorkers(database, [pool.id]).catch(() => {});
      });
  }

  const clock = watchClock();
  let beating: Promise<void> | undefined;
  const pulse = setInterval(() => {
    // graphile-worker waits for the minute that was next, which may be years away by now.
    if (clock.wasSet()) runner?.stop().catch(() => {});
    beating ??= beat(database, [...workerIds], log).finally(() => (beating = undefined));
  }, beatMs);

  starting = start();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      clearInterval(pulse);
      await starting;
      await runner?.stop().catch(() => {});
      await beating;
      await parting;
    },
  };
}

async function beat(database: DatabasePool, workerIds: readonly string[], log: Log): Promise<void> {
  if (workerIds.length === 0) return;
  try {
    await noteWorkers(database, workerIds);
    await forgetFuture(database, new Date());
    const silent = await unlockSilentWorkers(database);
    if (silent.length > 0) log.warn({ workers: silent }, "background jobs of processes that died run again");
  } catch (error) {
    log.debug({ error: (error as Error).message }, "no sign of life of background jobs could be given");
  }
}

/** What a clock that was far ahead has noted as done would keep the timetable still until that time comes. */
async function forgetFuture(db: Queryable, now: Date): Promise<void> {
  await db.query(
    `update graphile_worker._private_known_crontabs set last_execution = $1
     where last_execution > greatest($1::timestamptz, now()) + interval '1 hour'`,
    [now],
  );
}

/** Compares the clock with the time that has passed. */
function watchClock(): { wasSet: () => boolean } {
  const difference = () => Date.now() - performance.now();
  let before = difference();
  return {
    wasSet() {
      const drift = difference() - before;
      before += drift;
      return Math.abs(drift) > mostDrift;
    },
  };
}

/** One at a time, and of those that could not run in time only the last. */
function createCronItem({ name, when }: RecurringJob): Parameters<typeof parseCronItems>[0][number] {
  return { task: name, identifier: name, match: when, options: { queueName: name, jobKey: name } };
}

async function writeTimetable(database: DatabasePool, recurring: readonly RecurringJob[]): Promise<void> {
  if (recurring.length === 0) return;
  const now = new Date();
  const jobs = recurring.map((job) => ({ ...job, nextAt: findNextTime(job.when, now) }));
  await inTransaction(database, (tx) => setRecurringJobs(tx, jobs));
}

function createTask(database: DatabasePool, { name, when, run }: RecurringJob): TaskList[string] {
  return async () => {
    const begin = new Date();
    await noteStart(database, name, begin, findNextTime(when, begin));
    try {
      await run();
    } catch (error) {
      await noteFailure(database, name, new Date(), error instanceof Error ? error.message : String(error));
      throw error;
    }
    await noteEnd(database, name, new Date());
  };
}

function quietLogger(log: Log): LoggerOfJobs {
  return new LoggerOfJobs(() => (level, message) => {
    if (level === "error" || level === "warning") log.warn({ jobs: message }, "background jobs");
    else log.debug({ jobs: message }, "background jobs");
  });
}
