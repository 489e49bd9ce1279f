// Sets up reports: what cannot work is refused before anything is written, and Pendo is never asked inside a transaction.
import { writeAudit } from "../access/audit-log-table.ts";
import type { RecordKind } from "../pipeline/records.ts";
import type { Database, Queryable, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Author } from "../platform/routes.ts";
import { createUuid } from "../platform/uuid.ts";
import { type Choices, type ChosenColumns, chooseColumns, keepColumns } from "./choose-columns.ts";
import { type FirstRows, type PendoReport, type PendoReports, rowsLookedAt } from "./pendo-reports.ts";
import { proposeColumns, type ReportProposal } from "./propose-columns.ts";
import type { EveryHours, Report } from "./report.ts";
import { findColumnsSeen, type ReportingConnection, readReportingConnection } from "./report-queries.ts";
import { deleteReport, findReport, findReportLike, insertReport, lockReport, updateReport } from "./reports-table.ts";
import { nextWindow } from "./windows.ts";

export type SaveReportOptions = {
  database: Database;
  pendo: PendoReports;
  clock: () => Date;
  author: Author;
  /** The last transaction, which saves the report. */
  save: (work: (tx: Tx) => Promise<Report>) => Promise<Report>;
};

export type ConnectionName = { workspaceId: string; connectionId: string };

type Terms = { vanished?: Report["vanished"] | undefined; everyHours?: EveryHours | undefined };
export type NewReport = Choices & Terms & { pendoReportId: string; level: RecordKind };
export type ReportChange = Choices & Terms & { isOn?: boolean | undefined };

export type ReportPreview = { report: PendoReport; proposal: ReportProposal; first: FirstRows };

/** What Pendo has in a report, and what could become of it. */
export async function previewReport(
  options: Pick<SaveReportOptions, "database" | "pendo">,
  of: ConnectionName,
  pendoReportId: string,
): Promise<ReportPreview> {
  const connection = await inTransaction(options.database, (tx) => readReportingConnection(tx, of));
  return lookAt(options.pendo, connection, pendoReportId);
}

async function lookAt(
  pendo: PendoReports,
  connection: ReportingConnection,
  pendoReportId: string,
): Promise<ReportPreview> {
  const report = (await pendo.list(connection)).find(({ id }) => id === pendoReportId);
  if (!report)
    throw new HttpError(
      404,
      `Pendo has no report ${JSON.stringify(pendoReportId)} that this key may see: is it shared there, and is the id right? \`plumbline report list ${connection.connectionId}\` shows those there are.`,
    );
  if (!report.isSyncable)
    throw new HttpError(
      400,
      `${JSON.stringify(report.name)} cannot be synced: ${report.whyNot ?? "Pendo does not give its rows."}`,
    );
  const first = await pendo.readFirstRows(connection, pendoReportId, rowsLookedAt);
  const { accountLevel } = connection;
  return { report, first, proposal: proposeColumns(first, { pendoLevel: report.level, accountLevel }) };
}

/** Sets a report up; its first run is due at once. */
export async function addReport(options: SaveReportOptions, of: ConnectionName, wanted: NewReport): Promise<Report> {
  const { database, pendo, clock, author, save } = options;
  const { pendoReportId, level } = wanted;
  const connection = await inTransaction(database, async (tx) => {
    const found = await readReportingConnection(tx, of);
    refuseLevel(level, found);
    const twin = await findReportLike(tx, { ...of, pendoReportId, level });
    if (twin) throw alreadyThere(twin);
    return found;
  });
  const { report, first, proposal } = await lookAt(pendo, connection, pendoReportId);
  const chosen = chooseColumns(wanted, level, {
    seen: first.columns,
    isWhole: isWhole(first),
    columns: proposal.columns,
  });
  refuseIdKind(chosen, level, connection);
  const now = clock();
  const added: Report = {
    workspaceId: connection.workspaceId,
    id: createUuid(now.getTime()),
    connectionId: connection.connectionId,
    pendoReportId,
    name: report.name,
    level,
    ...chosen,
    vanished: wanted.vanished ?? "keep",
    everyHours: wanted.everyHours ?? 12,
    isOn: true,
    nextAt: now,
    createdAt: now,
    updatedAt: now,
  };
  return save(async (tx) => {
    if (await insertReport(tx, added)) {
      await noteReport(tx, added, { author, action: "report.made", after: listSettings(added) }, now);
      return added;
    }
    const twin = await findReportLike(tx, added);
    throw twin ? alreadyThere(twin) : new HttpError(409, "Somebody else changes this report just now: try again.");
  });
}

const isWhole = ({ rows }: FirstRows) => rows.length < rowsLookedAt;

type Noted = { author: Author; action: `report.${string}`; before?: object; after?: object };

async function noteReport(tx: Tx, of: Report, { author, action, before, after }: Noted, now: Date): Promise<void> {
  const subject = { type: "report", id: of.id };
  await writeAudit(
    tx,
    { ...author, workspaceId: of.workspaceId, action, subject, before: { ...before }, after: { ...after } },
    now,
  );
}

/** What people decide about a report. */
function listSettings(report: Report): object {
  const { connectionId, pendoReportId, name, level, idColumn, idKind, columns, vanished, everyHours, isOn } = report;
  return { connectionId, pendoReportId, name, level, idColumn, idKind, columns, vanished, everyHours, isOn };
}

function alreadyThere({ id, name, level }: Report): HttpError {
  return new HttpError(
    409,
    `${JSON.stringify(name)} is synced at level ${level} already: it is ${id}. \`plumbline report set ${id}\` changes it.`,
  );
}

/** Changes what is given and leaves the rest. Traits that are no longer in the mapping are dealt with at the next run. */
export async function changeReport(
  options: SaveReportOptions,
  of: { workspaceId: string; id: string },
  change: ReportChange,
): Promise<Report> {
  const { database, pendo, clock, author, save } = options;
  const isOfColumns = [change.idColumn, change.idKind, change.columns, change.combine, change.latestBy].some(
    (given) => given !== undefined,
  );
  const before = await inTransaction(database, (tx) => getReport(tx, of));
  const chosen = isOfColumns ? await chooseAgain(database, pendo, before, change) : undefined;
  return save(async (tx) => {
    const report = await lockReport(tx, of);
    if (!report) throw unknownReport(of.id);
    if (chosen && report.updatedAt.getTime() !== before.updatedAt.getTime())
      throw new HttpError(409, "Somebody else has changed this report meanwhile: look at it, then try again.");
    const now = clock();
    const everyHours = change.everyHours ?? report.everyHours;
    const hasOtherWindows = everyHours !== report.everyHours && report.nextAt > now;
    const changed: Report = {
      ...report,
      ...chosen,
      vanished: change.vanished ?? report.vanished,
      everyHours,
      isOn: change.isOn ?? report.isOn,
      nextAt: hasOtherWindows ? nextWindow({ connectionId: report.connectionId, everyHours }, now) : report.nextAt,
      updatedAt: now,
    };
    await updateReport(tx, changed);
    const noted = { before: listSettings(report), after: listSettings(changed) };
    await noteReport(tx, changed, { author, action: "report.changed", ...noted }, now);
    return changed;
  });
}

async function chooseAgain(
  database: Database,
  pendo: PendoReports,
  before: Report,
  change: Choices,
): Promise<ChosenColumns & { name: string }> {
  const { connection, seenByRun } = await inTransaction(database, async (tx) => ({
    connection: await readReportingConnection(tx, before),
    seenByRun: await findColumnsSeen(tx, before),
  }));
  const { report, first, proposal } = await lookAt(pendo, connection, before.pendoReportId);
  const idColumn = change.idColumn ?? before.idColumn;
  const choices = {
    ...change,
    idColumn,
    idKind: change.idKind ?? (idColumn === before.idColumn ? before.idKind : undefined),
    columns: change.columns ?? keepColumns(before.columns, change),
  };
  const known = {
    // What is further behind, the last run has seen.
    seen: isWhole(first) ? first.columns : [...new Set([...first.columns, ...seenByRun])],
    isWhole: isWhole(first),
    columns: [...before.columns, ...proposal.columns],
  };
  const chosen = chooseColumns(choices, before.level, known);
  refuseIdKind(chosen, before.level, connection);
  return { ...chosen, name: report.name };
}

/** Takes away every value that a report has given, and keeps that in the history of each. */
export type ClearTraits = (tx: Tx, report: Report, now: Date) => Promise<number>;

/**
 * Removes a report with its runs; one that is running ends without having changed anything. The traits it gave stay as they
 * are, unless `clearTraits` takes them away. Resolves to how many it took.
 */
export async function removeReport(
  tx: Tx,
  {
    author,
    clearTraits,
    ...of
  }: { workspaceId: string; id: string; author: Author; clearTraits: ClearTraits | undefined },
  now: Date,
): Promise<{ report: Report; cleared: number }> {
  const report = await lockReport(tx, of);
  if (!report) throw unknownReport(of.id);
  // Before the report goes: whoever runs it finds out at its last step, which is in one transaction with what it writes.
  await deleteReport(tx, report);
  const cleared = clearTraits ? await clearTraits(tx, report, now) : 0;
  const after = { ...(clearTraits && { valuesTakenAway: cleared }) };
  await noteReport(tx, report, { author, action: "report.removed", before: listSettings(report), after }, now);
  return { report, cleared };
}

/** Throws where the workspace has none of this id. */
export async function getReport(db: Queryable, of: { workspaceId: string; id: string }): Promise<Report> {
  const report = await findReport(db, of.id, of.workspaceId);
  if (!report) throw unknownReport(of.id);
  return report;
}

function unknownReport(id: string): HttpError {
  return new HttpError(
    404,
    `There is no report ${JSON.stringify(id)} in this workspace; \`plumbline report list <connection>\` shows those there are.`,
  );
}

function refuseLevel(level: RecordKind, { hasHierarchy }: ReportingConnection): void {
  if (level === "organization" && !hasHierarchy)
    throw new HttpError(
      400,
      "The workspace has no organizations: switch them on first (`plumbline workspace set --hierarchy on`), or choose another level.",
    );
}

/** Which ids can say whose a row is at which level. An external ID can at each. */
function refuseIdKind({ idColumn, idKind }: ChosenColumns, level: RecordKind, connection: ReportingConnection): void {
  const column = JSON.stringify(idColumn);
  if (idKind === "visitor" && level !== "user")
    throw new HttpError(
      400,
      `${column} holds Pendo's ids of visitors, and a visitor is a user: choose level user, or a column of account ids (--id-column).`,
    );
  if (idKind === "account" && level === "user")
    throw new HttpError(
      400,
      `${column} holds Pendo's ids of accounts, and an account is no user: choose level ${connection.accountLevel}, or a column of visitor ids (--id-column).`,
    );
  if (idKind === "account" && level === "account" && connection.accountLevel === "organization")
    throw new HttpError(
      400,
      "In this connection Pendo's accounts are organizations here: choose level organization, or a column that holds external IDs of accounts (--id-column, --id-kind external).",
    );
}
