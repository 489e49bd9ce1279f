import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createPlace, type Place } from "../../test/support/inbox.ts";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { createUuid } from "../platform/uuid.ts";
import { updateConnection } from "../settings/connections-table.ts";
import { type EveryHours, everyHours } from "./report.ts";
import { listReportRuns, type ReportRun, reportRunStore, startRunByHand } from "./report-runs-table.ts";
import { findReport, insertReport, lockReport, updateReport } from "./reports-table.ts";
import { startDueReports } from "./start-due-reports.ts";
import { lastWindow, nextWindow } from "./windows.ts";

const minute = 60_000;
const hour = 60 * minute;
const begin = new Date("2026-11-02T10:10:00Z");
const after = (time: Date, ms: number) => new Date(time.getTime() + ms);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
// The next test shall not find it due.
const pauseAll = () => database.pool.query("update reports set is_on = false");
afterEach(pauseAll);
afterAll(() => database.drop());

type Home = Place & { reportId: string };

async function addReport(given: { hours?: EveryHours; nextAt?: Date; withKey?: boolean } = {}): Promise<Home> {
  const place = await createPlace(database.pool);
  if (given.withKey !== false) await setKey(place);
  const reportId = createUuid(Date.now());
  const report = {
    ...place,
    id: reportId,
    pendoReportId: "r-1",
    name: "Report",
    level: "user" as const,
    idColumn: "visitorId",
    idKind: "visitor" as const,
    columns: [],
    vanished: "keep" as const,
    everyHours: given.hours ?? 1,
    isOn: true,
    nextAt: given.nextAt ?? begin,
    createdAt: begin,
    updatedAt: begin,
  };
  await inTransaction(database.pool, (tx) => insertReport(tx, report));
  return { ...place, reportId };
}

/** What the key is does not matter here, only that there is one. */
async function setKey({ workspaceId, connectionId }: Place): Promise<void> {
  await database.pool.query(
    "insert into integration_keys (workspace_id, connection_id, key_id, sealed, last_four) values ($1, $2, 'k', '\\x00', '')",
    [workspaceId, connectionId],
  );
}

async function change(home: Home, changes: { isOn?: boolean; everyHours?: EveryHours }): Promise<void> {
  await inTransaction(database.pool, async (tx) => {
    const report = await lockReport(tx, { workspaceId: home.workspaceId, id: home.reportId });
    await updateReport(tx, { ...report!, ...changes });
  });
}

const look = (now: Date) => startDueReports(database.pool, now);
const listRuns = (home: Home) => listReportRuns(database.pool, home, 10_000);
const findRunning = async (home: Home) => (await listRuns(home)).find(({ state }) => state === "running");
const nextAt = async (home: Home) => (await findReport(database.pool, home.reportId))!.nextAt;

async function finish(run: ReportRun, now: Date): Promise<void> {
  const holder = createUuid(Date.now());
  await reportRunStore.take(database.pool, run, holder, now);
  expect(await reportRunStore.finish(database.pool, run, holder, { state: "done", message: null }, now)).toBe(true);
}

/** Ends what runs, as if each run took no time. Resolves to the windows that have had their run, the newest first. */
async function finishAll(home: Home, now: Date): Promise<(Date | null)[]> {
  const running = await findRunning(home);
  if (running) await finish(running, now);
  return (await listRuns(home)).map(({ windowAt }) => windowAt);
}

test("a new report runs at once, then once for each window", async () => {
  const home = await addReport();
  const grid = { ...home, everyHours: 1 as const };
  expect(await look(begin)).toBe(1);
  expect(await look(begin)).toBe(0);
  expect(await finishAll(home, begin)).toEqual([lastWindow(grid, begin)]);
  const next = nextWindow(grid, begin);
  expect(await nextAt(home)).toEqual(next);
  expect(await look(after(begin, (next.getTime() - begin.getTime()) / 2))).toBe(0);
  expect(await look(after(next, -1))).toBe(0);
  expect(await look(next)).toBe(1);
  expect(await finishAll(home, next)).toEqual([next, lastWindow(grid, begin)]);
});

test("windows that were missed have one run together", async () => {
  const home = await addReport();
  await look(begin);
  await finishAll(home, begin);
  const later = after(begin, 30.5 * hour);
  expect(await look(later)).toBe(1);
  const grid = { ...home, everyHours: 1 as const };
  expect((await finishAll(home, later))[0]).toEqual(lastWindow(grid, later));
  expect(await look(after(nextWindow(grid, later), -1))).toBe(0);
});

test("a run that is longer than its window keeps the next one waiting, and it follows", async () => {
  const home = await addReport();
  await look(begin);
  const later = after(begin, 2 * hour);
  expect(await look(later)).toBe(0);
  await finishAll(home, later);
  expect(await look(later)).toBe(1);
  expect(await listRuns(home)).toHaveLength(2);
  await finishAll(home, later);
});

test("a run by hand takes no window's place, and there is one at a time", async () => {
  const home = await addReport();
  const ask = () => inTransaction(database.pool, (tx) => startRunByHand(tx, home, begin));
  const [first, ...others] = await Promise.all([ask(), ask(), ask(), ask()]);
  const answers = [first!, ...others];
  expect(answers.filter(({ outcome }) => outcome === "started")).toHaveLength(1);
  expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
  expect(await look(begin)).toBe(0);
  await finish(first!.run, begin);
  expect(await look(begin)).toBe(1);
  expect(await finishAll(home, begin)).toEqual([lastWindow({ ...home, everyHours: 1 }, begin), null]);
});

test("nothing begins while a report is paused, its connection is off or has no key; a run that is under way goes on", async () => {
  const home = await addReport();
  await look(begin);
  await change(home, { isOn: false });
  const later = after(begin, 5 * hour);
  expect((await findRunning(home))?.state).toBe("running");
  await finishAll(home, begin);
  expect(await look(later)).toBe(0);
  await change(home, { isOn: true });
  await updateConnection(database.pool, home.workspaceId, home.connectionId, { isOn: false });
  expect(await look(later)).toBe(0);
  await updateConnection(database.pool, home.workspaceId, home.connectionId, { isOn: true });
  expect(await look(later)).toBe(1);
  await finishAll(home, later);

  const keyless = await addReport({ withKey: false });
  expect(await look(later)).toBe(0);
  await setKey(keyless);
  expect(await look(later)).toBe(1);
  await finishAll(keyless, later);
});

test("a shorter interval counts at once, and not only when the longer one is over", async () => {
  const home = await addReport({ hours: 24 });
  await look(begin);
  await finishAll(home, begin);
  await change(home, { everyHours: 1 });
  const next = nextWindow({ ...home, everyHours: 1 }, begin);
  await look(begin);
  expect(await nextAt(home)).toEqual(next);
});

test("a clock that was far ahead stops nothing for ever, and no window runs twice", async () => {
  const home = await addReport();
  const grid = { ...home, everyHours: 1 as const };
  await look(begin);
  await finishAll(home, begin);
  const ahead = after(begin, 400 * 24 * hour);
  expect(await look(ahead)).toBe(1);
  await finishAll(home, ahead);
  expect(await nextAt(home)).toEqual(nextWindow(grid, ahead));
  expect(await look(begin)).toBe(0);
  expect(await nextAt(home)).toEqual(nextWindow(grid, begin));
  expect(await look(nextWindow(grid, begin))).toBe(1);
  await finishAll(home, nextWindow(grid, begin));
  // What ran then is not run again when that time comes.
  expect(await look(ahead)).toBe(0);
  expect(await look(nextWindow(grid, ahead))).toBe(1);
});

const actions = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("pass" as const), minutes: fc.integer({ min: 1, max: 90 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), minutes: fc.integer({ min: 90, max: 4_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), minutes: fc.integer({ min: -4_000, max: -1 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), minutes: fc.constantFrom(-600_000, 600_000) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("finish" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("ask" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("turn" as const) }) },
);

const walks = fc.record({
  hours: fc.constantFrom(...everyHours),
  steps: fc.array(
    fc.record({
      action: actions,
      // How far the clocks of the processes are from each other, in milliseconds.
      skews: fc.array(fc.integer({ min: -70_000, max: 70_000 }), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 25 },
  ),
});

test("whatever the clocks do: one run of a window, one run at a time, and no window is passed over for good", async () => {
  await fc.assert(
    fc.asyncProperty(walks, async ({ hours, steps }) => {
      await pauseAll();
      const home = await addReport({ hours });
      const grid = { ...home, everyHours: hours };
      let now = begin;
      let isOn = true;
      let lastLook = begin;
      await look(begin);
      for (const { action, skews } of steps) {
        if (action.kind === "pass") now = after(now, action.minutes * minute);
        if (action.kind === "finish") await finishAll(home, now);
        if (action.kind === "ask") await inTransaction(database.pool, (tx) => startRunByHand(tx, home, now));
        if (action.kind === "turn") {
          isOn = !isOn;
          await change(home, { isOn });
        }
        const wasRunning = (await findRunning(home)) !== undefined;
        const before = await listRuns(home);
        await Promise.all(skews.map((skew) => look(after(now, skew))));
        await look(now);
        const runs = await listRuns(home);
        expect(runs.filter(({ state }) => state === "running").length).toBeLessThanOrEqual(1);
        const windows = runs.flatMap(({ windowAt }) => (windowAt ? [windowAt.getTime()] : []));
        expect(new Set(windows).size).toBe(windows.length);
        expect(runs.map(({ number }) => number)).toEqual(runs.map((_, place) => runs.length - place));
        expect(runs.length - before.length).toBeLessThanOrEqual(isOn && !wasRunning ? 1 : 0);
        if (!isOn || wasRunning) continue;
        // Time went on, into a window: it has had its run now. A process whose clock differs may have begun another one just
        // before: an earlier window's, and this one stays due; a later one's, and that reads no less than this one would.
        const window = lastWindow(grid, now);
        const running = runs.find(({ state }) => state === "running");
        if (running && running.windowAt! < window) {
          expect((await nextAt(home)).getTime()).toBeLessThanOrEqual(now.getTime());
          continue;
        }
        const isCovered = running !== undefined && running.windowAt! > window;
        if (lastLook < window && !isCovered) expect(windows).toContain(window.getTime());
        lastLook = now;
        expect((await nextAt(home)).getTime() - now.getTime()).toBeLessThanOrEqual(hours * hour);
      }
    }),
    { numRuns: 60 },
  );
});
