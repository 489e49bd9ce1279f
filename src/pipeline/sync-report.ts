// A run of a report, as a table of contents: Pendo's rows are put down in a session of their own, looked at, matched as webhooks
// are, combined for each record, and written in one transaction. Whatever ends it before that has changed no trait: the next
// one begins anew, and finds the records that are made by now.
import type { PendoClients } from "../pendo/client/pendo-clients.ts";
import { PendoError } from "../pendo/client/pendo-error.ts";
import type { ReportAttempt } from "../pendo/client/report.ts";
import type { Database } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { JsonObject } from "../platform/json.ts";
import { JobWaitsError } from "../platform/lease-runner.ts";
import { selectRead, selectSaid, typeOfTrait } from "../reports/combine-sql.ts";
import { describeLoss, describeNewColumns, findSurprise, type Surprise } from "../reports/guards.ts";
import { countValues, findLastSeen, findReadAt } from "../reports/last-seen-queries.ts";
import { type Report, sourceOfReport } from "../reports/report.ts";
import { keepStagedProblems } from "../reports/report-problems-table.ts";
import { addReportAnswer, findLastDoneRun, type ReportRun } from "../reports/report-runs-table.ts";
import { findReport, renameReport } from "../reports/reports-table.ts";
import { openStagedReport, type StagedReport } from "../reports/staged-report.ts";
import type { RowCounts } from "../reports/staged-rows.ts";
import type { ConnectionRules } from "./facts.ts";
import { readConnectionRules } from "./inbox/claim-queries.ts";
import { areIdentitiesRead } from "./match/identity-queries.ts";
import type { StagedMatch } from "./match/staged-ids.ts";
import { matchReport, planMatch } from "./match-report.ts";
import { markKept, mergeTraits, settleMerge } from "./record/traits-table.ts";
import type { ReportWay, RunReport } from "./run-reports.ts";

export type SyncReportOptions = {
  database: Database;
  clients: Pick<PendoClients, "open">;
  clock: () => Date;
  /** Ids are written down that Pendo is to be asked about. */
  onWanted?: () => void;
  /** Deliveries wait again that waited for records that a run has made. */
  onReleased?: () => void;
  /** Records made in one transaction. */
  sliceSize?: number;
};

const progressMs = 1_000;
const longestListMs = 30_000;

export function createSyncReport(options: SyncReportOptions): RunReport {
  return async (way) => {
    const { job: run, signal } = way;
    const report = await findReport(options.database, run.reportId, run.workspaceId);
    if (!report) return { state: "failed", message: "The report is no longer synced." };
    const rules = await readRules(options.database, report);
    const plan = planMatch(report, rules);
    if ("refusal" in plan) return { state: "failed", message: plan.refusal };
    const staged = await openStagedReport(options.database, report, signal);
    try {
      const counts = await readRows(options, way, report, staged);
      const seen = { rowsRead: counts.rows, columnsSeen: counts.columns, typeErrors: counts.typeErrors };
      const readAt = options.clock();
      const surprise = findSurprise(report, counts, await findLastSeen(options.database, run));
      if (surprise) return { state: "stopped", message: await describeSurprise(options, report, surprise), ...seen };
      const lastDone = await findLastDoneRun(options.database, run);
      const newColumns = describeNewColumns(report, counts, lastDone);
      const newName = await takeNewName(options, way, report);
      const match = await matchReport(options, way, { report, rules, plan, staged });
      await way.step(async () => ({ step: "writing", done: 0, total: null, ...seen, unmatched: match.unmatchedRows }));
      await write(way, { report, rules, staged, counts, match, readAt, lastDone, newColumns, newName });
      return undefined;
    } catch (error) {
      // Says instead that the run is somebody else's by now, where that is why it broke off.
      if (signal.aborted) await way.step(async () => ({ step: "reading", done: 0, total: null }));
      throw error;
    } finally {
      await staged.close();
    }
  };
}

async function describeSurprise({ database }: SyncReportOptions, report: Report, surprise: Surprise): Promise<string> {
  if (report.vanished === "keep") return surprise.sentence;
  return `${surprise.sentence} ${describeLoss(surprise, await countValues(database, report))}`;
}

async function readRules(db: Database, { workspaceId, connectionId }: Report): Promise<ConnectionRules> {
  return (await readConnectionRules(db, workspaceId, [connectionId])).get(connectionId)!;
}

/** Pendo may need minutes for its first row: when the run is over, it is told so by the end of the request. */
async function readRows(
  { database, clients, clock }: SyncReportOptions,
  way: ReportWay,
  report: Report,
  staged: StagedReport,
): Promise<RowCounts> {
  let toldAt = 0;
  const tell = async () => {
    const now = clock().getTime();
    if (Math.abs(now - toldAt) < progressMs) return;
    toldAt = now;
    await way.step(async () => ({ step: "reading", done: staged.counts().rows, total: null }));
  };
  const client = await clients.open(report);
  await tell();
  const taker = {
    begin: staged.begin,
    async take(rows: JsonObject[]) {
      await staged.take(rows);
      await tell();
    },
    onAttempt: (attempt: ReportAttempt) => addReportAnswer(database, way.job, attempt),
  };
  await client.readReport(report.pendoReportId, taker, way.signal);
  return staged.end();
}

/** Resolves to the new one. No name is worth a run: where Pendo does not tell it in time, the old one stays. */
async function takeNewName(
  { database, clients }: SyncReportOptions,
  way: ReportWay,
  report: Report,
): Promise<string | undefined> {
  const client = await clients.open(report);
  const signal = AbortSignal.any([way.signal, AbortSignal.timeout(longestListMs)]);
  const listed = await client.listReports(signal).catch((error) => {
    if (error instanceof PendoError) return [];
    throw error;
  });
  const name = listed.find(({ id }) => id === report.pendoReportId)?.name;
  if (name === undefined || name === report.name) return undefined;
  await renameReport(database, report, name);
  return name;
}

type Written = {
  report: Report;
  rules: ConnectionRules;
  staged: StagedReport;
  counts: RowCounts;
  match: StagedMatch;
  readAt: Date;
  lastDone: ReportRun | undefined;
  newColumns: string | undefined;
  newName: string | undefined;
};

/** All or nothing, together with the end of the run. */
async function write(way: ReportWay, written: Written): Promise<void> {
  const { report, rules, staged, counts, match, readAt, lastDone } = written;
  const { workspaceId, connectionId } = report;
  const matched = await staged.combine();
  const isEarly = countWanted(match) > 0 && !(await areIdentitiesRead(staged.session, { workspaceId, connectionId }));
  const of = {
    workspaceId,
    recordType: report.level,
    source: sourceOfReport(report.id),
    readAt,
    runId: way.job.id,
    traits: staged.traits.map((trait) => ({ name: trait.trait, type: typeOfTrait(trait) })),
    said: selectSaid,
    records: "select record_id from pg_temp.report_values",
    // While most of the ids mean nothing yet, nearly every value would seem to be gone.
    vanished: isEarly ? ("keep" as const) : report.vanished,
  };
  await inTransaction(staged.session, async (tx) => {
    await mergeTraits(tx, of);
    await markKept(tx, of, { read: selectRead, before: lastDone ? findReadAt(lastDone) : null });
    await keepStagedProblems(tx, way.job, staged);
    // Shuts out, from here to the commit, a new mapping and whoever takes away what matching made and nothing uses.
    const now = (await readConnectionRules(tx, workspaceId, [report.connectionId])).get(report.connectionId);
    if (now?.mapping.version !== rules.mapping.version)
      throw new JobWaitsError("The connection's mapping has changed on the way: the run begins again.", 0);
    const { records, values } = await settleMerge(tx, of);
    await way.finish(tx, {
      state: "done",
      message: describe(written, isEarly && report.vanished === "clear"),
      matched,
      changed: records,
      valuesChanged: values,
      unmatched: match.unmatchedRows,
      typeErrors: counts.typeErrors,
      rowsRead: counts.rows,
      columnsSeen: counts.columns,
    });
  });
}

const countWanted = ({ reasons }: StagedMatch) => reasons["identity-wanted"] ?? 0;

/** What a person should know of a run that is done. */
function describe({ counts, match, newColumns, newName }: Written, isNothingCleared: boolean): string | null {
  const said =
    newName === undefined ? [] : [`At Pendo it is called ${JSON.stringify(newName)} by now, and here as well.`];
  if (newColumns !== undefined) said.push(newColumns);
  if (counts.rows === 0) said.push("The report has no rows.");
  const wanted = countWanted(match);
  if (wanted > 0)
    said.push(`Pendo is being asked whose ${wanted.toLocaleString("en-US")} rows are: the next run has them.`);
  if (wanted > 0 && isNothingCleared) said.push("Until then no value is cleared.");
  return said.length === 0 ? null : said.join(" ");
}
