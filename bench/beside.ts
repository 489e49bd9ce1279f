// Acknowledging while everything else is at work (P3): 500 webhooks a second alone, then the same beside a report of a million
// rows, replays of 100,000 deliveries and people who load pages. Whatever is done before the end begins anew, so that all of it
// is there all the time. Smaller: --rows 100000 --replayed 10000 --alone 10 --seconds 20 --save false

import { parseArgs } from "node:util";
import { createPool } from "../src/platform/database/pool.ts";
import { createLog } from "../src/platform/log.ts";
import {
  createHome,
  createTestConnection,
  readLedgerOf,
  runCommand,
  runJsonCommand,
  startPlumbline,
} from "../test/support/plumbline-process.ts";
import { type RemoteLoadResult, runLoadProcess, startReportSimulator } from "./support/programs.ts";
import { createReport, oneDigit, reportDatabase, whole } from "./support/report.ts";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    replayed: { type: "string", default: "100000" },
    alone: { type: "string", default: "30" },
    /** Long enough for all steps of a run of a million rows. */
    seconds: { type: "string", default: "170" },
    save: { type: "string", default: "true" },
  },
});
const rows = Number(flags.rows);
const replayed = Number(flags.replayed);
const seconds = { alone: Number(flags.alone), beside: Number(flags.seconds) };
const rate = 500;
const goals = { p99: 250, worst: 1_000 };
const secret = "bench-secret";
const integrationKey = "bench-key";
/** People at a time, and milliseconds between two pages of one. */
const readers = 4;
const pause = 100;
const pages = [
  "/events?limit=50",
  "/accounts?limit=50",
  "/users?limit=50",
  "/nps-responses?limit=50",
  "/poll-responses?limit=50",
  "/deliveries?limit=50",
  "/nps-summary",
  "/polls",
  "/reports",
  "/connections",
];

const report = createReport("beside");
const simulator = await startReportSimulator(integrationKey);
const home = createHome({ PENDO_API_BASE_URL: simulator.url, LOG_LEVEL: "warn" });
const plumbline = await startPlumbline(home);
const pool = createPool(
  { host: `${home.dataDir}/postgres-socket`, port: 5432, user: "plumbline", database: "plumbline" },
  { max: 2, name: "bench", log: createLog({ format: "json", level: "silent" }) },
);
try {
  await measure();
  if (flags.save === "true") report.save();
} finally {
  await pool.end();
  await plumbline.stop();
  simulator.stop();
  home.remove();
}

async function measure(): Promise<void> {
  await reportDatabase(report, pool);
  const startedAt = performance.now();
  const connection = await createTestConnection(home, secret);
  const url = plumbline.url + connection.path;
  await runCommand(home, "connection", "set", connection.id, "--integration-key", integrationKey);
  const { key } = await runJsonCommand<{ key: string }>(home, "api-key", "create", "--name", "bench");
  const load = { url, secret, bodyBytes: 1_500 };
  await runLoadProcess({ ...load, connections: 64, rate: 0, count: replayed, seed: `${process.pid}-first` });
  await settle();
  report.line(
    `${whole(replayed)} deliveries recorded before, in ${secondsSince(startedAt)} s with the commands that set it up`,
  );
  const filter = { connectionId: connection.id, state: "recorded", until: new Date().toISOString() };

  report.line(
    `\nP3 acknowledgements at ${rate}/s, open loop, in ms from the scheduled time (goal p99 ≤ ${goals.p99}, none over ${whole(goals.worst)})`,
  );
  const steady = { ...load, connections: 128, rate };
  const alone = await runLoadProcess({ ...steady, count: rate * seconds.alone, seed: `${process.pid}-alone` });
  describe(`${seconds.alone} s alone`, alone);
  await settle();

  const ask = createAsk(key);
  const rest = await beginTheRest(ask, filter);
  const beside = await runLoadProcess({ ...steady, count: rate * seconds.beside, seed: `${process.pid}-beside` });
  await rest.stop();
  describe(`${seconds.beside} s beside the rest`, beside);
  for (const line of rest.describe()) report.line(`    ${line}`);
  const isMet = beside.p99 <= goals.p99 && beside.worst <= goals.worst;
  report.line(`  goal: ${isMet ? "met" : "NOT met"}`);
  await settle();
  const { difference } = await readLedgerOf(home);
  report.line(`  the ledger's difference: ${difference}`);
}

function describe(what: string, { byStatus, p50, p99, worst }: RemoteLoadResult): void {
  const others = Object.entries(byStatus).filter(([status]) => status !== "200");
  if (others.length > 0) throw new Error(`${what}: answers other than 200: ${JSON.stringify(byStatus)}`);
  report.line(`  ${what}: p50 ${oneDigit(p50)}, p99 ${oneDigit(p99)}, worst ${oneDigit(worst)}`);
}

type Ask = <T>(method: "GET" | "POST", path: string, body?: object) => Promise<T>;

function createAsk(key: string): Ask {
  return async (method, path, body) => {
    const answer = await fetch(`${plumbline.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json() as never;
  };
}

type Rest = { stop: () => Promise<void>; describe: () => string[] };

/** Resolves when all of it is under way. */
async function beginTheRest(ask: Ask, filter: { connectionId: string }): Promise<Rest> {
  const reportId = await addReport(filter.connectionId);
  const over = new AbortController();
  const sync = keepSyncing(ask, reportId, over.signal);
  const replay = keepReplaying(ask, filter, over.signal);
  const reading = keepReading(ask, over.signal);
  const all = [sync.ended, replay.ended, reading.ended];
  await Promise.race([Promise.all([sync.begun, replay.begun]), Promise.all(all)]);
  return {
    async stop() {
      over.abort();
      await Promise.all(all);
    },
    describe: () => [sync.describe(), replay.describe(), reading.describe()],
  };
}

async function addReport(connectionId: string): Promise<string> {
  const listed = await runJsonCommand<{ id: string; name: string }[]>(home, "report", "list", connectionId);
  const names: Record<number, string> = { 100000: "A hundred thousand visitors", 1000000: "A million visitors" };
  const pendo = listed.find(({ name }) => name === names[rows]);
  if (!pendo)
    throw new Error(`The simulator has no report of ${rows} rows: say one of ${Object.keys(names).join(", ")}.`);
  const words = ["--report", pendo.id, "--level", "user", "--id-column", "visitorId", "--every", "24h"];
  const columns = ["--columns", "role,firstvisit,daysActive,numMinutes,lastvisit"];
  return (await runJsonCommand<{ id: string }>(home, "report", "add", connectionId, ...words, ...columns)).id;
}

type Work = { begun: Promise<void>; ended: Promise<void>; describe: () => string };

/** Does `work` again and again until all is over; `tellBegun` when it is under way for the first time. */
function createWork(over: AbortSignal, work: (tellBegun: () => void) => Promise<void>, describe: () => string): Work {
  let tellBegun: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    tellBegun = resolve;
  });
  const run = async () => {
    while (!over.aborted) await work(tellBegun);
  };
  return { begun, ended: run(), describe };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function secondsSince(startedAt: number): string {
  return oneDigit((performance.now() - startedAt) / 1000);
}

function keepSyncing(ask: Ask, reportId: string, over: AbortSignal): Work {
  type Run = { id: string; state: string; step: string | null; done: number; message: string | null };
  const runs: string[] = [];
  const work = async (tellBegun: () => void) => {
    const startedAt = performance.now();
    let run = await ask<Run>("POST", `/reports/${reportId}/sync`);
    while (run.state === "running" && !over.aborted) {
      await wait(250);
      run = await ask<Run>("GET", `/report-runs/${run.id}`);
      if (run.step !== null) tellBegun();
    }
    if (run.state !== "running" && run.state !== "done") throw new Error(`A run is ${run.state}: ${run.message}`);
    const taken = `${secondsSince(startedAt)} s`;
    runs.push(run.state === "done" ? `done in ${taken}` : `${run.step} after ${taken}, at the end`);
  };
  return createWork(over, work, () => `syncs of ${whole(rows)} rows: ${runs.join("; ")}`);
}

function keepReplaying(ask: Ask, filter: object, over: AbortSignal): Work {
  type Replay = { id: string; state: string; replayed: number; message: string | null };
  const replays: string[] = [];
  const work = async (tellBegun: () => void) => {
    const startedAt = performance.now();
    const begun = await ask<{ replayed: number; goesOn: Replay | null }>("POST", "/deliveries/replay", filter);
    tellBegun();
    let replay = begun.goesOn;
    while (replay?.state === "running" && !over.aborted) {
      await wait(250);
      replay = await ask<Replay>("GET", `/replays/${replay.id}`);
    }
    if (replay?.state === "failed") throw new Error(`A replay failed: ${replay.message}`);
    // They are sent through: now they are worked off.
    while ((await countWaiting()) > rate && !over.aborted) await wait(250);
    const isOver = over.aborted ? ", at the end" : "";
    replays.push(`${whole(replay?.replayed ?? begun.replayed)} in ${secondsSince(startedAt)} s${isOver}`);
  };
  return createWork(over, work, () => `replays: ${replays.join("; ")}`);
}

/** Until nothing waits any more; by the database alone, as a command is a process that takes part of a processor. */
async function settle(): Promise<void> {
  while ((await countWaiting()) > 0) await wait(250);
}

async function countWaiting(): Promise<number> {
  const { rows: counted } = await pool.query("select count(*) as count from deliveries where state = 'waiting'");
  return counted[0].count;
}

function keepReading(ask: Ask, over: AbortSignal): Work {
  const taken: number[] = [];
  let next = 0;
  const readPages = async () => {
    while (!over.aborted) {
      const startedAt = performance.now();
      await ask("GET", pages[next++ % pages.length]!);
      taken.push(performance.now() - startedAt);
      await wait(pause);
    }
  };
  const work = async (tellBegun: () => void) => {
    tellBegun();
    await Promise.all(Array.from({ length: readers }, readPages));
  };
  const at = (share: number) =>
    oneDigit(taken.sort((one, other) => one - other)[Math.floor(taken.length * share)] ?? 0);
  return createWork(over, work, () => `pages: ${whole(taken.length)}, p50 ${at(0.5)}, p95 ${at(0.95)} ms`);
}
