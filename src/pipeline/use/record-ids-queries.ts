// Records as people name them: by Plumbline's own id, or by the external ID.
import type { Queryable } from "../../platform/database/pool.ts";
import type { Condition } from "../../platform/paging.ts";
import { isUuid } from "../../platform/uuid.ts";
import type { RecordKind } from "../records.ts";

/** Where records of a kind are, and the column of their id. */
export const recordTables = {
  user: { table: "users", id: "user_id" },
  account: { table: "accounts", id: "account_id" },
  organization: { table: "organizations", id: "organization_id" },
} as const satisfies Record<RecordKind, { table: string; id: string }>;

export type NamedRecord = { id: string; externalId: string };

/** None, one, or two: where one record's external ID is another one's own id. That one then comes first. */
export async function findNamedRecords(
  db: Queryable,
  kind: RecordKind,
  workspaceId: string,
  given: string,
): Promise<NamedRecord[]> {
  const { table, id } = recordTables[kind];
  const { rows } = await db.query<NamedRecord>(
    `select r.${id} as id, r.external_id as "externalId" from ${table} r where r.workspace_id = $1 and r.external_id = $2
     union select r.${id}, r.external_id from ${table} r where r.workspace_id = $1 and r.${id} = $3::uuid`,
    [workspaceId, given, isUuid(given) ? given : null],
  );
  return rows.sort((one, other) => Number(other.id === given.toLowerCase()) - Number(one.id === given.toLowerCase()));
}

export async function findRecordIds(
  db: Queryable,
  kind: RecordKind,
  workspaceId: string,
  given: string,
): Promise<string[]> {
  return (await findNamedRecords(db, kind, workspaceId, given)).map((record) => record.id);
}

/**
 * A condition that `column` is a record. The record is found first, so that the list is planned for one known id and read in
 * order from the record's own index; as a subquery it had the whole workspace read by time.
 */
export async function belongsTo(
  db: Queryable,
  column: string,
  kind: RecordKind,
  workspaceId: string,
  given: string,
): Promise<Condition> {
  const ids = await findRecordIds(db, kind, workspaceId, given);
  if (ids.length === 0) return { sql: "false", values: [] };
  return ids.length === 1 ? { sql: `${column} = ?`, values: ids } : { sql: `${column} = any(?)`, values: [ids] };
}
