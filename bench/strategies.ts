// The ways that were considered for the three hot statements (append, claim, recording), measured one after the other on
// the same tables of the same server: npm run bench:strategies -- --rounds 3 --save false
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { createBodyPartitions } from "../src/pipeline/inbox/delivery-bodies-table.ts";
import { migrate } from "../src/platform/database/migrate.ts";
import { createPool } from "../src/platform/database/pool.ts";
import { startEmbeddedPostgres } from "../src/platform/embedded-postgres/embedded-postgres.ts";
import { createLog } from "../src/platform/log.ts";
import { createUuid } from "../src/platform/uuid.ts";
import { createOpenFolder } from "../test/support/plumbline-process.ts";
import { appendStrategies } from "./strategies/append.ts";
import { claimStrategies } from "./strategies/claim.ts";
import { recordStrategies } from "./strategies/record.ts";
import { createReport, median, reportDatabase, whole } from "./support/report.ts";

const { values: flags } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, save: { type: "string", default: "true" } },
});
const rounds = Number(flags.rounds);
const log = createLog({ format: "json", level: "silent" });
const dataDir = createOpenFolder();
const report = createReport("strategies");
const server = await startEmbeddedPostgres({ dataDir, log, supervise: false });
const pool = createPool(server.connection, { max: 4, name: "bench", log });
try {
  await migrate(pool, log);
  await createBodyPartitions(pool, new Date());
  await reportDatabase(report, pool);
  const workspaceId = createUuid(Date.now());
  await pool.query("insert into workspaces (workspace_id, name) values ($1, 'bench')", [workspaceId]);
  const place = { pool, workspaceId, connectionId: createUuid(Date.now()) };
  const groups = [
    ["append: rows a second, 2 writers, batches of 64, bodies of 1,500 random bytes", appendStrategies],
    ["claim: deliveries claimed and settled a second by one worker, batches of 300", claimStrategies],
    ["recording: events a second, batches of 300, properties of about 300 bytes", recordStrategies],
  ] as const;
  for (const [title, strategies] of groups) {
    const results = new Map<string, number[]>();
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, run } of strategies) {
        await pool.query("truncate deliveries, delivery_bodies, ledger_counts, events");
        await pool.query("checkpoint");
        results.set(name, [...(results.get(name) ?? []), await run(place)]);
      }
    }
    report.line(`\n${title}`);
    for (const [name, figures] of results)
      report.line(`  ${whole(median(figures)).padStart(8)}/s  ${name}  (${figures.map(whole).join(", ")})`);
  }
  if (flags.save === "true") report.save();
} finally {
  await pool.end();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
