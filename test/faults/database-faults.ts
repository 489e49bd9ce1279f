// R2: PostgreSQL is stopped, killed, frozen, cut off, made to refuse. The process goes on, says 503 with Retry-After as
// long as nothing can be kept, and is back at its rate soon after the database is.
//
// The database is a server of its own first (DATABASE_URL), so that it stays away as long as the run wants; then the
// embedded one, which Plumbline has to start again by itself.
import { execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { createRandom } from "../../simulator/random.ts";
import { createPool, type DatabasePool } from "../../src/platform/database/pool.ts";
import { startEmbeddedPostgres } from "../../src/platform/embedded-postgres/embedded-postgres.ts";
import {
  createHome,
  createOpenFolder,
  createTestConnection,
  type Home,
  type PlumblineProcess,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { type CarefulSender, createCarefulSender, describeAnswers } from "./support/careful-sender.ts";
import {
  type DatabaseFault,
  type DatabaseServer,
  diskFull,
  embeddedFaults,
  externalFaults,
} from "./support/database-faults.ts";
import { createMarkedDelivery } from "./support/deliveries.ts";
import { finishRun } from "./support/finish-run.ts";
import { awaitServer, connectDirectly, findServer, silentLog } from "./support/postgres-processes.ts";
import type { Say } from "./support/run-program.ts";

export type DatabaseFaultsOptions = {
  /** Deliveries a second. */
  rate: number;
  /** How long the database stays away, in milliseconds, unless the fault says otherwise. */
  awayMs: number;
  /** How long the rate is measured before each fault, in milliseconds. */
  baselineMs: number;
  seed: string;
  faults: readonly DatabaseFault[];
};

export type Recovery = { fault: string; ratePerSecond: number; recoveredMs: number };
export type DatabaseFaultsResult = { problems: string[]; recoveries: Recovery[] };

const secret = "database-secret";
const goalMs = 15_000;
const goalShare = 0.8;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Faults of a server of its own. */
export async function runExternalFaults(options: DatabaseFaultsOptions, say: Say): Promise<DatabaseFaultsResult> {
  const dataDir = createOpenFolder();
  const open = () => startEmbeddedPostgres({ dataDir, log: silentLog, supervise: false });
  let server = await open();
  const { host, port, user, database } = server.connection;
  const url = `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`;
  const home = createHome({ DATABASE_URL: url });
  try {
    const control = {
      stop: () => server.stop(),
      async start() {
        server = await open();
      },
    };
    return await runFaults(options, say, { home, dataDir, control });
  } finally {
    await server.stop();
    home.remove();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Faults of the embedded server. */
export async function runEmbeddedFaults(options: DatabaseFaultsOptions, say: Say): Promise<DatabaseFaultsResult> {
  const home = createHome();
  const control = { stop: async () => {}, start: async () => {} };
  try {
    return await runFaults(options, say, { home, dataDir: home.dataDir, control });
  } finally {
    home.remove();
  }
}

/** The same on a disk so small that it can be filled; undefined where no file system may be mounted. */
export async function runDiskFull(options: DatabaseFaultsOptions, say: Say): Promise<DatabaseFaultsResult | undefined> {
  const home = createHome();
  const control = { stop: async () => {}, start: async () => {} };
  if (!mountSmallDisk(home.dataDir)) {
    home.remove();
    return undefined;
  }
  try {
    return await runFaults(options, say, { home, dataDir: home.dataDir, control });
  } finally {
    execFileSync("umount", [home.dataDir]);
    home.remove();
  }
}

function mountSmallDisk(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=400m", "tmpfs", folder], { stdio: "ignore" });
    chmodSync(folder, 0o755);
    return true;
  } catch {
    return false;
  }
}

type Place = { home: Home; dataDir: string; control: Pick<DatabaseServer, "start" | "stop"> };

async function runFaults(
  options: DatabaseFaultsOptions,
  say: Say,
  { home, dataDir, control }: Place,
): Promise<DatabaseFaultsResult> {
  const plumbline = await startPlumbline(home);
  const db = connectDirectly(dataDir);
  const admin = createPool(
    { ...findServer(dataDir), database: "postgres" },
    { max: 1, name: "faults", log: silentLog },
  );
  try {
    await say.database(db);
    const { path } = await createTestConnection(home, secret);
    const sender = createCarefulSender({
      urls: () => [plumbline.url + path],
      secret,
      random: createRandom(options.seed, "sender"),
      create: (index) => createMarkedDelivery(options.seed, index),
    });
    sender.setRate(options.rate);
    const server: DatabaseServer = { dataDir, admin, ...control };
    const problems: string[] = [];
    const recoveries: Recovery[] = [];
    for (const fault of options.faults) {
      if (hasEnded(plumbline)) break;
      const found = await runFault(fault, options, { server, plumbline, sender, db });
      problems.push(...found.problems);
      recoveries.push(found.recovery);
      say.line(describeRecovery(found.recovery));
    }
    if (hasEnded(plumbline)) problems.push(`ended: the process is gone\n${plumbline.output().slice(-2_000)}`);
    const end = await finishRun(home, db, sender, hasEnded(plumbline) ? 0 : 120_000);
    problems.push(...end.problems);
    say.line(
      `  acknowledged ${sender.acknowledgements.length}; answers ${describeAnswers(sender.answers)}; ledger ${JSON.stringify(end.ledger)}`,
    );
    return { problems, recoveries };
  } finally {
    await admin.end();
    await db.end();
    await plumbline.stop();
  }
}

async function runFault(
  fault: DatabaseFault,
  options: DatabaseFaultsOptions,
  on: { server: DatabaseServer; plumbline: PlumblineProcess; sender: CarefulSender; db: DatabasePool },
): Promise<{ problems: string[]; recovery: Recovery }> {
  const problems: string[] = [];
  const { sender, plumbline } = on;
  await awaitCaughtUp(sender);
  await pause(options.baselineMs);
  const ratePerSecond =
    countBetween(sender, performance.now() - options.baselineMs, performance.now()) / (options.baselineMs / 1_000);
  const end = await fault.begin(on.server);
  const awayFrom = performance.now();
  await pause((fault.lastsMs ?? options.awayMs) / 2);
  if (fault.isAway) problems.push(...(await checkAway(plumbline.url, fault)));
  await pause((fault.lastsMs ?? options.awayMs) / 2);
  const awayUntil = performance.now();
  await end();
  await awaitServer(on.db);
  const back = performance.now();
  const recoveredMs = await awaitRate(on, back, ratePerSecond * goalShare);
  if (recoveredMs > goalMs)
    problems.push(`slow: after "${fault.name}" it took ${Math.round(recoveredMs)} ms to be back at the rate`);
  const lies = sender.acknowledgements.filter(
    ({ sentAt, answeredAt }) => fault.isAway && sentAt > awayFrom && answeredAt < awayUntil,
  );
  if (lies.length > 0) problems.push(`acknowledged while away: ${lies.length} deliveries during "${fault.name}"`);
  return { problems, recovery: { fault: fault.name, ratePerSecond, recoveredMs } };
}

/** While nothing can be kept, the process says that it lives, and that it is not ready. */
async function checkAway(url: string, fault: DatabaseFault): Promise<string[]> {
  const ask = (path: string) =>
    fetch(url + path, { signal: AbortSignal.timeout(5_000) }).then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
  const answers = { "/health": await ask("/health"), ...(!fault.answersReads && { "/ready": await ask("/ready") }) };
  return Object.entries(answers)
    .filter(([path, status]) => status !== (path === "/health" ? 200 : 503))
    .map(([path, status]) => `${path}: answered ${status} during "${fault.name}"`);
}

/** What was left over from the fault before would make the rate look higher than it is. */
async function awaitCaughtUp(sender: CarefulSender): Promise<void> {
  const until = performance.now() + 60_000;
  while (sender.underWay() > 50 && performance.now() < until) await pause(50);
}

/** Deliveries that were taken in at their first try: those that had to wait come on top of the rate. */
function countBetween(sender: CarefulSender, from: number, until: number): number {
  return sender.acknowledgements.filter(
    ({ answeredAt, tries }) => tries === 1 && answeredAt >= from && answeredAt < until,
  ).length;
}

/** Milliseconds from `since` until the first second in which at least `wanted` deliveries were acknowledged. */
async function awaitRate(
  { sender, plumbline }: { sender: CarefulSender; plumbline: PlumblineProcess },
  since: number,
  wanted: number,
): Promise<number> {
  for (let start = since; ; start += 100) {
    while (performance.now() < start + 1_000) await pause(50);
    if (countBetween(sender, start, start + 1_000) >= wanted) return start - since;
    if (start - since > 4 * goalMs || hasEnded(plumbline)) return start - since;
  }
}

function hasEnded({ child }: PlumblineProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function describeRecovery({ fault, ratePerSecond, recoveredMs }: Recovery): string {
  return `${fault}: ${Math.round(ratePerSecond)}/s before; back at 80 % of it ${(recoveredMs / 1000).toFixed(1)} s after the database (goal 15 s)`;
}

export const allFaults = { external: externalFaults, embedded: embeddedFaults, disk: [diskFull] };
