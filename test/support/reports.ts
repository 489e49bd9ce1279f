// What tests of reports need below the app: a connection with a key, a report of it, and runs of that.
import { commandLine } from "../../src/commands/command.ts";
import { createPendoClients, type PendoClients } from "../../src/pendo/client/pendo-clients.ts";
import { createReportRunner } from "../../src/pipeline/run-reports.ts";
import { createSyncReport, type SyncReportOptions } from "../../src/pipeline/sync-report.ts";
import type { Database, DatabasePool } from "../../src/platform/database/pool.ts";
import { inTransaction } from "../../src/platform/database/transaction.ts";
import type { JsonObject } from "../../src/platform/json.ts";
import { openMasterKeys } from "../../src/platform/master-keys.ts";
import { createSecretBox } from "../../src/platform/secret-box.ts";
import { createUuid } from "../../src/platform/uuid.ts";
import type { Report, ReportColumn } from "../../src/reports/report.ts";
import { confirmRun, findReportRun, type ReportRun, startRunByHand } from "../../src/reports/report-runs-table.ts";
import { insertReport, updateReport } from "../../src/reports/reports-table.ts";
import { setPendoAccess } from "../../src/settings/integration-keys.ts";
import { createPlace, type Place } from "./inbox.ts";
import { shortPatience } from "./pendo-client.ts";
import { type ReportServer, startReportServer } from "./report-server.ts";
import { silentLog } from "./test-database.ts";

export type ReportPlace = Place & {
  pool: DatabasePool;
  server: ReportServer;
  clients: PendoClients;
  addReport: (given?: Partial<Report>) => Promise<Report>;
  changeReport: (report: Report, change: Partial<Report>) => Promise<Report>;
  /** Runs it over these rows to its end. */
  run: (report: Report, rows: readonly JsonObject[], options?: RunOptions) => Promise<ReportRun>;
  stop: () => Promise<void>;
};

export type RunOptions = Partial<SyncReportOptions> & {
  /** A stopped run that a person confirms. */
  confirms?: ReportRun;
  /** Where the run's own session goes. */
  database?: Database;
};

export async function createReportPlace(
  pool: DatabasePool,
  given: Parameters<typeof createPlace>[1] = {},
): Promise<ReportPlace> {
  const place = await createPlace(pool, given);
  const server = await startReportServer();
  const clock = () => new Date();
  // The same for all places of a database, which keeps what is sealed with one key only.
  const secretBox = createSecretBox(openMasterKeys({ given: [Buffer.alloc(32, 7)], dataDir: "", log: silentLog }));
  const settings = { database: pool, secretBox, publicUrl: "http://127.0.0.1", clock, author: commandLine };
  await setPendoAccess(settings, place.connectionId, { integrationKey: "test-key" });
  const clients = createPendoClients({
    database: pool,
    secretBox,
    clock,
    log: silentLog,
    baseUrl: server.url,
    intervalMs: 0,
    patience: shortPatience,
  });
  return {
    ...place,
    pool,
    server,
    clients,
    async addReport(change = {}) {
      const report = createReport(place, change);
      await inTransaction(pool, (tx) => insertReport(tx, report));
      return report;
    },
    async changeReport(report, change) {
      const changed = { ...report, ...change };
      await inTransaction(pool, (tx) => updateReport(tx, changed));
      return changed;
    },
    async run(report, rows, { confirms, ...options } = {}) {
      server.rows = rows;
      const begun = await inTransaction(pool, (tx) =>
        confirms
          ? confirmRun(tx, place.workspaceId, confirms.id, clock())
          : startRunByHand(tx, { workspaceId: place.workspaceId, reportId: report.id }, clock()),
      );
      const run = createSyncReport({ database: pool, clients, clock, ...options });
      const runner = createReportRunner({ database: pool, log: silentLog, clock, run });
      await runner.work(begun.run);
      await runner.stop();
      return (await findReportRun(pool, place.workspaceId, begun.run.id))!;
    },
    async stop() {
      await clients.stop();
      await server.stop();
    },
  };
}

export const oneColumn = (change: Partial<ReportColumn> = {}): ReportColumn => ({
  column: "seats",
  trait: "pendo.seats",
  type: "number",
  combine: "latest",
  latestBy: null,
  ...change,
});

function createReport(place: Place, change: Partial<Report>): Report {
  const now = new Date();
  return {
    ...place,
    id: createUuid(now.getTime()),
    pendoReportId: `report-${createUuid(now.getTime())}`,
    name: "Test",
    level: "account",
    idColumn: "accountId",
    idKind: "account",
    columns: [oneColumn()],
    vanished: "keep",
    everyHours: 12,
    isOn: true,
    nextAt: now,
    createdAt: now,
    updatedAt: now,
    ...change,
  };
}

/** The current values of a source, by external ID and name. */
export async function readTraitsOf(
  pool: DatabasePool,
  report: Report,
): Promise<Record<string, Record<string, unknown>>> {
  const { rows } = await pool.query(
    `select coalesce(u.external_id, a.external_id, o.external_id, 'nobody') as id, jsonb_object_agg(t.name, t.value) as traits
     from traits t
     left join users u on t.record_type = 'user' and u.workspace_id = t.workspace_id and u.user_id = t.record_id
     left join accounts a on t.record_type = 'account' and a.workspace_id = t.workspace_id and a.account_id = t.record_id
     left join organizations o on t.record_type = 'organization' and o.workspace_id = t.workspace_id and o.organization_id = t.record_id
     where t.workspace_id = $1 and t.source = $2 group by 1 order by 1`,
    [report.workspaceId, `pendo-report:${report.id}`],
  );
  return Object.fromEntries(rows.map((row) => [row.id, row.traits]));
}
