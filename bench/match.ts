// Matching, measured: what a mapping by metadata costs beside Pendo's own ids, how long strange ids take at Pendo's pace, and
// matching again. Smaller: --events 100000 --deliveries 5000 --unknown 2000 --rounds 1 --save false; parts: --parts again,rate

import { readFileSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { startPendoSimulator } from "../simulator/api/start-pendo-simulator.ts";
import { commandLine } from "../src/commands/command.ts";
import { createPendoClients } from "../src/pendo/client/pendo-clients.ts";
import type { Mapping } from "../src/pipeline/facts.ts";
import { createIdentifier } from "../src/pipeline/identify-wanted.ts";
import { createBodyPartitions } from "../src/pipeline/inbox/delivery-bodies-table.ts";
import { startJob } from "../src/pipeline/match/match-jobs-table.ts";
import { createMatchAgain } from "../src/pipeline/match-again.ts";
import { processDeliveries } from "../src/pipeline/process-deliveries.ts";
import { createMatchJobRunner } from "../src/pipeline/run-match-jobs.ts";
import { migrate } from "../src/platform/database/migrate.ts";
import { createPool } from "../src/platform/database/pool.ts";
import { inTransaction } from "../src/platform/database/transaction.ts";
import { startEmbeddedPostgres } from "../src/platform/embedded-postgres/embedded-postgres.ts";
import { createLog } from "../src/platform/log.ts";
import { openMasterKeys } from "../src/platform/master-keys.ts";
import { createSecretBox } from "../src/platform/secret-box.ts";
import { insertMapping } from "../src/settings/connection-mappings-table.ts";
import { setMappingVersion } from "../src/settings/connections-table.ts";
import { setPendoAccess } from "../src/settings/integration-keys.ts";
import { appendBodies, createPlace, type Place } from "../test/support/inbox.ts";
import { createOpenFolder } from "../test/support/plumbline-process.ts";
import { buildBody } from "./support/load.ts";
import { createReport, median, oneDigit, reportDatabase, whole } from "./support/report.ts";

const { values: flags } = parseArgs({
  options: {
    parts: { type: "string", default: "again,rate,unknown" },
    events: { type: "string", default: "1000000" },
    deliveries: { type: "string", default: "20000" },
    unknown: { type: "string", default: "10000" },
    rounds: { type: "string", default: "3" },
    save: { type: "string", default: "true" },
  },
});
const parts = flags.parts.split(",");
const [events, deliveries, unknown, rounds] = [flags.events, flags.deliveries, flags.unknown, flags.rounds].map(
  Number,
) as [number, number, number, number];
const byMetadata: Mapping = { userIdFrom: "agent.email", accountIdFrom: "custom.crm_id", level: "account" };
const log = createLog({ format: "json", level: "silent" });
const clock = () => new Date();
const dataDir = createOpenFolder();
const report = createReport("match");
const server = await startEmbeddedPostgres({ dataDir, log, supervise: false });
const pool = createPool(server.connection, { max: 8, name: "bench", log });
try {
  await migrate(pool, log);
  await createBodyPartitions(pool, new Date());
  await reportDatabase(report, pool);
  // First, because the memory that the process has used at most cannot be told apart later.
  if (parts.includes("again")) await measureMatchingAgain();
  if (parts.includes("rate")) await measureRecording();
  if (parts.includes("unknown")) await measureUnknown();
  if (flags.save === "true") report.save();
} finally {
  await pool.end();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measureMatchingAgain(): Promise<void> {
  report.line(
    `\nMatching again: ${whole(events)} events of 50,000 visitors in 2,000 accounts, from Pendo's own ids to metadata and back, slices of 5,000, beside nothing else`,
  );
  const place = await createPlace(pool);
  await fillEvents(place, events);
  await pool.query("analyze");
  const before = readMemory();
  await changeMapping(place, 2, byMetadata);
  await matchAgain(place, 2, "to metadata");
  await changeMapping(place, 3, { userIdFrom: null, accountIdFrom: null, level: "account" });
  await matchAgain(place, 3, "and back");
  await matchAgain(place, 3, "once more, with nothing to change");
  report.line(
    `  memory of the process: ${oneDigit(before)} MiB at most before, ${oneDigit(readMemory())} MiB at most by the end`,
  );
  const { rows } = await pool.query(
    `select count(*) filter (where u.external_id = e.pendo_visitor_id and a.external_id = e.pendo_account_id) as right, count(*) as all
     from events e join users u using (workspace_id, user_id) join accounts a using (workspace_id, account_id) where e.workspace_id = $1`,
    [place.workspaceId],
  );
  if (rows[0].right !== events) throw new Error(`Only ${rows[0].right} of ${events} events are where they belong.`);
}

/** The most that this process has held, in MiB. */
function readMemory(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;
}

async function changeMapping({ workspaceId, connectionId }: Place, version: number, mapping: Mapping): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await insertMapping(tx, { workspaceId, connectionId, version }, mapping, clock());
    await setMappingVersion(tx, workspaceId, connectionId, version);
  });
}

async function matchAgain(place: Place, mappingVersion: number, what: string): Promise<void> {
  const job = await inTransaction(pool, (tx) =>
    startJob(tx, { ...place, kind: "match-again", mappingVersion }, clock()),
  );
  const run = { "match-again": createMatchAgain({ database: pool, clock, onReleased: () => {} }) };
  const runner = createMatchJobRunner({ database: pool, log, clock, run });
  const begin = performance.now();
  await runner.settleAll();
  const seconds = (performance.now() - begin) / 1000;
  const { rows } = await pool.query("select state, counts from match_jobs where match_job_id = $1", [job.id]);
  if (rows[0].state !== "done") throw new Error(`The job is ${rows[0].state}.`);
  report.line(
    `  ${what}: ${oneDigit(seconds)} s, ${whole(events / seconds)} events a second ${JSON.stringify(rows[0].counts)}`,
  );
}

/** As a year of webhooks by Pendo's own ids would have left them, and what Pendo's metadata say of everybody. */
async function fillEvents({ workspaceId, connectionId }: Place, count: number): Promise<void> {
  const fill = (text: string, ...values: unknown[]) => pool.query(text, [workspaceId, connectionId, ...values]);
  await fill(
    "insert into users (workspace_id, user_id, external_id, made_by_connection) select $1, gen_random_uuid(), 'visitor-' || i, $2 from generate_series(0, 49999) i",
  );
  await fill(
    "insert into accounts (workspace_id, account_id, external_id, made_by_connection) select $1, gen_random_uuid(), 'account-' || i, $2 from generate_series(0, 1999) i",
  );
  await fill(
    `insert into pendo_identities (workspace_id, connection_id, kind, pendo_id, field, state, external_id, read_at)
     select $1::uuid, $2::uuid, 'visitor', 'visitor-' || i, 'agent.email', 'mapped', 'user' || i || '@example.com', now() from generate_series(0, 49999) i
     union all select $1, $2, 'account', 'account-' || i, 'custom.crm_id', 'mapped', 'crm-' || i, now() from generate_series(0, 1999) i`,
  );
  const slice = 100_000;
  for (let start = 0; start < count; start += slice) {
    await fill(
      `insert into events (workspace_id, event_id, connection_id, delivery_id, source, kind, name, occurred_at, pendo_visitor_id,
                           pendo_account_id, user_id, account_id, properties)
       select $1, gen_random_uuid(), $2, gen_random_uuid(), 'pendo-webhook', 'trackEventReceived', 'Event ' || i % 40,
              now() - i * interval '30 seconds', u.external_id, a.external_id, u.user_id, a.account_id,
              jsonb_build_object('seats', i % 500, 'fromTier', 'basic', 'toTier', 'pro')
       from generate_series($3::int, $4::int) i
       join users u on u.workspace_id = $1 and u.external_id = 'visitor-' || i % 50000
       join accounts a on a.workspace_id = $1 and a.external_id = 'account-' || i % 50000 % 2000`,
      start,
      Math.min(count, start + slice) - 1,
    );
  }
  await fill(
    `insert into account_users (workspace_id, account_id, user_id, connection_id, pendo_visitor_id, pendo_account_id, mapping_version)
     select distinct on (account_id, user_id) workspace_id, account_id, user_id, connection_id, pendo_visitor_id, pendo_account_id, 1
     from events where workspace_id = $1 and connection_id = $2`,
  );
}

async function measureRecording(): Promise<void> {
  report.line(
    `\nRecording: ${whole(deliveries)} deliveries of 5,000 visitors in 500 accounts, one worker, batches of 300, all ids known`,
  );
  const results: { own: number; metadata: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const own = await measureRate(round, {});
    const metadata = await measureRate(round, byMetadata);
    results.push({ own, metadata });
    report.line(
      `  round ${round + 1}: Pendo's own ids ${whole(own)}/s, by metadata ${whole(metadata)}/s, ratio ${(metadata / own).toFixed(2)}`,
    );
  }
  const ratios = results.map(({ own, metadata }) => metadata / own);
  report.line(`  ratio median ${median(ratios).toFixed(2)}, worst ${Math.min(...ratios).toFixed(2)} (goal 0.80)`);
}

async function measureRate(round: number, mapping: Partial<Mapping>): Promise<number> {
  const place = await createPlace(pool, { mapping });
  await pool.query(
    `insert into pendo_identities (workspace_id, connection_id, kind, pendo_id, field, state, external_id, read_at)
     select $1::uuid, $2::uuid, 'visitor', 'visitor-' || i, 'agent.email', 'mapped', 'user' || i || '@example.com', now() from generate_series(0, 4999) i
     union all select $1, $2, 'account', 'account-' || i, 'custom.crm_id', 'mapped', 'crm-' || i, now() from generate_series(0, 499) i`,
    [place.workspaceId, place.connectionId],
  );
  for (let start = 0; start < deliveries; start += 2_000) {
    const bodies = Array.from(
      { length: Math.min(2_000, deliveries - start) },
      (_, index) => buildBody(start + index, `${round}`, 1_500).body,
    );
    await appendBodies(pool, place, bodies);
  }
  await pool.query("checkpoint");
  const options = { database: pool, log, clock, batchSize: 300 };
  const begin = performance.now();
  while ((await processDeliveries(options, place.workspaceId)) > 0);
  const seconds = (performance.now() - begin) / 1000;
  const { rows } = await pool.query(
    "select count(*) as count from deliveries where workspace_id = $1 and state = 'recorded'",
    [place.workspaceId],
  );
  if (rows[0].count !== deliveries) throw new Error(`Only ${rows[0].count} of ${deliveries} were recorded.`);
  return deliveries / seconds;
}

async function measureUnknown(): Promise<void> {
  const simulator = await startPendoSimulator({
    seed: "bench",
    now: Math.floor(Date.now() / 1000),
    days: 1,
    count: 10,
    rateLimit: 1,
  });
  const secretBox = createSecretBox(openMasterKeys({ given: [Buffer.alloc(32, 7)], dataDir, log }));
  const clients = createPendoClients({ database: pool, secretBox, clock, log, baseUrl: simulator.url });
  const place = await createPlace(pool, { mapping: { userIdFrom: "agent.email" } });
  const ids = Array.from({ length: unknown }, (_, index) => `stranger-${index}-of-a-usual-length`);
  for (const id of ids) {
    simulator.people.create("visitor", id);
    simulator.people.setMetadata("visitor", id, "agent", { email: `${id}@example.com` });
  }
  const settings = { database: pool, secretBox, publicUrl: "", clock, author: commandLine };
  await setPendoAccess(settings, place.connectionId, { integrationKey: simulator.integrationKey });
  for (let start = 0; start < unknown; start += 2_000) {
    const bodies = ids.slice(start, start + 2_000).map((visitorId, index) => ({
      event: "trackEventReceived",
      uniqueId: `${start + index}`,
      visitorId,
      properties: { name: "Signed In" },
    }));
    await appendBodies(pool, place, bodies);
  }
  const identifier = createIdentifier({ database: pool, clients, log, clock, onReleased: () => {} });
  const options = { database: pool, log, clock, batchSize: 300 };
  const begin = performance.now();
  do while ((await processDeliveries(options, place.workspaceId)) > 0);
  while ((await identifier.settleAll()) > 0);
  const seconds = (performance.now() - begin) / 1000;
  const { rows } = await pool.query(
    "select count(*) as count, count(distinct user_id) as users from events where workspace_id = $1",
    [place.workspaceId],
  );
  if (rows[0].count !== unknown || rows[0].users !== unknown) throw new Error(`Recorded: ${JSON.stringify(rows[0])}`);
  const answers = simulator.requests.counts()["POST /api/v1/aggregation"] ?? {};
  report.line(
    `\nUnknown: ${whole(unknown)} visitors in as many deliveries, one request a second: recorded after ${oneDigit(seconds)} s and ${answers["200"]} requests (others: ${JSON.stringify({ ...answers, 200: undefined })})`,
  );
  await identifier.stop();
  await clients.stop();
  await simulator.stop();
}
