// Works on imports: files that came over HTTP (src/import/import-routes.ts).
import { importStore } from "../import/imports-table.ts";
import { createRunImport } from "../import/run-import.ts";
import type { Database } from "../platform/database/pool.ts";
import { createLeaseRunner, type JobName, type LeaseRunner } from "../platform/lease-runner.ts";
import type { Log } from "../platform/log.ts";
import { getWorkspace } from "../settings/workspaces-table.ts";
import { listTraitTypes } from "./record/trait-settings-table.ts";
import { releaseSaved, saveRecords, saveRecordsIn } from "./save-records.ts";

/** Each holds a connection to the database for as long as it lasts. */
const mostAtOnce = 2;

export function createImportRunner(options: {
  database: Database;
  log: Log;
  clock: () => Date;
  onChange?: (job: JobName) => void;
  onReleased: () => void;
}): LeaseRunner {
  const { database, onReleased } = options;
  const source = "import" as const;
  return createLeaseRunner({
    ...options,
    name: "imports",
    store: importStore,
    mostAtOnce,
    run: createRunImport({
      ...options,
      listTypes: listTraitTypes,
      hasOrganizations: async (db, workspaceId) => (await getWorkspace(db, workspaceId)).hierarchy,
      save: (tx, to, records) => saveRecordsIn(tx, { ...to, source }, records),
      rehearse: (to, records) => saveRecords(database, { ...to, source, isRehearsal: true }, records),
      async release(to, records, { made }) {
        const named = { made: { organizations: [...made.organizations], accounts: [...made.accounts] } };
        const released = await releaseSaved(database, to, records, named);
        if (released > 0) onReleased();
        return released;
      },
    }),
  });
}
