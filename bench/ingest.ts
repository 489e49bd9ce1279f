// The main job, measured: acknowledging (P1, P2), recording (P4), the way into the API (P5), storage (P8), start (P9).
// The Analytics API beside it (messages).
// Every figure stands beside a baseline of the same run. Parts can be chosen: --parts P1,P4 --rounds 3 --save false
import { parseArgs } from "node:util";
import { createPool, type DatabasePool } from "../src/platform/database/pool.ts";
import { createLog } from "../src/platform/log.ts";
import {
  createApi,
  createHome,
  createTestConnection,
  findFreePort,
  type Home,
  readLedgerOf,
  settle,
  startPlumbline,
  type TestConnection,
} from "../test/support/plumbline-process.ts";
import { sendDelivery } from "../test/support/sender.ts";
import { withCpuTimes } from "./support/cpu-time.ts";
import { buildBody } from "./support/load.ts";
import { measureMessages } from "./support/measure-messages.ts";
import { runLoadProcess, startBareServer } from "./support/programs.ts";
import { createReport, median, oneDigit, reportDatabase, whole } from "./support/report.ts";

const { values: flags } = parseArgs({
  options: {
    parts: { type: "string", default: "P1,P2,P4,P5,P8,P9,messages" },
    rounds: { type: "string", default: "3" },
    save: { type: "string", default: "true" },
  },
});
const parts = flags.parts.split(",");
const rounds = Number(flags.rounds);
const secret = "bench-secret";
const bodyBytes = 1_500;
const report = createReport("ingest");
let seed = 0;
const nextSeed = () => `${process.pid}-${++seed}`;

const home = createHome();
try {
  await measure();
} finally {
  if (flags.save === "true") report.save();
  home.remove();
}

async function measure(): Promise<void> {
  const begin = performance.now();
  let plumbline = await startPlumbline(home);
  const first = performance.now() - begin;
  const again: number[] = [];
  for (let round = 0; round < (parts.includes("P9") ? rounds : 0); round += 1) {
    await plumbline.stop();
    const start = performance.now();
    plumbline = await startPlumbline(home);
    again.push(performance.now() - start);
  }
  const connection = await createTestConnection(home, secret);
  const database = connectDirectly(home);
  await reportDatabase(report, database);
  if (parts.includes("P9"))
    report.line(
      `\nP9 start until ready: first ${oneDigit(first / 1000)} s (goal 10), warm ${again.map((ms) => oneDigit(ms / 1000)).join(" ")} s (goal 3)`,
    );
  const url = plumbline.url + connection.path;
  if (parts.includes("P1")) await measureAcknowledgements(url);
  await settle(home, 300_000);
  if (parts.includes("P2")) await measureLatency(url);
  if (parts.includes("P5")) await measureVisibility(plumbline.url, url, home);
  await settle(home, 300_000);
  const port = plumbline.port;
  await plumbline.stop();
  await database.end();
  if (parts.includes("P1")) await measureDoorAlone(home, connection, port);
  if (parts.includes("P4")) await measureRecording(home, connection, port);
  if (parts.includes("messages"))
    await measureMessages(report, { home, connection, secret, port, rounds, connect: connectDirectly });
  if (parts.includes("P8")) await measureStorage();
}

function connectDirectly(of: Home): DatabasePool {
  return createPool(
    { host: `${of.dataDir}/postgres-socket`, port: 5432, user: "plumbline", database: "plumbline" },
    { max: 2, name: "bench", log: createLog({ format: "json", level: "silent" }) },
  );
}

async function measureAcknowledgements(url: string): Promise<void> {
  report.line(
    `\nP1 durable acknowledgements a second: signed ${bodyBytes}-byte bodies, 64 connections, closed loop, all roles in one process, beside a bare node:http server`,
  );
  const barePort = await findFreePort();
  const stopBare = await startBareServer(barePort);
  const results: { bare: number; ours: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const load = { secret, connections: 64, rate: 0, bodyBytes };
    const bare = await runLoadProcess({
      ...load,
      url: `http://127.0.0.1:${barePort}/`,
      count: 120_000,
      mostMs: 3_000,
      seed: nextSeed(),
    });
    const ours = await runLoadProcess({ ...load, url, count: 80_000, mostMs: 5_000, seed: nextSeed() });
    if (Object.keys(ours.byStatus).some((status) => status !== "200"))
      throw new Error(`answers other than 200: ${JSON.stringify(ours.byStatus)}`);
    results.push({ bare: bare.perSecond, ours: ours.perSecond });
    report.line(
      `  round ${round + 1}: bare ${whole(bare.perSecond)}/s, ours ${whole(ours.perSecond)}/s (p50 ${oneDigit(ours.p50)} ms, p99 ${oneDigit(ours.p99)} ms), ratio ${(ours.perSecond / bare.perSecond).toFixed(2)}`,
    );
    await settle(home, 300_000);
  }
  stopBare();
  const ratios = results.map(({ bare, ours }) => ours / bare);
  report.line(
    `  median ${whole(median(results.map(({ ours }) => ours)))}/s, ratio median ${median(ratios).toFixed(2)}, worst ${Math.min(...ratios).toFixed(2)} (goal 0.50)`,
  );
  const half = median(results.map(({ ours }) => ours)) / 2;
  const before = await readLedgerOf(home);
  const started = performance.now();
  const run = await runLoadProcess({
    url,
    secret,
    connections: 64,
    rate: half,
    bodyBytes,
    count: Math.round(half * 15),
    seed: nextSeed(),
  });
  const ledger = await readLedgerOf(home);
  report.line(
    `P4 at half of that (${whole(half)}/s for ${oneDigit((performance.now() - started) / 1000)} s): p50 ${oneDigit(run.p50)} ms, p99 ${oneDigit(run.p99)} ms; backlog at the end ${whole(ledger.waiting)} of ${whole(ledger.received - before.received)} (goal: it does not grow), difference ${ledger.difference}`,
  );
}

async function measureLatency(url: string): Promise<void> {
  report.line(
    "\nP2 latency of the acknowledgement at 2,000/s, open loop, from the scheduled time (goal p50 ≤ 5 ms, p99 ≤ 25 ms)",
  );
  const barePort = await findFreePort();
  const stopBare = await startBareServer(barePort);
  for (let round = 0; round < rounds; round += 1) {
    const load = { secret, connections: 128, rate: 2_000, bodyBytes, count: 20_000 };
    const bare = await runLoadProcess({ ...load, url: `http://127.0.0.1:${barePort}/`, seed: nextSeed() });
    const ours = await runLoadProcess({ ...load, url, seed: nextSeed() });
    report.line(
      `  round ${round + 1}: bare p50 ${oneDigit(bare.p50)} p99 ${oneDigit(bare.p99)} worst ${oneDigit(bare.worst)} ms; ours p50 ${oneDigit(ours.p50)} p99 ${oneDigit(ours.p99)} worst ${oneDigit(ours.worst)} ms`,
    );
  }
  stopBare();
}

/** A probe a tenth of a second apart is sent among the load, and looked for in the API until it is there. */
async function measureVisibility(base: string, url: string, of: Home): Promise<void> {
  const api = await createApi(of, base);
  const load = runLoadProcess({
    url,
    secret,
    connections: 64,
    rate: 500,
    bodyBytes,
    count: 500 * 12,
    seed: nextSeed(),
  });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const delays: number[] = [];
  for (let probe = 0; probe < 80; probe += 1) {
    const visitorId = `probe-${nextSeed()}`;
    const body = JSON.stringify({
      event: "trackEventReceived",
      visitorId,
      accountId: "probe",
      uniqueId: visitorId,
      timestamp: Math.floor(Date.now() / 1000),
      properties: { name: "Probe" },
    });
    const answer = await sendDelivery(url, body, { secret });
    if (answer.status !== 200) throw new Error(`a probe was answered ${answer.status}`);
    const accepted = performance.now();
    while ((await api(`/events?user=${visitorId}&limit=1`)).items.length === 0)
      if (performance.now() - accepted > 30_000) throw new Error("a probe did not become visible");
    delays.push(performance.now() - accepted);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await load;
  delays.sort((one, other) => one - other);
  report.line(
    `\nP5 accepted → visible in the API at 500/s: p50 ${oneDigit(median(delays))} ms, p99 ${oneDigit(delays.at(-1)!)} ms over ${delays.length} probes (goal 100 / 500)`,
  );
}

/** The door without a worker beside it, and where the two cores went: what limits the ratio. */
async function measureDoorAlone(of: Home, connection: TestConnection, port: number): Promise<void> {
  report.line("\nP1 with the door alone (role door), and the processor time per request");
  const door = await startPlumbline(of, { roles: "door", port });
  const barePort = await findFreePort();
  const stopBare = await startBareServer(barePort);
  for (let round = 0; round < rounds; round += 1) {
    const load = { secret, connections: 64, rate: 0, bodyBytes };
    const bareUrl = `http://127.0.0.1:${barePort}/`;
    const bare = await runLoadProcess({ ...load, url: bareUrl, count: 120_000, mostMs: 3_000, seed: nextSeed() });
    const { result: ours, used } = await withCpuTimes(() =>
      runLoadProcess({ ...load, url: door.url + connection.path, count: 60_000, mostMs: 5_000, seed: nextSeed() }),
    );
    const perRequest = (milliseconds: number) => oneDigit((milliseconds * 1000) / ours.answered);
    report.line(
      `  round ${round + 1}: bare ${whole(bare.perSecond)}/s, ours ${whole(ours.perSecond)}/s, ratio ${(ours.perSecond / bare.perSecond).toFixed(2)}; µs of processor a request: Plumbline ${perRequest(used.get("Plumbline") ?? 0)}, PostgreSQL ${perRequest(used.get("PostgreSQL") ?? 0)}, load generator ${perRequest(ours.cpuMs)}`,
    );
  }
  stopBare();
  await door.stop();
}

/** A backlog is built while no worker runs; then one worker alone works it off. */
async function measureRecording(of: Home, connection: TestConnection, port: number): Promise<void> {
  const backlog = 100_000;
  report.line(
    `\nP4 recording a backlog of ${whole(backlog)} mixed deliveries by one worker (goal 5,000/s), beside plain inserts of the same rows' size`,
  );
  for (let round = 0; round < rounds; round += 1) {
    const door = await startPlumbline(of, { roles: "door", port });
    for (let left = backlog; left > 0; left -= 50_000) {
      await runLoadProcess({
        url: door.url + connection.path,
        secret,
        connections: 64,
        rate: 0,
        bodyBytes,
        count: Math.min(left, 50_000),
        seed: nextSeed(),
      });
    }
    await door.stop();
    const worker = await startPlumbline(of, { roles: "worker", port });
    const database = connectDirectly(of);
    const plain = await measurePlainInserts(database);
    const count = async () =>
      Number((await database.query("select count(*) as n from deliveries where state = 'waiting'")).rows[0].n);
    const start = performance.now();
    const before = await count();
    let after = before;
    while (after > 0) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      after = await count();
    }
    const seconds = (performance.now() - start) / 1000;
    await database.end();
    await worker.stop();
    const ledger = await readLedgerOf(of);
    report.line(
      `  round ${round + 1}: ${whole(before / seconds)}/s (${whole(before)} in ${oneDigit(seconds)} s); plain inserts in batches of 300 beside it ${whole(plain)}/s; difference ${ledger.difference}, failed ${ledger.failed}`,
    );
  }
}

/** 300 rows of 600 bytes of JSON with one index in a transaction, one round trip: what the same server does with no work at all. */
async function measurePlainInserts(database: DatabasePool): Promise<number> {
  await database.query("create table if not exists bench_plain (id uuid primary key, properties jsonb)");
  const rows = JSON.stringify(
    Array.from({ length: 300 }, (_, index) => JSON.parse(buildBody(index, "plain", 600).body.toString())),
  );
  const start = performance.now();
  let batches = 0;
  while (performance.now() - start < 2_000) {
    await database.query("insert into bench_plain select gen_random_uuid(), value from json_array_elements($1::json)", [
      rows,
    ]);
    batches += 1;
  }
  const perSecond = (batches * 300) / ((performance.now() - start) / 1000);
  await database.query("drop table bench_plain");
  return perSecond;
}

/** A fresh home, so that nothing but the counted deliveries is in it. */
async function measureStorage(): Promise<void> {
  const fresh = createHome();
  try {
    const count = 50_000;
    const plumbline = await startPlumbline(fresh);
    const connection = await createTestConnection(fresh, secret);
    const database = connectDirectly(fresh);
    const size = async () =>
      Number(
        (
          await database.query(
            "select sum(pg_total_relation_size(c.oid)) as n from pg_class c where relnamespace = 'public'::regnamespace and relkind = 'r'",
          )
        ).rows[0].n,
      );
    const before = await size();
    // In five parts, with a vacuum behind each, as autovacuum does while things arrive.
    for (let part = 0; part < 5; part += 1) {
      await runLoadProcess({
        url: plumbline.url + connection.path,
        secret,
        connections: 64,
        rate: 0,
        bodyBytes,
        count: count / 5,
        seed: nextSeed(),
      });
      await settle(fresh, 300_000);
      await database.query("vacuum");
    }
    const { rows } = await database.query(
      `select coalesce(nullif(regexp_replace(relname, '_\\d{4}_\\d\\d_\\d\\d$|_default$', ''), ''), relname) as table, sum(pg_total_relation_size(oid)) as bytes
       from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' group by 1 having sum(pg_total_relation_size(oid)) > 200000 order by 2 desc`,
    );
    report.line(
      `\nP8 storage: ${whole(((await size()) - before) / count)} bytes per delivery, raw body of ${bodyBytes} included (goal 3,000): ${rows.map((row) => `${row.table} ${whole(Number(row.bytes) / count)}`).join(", ")}`,
    );
    await database.end();
    await plumbline.stop();
  } finally {
    fresh.remove();
  }
}
