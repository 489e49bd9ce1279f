// Imports a file of organizations, accounts or users. First the whole file is read, checked and put down; only then are records
// saved, some hundred at a time. An import that is interrupted is run again: what is there already is not changed twice.
import type { RecordKind, RecordSaid } from "../pipeline/records.ts";
import type { TraitTypes } from "../pipeline/trait-values.ts";
import type { Database } from "../platform/database/pool.ts";
import { inBatches } from "./in-batches.ts";
import { openCsv, type Table } from "./open-csv.ts";
import { chooseColumns } from "./read-columns.ts";
import { createRowReader } from "./read-row.ts";
import { openRejectedRows } from "./rejected-rows.ts";
import { openStagedRows, type StagedRows } from "./staged-rows.ts";

export type Import = {
  database: Database;
  file: string;
  kind: RecordKind;
  /** Whether the workspace has organizations. */
  hierarchy: boolean;
  isRehearsal: boolean;
  /** The file's encoding, where it is neither UTF-8 nor marked. */
  encoding?: string | undefined;
  /** Columns whose values are text whatever they look like. */
  textColumns?: readonly string[];
  /** What the workspace has decided about traits: a row with a value of another type is rejected. */
  types?: TraitTypes;
  save: (records: readonly RecordSaid[]) => Promise<SavedBatch>;
  onProgress?: (progress: { read: number; saved: number }) => void;
};

type SavedBatch = {
  outcomes: readonly ("created" | "updated" | "unchanged")[];
  traits: number;
  made: { organizations: readonly string[]; accounts: readonly string[] };
  released: number;
};

export type ImportReport = {
  /** Rows with something in them, without the names of the columns: read = created + updated + unchanged + repeated + rejected. */
  read: number;
  created: number;
  updated: number;
  unchanged: number;
  /** Rows about a record that another row is about, too: together they count as one. */
  repeated: number;
  rejected: number;
  /** Values of traits that are new, changed or gone. */
  traits: number;
  /** Records that were only named in the file, and made because there were none. */
  made: { organizations: number; accounts: number };
  /** Deliveries that waited for these records, and go through now. */
  released: number;
  /** The first of them. */
  rejections: { row: number; reason: string }[];
  rejectedFile: string | null;
};

const mostShown = 20;

export async function importFile(given: Import): Promise<ImportReport> {
  const table = await openCsv(given.file, given.encoding);
  const report: ImportReport = {
    read: 0,
    created: 0,
    updated: 0,
    unchanged: 0,
    repeated: 0,
    rejected: 0,
    traits: 0,
    made: { organizations: 0, accounts: 0 },
    released: 0,
    rejections: [],
    rejectedFile: null,
  };
  const staged = await openStagedRows(given.database);
  try {
    await stageRows(given, table, staged, report);
    await saveStaged(given, staged, report);
  } finally {
    await staged.close();
  }
  return report;
}

async function stageRows(given: Import, table: Table, staged: StagedRows, report: ImportReport): Promise<void> {
  const names = table.columns;
  const columns = chooseColumns(given.kind, names);
  if (columns.organization !== undefined && !given.hierarchy)
    throw new Error(
      `The file has the column ${JSON.stringify(names[columns.organization])}, but this workspace has no organizations: \`plumbline workspace set --hierarchy on\`, or take the column out.`,
    );
  const readRow = createRowReader(given.kind, columns, readTypes(given, names));
  const rejectedRows = openRejectedRows({ file: given.file, separator: table.separator, columns: names });
  for await (const { row, cells } of table.rows) {
    const reading = readRow(cells);
    report.read += 1;
    if ("said" in reading) await staged.add(row, reading.said);
    else {
      report.rejected += 1;
      if (report.rejections.length < mostShown) report.rejections.push({ row, reason: reading.reason });
      if (!given.isRehearsal) await rejectedRows.add(cells, reading.reason);
    }
    if (report.read % 1_000 === 0) given.onProgress?.({ read: report.read, saved: 0 });
  }
  report.rejectedFile = await rejectedRows.close();
}

function readTypes({ textColumns = [], types = new Map() }: Import, names: readonly string[]): TraitTypes {
  const known = new Set(names.map((name) => name.trim()));
  const unknown = textColumns.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new Error(`There is no column ${unknown.map((name) => JSON.stringify(name)).join(", ")}.`);
  for (const name of textColumns)
    if ((types.get(name) ?? "text") !== "text")
      throw new Error(
        `The trait ${JSON.stringify(name)} has the type ${types.get(name)} in this workspace: leave the column out of --text, or change it with \`plumbline trait set\`.`,
      );
  return new Map([...types, ...textColumns.map((name) => [name, "text"] as const)]);
}

async function saveStaged(given: Import, staged: StagedRows, report: ImportReport): Promise<void> {
  // In a rehearsal each batch finds the same missing record missing again: it would be made once.
  const made = { organizations: new Set<string>(), accounts: new Set<string>() };
  let saved = 0;
  for await (const batch of inBatches(staged.readRecords())) {
    const { outcomes, traits, released, ...rest } = await given.save(batch);
    for (const outcome of outcomes) report[outcome] += 1;
    report.traits += traits;
    report.released += released;
    for (const kind of ["organizations", "accounts"] as const) {
      if (given.isRehearsal) for (const externalId of rest.made[kind]) made[kind].add(externalId);
      else report.made[kind] += rest.made[kind].length;
    }
    saved += batch.length;
    given.onProgress?.({ read: report.read, saved });
  }
  report.repeated = report.read - report.rejected - saved;
  if (given.isRehearsal) report.made = { organizations: made.organizations.size, accounts: made.accounts.size };
}
