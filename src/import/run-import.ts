// Works off an import: reads the file whole, puts its rows down, then saves the records in the order of their external IDs, some
// hundred in a transaction that also notes how far it is. A process that dies loses the rows it had put down and nothing else:
// the next one reads the file again and goes on behind the last record that was saved, so that each counts once.
import type { RecordKind, RecordSaid } from "../pipeline/records.ts";
import type { TraitTypes } from "../pipeline/trait-values.ts";
import type { Database, Queryable, Tx } from "../platform/database/pool.ts";
import type { JobWay, RunJob } from "../platform/lease-runner.ts";
import { type Import, type ImportCounts, WrongFileError } from "./import.ts";
import { readPieces } from "./import-pieces-table.ts";
import { deleteRejections, insertRejections, mostRejections, type Rejection } from "./import-rejections-table.ts";
import type { ImportEnd, ImportProgress } from "./imports-table.ts";
import { inBatches } from "./in-batches.ts";
import { readCsv } from "./open-csv.ts";
import { chooseColumns } from "./read-columns.ts";
import { createRowReader, type RowReader } from "./read-row.ts";
import { openStagedRows, type StagedRows } from "./staged-rows.ts";

type SaveTo = { workspaceId: string; kind: RecordKind; at: Date };
type Saved = {
  outcomes: readonly ("created" | "updated" | "unchanged")[];
  traits: number;
  made: { organizations: readonly string[]; accounts: readonly string[] };
};

export type RunImportOptions = {
  database: Database;
  clock: () => Date;
  listTypes: (db: Queryable, workspaceId: string, kind: RecordKind) => Promise<TraitTypes>;
  hasOrganizations: (db: Queryable, workspaceId: string) => Promise<boolean>;
  save: (tx: Tx, to: SaveTo, records: readonly RecordSaid[]) => Promise<Saved>;
  /** Says what `save` would do, and changes nothing. */
  rehearse: (to: SaveTo, records: readonly RecordSaid[]) => Promise<Saved & { released: number }>;
  /** What waited for the records goes through. Resolves to how many deliveries there were. */
  release: (to: SaveTo, records: readonly RecordSaid[], saved: Saved) => Promise<number>;
};

type Way = JobWay<Import, ImportProgress, ImportEnd>;

const rowsBetweenSteps = 2_000;

export function createRunImport(options: RunImportOptions): RunJob<Import, ImportProgress, ImportEnd> {
  return async (way) => {
    let readRow: RowReader;
    const { job } = way;
    const table = await readCsv(readPieces(options.database, job), job.encoding ?? undefined).catch(giveUp);
    if ("end" in table) return table.end;
    try {
      readRow = await prepareRows(options, job, table.columns);
    } catch (error) {
      return giveUp(error).end;
    }
    const staged = await openStagedRows(options.database);
    try {
      const broken = await stageRows(way, { rows: table.rows, readRow, staged });
      if (broken) return broken;
      return { state: "done", message: null, counts: await saveStaged(options, way, staged) };
    } finally {
      await staged.close();
    }
  };
}

/** Anything but a wrong file is thrown on: whoever runs the job tries it again. */
function giveUp(error: unknown): { end: ImportEnd } {
  if (!(error instanceof WrongFileError)) throw error;
  return { end: { state: "failed", message: error.message } };
}

async function prepareRows(options: RunImportOptions, job: Import, names: readonly string[]): Promise<RowReader> {
  const { database, listTypes, hasOrganizations } = options;
  const columns = chooseColumns(job.kind, names, job.choices);
  const namesOrganizations = job.kind === "organization" || columns.organization !== undefined;
  if (namesOrganizations && !(await hasOrganizations(database, job.workspaceId)))
    throw new WrongFileError("This workspace has no organizations: switch them on, or leave the column out.");
  return createRowReader(job.kind, columns, await listTypes(database, job.workspaceId, job.kind));
}

type Rows = { rows: AsyncIterable<{ row: number; cells: readonly string[] }>; readRow: RowReader; staged: StagedRows };

/** Resolves to the import's end where the file turns out to be broken: then nothing of it was saved. */
async function stageRows(way: Way, { rows, readRow, staged }: Rows): Promise<ImportEnd | undefined> {
  const { job } = way;
  const counts = { read: 0, rejected: 0 };
  let rejections: Rejection[] = [];
  let kept = 0;
  const note = async () => {
    await way.step(async (tx) => {
      await insertRejections(tx, job, rejections);
      // Behind the first record that was saved, the counts of records stay.
      return {
        step: "reading",
        done: counts.read,
        total: null,
        savedTo: job.savedTo,
        counts: { ...job.counts, ...counts },
      };
    });
    rejections = [];
  };
  await way.step(async (tx) => {
    await deleteRejections(tx, job);
    return { step: "reading", done: 0, total: null, savedTo: job.savedTo, counts: job.counts };
  });
  const iterator = rows[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next().catch(giveUp);
    if ("end" in next) return next.end;
    if (next.done) break;
    const { row, cells } = next.value;
    const reading = readRow(cells);
    counts.read += 1;
    if ("said" in reading) await staged.add(row, reading.said);
    else {
      counts.rejected += 1;
      if (kept < mostRejections) rejections.push({ row, reason: reading.reason, cells });
      kept += 1;
    }
    if (counts.read % rowsBetweenSteps === 0) await note();
  }
  await note();
  return undefined;
}

async function saveStaged(options: RunImportOptions, way: Way, staged: StagedRows): Promise<ImportCounts> {
  const { job } = way;
  const to: SaveTo = { workspaceId: job.workspaceId, kind: job.kind, at: job.startedAt ?? options.clock() };
  // In a rehearsal each batch finds the same missing record missing again: it would be made once.
  const made = { organizations: new Set<string>(), accounts: new Set<string>() };
  const count = (saved: Saved, batch: number): ImportProgress => {
    const counts = addSaved(job.counts, saved);
    if (job.isRehearsal) {
      for (const kind of ["organizations", "accounts"] as const) for (const id of saved.made[kind]) made[kind].add(id);
      counts.madeOrganizations = made.organizations.size;
      counts.madeAccounts = made.accounts.size;
    }
    const done = (job.step === "writing" ? job.done : countSaved(job.counts)) + batch;
    return { step: "writing", done, total: counts.read - counts.rejected, savedTo: job.savedTo, counts };
  };
  // A rehearsal has changed nothing: it is counted from its start.
  if (job.isRehearsal) job.counts = { ...job.counts, ...countedAnew };
  for await (const batch of inBatches(staged.readRecords(job.isRehearsal ? undefined : (job.savedTo ?? undefined)))) {
    const savedTo = batch.at(-1)!.externalId;
    if (job.isRehearsal) {
      const saved = await options.rehearse(to, batch);
      await way.step(async () => addReleased({ ...count(saved, batch.length), savedTo }, saved.released));
      continue;
    }
    let saved: Saved | undefined;
    await way.step(async (tx) => {
      saved = await options.save(tx, to, batch);
      return { ...count(saved, batch.length), savedTo };
    });
    const released = await options.release(to, batch, saved!);
    if (released > 0) job.counts = { ...job.counts, released: job.counts.released + released };
  }
  return { ...job.counts, repeated: job.counts.read - job.counts.rejected - countSaved(job.counts) };
}

const countedAnew = { created: 0, updated: 0, unchanged: 0, traits: 0, released: 0 };

function countSaved({ created, updated, unchanged }: ImportCounts): number {
  return created + updated + unchanged;
}

function addSaved(counts: ImportCounts, { outcomes, traits, made }: Saved): ImportCounts {
  const sum = { ...counts, traits: counts.traits + traits };
  for (const outcome of outcomes) sum[outcome] += 1;
  sum.madeOrganizations += made.organizations.length;
  sum.madeAccounts += made.accounts.length;
  return sum;
}

function addReleased(progress: ImportProgress, released: number): ImportProgress {
  return { ...progress, counts: { ...progress.counts, released: progress.counts.released + released } };
}
