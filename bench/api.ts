// The API at many events (P7): lists, timelines and the account page over HTTP, beside a bare server that asks `select 1`. What is
// slow is shown with its plan. Ten millions: --events 10000000; smaller: --events 100000 --requests 50 --save false
// With --keep <folder> the database is built there once, and left; every run with the same folder measures it again.
// --measure false only builds it; with --for 240 it stops after that many seconds, and the next run goes on from there.

import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { loadavg } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createApiKey } from "../src/access/api-keys-table.ts";
import { migrate } from "../src/platform/database/migrate.ts";
import { createPool } from "../src/platform/database/pool.ts";
import { startEmbeddedPostgres } from "../src/platform/embedded-postgres/embedded-postgres.ts";
import { createLog } from "../src/platform/log.ts";
import {
  cleanEnvironment,
  createOpenFolder,
  type PlumblineProcess,
  startPlumbline,
} from "../test/support/plumbline-process.ts";
import { type Asked, listAsked } from "./support/api-requests.ts";
import { explainRequest } from "./support/explain-request.ts";
import { type Filled, type FilledWorkspace, findOrFillWorkspaces } from "./support/fill-workspaces.ts";
import { startSelectServer } from "./support/programs.ts";
import { createReport, oneDigit, type Report, reportDatabase, whole } from "./support/report.ts";

const { values: flags } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    workspaces: { type: "string", default: "50" },
    requests: { type: "string", default: "120" },
    /** Only kinds of requests whose name has this in it. */
    only: { type: "string", default: "" },
    save: { type: "string", default: "true" },
    keep: { type: "string" },
    measure: { type: "string", default: "true" },
    for: { type: "string", default: "Infinity" },
  },
});
const requests = Number(flags.requests);
const wanted = { events: Number(flags.events), workspaces: Number(flags.workspaces) };
const goalMs = 50;

const log = createLog({ format: "json", level: "silent" });
const dataDir = flags.keep === undefined ? createOpenFolder() : openKept(resolve(flags.keep));
const server = await startEmbeddedPostgres({ dataDir, log, supervise: false, settings: settingsToBuild() });
const pool = createPool(server.connection, { max: 4, name: "bench", log });
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
/** Plans that are shown: of the slowest, where they are near the goal at least. */
const mostPlans = 12;
const slow: { asked: Asked; workspace: FilledWorkspace; path: string; ms: number }[] = [];
let plumbline: PlumblineProcess | undefined;
let bare: { url: string; stop: () => void } | undefined;
try {
  await migrate(pool, log);
  const say = (line: string) => console.log(line);
  const filled = await findOrFillWorkspaces(pool, wanted, { say, mostSeconds: Number(flags.for) });
  if (flags.measure === "true" && filled) await measure(filled);
} finally {
  agent.destroy();
  bare?.stop();
  await plumbline?.stop();
  await pool.end();
  await server.stop();
  if (flags.keep === undefined) rmSync(dataDir, { recursive: true, force: true });
}

/** As fillWorkspaces spreads events over users, and users over accounts. */
function shareOfFirst(accounts: number): number {
  return (1 / accounts) ** (1 / 4);
}

/** A database that is only built may be lost and built again; it is measured with the settings of life, in another run. */
function settingsToBuild(): Record<string, string> {
  if (flags.measure === "true") return {};
  return { fsync: "off", full_page_writes: "off", synchronous_commit: "off", max_wal_size: "8GB" };
}

/** PostgreSQL runs as another user than root and has to get through. */
function openKept(folder: string): string {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

async function measure({ workspaces, events, seconds }: Filled): Promise<void> {
  const report = createReport(nameReport(events));
  await reportDatabase(report, pool);
  const load = () => loadavg()[0]!.toFixed(1);
  report.line(`load of the machine before (1 minute): ${load()}`);
  report.line(
    `\n${whole(events)} events in ${workspaces.length} workspaces (the biggest has 40 %, of which one account has ${whole(100 * shareOfFirst(workspaces[0]!.accounts))} %), filled in ${whole(seconds)} s; ${await measureSize()}`,
  );
  const { host, port, user, database } = server.connection;
  const databaseUrl = `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`;
  const environment = { ...cleanEnvironment(), DATA_DIR: dataDir, DATABASE_URL: databaseUrl, LOG_LEVEL: "warn" };
  plumbline = await startPlumbline({ dataDir, environment, remove: () => {} });
  bare = await startSelectServer(databaseUrl);
  await measureAll(report, workspaces, events);
  await plumbline.stop();
  plumbline = undefined;
  report.line(`load of the machine behind, this bench included: ${load()}`);
  slow.sort((one, other) => other.ms - one.ms);
  for (const { asked, workspace, path } of slow.slice(0, mostPlans)) {
    report.line(`\nplan: ${asked.name}, GET ${path}`);
    for (const line of await explainRequest(server.connection, { key: await createKey(workspace), path }))
      report.line(line);
  }
  if (flags.save === "true") report.save();
}

function nameReport(events: number): string {
  if (events === 1_000_000) return "api";
  return events % 1_000_000 === 0 ? `api-${events / 1_000_000}-million` : `api-${events}`;
}

async function measureSize(): Promise<string> {
  const { rows } = await pool.query("select pg_size_pretty(pg_database_size(current_database())) as size");
  return rows[0].size;
}

async function createKey({ workspaceId }: FilledWorkspace): Promise<string> {
  return (await createApiKey(pool, workspaceId, "bench", new Date(), { scopes: ["read", "admin"] })).key;
}

/** Each kind in the biggest workspace and in one of the middle; each request beside one of the bare server. */
async function measureAll(report: Report, workspaces: readonly FilledWorkspace[], events: number): Promise<void> {
  report.line(
    `\np50 / p95 in ms of ${requests} requests one after the other, beside \`select 1\` over HTTP in between (goal: p95 ≤ ${goalMs})`,
  );
  const places = { biggest: workspaces[0]!, middle: workspaces[Math.floor(workspaces.length / 4)]! };
  let missed = 0;
  for (const [size, workspace] of Object.entries(places)) {
    report.line(
      `\nin the ${size} workspace (${whole(events * workspace.share)} events, ${whole(workspace.users)} users, ${whole(workspace.accounts)} accounts)`,
    );
    for (const asked of await listAsked(pool, workspace)) {
      if (!asked.name.includes(flags.only)) continue;
      const { own, base, slowest } = await measureKind(asked, workspace);
      const isMet = percentile(own, 95) <= goalMs;
      if (!isMet) missed += 1;
      const ms = percentile(own, 95);
      if (ms > goalMs / 2) slow.push({ asked, workspace, path: slowest, ms });
      const figures = `${oneDigit(percentile(own, 50)).padStart(6)} / ${oneDigit(percentile(own, 95)).padStart(6)}`;
      const beside = `${oneDigit(percentile(base, 50))} / ${oneDigit(percentile(base, 95))}`;
      report.line(`  ${asked.name.padEnd(52)} ${figures}   select 1: ${beside}${isMet ? "" : "   OVER THE GOAL"}`);
    }
  }
  report.line(`\ngoal: p95 ≤ ${goalMs} ms of every kind: ${missed === 0 ? "met" : `NOT met by ${missed}`}`);
}

async function measureKind(
  asked: Asked,
  workspace: FilledWorkspace,
): Promise<{ own: number[]; base: number[]; slowest: string }> {
  // The other API lets a key ask a thousand times a minute.
  const key = await createKey(workspace);
  const [own, base]: number[][] = [[], []];
  let slowest = { path: "", ms: 0 };
  for (let number = -3; number < requests; number += 1) {
    const paths = asked.paths(Math.max(0, number));
    const baseMs = await time([`${bare!.url}/`]);
    const ms = await time(
      paths.map((path) => plumbline!.url + path),
      key,
    );
    // The first ones warm up.
    if (number < 0) continue;
    own!.push(ms);
    base!.push(baseMs);
    if (ms > slowest.ms) slowest = { path: paths[0]!, ms };
  }
  return { own: own!, base: base!, slowest: slowest.path };
}

/** Several at once are one page: it is there when the last of them is. */
async function time(urls: readonly string[], key?: string): Promise<number> {
  const begin = performance.now();
  await Promise.all(urls.map((url) => read(url, key)));
  return performance.now() - begin;
}

function read(url: string, key?: string): Promise<void> {
  const isRest = url.includes("/resources/");
  const authorization = isRest ? `Basic ${Buffer.from(`${key}:`).toString("base64")}` : `Bearer ${key}`;
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: key === undefined ? {} : { authorization } }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        if (response.statusCode !== 200) text += chunk;
      });
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${response.statusCode} ${text}`)),
      );
    }).on("error", reject);
  });
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
