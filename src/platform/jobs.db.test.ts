import { runMigrations } from "graphile-worker";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { createPool } from "./database/pool.ts";
import { inTransaction } from "./database/transaction.ts";
import { type JobRunner, startJobs } from "./jobs.ts";

let database: TestDatabase;
const runners: JobRunner[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  // Its tables are there, so that jobs can be added before the first runner is.
  await runMigrations({ pgPool: database.pool });
});
afterEach(stopAll);
afterAll(() => database.drop());

type Tasks = Parameters<typeof startJobs>[0]["tasks"];

function start(tasks: Tasks, pool = database.pool): JobRunner {
  const runner = startJobs({ database: pool, tasks, crontab: "", log: silentLog });
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

test("to stop waits for the job that runs, and takes no other", async () => {
  const steps: string[] = [];
  let finish: (() => void) | undefined;
  const runner = start({
    async slow() {
      steps.push("started");
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      steps.push("finished");
    },
  });
  await add("slow", {});
  await until(() => steps.length === 1);
  await add("slow", {});
  const stopping = runner.stop().then(() => steps.push("stopped"));
  finish?.();
  await stopping;
  expect(steps).toEqual(["started", "finished", "stopped"]);
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
