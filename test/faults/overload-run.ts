// R6: three times what it takes, bodies as large as allowed, clients that never finish. What is too much is refused with
// a time to try again; what is acknowledged is on disk; the memory stays within a bound; and whoever sends at a modest
// rate through another address is not refused.

import { createRandom } from "../../simulator/random.ts";
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import {
  createHome,
  createTestConnection,
  type Home,
  type Ledger,
  type PlumblineProcess,
  readLedgerOf,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { sendDelivery } from "../support/sender.ts";
import { createMarkedDelivery } from "./support/deliveries.ts";
import { findUnkept } from "./support/effects.ts";
import type { FloodOptions, FloodResult } from "./support/flood.ts";
import { type MemoryWatch, watchMemory } from "./support/memory-watch.ts";
import { connectDirectly } from "./support/postgres-processes.ts";
import type { Say } from "./support/run-program.ts";
import { openSlowClients } from "./support/slow-clients.ts";
import { startFlood } from "./support/start-flood.ts";
import { awaitWorkedOff } from "./support/two-doors.ts";

export type OverloadOptions = {
  /** How long each flood lasts, in seconds. */
  seconds: number;
  /** Connections of the flood. */
  sockets: number;
  /** Whether to flood the service as fast as it is, too: the machine is then the limit, and times say little. */
  floodsAtFullSpeed: boolean;
  /** Clients that send a header a byte at a time, and clients that stop in the middle of a large body. */
  slowClients: number;
  /** Whether to wait until the server has closed the slow ones (a minute and more). */
  awaitsEndOfSlow: boolean;
  /** The process may take so much memory (resident set), in MB. */
  mostMegabytes: number;
  seed: string;
};

export type OverloadResult = {
  problems: string[];
  capacity: number;
  offered: number;
  refused: number;
  /** Of the address that sends modestly, with the slowed database: alone, and beside the flood. */
  quiet: { alone: Latency; beside: Latency };
  worstMegabytes: number;
  ledger: Ledger;
};

type Latency = { sent: number; accepted: number; p50: number; p99: number };
type Place = {
  home: Home;
  plumbline: PlumblineProcess;
  db: DatabasePool;
  flooded: string;
  quiet: string;
  memory: MemoryWatch;
};

const secret = "overload-secret";
const ordinaryBody = 1_500;
const largeBody = 1_000_000;
const quietRate = 50;

export async function runOverload(options: OverloadOptions, say: Say): Promise<OverloadResult> {
  const home = createHome();
  const plumbline = await startPlumbline(home);
  const db = connectDirectly(home.dataDir);
  const memory = watchMemory(plumbline.child.pid!);
  try {
    await say.database(db);
    const flooded = plumbline.url + (await createTestConnection(home, secret)).path;
    const quiet = plumbline.url + (await createTestConnection(home, secret)).path;
    return await runFloods(options, say, { home, plumbline, db, flooded, quiet, memory });
  } finally {
    memory.stop();
    await db.end();
    await plumbline.stop();
    home.remove();
  }
}

async function runFloods(options: OverloadOptions, say: Say, place: Place): Promise<OverloadResult> {
  const { plumbline, db, flooded, quiet, memory } = place;
  const { seconds, sockets } = options;
  const problems: string[] = [];

  const alone = await sendQuietly(quiet, seconds, `${options.seed}-alone`);
  say.line(`an address at ${quietRate}/s alone: ${describeLatency(alone)}; memory ${memory.describe()}`);
  if (options.floodsAtFullSpeed) {
    const fast = await flood(place, options, { sockets, rate: 0, seconds, bodyBytes: ordinaryBody }, "fast");
    say.line(describeFlood(`as fast as it answers, over ${sockets} connections`, fast));
    problems.push(...(await checkFlood("fast flood", place, fast)));
  }

  const slowDown = await slowDatabaseDown(db);
  const slowAlone = await sendQuietly(quiet, seconds, `${options.seed}-slow-alone`);
  const most = await flood(place, options, { sockets: 2_000, rate: 0, seconds, bodyBytes: ordinaryBody }, "most");
  const capacity = most.result.acknowledgedIds.length / most.result.seconds;
  const how = { sockets, rate: Math.round(capacity * 3), seconds, bodyBytes: ordinaryBody };
  const excess = await flood(place, options, how, "excess");
  await slowDown.end();
  const offered = excess.result.answered / excess.result.seconds;
  say.line(
    `with a database that takes ${slowDown.milliseconds} ms for a batch it takes ${Math.round(capacity)}/s; offered are ${Math.round(offered)}/s (${(offered / capacity).toFixed(1)} ×)`,
  );
  say.line(describeFlood("three times what it takes", excess));
  say.line(
    `  the other address alone with that database: ${describeLatency(slowAlone)}; so beside the flood p99 is ${(excess.beside.p99 / slowAlone.p99).toFixed(2)} × alone (P10 wants 1.25)`,
  );
  problems.push(...(await checkFlood("excess", place, excess)));
  const refused = excess.result.answered - excess.result.acknowledgedIds.length;
  if (refused === 0) problems.push("excess: nothing was refused, so there was no overload");
  problems.push(...(await checkAlive(plumbline, quiet)));
  await awaitWorkedOff(db, 300_000);
  say.line(`memory after the floods ${memory.describe()}`);

  const large = await flood(place, options, { sockets: 200, rate: 100, seconds, bodyBytes: largeBody }, "large");
  say.line(`${describeFlood("100 bodies of 1 MB a second", large)}; memory ${memory.describe()}`);
  problems.push(...(await checkFlood("large bodies", place, large)));
  await awaitWorkedOff(db, 300_000);

  const slow = await openSlowClients(flooded, options.slowClients);
  const during = await sendQuietly(quiet, seconds, `${options.seed}-slow`);
  say.line(
    `beside ${options.slowClients} slow headers and ${options.slowClients} bodies of 900 KB that stop: ${describeLatency(during)}; ${slow.describe()}; memory ${memory.describe()}`,
  );
  problems.push(...checkQuiet("slow clients", during));
  if (options.awaitsEndOfSlow) {
    const closedAfter = await slow.awaitClosed(180_000);
    if (closedAfter === undefined) problems.push(`slow clients: ${slow.describe()} after three minutes`);
    else say.line(`the server had closed all of them after ${Math.round(closedAfter / 1000)} s`);
  }
  slow.end();

  const worstMegabytes = memory.worst();
  say.line(`memory over time (MB, every second): ${memory.series().join(" ")}`);
  say.line(`worst memory: ${worstMegabytes} MB (bound: ${options.mostMegabytes} MB)`);
  if (worstMegabytes > options.mostMegabytes)
    problems.push(`memory: ${worstMegabytes} MB, more than ${options.mostMegabytes} MB`);
  problems.push(...(await checkAlive(plumbline, quiet)));
  await awaitWorkedOff(db, 300_000);
  const ledger = await readLedgerOf(place.home);
  say.line(`ledger: ${JSON.stringify(ledger)}`);
  for (const state of ["difference", "waiting", "failed", "parked", "refused"] as const)
    if (ledger[state] !== 0) problems.push(`ledger: ${state} is ${ledger[state]}`);
  return {
    problems,
    capacity,
    offered,
    refused,
    quiet: { alone: slowAlone, beside: excess.beside },
    worstMegabytes,
    ledger,
  };
}

type Flood = Pick<FloodOptions, "sockets" | "rate" | "seconds" | "bodyBytes">;
type Flooded = { result: FloodResult; beside: Latency };

/** Floods one address while somebody sends modestly to the other. */
async function flood({ flooded, quiet }: Place, { seed }: OverloadOptions, how: Flood, name: string): Promise<Flooded> {
  const bodies = how.bodyBytes === largeBody ? 100 : 10_000;
  const flood = await startFlood({ ...how, bodies, url: flooded, secret, seed: `${seed}-${name}` });
  await flood.begun;
  const [result, beside] = await Promise.all([flood.result, sendQuietly(quiet, how.seconds, `${seed}-beside-${name}`)]);
  return { result, beside };
}

/** A modest sender: 50 a second, each tried once; times count from when it was due. */
async function sendQuietly(url: string, seconds: number, seed: string): Promise<Latency> {
  const times: number[] = [];
  let accepted = 0;
  const start = performance.now();
  const sends = Array.from({ length: seconds * quietRate }, async (_, index) => {
    const due = start + (index * 1_000) / quietRate;
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    const answer = await sendDelivery(url, createMarkedDelivery(seed, index).body, { secret }).catch(() => undefined);
    times.push(performance.now() - due);
    if (answer?.status === 200) accepted += 1;
  });
  await Promise.all(sends);
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return { sent: sends.length, accepted, p50: at(0.5), p99: at(0.99) };
}

/** Only 200, or a refusal that says when to try again; what was acknowledged is on disk; nobody else was refused. */
async function checkFlood(name: string, { db }: Place, { result, beside }: Flooded): Promise<string[]> {
  const { byStatus, withoutRetryAfter, acknowledgedIds } = result;
  const strange = Object.keys(byStatus).filter((status) => !["200", "429", "503"].includes(status));
  return [
    ...strange.map((status) => `${name}: ${byStatus[status]} were answered "${status}"`),
    ...(withoutRetryAfter > 0 ? [`${name}: ${withoutRetryAfter} refusals without Retry-After`] : []),
    ...(await findUnkept(db, acknowledgedIds)),
    ...checkQuiet(name, beside),
  ];
}

/** Each batch that is written takes at least so long: so the most that is taken in does not depend on the machine. */
async function slowDatabaseDown(db: DatabasePool): Promise<{ milliseconds: number; end: () => Promise<void> }> {
  const milliseconds = 400;
  await db.query(
    `create function slow_down() returns trigger language plpgsql as 'begin perform pg_sleep(${milliseconds / 1_000}); return null; end'`,
  );
  await db.query("create trigger slow_down after insert on deliveries for each statement execute function slow_down()");
  return {
    milliseconds,
    end: async () => void (await db.query("drop function slow_down() cascade")),
  };
}

function checkQuiet(beside: string, { sent, accepted }: Latency): string[] {
  return accepted < sent ? [`quiet: ${sent - accepted} of ${sent} were refused beside ${beside}`] : [];
}

async function checkAlive({ child }: PlumblineProcess, url: string): Promise<string[]> {
  if (child.exitCode !== null || child.signalCode !== null) return ["ended: the process is gone"];
  const marker = `alive-${createRandom(String(performance.now())).int(0, 1_000_000)}`;
  const answer = await sendDelivery(url, createMarkedDelivery(marker, 0).body, { secret });
  return answer.status === 200 ? [] : [`alive: afterwards a delivery was answered ${answer.status}`];
}

function describeFlood(name: string, { result, beside }: Flooded): string {
  const { byStatus, p50, p99 } = result;
  const counts = Object.entries(byStatus).map(([status, count]) => `${status}: ${count}`);
  return `${name}: ${counts.join(", ")}; accepted p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms; the other address meanwhile ${describeLatency(beside)}`;
}

function describeLatency({ sent, accepted, p50, p99 }: Latency): string {
  return `${accepted} of ${sent} accepted, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}
