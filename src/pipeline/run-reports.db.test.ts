import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createPlace } from "../../test/support/inbox.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { giveUp, PendoError, tryAgain } from "../pendo/client/pendo-error.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { JobWaitsError, type LeaseRunner } from "../platform/lease-runner.ts";
import { createUuid } from "../platform/uuid.ts";
import { keepReportRuns } from "../reports/keep-report-runs.ts";
import { findLastSeen } from "../reports/last-seen-queries.ts";
import {
  addReportAnswer,
  cancelRun,
  confirmRun,
  findLastDoneRun,
  getReportRun,
  listReportRuns,
  type ReportName,
  type ReportRun,
  startRunByHand,
} from "../reports/report-runs-table.ts";
import { insertReport } from "../reports/reports-table.ts";
import { createReportRunner, type ReportWay, type RunReport } from "./run-reports.ts";

const begin = new Date("2026-11-02T10:00:00Z");
let now = begin;
let database: TestDatabase;
let report: ReportName;
const runners: LeaseRunner[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  now = begin;
  const place = await createPlace(database.pool);
  const id = createUuid(Date.now());
  await inTransaction(database.pool, (tx) =>
    insertReport(tx, {
      ...place,
      id,
      pendoReportId: "r-1",
      name: "Report",
      level: "user",
      idColumn: "visitorId",
      idKind: "visitor",
      columns: [],
      vanished: "keep",
      everyHours: 12,
      isOn: true,
      nextAt: begin,
      createdAt: begin,
      updatedAt: begin,
    }),
  );
  report = { workspaceId: place.workspaceId, reportId: id };
});
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.stop();
  await database.pool.query("delete from reports");
});
afterAll(() => database.drop());

const pass = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1000);
};

function createRunner(run: RunReport, onChange?: () => void): LeaseRunner {
  const options = { database: database.pool, log: silentLog, clock: () => now, run };
  const runner = createReportRunner({ ...options, ...(onChange && { onChange }) });
  runners.push(runner);
  return runner;
}

const ask = async () => (await inTransaction(database.pool, (tx) => startRunByHand(tx, report, now))).run;
const look = (run: ReportRun) => getReportRun(database.pool, report.workspaceId, run.id);
const read = (way: ReportWay, done: number) => way.step(async () => ({ step: "reading", done, total: null }));
/** What the death of a process looks like to its job. */
const killed = () => Object.assign(new Error("killed"), { code: "57P01" });
const done: RunReport = async () => ({ state: "done", message: null });

test("a run ends in the transaction of its last step, with what it has counted", async () => {
  const run = await ask();
  const runner = createRunner(async (way) => {
    await way.step(async () => ({ step: "reading", done: 3, total: null, rowsRead: 3, columnsSeen: ["a", "b"] }));
    await inTransaction(database.pool, (tx) =>
      way.finish(tx, { state: "done", message: "Good.", matched: 2, changed: 1 }),
    );
    return undefined;
  });
  expect(await runner.work(run)).toBe(true);
  const ended = await look(run);
  expect(ended).toMatchObject({ state: "done", message: "Good.", rowsRead: 3, columnsSeen: ["a", "b"], matched: 2 });
  expect(ended).toMatchObject({ changed: 1, unmatched: null, step: "reading", done: 3, finishedAt: now });
  expect(await runner.work(run)).toBe(false);
});

test("a run whose process died begins again within a minute, as if there had been none", async () => {
  const run = await ask();
  const dying = createRunner(async (way) => {
    await way.step(async () => ({ step: "matching", done: 7, total: 9, rowsRead: 7, unmatched: 1 }));
    throw killed();
  });
  await expect(dying.work(run)).rejects.toThrow("killed");
  let seen: ReportRun | undefined;
  const next = createRunner(async ({ job }) => {
    seen = job;
    return { state: "done", message: null };
  });
  pass(30);
  expect(await next.work(run)).toBe(false);
  pass(25);
  expect(await next.work(run)).toBe(true);
  expect(seen).toMatchObject({ step: null, done: 0, total: null, rowsRead: null, unmatched: null });
});

test("what was cancelled, or is another one's by now, writes nothing any more", async () => {
  const run = await ask();
  const cancelled = createRunner(async (way) => {
    await cancelRun(database.pool, report.workspaceId, run.id, "Enough.", now);
    await expect(read(way, 1)).rejects.toThrow();
    await inTransaction(database.pool, async (tx) => {
      await tx.query("update reports set name = 'written' where report_id = $1", [report.reportId]);
      await way.finish(tx, { state: "done", message: null });
    });
    return undefined;
  });
  await cancelled.work(run);
  expect(await look(run)).toMatchObject({ state: "cancelled", message: "Enough.", step: null });
  const { rows } = await database.pool.query("select name from reports where report_id = $1", [report.reportId]);
  expect(rows).toEqual([{ name: "Report" }]);

  const second = await ask();
  const slow = createRunner(async (way) => {
    pass(120);
    await createRunner(done).work(second);
    await read(way, 1);
    return { state: "stopped", message: "late" };
  });
  await slow.work(second);
  expect(await look(second)).toMatchObject({ state: "done", message: null });
});

test("of several processes one works on a run", async () => {
  const run = await ask();
  let worked = 0;
  const runnersAtOnce = Array.from({ length: 4 }, () =>
    createRunner(async () => {
      worked += 1;
      return { state: "done", message: null };
    }),
  );
  const took = await Promise.all(runnersAtOnce.map((runner) => runner.work(run)));
  expect(took.filter(Boolean)).toHaveLength(1);
  expect(worked).toBe(1);
});

test("a process that stops leaves its run to the next one at once", async () => {
  const run = await ask();
  const stopping = createRunner(async ({ signal }) => {
    // It may be stopped between taking the run and here.
    if (!signal.aborted) await once(signal, "abort");
    throw signal.reason;
  });
  const working = stopping.work(run);
  while ((await look(run)).state === "running" && !(await isHeld(run))) await new Promise(setImmediate);
  await stopping.stop();
  await working;
  expect(await createRunner(done).work(run)).toBe(true);
});

async function isHeld(run: ReportRun): Promise<boolean> {
  const { rows } = await database.pool.query("select held_by from report_runs where report_run_id = $1", [run.id]);
  return rows[0].held_by !== null;
}

test.each([40 * 24 * 3600, 20 * 60])(
  "a lease of a clock that was %i seconds ahead does not keep a run",
  async (seconds) => {
    const run = await ask();
    pass(seconds);
    await expect(createRunner(() => Promise.reject(killed())).work(run)).rejects.toThrow();
    now = begin;
    expect(await createRunner(done).work(run)).toBe(true);
  },
);

test("a run that a clock has begun that was ahead is free at once", async () => {
  pass(60);
  const run = await ask();
  now = begin;
  expect(await createRunner(done).work(run)).toBe(true);
});

test("Pendo in trouble is waited for, with the reason to read; settings that are wrong end the run", async () => {
  const run = await ask();
  const trouble = new PendoError("rate-limited", "Pendo wants to be left alone.", { next: tryAgain(50_000) });
  await createRunner(async (way) => {
    await read(way, 5);
    throw trouble;
  }).work(run);
  expect(await look(run)).toMatchObject({ state: "running", message: trouble.message, failures: 1 });
  pass(40);
  expect(await createRunner(done).work(run)).toBe(false);
  pass(20);
  const gone = new PendoError("request-refused", "The report is gone.", { next: giveUp });
  await createRunner(() => Promise.reject(gone)).work(run);
  expect(await look(run)).toMatchObject({ state: "failed", message: gone.message, finishedAt: now });
});

test("what always goes wrong at the end is given up, although it gets on each time", async () => {
  const run = await ask();
  const broken = createRunner(async (way) => {
    await read(way, 5);
    throw new Error("a bug");
  });
  let tries = 0;
  for (; (await look(run)).state === "running" && tries < 50; pass(3600)) if (await broken.work(run)) tries += 1;
  expect(tries).toBe(5);
  expect(await look(run)).toMatchObject({ state: "failed", message: "a bug" });
});

test("a run that takes its process with it each time is given up, and says so; another one can be begun", async () => {
  const run = await ask();
  let told = 0;
  const dying = createRunner(
    async (way) => {
      await read(way, 5);
      throw killed();
    },
    () => {
      told += 1;
    },
  );
  for (let deaths = 1; deaths <= 5; deaths += 1, pass(60)) await expect(dying.work(run)).rejects.toThrow("killed");
  expect(await look(run)).toMatchObject({ state: "running", deaths: 4 });
  told = 0;
  expect([await dying.work(run), told]).toEqual([true, 1]);
  expect(await look(run)).toMatchObject({ state: "failed", finishedAt: now });
  expect((await look(run)).message).toMatch(/^Given up: 5 times in a row the process that worked on it was gone/);
  const next = await ask();
  expect(next).toMatchObject({ state: "running", deaths: 0 });
  await createRunner(done).work(next);
  expect(await look(next)).toMatchObject({ state: "done" });
});

test("a process that leaves a run in order is no death of it", async () => {
  const run = await ask();
  for (let times = 0; times < 7; times += 1, pass(60))
    await createRunner(() => Promise.reject(new JobWaitsError("Something else first.", 0))).work(run);
  expect(await look(run)).toMatchObject({ state: "running", deaths: 0 });
});

test("a run that has to wait for something here is no failure", async () => {
  const run = await ask();
  await createRunner(() => Promise.reject(new JobWaitsError("Something else first.", 2_000))).work(run);
  expect(await look(run)).toMatchObject({ state: "running", message: "Something else first.", failures: 0 });
  pass(2);
  expect(await createRunner(done).work(run)).toBe(true);
});

test("a stopped run is confirmed by a new one, once, and not when a later one is done", async () => {
  const confirm = (run: ReportRun) =>
    inTransaction(database.pool, (tx) => confirmRun(tx, report.workspaceId, run.id, now));
  const stopped = await ask();
  expect((await confirm(stopped)).outcome).toBe("not-stopped");
  await createRunner(async () => ({ state: "stopped", message: "Half of it is gone." })).work(stopped);
  const confirmed = await confirm(stopped);
  expect(confirmed).toMatchObject({ outcome: "started", run: { isConfirmed: true, number: 2, windowAt: null } });
  expect(await confirm(stopped)).toMatchObject({ outcome: "running", run: { id: confirmed.run.id } });
  await createRunner(done).work(confirmed.run);
  expect((await confirm(stopped)).outcome).toBe("overtaken");
});

test("of several stopped runs the newest is confirmed: with that one the next run is compared", async () => {
  const confirm = (run: ReportRun) =>
    inTransaction(database.pool, (tx) => confirmRun(tx, report.workspaceId, run.id, now));
  const stop: RunReport = async () => ({ state: "stopped", message: "Half of it is gone.", rowsRead: 1 });
  const older = await ask();
  await createRunner(stop).work(older);
  const newer = await ask();
  await createRunner(stop).work(newer);
  expect(await confirm(older)).toMatchObject({ outcome: "stopped-later", run: { id: newer.id } });
  const confirmed = await confirm(newer);
  expect(confirmed).toMatchObject({ outcome: "started", run: { number: 3 } });
  expect(await findLastSeen(database.pool, confirmed.run)).toMatchObject({ number: 2, rowsRead: 1 });
});

test("of what Pendo answered the last twenty are kept", async () => {
  const run = await ask();
  for (let rows = 0; rows < 25; rows += 1)
    await addReportAnswer(database.pool, run, { at: now, status: 200, bytes: 1, rows, milliseconds: 2, trouble: null });
  const { answers } = await look(run);
  expect(answers.map(({ rows }) => rows)).toEqual(Array.from({ length: 20 }, (_, place) => place + 5));
});

test("old runs go, but the last done one of a report never does; the problems of the last ten stay", async () => {
  const runs: ReportRun[] = [];
  for (let count = 0; count < 14; count += 1) {
    const run = await ask();
    const state = count < 3 ? ("done" as const) : ("stopped" as const);
    await createRunner(async () => ({ state, message: null })).work(run);
    await database.pool.query(
      "insert into report_problems (workspace_id, report_run_id, row_number, kind, reason) values ($1, $2, 1, 'unmatched', 'no-id')",
      [report.workspaceId, run.id],
    );
    runs.push(run);
    pass(10 * 24 * 3600);
  }
  const last = await findLastDoneRun(database.pool, report);
  expect(last?.id).toBe(runs[2]!.id);
  await keepReportRuns(database.pool, now);
  const kept = (await listReportRuns(database.pool, report, 100)).map(({ number }) => number);
  expect(kept).toEqual([14, 13, 12, 11, 10, 9, 8, 7, 6, 3]);
  const { rows } = await database.pool.query(
    "select r.number from report_problems p join report_runs r using (workspace_id, report_run_id) where r.report_id = $1 order by 1",
    [report.reportId],
  );
  expect(rows.map(({ number }) => number)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14]);
});
