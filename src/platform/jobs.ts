// Background jobs and their timetable, by graphile-worker: a job runs once however many processes there are.
import { Logger as LoggerOfJobs, type Runner, run, type TaskList } from "graphile-worker";
import type { DatabasePool } from "./database/pool.ts";
import type { Log } from "./log.ts";

export type JobRunner = { stop: () => Promise<void> };

/** `crontab` in graphile-worker's notation (UTC). When the database goes away the runner is started again until it works. */
export function startJobs(options: { database: DatabasePool; tasks: TaskList; crontab: string; log: Log }): JobRunner {
  let runner: Runner | undefined;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let starting: Promise<void> | undefined;

  async function start(): Promise<void> {
    try {
      runner = await run({
        pgPool: options.database,
        taskList: options.tasks,
        crontab: options.crontab,
        concurrency: 1,
        noHandleSignals: true,
        logger: quietLogger(options.log),
      });
      if (stopped) return await runner.stop();
      runner.promise.catch(() => {}).finally(() => again());
    } catch (error) {
      options.log.warn({ error: (error as Error).message }, "background jobs could not be started; trying again");
      again();
    }
  }

  function again(): void {
    runner = undefined;
    if (!stopped) timer = setTimeout(() => (starting = start()), 2_000);
  }

  starting = start();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await starting;
      await runner?.stop().catch(() => {});
    },
  };
}

function quietLogger(log: Log): NonNullable<Parameters<typeof run>[0]["logger"]> {
  return new LoggerOfJobs(() => (level, message) => {
    if (level === "error" || level === "warning") log.warn({ jobs: message }, "background jobs");
    else log.debug({ jobs: message }, "background jobs");
  });
}
