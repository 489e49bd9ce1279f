// Reading the audit log, the newest first.
import type { Queryable } from "../platform/database/pool.ts";
import { type Condition, listPage, type Page } from "../platform/paging.ts";
import { isUuid } from "../platform/uuid.ts";

export type ShownAuditLine = {
  id: string;
  at: Date;
  by: { kind: string; id: string | null; name: string };
  address: string | null;
  action: string;
  subject: { type: string; id: string | null };
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
};

export type AuditFilter = {
  /** An action, or what stands before the dot of many. */
  action?: string | undefined;
  /** An id, a name, or a kind of author. */
  by?: string | undefined;
  /** An id, or a type. */
  subject?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
};

export function listAudit(
  db: Queryable,
  workspaceId: string,
  filter: AuditFilter,
  page: { limit: number; from?: string | undefined },
): Promise<Page<ShownAuditLine>> {
  return listPage<ShownAuditLine>(db, {
    select: `select audit_id as id, at, jsonb_build_object('kind', by_kind, 'id', by_id, 'name', by_name) as by, address, action,
                    jsonb_build_object('type', subject_type, 'id', subject_id) as subject, before, after
             from audit_log`,
    time: "at",
    id: "audit_id",
    conditions: [{ sql: "workspace_id = ?", values: [workspaceId] }, ...listConditions(filter)],
    limit: page.limit,
    from: page.from,
  });
}

function listConditions({ action, by, subject, since, until }: AuditFilter): Condition[] {
  return [
    ...(action === undefined
      ? []
      : [{ sql: "(action = ? or starts_with(action, ?))", values: [action, `${action}.`] }]),
    ...(by === undefined ? [] : [{ sql: "(by_kind = ? or by_id = ? or by_name = ?)", values: [by, by, by] }]),
    ...(subject === undefined ? [] : [nameSubject(subject)]),
    ...(since === undefined ? [] : [{ sql: "at >= ?::timestamptz", values: [since] }]),
    ...(until === undefined ? [] : [{ sql: "at < ?::timestamptz", values: [until] }]),
  ];
}

function nameSubject(subject: string): Condition {
  return isUuid(subject)
    ? { sql: "subject_id = ?", values: [subject.toLowerCase()] }
    : { sql: "(subject_type = ? or subject_id = ?)", values: [subject, subject] };
}
