// Reports while processes are killed: three Plumblines that all begin runs and work on them, killed at random points of these
// runs and started again at once. Every window must have its one run, no two runs of a report at a time, and in the end
// every trait and every change of one must be as in a Plumbline that nobody disturbed.
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { createRandom } from "../../simulator/random.ts";
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import { inTransaction } from "../../src/platform/database/transaction.ts";
import { lastWindow } from "../../src/reports/windows.ts";
import {
  createHome,
  createTestConnection,
  findFreePort,
  type Home,
  type Ledger,
  readLedgerOf,
  runJsonCommand,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { checkLedger } from "./support/finish-run.ts";
import { createMember, longestStart, type Member } from "./support/member.ts";
import { awaitServer, connectDirectly } from "./support/postgres-processes.ts";
import { compareTraits, describeRuns, findRunProblems } from "./support/report-effects.ts";
import type { Say } from "./support/run-program.ts";

export type ReportStormOptions = {
  /** Attempts at a run that are to be ended by kills. */
  interrupted: number;
  visitors: number;
  seed: string;
};

export type ReportStormResult = {
  problems: string[];
  ledger: Ledger;
  /** Attempts at a run that a kill ended. */
  interrupted: number;
  /** Runs that were done, of windows and in all. */
  windows: number;
  runs: number;
  traits: number;
};

/** Names in the simulator; each is hard in a way of its own: many rows, several rows of an account, values that go and come. */
const wanted = [
  { name: "Ten thousand visitors", level: "user", idColumn: "visitorId" },
  { name: "Visitor activity", level: "account", idColumn: "accountId" },
  { name: "Account health", level: "account", idColumn: "accountId" },
] as const;

/** A lease, the time until somebody looks, and a run. */
const longestRun = 240_000;
/** Milliseconds within a run at most, at which a kill comes. */
const longestDelay = 2_500;

type Synced = {
  id: string;
  /** Of the report in the simulator. */
  advance: () => void;
  /** Of the connection. */
  connectionId: string;
  versions: number;
  hours: number;
  lastNumber: number;
};

export async function runReportStorm(options: ReportStormOptions, say: Say): Promise<ReportStormResult> {
  const homes: Home[] = [];
  const simulators: PendoSimulator[] = [];
  const members: Member[] = [];
  const now = Math.floor(Date.now() / 1000);
  const open = async () => {
    const accounts = Math.ceil(options.visitors / 5);
    const simulator = await startPendoSimulator({
      seed: options.seed,
      now,
      visitors: options.visitors,
      accounts,
      count: 10,
    });
    simulators.push(simulator);
    const home = createHome({ PENDO_API_BASE_URL: simulator.url });
    homes.push(home);
    return { simulator, home };
  };
  try {
    const disturbed = await open();
    // The first one makes the database, and stays; the others are killed.
    for (const roles of ["door,web", "worker,scheduler", "worker,scheduler", "worker,scheduler"]) {
      const member = createMember(disturbed.home, roles, await findFreePort());
      members.push(member);
      await member.isReady();
    }
    const storm = await runStorm(options, say, { ...disturbed, members });
    const calm = await open();
    const traits = await readUndisturbed(calm, storm.versions, (other) => compareTraits(storm.db, other));
    await storm.db.end();
    storm.problems.push(...traits.problems, ...members.flatMap(({ problems }) => problems));
    say.line(
      `traits: ${traits.traits}, and ${traits.changes} changes of them, as in a Plumbline that nobody disturbed`,
    );
    const { problems, ledger, interrupted, windows, runs } = storm;
    return { problems, ledger, interrupted, windows, runs, traits: traits.traits };
  } finally {
    for (const member of members.reverse()) await member.end();
    for (const simulator of simulators) await simulator.stop();
    for (const home of homes) home.remove();
  }
}

type Place = { home: Home; simulator: PendoSimulator };

async function addReports({ home, simulator }: Place): Promise<Synced[]> {
  const connection = await createTestConnection(home);
  await runJsonCommand(home, "connection", "set", connection.id, "--integration-key", simulator.integrationKey);
  const added: Synced[] = [];
  for (const { name, level, idColumn } of wanted) {
    const report = simulator.reports.list().find((one) => one.name === name)!;
    const words = ["--report", report.id, "--level", level, "--id-column", idColumn, "--every", "1h"];
    const { id } = await runJsonCommand<{ id: string }>(home, "report", "add", connection.id, ...words);
    const advance = () => simulator.reports.advance(report);
    added.push({ id, advance, connectionId: connection.id, versions: 1, hours: 0, lastNumber: 0 });
  }
  return added;
}

async function runStorm(
  options: ReportStormOptions,
  say: Say,
  place: Place & { members: Member[] },
): Promise<Omit<ReportStormResult, "traits"> & { versions: number[]; db: DatabasePool }> {
  const random = createRandom(options.seed, "report storm");
  const db = connectDirectly(place.home.dataDir, 4);
  await say.database(db);
  const began = new Date();
  const reports = await addReports(place);
  const holders = watchHolders(db);
  const killable = place.members.slice(1);
  let kills = 0;
  for (;;) {
    await moveOn(place.home, db, reports, random);
    await holders.awaitWork(longestRun);
    await new Promise((resolve) => setTimeout(resolve, random.int(0, longestDelay)));
    if (holders.interrupted() >= options.interrupted) break;
    if (holders.underWay() === 0) continue;
    // Once more, and it would be given up.
    if (await isOneAtItsLastTry(db)) continue;
    // One of them alone, so that others take over, or all of them, so that none does.
    const victims = random.next() < 0.5 ? [random.pick(killable)] : killable;
    const killed = victims.filter((member) => member.kill()).length;
    if (killed === 0) continue;
    kills += 1;
    say.progress(
      `kill ${kills}: ${killed} of ${killable.length}, with ${holders.underWay()} runs under way; ${holders.interrupted()} taken over so far`,
    );
    if (killed === killable.length) holders.forget();
  }
  await Promise.all(place.members.map((member) => member.isReady()));
  await awaitServer(db, longestStart);
  for (const report of reports) await awaitDone(db, report, longestRun);
  await awaitIdle(db, longestRun);
  await holders.stop();

  const crossed = (connectionId: string) => {
    const grid = { connectionId, everyHours: 1 as const };
    return (lastWindow(grid, new Date()).getTime() - lastWindow(grid, began).getTime()) / 3_600_000;
  };
  const expected = new Map(
    reports.map(({ id, hours, connectionId }) => [id, { least: hours + 1, most: hours + 1 + crossed(connectionId) }]),
  );
  const { problems, windows, runs } = await findRunProblems(db, expected);
  const ledger = await readLedgerOf(place.home);
  problems.push(...checkLedger(ledger));
  const interrupted = holders.interrupted();
  say.line(`kills: ${kills}, which ended ${interrupted} attempts at a run`);
  for (const line of await describeRuns(db)) say.line(line);
  say.line(`ledger: ${JSON.stringify(ledger)}`);
  return { problems, ledger, interrupted, windows, runs, versions: reports.map(({ versions }) => versions), db };
}

/** Each report that has had its run of what Pendo has now gets something new to read, and a run of it: of a window or by hand. */
async function moveOn(
  home: Home,
  db: DatabasePool,
  reports: Synced[],
  random: ReturnType<typeof createRandom>,
): Promise<void> {
  for (const report of reports) {
    if (!(await isDone(db, report))) continue;
    const { rows } = await db.query("select max(number) as number from report_runs where report_id = $1", [report.id]);
    report.lastNumber = rows[0].number;
    report.advance();
    report.versions += 1;
    if (random.next() < 0.5) {
      await letHourPass(db, report.id);
      report.hours += 1;
    } else await runJsonCommand(home, "report", "sync", report.id, "--no-wait");
  }
}

async function isOneAtItsLastTry(db: DatabasePool): Promise<boolean> {
  const { rows } = await db.query("select from report_runs where state = 'running' and deaths >= 4");
  return rows.length > 0;
}

/** Whether the last that Pendo has is read, and nothing is under way. */
async function isDone(db: DatabasePool, { id, lastNumber }: Synced): Promise<boolean> {
  const { rows } = await db.query(
    `select exists (select from report_runs where report_id = $1 and state = 'running')
         or not exists (select from report_runs where report_id = $1 and state = 'done' and number > $2)
         or exists (select from reports where report_id = $1 and next_at <= now()) as "isOpen"`,
    [id, lastNumber],
  );
  return !rows[0].isOpen;
}

/** What was, is an hour longer ago: the next window is there. In two moves, as no two runs may have one window on the way. */
async function letHourPass(db: DatabasePool, reportId: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    await tx.query("update reports set next_at = next_at - interval '1 hour' where report_id = $1", [reportId]);
    for (const move of ["1000 days", "-1000 days -1 hour"])
      await tx.query("update report_runs set window_at = window_at + $2::interval where report_id = $1", [
        reportId,
        move,
      ]);
  });
}

async function awaitDone(db: DatabasePool, report: Synced, mostMs: number): Promise<void> {
  await waitUntil(() => isDone(db, report), mostMs, `report ${report.id} has no run of what Pendo has now`);
}

async function awaitIdle(db: DatabasePool, mostMs: number): Promise<void> {
  const isIdle = async () => (await db.query("select from report_runs where state = 'running'")).rows.length === 0;
  await waitUntil(isIdle, mostMs, "a run does not come to its end");
}

async function waitUntil(isThere: () => Promise<boolean>, mostMs: number, problem: string): Promise<void> {
  for (const until = performance.now() + mostMs; !(await isThere()); ) {
    if (performance.now() > until) throw new Error(`After ${mostMs} ms ${problem}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Who works on what: a run with a second holder was taken over, so that the first one's attempt was ended. */
function watchHolders(db: DatabasePool) {
  const holders = new Map<string, Set<string>>();
  let underWay = 0;
  let dead = new Set<string>();
  let isOver = false;
  const look = async () => {
    const { rows } = await db.query(
      "select report_run_id as id, held_by as holder from report_runs where state = 'running' and held_by is not null and step is not null and held_until > now() + interval '25 seconds'",
    );
    underWay = rows.filter(({ holder }) => !dead.has(holder)).length;
    for (const { id, holder } of rows) holders.set(id, (holders.get(id) ?? new Set()).add(holder));
  };
  const watching = (async () => {
    while (!isOver) {
      await look().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    underWay: () => underWay,
    /** All of them are killed: what their leases say is not true any more. */
    forget() {
      dead = new Set([...holders.values()].flatMap((of) => [...of]));
      underWay = 0;
    },
    awaitWork: (mostMs: number) => waitUntil(async () => underWay > 0, mostMs, "no run is under way"),
    interrupted: () => [...holders.values()].reduce((sum, { size }) => sum + size - 1, 0),
    async stop() {
      isOver = true;
      await watching;
    },
  };
}

/** The same versions of the same reports, one after the other, in a Plumbline of its own. */
async function readUndisturbed<T>(
  place: Place,
  versions: readonly number[],
  look: (db: DatabasePool) => Promise<T>,
): Promise<T> {
  const plumbline = await startPlumbline(place.home, { roles: "door,web" });
  const db = connectDirectly(place.home.dataDir);
  try {
    for (const [index, report] of (await addReports(place)).entries()) {
      for (let version = 1; version <= versions[index]!; version += 1) {
        if (version > 1) report.advance();
        await runJsonCommand(place.home, "report", "sync", report.id);
      }
    }
    return await look(db);
  } finally {
    await db.end();
    await plumbline.stop();
  }
}
