import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { runMigrations } from "graphile-worker";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { createPool } from "./database/pool.ts";
import { inTransaction } from "./database/transaction.ts";
import { listJobs, retryJob } from "./job-queries.ts";
import { type JobRunner, startJobs } from "./jobs.ts";
import { packageRoot } from "./package-root.ts";
import { listRecurringJobs, type RecurringJob } from "./recurring-jobs-table.ts";

let database: TestDatabase;
const runners: JobRunner[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  // Its tables are there, so that jobs can be added before the first runner is.
  await runMigrations({ pgPool: database.pool });
});
afterEach(stopAll);
afterAll(() => database.drop());

type Tasks = NonNullable<Parameters<typeof startJobs>[0]["tasks"]>;

type More = Pick<Parameters<typeof startJobs>[0], "beatMs" | "recurring">;

function start(tasks: Tasks, pool = database.pool, more: More = {}): JobRunner {
  const runner = startJobs({ database: pool, tasks, log: silentLog, ...more });
  runners.push(runner);
  return runner;
}

async function stopAll(): Promise<void> {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const add = (name: string, payload: object) => inTransaction(database.pool, (tx) => addIn(tx, name, payload));
const addIn = (tx: Pick<typeof database.pool, "query">, name: string, payload: object) =>
  tx.query("select graphile_worker.add_job($1, $2::json)", [name, JSON.stringify(payload)]);

test("a job runs once, however many runners there are, with what was put into it", async () => {
  const ran: unknown[] = [];
  const tasks: Tasks = { note: (payload) => void ran.push(payload) };
  for (let count = 0; count < 3; count += 1) start(tasks);
  for (let n = 0; n < 20; n += 1) await add("note", { n, text: "ä'\\😀" });
  await until(() => ran.length >= 20);
  await stopAll();
  expect(ran.map((payload) => (payload as { n: number }).n).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, n) => n),
  );
  expect(ran[0]).toMatchObject({ text: "ä'\\😀" });
});

test("a job of a transaction that is undone never runs; one of a transaction that is kept does", async () => {
  const ran: unknown[] = [];
  start({ note: (payload) => void ran.push(payload) });
  const undone = inTransaction(database.pool, async (tx) => {
    await addIn(tx, "note", { undone: true });
    throw new Error("undone");
  });
  await expect(undone).rejects.toThrow("undone");
  await add("note", { kept: true });
  await until(() => ran.length > 0);
  await stopAll();
  expect(ran).toEqual([{ kept: true }]);
});

test("a job that fails keeps nothing else from running, and stays to be tried again", async () => {
  const ran: string[] = [];
  start({
    async break() {
      throw new Error("broken");
    },
    note: () => void ran.push("note"),
  });
  await add("break", {});
  await add("note", {});
  await until(() => ran.length > 0);
  await until(async () => {
    const { rows } = await database.pool.query(
      "select last_error, attempts from graphile_worker.jobs where task_identifier = 'break'",
    );
    return rows.length === 1 && rows[0].attempts === 1 && rows[0].last_error.includes("broken");
  });
  await stopAll();
});

test("to stop waits for the jobs that run, and takes no other", async () => {
  const steps: string[] = [];
  const finishes: (() => void)[] = [];
  const runner = start({
    async slow() {
      steps.push("started");
      await new Promise<void>((resolve) => finishes.push(resolve));
      steps.push("finished");
    },
  });
  // As many as it works on at a time.
  for (let count = 0; count < 4; count += 1) await add("slow", {});
  await until(() => finishes.length === 4);
  await add("slow", { last: true });
  const stopping = runner.stop().then(() => steps.push("stopped"));
  for (const finish of finishes) finish();
  await stopping;
  expect(steps).toEqual([...Array(4).fill("started"), ...Array(4).fill("finished"), "stopped"]);
  await database.pool.query("select graphile_worker.complete_jobs(array(select id from graphile_worker.jobs))");
});

test("a database that is not there yet is waited for", async () => {
  const name = `plumbline_test_later_${process.pid}`;
  const settings = { ...database.settings, database: name } as typeof database.settings;
  const pool = createPool(settings, { max: 2, name: "tests", log: silentLog });
  const ran: unknown[] = [];
  start({ note: (payload) => void ran.push(payload) }, pool);
  await expect(pool.query("select 1")).rejects.toThrow(/does not exist/);
  await database.pool.query(`create database ${name}`);
  await until(() =>
    pool.query("select graphile_worker.add_job('note', '{\"late\":true}'::json)").then(
      () => true,
      () => false,
    ),
  );
  await until(() => ran.length > 0);
  await stopAll();
  expect(ran).toEqual([{ late: true }]);
  await pool.end();
  await database.pool.query(`drop database ${name} with (force)`);
});

describe("a process that is killed in a job", () => {
  test("loses it to another one within a minute, and that runs it again", async () => {
    const script = "test/support/job-process.ts";
    const child = spawn(process.execPath, [join(packageRoot, "scripts/run.mjs"), script], {
      env: { ...process.env, DATABASE_SETTINGS: JSON.stringify(database.settings) },
      cwd: packageRoot,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    await add("stuck", { n: 1 });
    await once(child.stdout, "data");
    expect(await listJobs(database.pool)).toMatchObject([{ name: "stuck", state: "running", attempts: 1 }]);
    const killedAt = performance.now();
    child.kill("SIGKILL");
    await exited;
    const ran: unknown[] = [];
    start({ stuck: (payload) => void ran.push(payload) }, database.pool, { beatMs: 500 });
    await until(() => ran.length > 0);
    expect(performance.now() - killedAt).toBeLessThan(60_000);
    expect(ran).toEqual([{ n: 1 }]);
    await stopAll();
    expect(await listJobs(database.pool)).toEqual([]);
  });

  test("keeps it while it lives, however long it takes", async () => {
    let finish: (() => void) | undefined;
    let begun = 0;
    const tasks: Tasks = {
      async slow() {
        begun += 1;
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
    };
    start(tasks, database.pool, { beatMs: 100 });
    start(tasks, database.pool, { beatMs: 100 });
    await add("slow", {});
    await until(() => begun > 0);
    const workers = async () => (await database.pool.query("select worker_id from job_workers")).rows.length;
    await until(async () => (await workers()) === 2);
    // As if it had been locked for long: it is the sign of life that counts.
    await database.pool.query("update graphile_worker._private_jobs set locked_at = now() - interval '1 hour'");
    const signs = async () =>
      Number((await database.pool.query("select min(seen_at) as at from job_workers")).rows[0].at);
    const before = await signs();
    await until(async () => (await signs()) > before + 300);
    expect(begun).toBe(1);
    finish?.();
    await stopAll();
    expect(await workers()).toBe(0);
  });
});

describe("the timetable", () => {
  const runs: string[] = [];
  const every = (name: string, run: RecurringJob["run"] = async () => void runs.push(name)): RecurringJob => ({
    name,
    when: "* * * * *",
    why: `To see that ${name} runs.`,
    run,
  });
  const startTimetable = (...recurring: RecurringJob[]) => start({}, database.pool, { beatMs: 50, recurring });
  const find = async (name: string) => (await listRecurringJobs(database.pool)).find((job) => job.name === name);
  const listWorkers = async () =>
    (await database.pool.query("select worker_id as id from job_workers")).rows.map(({ id }) => id as string);

  /** Only what the clock says is changed; timers go on as always. It is before the database's time: what is due then runs at once. */
  const setClock = (time: string) => vi.useFakeTimers({ toFake: ["Date"], now: new Date(time) });
  /**
   * Lets `first` come, and the minutes behind it until something ran: a worker is known a little before its timetable begins,
   * and what comes in between is not on it.
   */
  const passMinutes = async (first: string) => {
    for (let minute = Date.parse(first); runs.length === 0; minute += 60_000) {
      setClock(new Date(minute - 100).toISOString());
      await new Promise((resolve) => setTimeout(resolve, 10));
      setClock(new Date(minute + 20).toISOString());
      const until = performance.now() + 1_000;
      while (runs.length === 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  afterEach(() => {
    vi.useRealTimers();
    runs.length = 0;
  });

  test("runs once at each of its minutes, with three processes at once", async () => {
    for (const minute of [1, 2, 3]) {
      setClock(`2025-01-02T10:0${minute - 1}:59.900Z`);
      for (let count = 0; count < 3; count += 1) startTimetable(every("tick"));
      await until(async () => (await listWorkers()).length === 3);
      setClock(`2025-01-02T10:0${minute}:00.020Z`);
      await until(() => runs.length >= minute);
      await stopAll();
    }
    expect(runs).toEqual(["tick", "tick", "tick"]);
    expect(await find("tick")).toMatchObject({
      when: "* * * * *",
      zone: "UTC",
      why: "To see that tick runs.",
      nextAt: new Date("2025-01-02T10:04:00Z"),
      lastStartedAt: new Date("2025-01-02T10:03:00.020Z"),
      lastFinishedAt: new Date("2025-01-02T10:03:00.020Z"),
      lastFailure: null,
    });
  });

  test("goes on when the clock is set back", async () => {
    setClock("2025-01-05T00:00:30Z");
    startTimetable(every("back"));
    await until(async () => (await listWorkers()).length === 1);
    const [before] = await listWorkers();
    setClock("2025-01-03T10:00:59.900Z");
    await until(async () => (await listWorkers()).some((id) => id !== before));
    await passMinutes("2025-01-03T10:01:00Z");
    expect(runs).toEqual(["back"]);
  });

  test("goes on after a clock that was far ahead, and noted what it had done", async () => {
    await database.pool.query(
      `insert into graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
       values ('ahead', now(), now() + interval '300 days')`,
    );
    setClock("2025-01-02T10:00:59.900Z");
    startTimetable(every("ahead"));
    await until(async () => {
      const { rows } = await database.pool.query(
        "select last_execution < now() as past from graphile_worker._private_known_crontabs where identifier = 'ahead'",
      );
      return rows[0].past;
    });
    await passMinutes("2025-01-02T10:01:00Z");
    expect(runs).toEqual(["ahead"]);
  });

  test("of a job that fails it says why, until it went well again and after", async () => {
    let isBroken = true;
    const run = async () => {
      runs.push("shaky");
      if (isBroken) throw new Error("no luck");
    };
    setClock("2025-01-02T10:00:59.900Z");
    startTimetable(every("shaky", run));
    await until(async () => (await listWorkers()).length === 1 && (await find("shaky")) !== undefined);
    await passMinutes("2025-01-02T10:01:00Z");
    await until(async () => typeof (await find("shaky"))?.lastFailure === "string");
    expect(await find("shaky")).toMatchObject({ lastFailure: "no luck", lastFinishedAt: null });
    const findJob = async () => (await listJobs(database.pool)).find(({ name }) => name === "shaky");
    // The failure is noted by the task itself; the queue gives the job back a moment later.
    await until(async () => (await findJob())?.state === "waiting");
    const job = await findJob();
    expect(job?.lastFailure).toContain("no luck");
    isBroken = false;
    await retryJob(database.pool, job!.id);
    await until(async () => (await find("shaky"))?.lastFinishedAt !== null);
    expect(await find("shaky")).toMatchObject({ lastFailure: "no luck" });
  });
});

test("a job that failed shows why, and can be retried by hand", async () => {
  let isBroken = true;
  const ran: string[] = [];
  start({
    async fragile() {
      if (isBroken) throw new Error("it is broken");
      ran.push("fragile");
    },
  });
  await database.pool.query("select graphile_worker.add_job('fragile', max_attempts => 1)");
  const find = async () => (await listJobs(database.pool)).find(({ name }) => name === "fragile");
  await until(async () => (await find())?.state === "failed");
  const job = (await find())!;
  expect(job).toMatchObject({ attempts: 1, mostAttempts: 1, lastFailure: expect.stringContaining("it is broken") });
  isBroken = false;
  expect(await retryJob(database.pool, job.id)).toMatchObject({ id: job.id, name: "fragile" });
  await until(() => ran.length > 0);
  await until(async () => (await find()) === undefined);
  await expect(retryJob(database.pool, job.id)).rejects.toThrow(`There is no job ${job.id}`);
  await expect(retryJob(database.pool, "x")).rejects.toThrow("There is no job x");
});
