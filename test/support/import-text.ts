// Imports a text as the import command does a file.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ImportReport, importFile } from "../../src/import/import-file.ts";
import type { RecordKind } from "../../src/pipeline/records.ts";
import { saveRecords } from "../../src/pipeline/save-records.ts";
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import { getWorkspace } from "../../src/settings/workspaces-table.ts";

export async function importText(
  to: { database: DatabasePool; workspaceId: string; at?: Date },
  kind: RecordKind,
  text: string,
): Promise<ImportReport> {
  const { database, workspaceId, at = new Date() } = to;
  const folder = mkdtempSync(join(tmpdir(), "plumbline-test-"));
  try {
    const file = join(folder, "records.csv");
    writeFileSync(file, text);
    const { hierarchy } = await getWorkspace(database, workspaceId);
    const save = (records: Parameters<typeof saveRecords>[2]) =>
      saveRecords(database, { workspaceId, kind, source: "import", at }, records);
    return await importFile({ database, file, kind, hierarchy, isRehearsal: false, save });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
