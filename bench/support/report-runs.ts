// The process whose memory bench:report looks at: works off runs of reports as the server does, and nothing else.
import { createPendoClients } from "../../src/pendo/client/pendo-clients.ts";
import { createReportRunner } from "../../src/pipeline/run-reports.ts";
import { createSyncReport } from "../../src/pipeline/sync-report.ts";
import { createPool, type DatabaseSettings } from "../../src/platform/database/pool.ts";
import { createLog } from "../../src/platform/log.ts";
import { openMasterKeys } from "../../src/platform/master-keys.ts";
import { createSecretBox } from "../../src/platform/secret-box.ts";

export type ReportRunsOptions = { connection: DatabaseSettings; pendoUrl: string; secretKey: string };

const { connection, pendoUrl, secretKey } = JSON.parse(process.argv[2]!) as ReportRunsOptions;
const log = createLog({ format: "json", level: "warn" });
const clock = () => new Date();
const database = createPool(connection, { max: 8, name: "bench", log });
const secretBox = createSecretBox(openMasterKeys({ given: [Buffer.from(secretKey, "hex")], dataDir: "", log }));
const clients = createPendoClients({ database, secretBox, clock, log, baseUrl: pendoUrl, intervalMs: 0 });
const run = createSyncReport({ database, clients, clock });
const runner = createReportRunner({ database, log, clock, run });
runner.start();
process.on("message", () => runner.wake());
process.on("disconnect", () => process.exit());
process.send!("ready");
