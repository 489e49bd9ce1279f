// Writes `reports`: which of Pendo's reports becomes which traits, and when it runs next.
import type { Queryable, Tx } from "../platform/database/pool.ts";
import { isJsonObject } from "../platform/json.ts";
import { isUuid } from "../platform/uuid.ts";
import type { Report, ReportColumn } from "./report.ts";

const columns = `workspace_id as "workspaceId", report_id as id, connection_id as "connectionId", pendo_report_id as "pendoReportId",
  name, record_type as level, id_column as "idColumn", id_kind as "idKind", columns, vanished, every_hours as "everyHours",
  is_on as "isOn", next_at as "nextAt", created_at as "createdAt", updated_at as "updatedAt"`;

/** Resolves to false, and writes nothing, when the report is there at this level already. */
export async function insertReport(tx: Tx, report: Report): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into reports (workspace_id, report_id, connection_id, pendo_report_id, name, record_type, id_column, id_kind, columns,
                          vanished, every_hours, is_on, next_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     on conflict (workspace_id, connection_id, pendo_report_id, record_type) do nothing`,
    [
      report.workspaceId,
      report.id,
      report.connectionId,
      report.pendoReportId,
      report.name,
      report.level,
      report.idColumn,
      report.idKind,
      JSON.stringify(report.columns),
      report.vanished,
      report.everyHours,
      report.isOn,
      report.nextAt,
      report.createdAt,
      report.updatedAt,
    ],
  );
  return rowCount === 1;
}

/** Everything of it that can be changed. */
export async function updateReport(tx: Tx, report: Report): Promise<void> {
  await tx.query(
    `update reports set name = $3, id_column = $4, id_kind = $5, columns = $6, vanished = $7, every_hours = $8, is_on = $9,
                        next_at = $10, updated_at = $11
     where workspace_id = $1 and report_id = $2`,
    [
      report.workspaceId,
      report.id,
      report.name,
      report.idColumn,
      report.idKind,
      JSON.stringify(report.columns),
      report.vanished,
      report.everyHours,
      report.isOn,
      report.nextAt,
      report.updatedAt,
    ],
  );
}

/** What Pendo calls it by now. */
export async function renameReport(db: Queryable, of: Pick<Report, "workspaceId" | "id">, name: string): Promise<void> {
  await db.query("update reports set name = $3 where workspace_id = $1 and report_id = $2", [
    of.workspaceId,
    of.id,
    name,
  ]);
}

/** When its next run begins. */
export async function setNextAt(db: Queryable, of: Pick<Report, "workspaceId" | "id">, nextAt: Date): Promise<void> {
  await db.query("update reports set next_at = $3 where workspace_id = $1 and report_id = $2", [
    of.workspaceId,
    of.id,
    nextAt,
  ]);
}

/** Its runs and what they could not use go with it; the traits it has written do not. */
export async function deleteReport(tx: Tx, of: Pick<Report, "workspaceId" | "id">): Promise<void> {
  await tx.query("delete from reports where workspace_id = $1 and report_id = $2", [of.workspaceId, of.id]);
}

export type ReportsOf = { workspaceId?: string | undefined; connectionId?: string | undefined };

/** The oldest first. */
export async function listReports(db: Queryable, { workspaceId, connectionId }: ReportsOf): Promise<Report[]> {
  const { rows } = await db.query(
    `select ${columns} from reports
     where ($1::uuid is null or workspace_id = $1) and ($2::uuid is null or connection_id = $2)
     order by created_at, report_id`,
    [workspaceId ?? null, connectionId ?? null],
  );
  return rows.map(readReport);
}

/** Of the workspace, or, without one, of whichever has it. */
export async function findReport(db: Queryable, reportId: string, workspaceId?: string): Promise<Report | undefined> {
  if (!isUuid(reportId)) return undefined;
  const { rows } = await db.query(
    `select ${columns} from reports where report_id = $1 and ($2::uuid is null or workspace_id = $2)`,
    [reportId, workspaceId ?? null],
  );
  return rows[0] && readReport(rows[0]);
}

/** For as long as the transaction lasts, nobody else changes or removes it. */
export async function lockReport(tx: Tx, of: Pick<Report, "workspaceId" | "id">): Promise<Report | undefined> {
  if (!isUuid(of.id)) return undefined;
  const { rows } = await tx.query(
    `select ${columns} from reports where workspace_id = $1 and report_id = $2 for no key update`,
    [of.workspaceId, of.id],
  );
  return rows[0] && readReport(rows[0]);
}

/** The one of a connection that is made of this report of Pendo's at this level. */
export async function findReportLike(
  db: Queryable,
  like: Pick<Report, "workspaceId" | "connectionId" | "pendoReportId" | "level">,
): Promise<Report | undefined> {
  const { rows } = await db.query(
    `select ${columns} from reports
     where workspace_id = $1 and connection_id = $2 and pendo_report_id = $3 and record_type = $4`,
    [like.workspaceId, like.connectionId, like.pendoReportId, like.level],
  );
  return rows[0] && readReport(rows[0]);
}

function readReport(row: Report & { columns: unknown }): Report {
  if (!Array.isArray(row.columns) || !row.columns.every(isColumn))
    throw new Error(`The columns of report ${row.id} are not as this version writes them.`);
  return row;
}

function isColumn(value: unknown): value is ReportColumn {
  return (
    isJsonObject(value) &&
    ["column", "trait", "type", "combine"].every((name) => typeof value[name] === "string") &&
    (value.latestBy === null || typeof value.latestBy === "string")
  );
}
