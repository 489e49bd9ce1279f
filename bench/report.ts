// A report of a million rows, measured (P6): the first run, in which everything is new; one in which nothing has changed; one in
// which 1 % has, and the report's next version, in which a fifth has and one row in fifty went and came. Beside them plain COPY of
// the same rows. Smaller: --rows 100000 --save false

import type { ChildProcess } from "node:child_process";
import { createReadStream, createWriteStream, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { from as copyFrom } from "pg-copy-streams";
import { commandLine } from "../src/commands/command.ts";
import { migrate } from "../src/platform/database/migrate.ts";
import { createPool } from "../src/platform/database/pool.ts";
import { inTransaction } from "../src/platform/database/transaction.ts";
import { startEmbeddedPostgres } from "../src/platform/embedded-postgres/embedded-postgres.ts";
import { createLog } from "../src/platform/log.ts";
import { openMasterKeys } from "../src/platform/master-keys.ts";
import { createSecretBox } from "../src/platform/secret-box.ts";
import { createUuid } from "../src/platform/uuid.ts";
import { type Report, type ReportColumn, sourceOfReport } from "../src/reports/report.ts";
import { findReportRun, type ReportRun, startRunByHand } from "../src/reports/report-runs-table.ts";
import { insertReport } from "../src/reports/reports-table.ts";
import { announceChange } from "../src/settings/connections.ts";
import { setPendoAccess } from "../src/settings/integration-keys.ts";
import { createPlace } from "../test/support/inbox.ts";
import {
  cleanEnvironment,
  createOpenFolder,
  type PlumblineProcess,
  startPlumbline,
} from "../test/support/plumbline-process.ts";
import { startReportSimulator } from "./support/programs.ts";
import { createReport, oneDigit, reportDatabase, whole } from "./support/report.ts";

const { values: flags } = parseArgs({
  options: { rows: { type: "string", default: "1000000" }, save: { type: "string", default: "true" } },
});
const size = Number(flags.rows);
const names: Record<number, string> = {
  10000: "Ten thousand visitors",
  100000: "A hundred thousand visitors",
  1000000: "A million visitors",
};
const columns: ReportColumn[] = (
  [
    ["role", "text", "latest"],
    ["firstvisit", "date", "min"],
    ["daysActive", "number", "sum"],
    ["numMinutes", "number", "sum"],
    ["lastvisit", "date", "max"],
  ] as const
).map(([column, type, combine]) => ({ column, trait: `pendo.${column}`, type, combine, latestBy: null }));
const key = "bench-key";
const secretKey = Buffer.alloc(32, 7);
const mostSeconds = 5 * 60;
const mostMegabytes = 400;

const log = createLog({ format: "json", level: "silent" });
const clock = () => new Date();
const dataDir = createOpenFolder();
const printed = createReport("report");
const simulator = await startReportSimulator(key);
const server = await startEmbeddedPostgres({ dataDir, log, supervise: false });
const pool = createPool(server.connection, { max: 4, name: "bench", log });
let plumbline: PlumblineProcess | undefined;
try {
  await migrate(pool, log);
  await reportDatabase(printed, pool);
  const pendoReport = await findPendoReport();
  printed.line(`\n${whole(size)} rows of visitors, five columns become traits of users`);
  await measureCopy(pendoReport);
  const report = await addReport(pendoReport);
  plumbline = await startServer();
  const first = await measureRun(report, "the first run, all new");
  await measureRun(report, "nothing changed");
  await changeOnePercent(report);
  await measureRun(report, "1 % changed");
  await fetch(`${simulator.url}/simulator/reports/${pendoReport}/advance`, { method: "POST" });
  await measureRun(report, "the report's next version");
  const megabytes = readMemory(plumbline.child);
  printed.line(`  memory of the server: at most ${whole(megabytes)} MB`);
  const isMet = size < 1_000_000 || (first <= mostSeconds && megabytes <= mostMegabytes);
  printed.line(`  goal: ${mostSeconds} s, ${mostMegabytes} MB: ${isMet ? "met" : "NOT met"}`);
  if (flags.save === "true") printed.save();
} finally {
  await plumbline?.stop();
  simulator.stop();
  await pool.end();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function findPendoReport(): Promise<string> {
  const answer = await fetch(`${simulator.url}/simulator/reports`);
  const reports = (await answer.json()) as { id: string; name: string }[];
  const found = reports.find(({ name }) => name === names[size]);
  if (!found)
    throw new Error(`The simulator has no report of ${size} rows: say one of ${Object.keys(names).join(", ")}.`);
  return found.id;
}

/** The same rows as CSV, read before, into a table that lasts: the least that keeping them costs. */
async function measureCopy(pendoReport: string): Promise<void> {
  const file = join(dataDir, "rows.csv");
  const answer = await fetch(`${simulator.url}/api/v1/report/${pendoReport}/results.csv`, {
    headers: { "x-pendo-integration-key": key },
  });
  if (!answer.ok || !answer.body) throw new Error(`The simulator answered ${answer.status}.`);
  await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(file));
  const header = readFileSync(file, { encoding: "utf8" }).slice(0, 1_000).split("\r\n")[0]!;
  await pool.query(
    `create table plain_rows (${header
      .split(",")
      .map((name) => `"${name}" text`)
      .join(", ")})`,
  );
  const client = await pool.connect();
  const begin = performance.now();
  await pipeline(
    createReadStream(file),
    client.query(copyFrom("copy plain_rows from stdin with (format csv, header)")),
  );
  const seconds = (performance.now() - begin) / 1000;
  client.release();
  await pool.query("drop table plain_rows");
  rmSync(file);
  printed.line(`  plain COPY of the same rows: ${oneDigit(seconds)} s, ${whole(size / seconds)} rows a second`);
}

async function addReport(pendoReportId: string): Promise<Report> {
  const place = await createPlace(pool);
  const secretBox = createSecretBox(openMasterKeys({ given: [secretKey], dataDir, log }));
  await setPendoAccess({ database: pool, secretBox, clock, author: commandLine }, place.connectionId, {
    integrationKey: key,
  });
  const now = clock();
  const report: Report = {
    ...place,
    id: createUuid(now.getTime()),
    pendoReportId,
    name: "Visitors",
    level: "user",
    idColumn: "visitorId",
    idKind: "visitor",
    columns,
    vanished: "clear",
    everyHours: 12,
    // Its runs begin by hand.
    isOn: false,
    nextAt: now,
    createdAt: now,
    updatedAt: now,
  };
  await inTransaction(pool, (tx) => insertReport(tx, report));
  return report;
}

/** The whole server, on the database of this bench. */
function startServer(): Promise<PlumblineProcess> {
  const { host, port, user, database } = server.connection;
  return startPlumbline({
    dataDir,
    environment: {
      ...cleanEnvironment(),
      DATA_DIR: dataDir,
      DATABASE_URL: `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`,
      PENDO_API_BASE_URL: simulator.url,
      PLUMBLINE_SECRET_KEY: secretKey.toString("base64"),
      LOG_LEVEL: "warn",
    },
    remove: () => {},
  });
}

/** Resolves to the seconds it took. */
async function measureRun(report: Report, what: string): Promise<number> {
  const { run } = await inTransaction(pool, async (tx) => {
    await announceChange(tx);
    return startRunByHand(tx, { workspaceId: report.workspaceId, reportId: report.id }, clock());
  });
  const begin = performance.now();
  const steps: string[] = [];
  let stepAt = begin;
  let last: ReportRun = run;
  while (last.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const seen = (await findReportRun(pool, report.workspaceId, run.id))!;
    if (seen.step !== last.step || seen.state !== "running") {
      if (last.step) steps.push(`${last.step} ${oneDigit((performance.now() - stepAt) / 1000)}`);
      stepAt = performance.now();
    }
    last = seen;
  }
  const seconds = (performance.now() - begin) / 1000;
  if (last.state !== "done") throw new Error(`The run is ${last.state}: ${last.message}`);
  printed.line(
    `  ${what}: ${oneDigit(seconds)} s (${steps.join(", ")}), ${whole((last.rowsRead ?? 0) / seconds)} rows a second; ${whole(last.matched ?? 0)} users, ${whole(last.valuesChanged ?? 0)} values changed; memory at most ${whole(readMemory(plumbline!.child))} MB so far`,
  );
  return seconds;
}

/** As if one value in a hundred had been another so far. */
async function changeOnePercent(report: Report): Promise<void> {
  await pool.query("set statement_timeout = 0");
  await pool.query(
    `update traits set value = '-1' where workspace_id = $1 and source = $2 and name = 'pendo.numMinutes'
       and get_byte(uuid_send(record_id), 15) * 256 + get_byte(uuid_send(record_id), 14) < 65536 / 20`,
    [report.workspaceId, sourceOfReport(report.id)],
  );
}

/** The most that it has held, in MB, as the system counts. */
function readMemory({ pid }: ChildProcess): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}
