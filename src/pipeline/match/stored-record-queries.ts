// Reads records with all that may be said of them, many at once, by external ID: id by id, as record-queries.ts explains.
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import type { RecordKind } from "../records.ts";

export type StoredRecord = {
  id: string;
  externalId: string;
  name: string | null;
  /** Null where the kind has none. */
  email: string | null;
  organizationId: string | null;
  madeByConnection: string | null;
};

const tables: Record<RecordKind, { table: string; id: string; email: string; organizationId: string }> = {
  organization: { table: "organizations", id: "organization_id", email: "null", organizationId: "null" },
  account: { table: "accounts", id: "account_id", email: "null", organizationId: "organization_id" },
  user: { table: "users", id: "user_id", email: "email", organizationId: "null" },
};

export function findStoredRecords(
  db: Queryable,
  workspaceId: string,
  kind: RecordKind,
  externalIds: readonly string[],
): Promise<Map<string, StoredRecord>> {
  return find(db, workspaceId, kind, externalIds, "");
}

/** The same, locked until the transaction ends; `externalIds` in the order in which all take their locks. */
export function lockStoredRecords(
  tx: Tx,
  workspaceId: string,
  kind: RecordKind,
  externalIds: readonly string[],
): Promise<Map<string, StoredRecord>> {
  return find(tx, workspaceId, kind, externalIds, "for no key update");
}

async function find(
  db: Queryable,
  workspaceId: string,
  kind: RecordKind,
  externalIds: readonly string[],
  lock: "" | "for no key update",
): Promise<Map<string, StoredRecord>> {
  if (externalIds.length === 0) return new Map();
  const { table, id, email, organizationId } = tables[kind];
  const { rows } = await db.query<StoredRecord>({
    name: `find-stored-${table} ${lock}`,
    text: `select r.*, w.id as "externalId" from unnest($2::text[]) as w(id) cross join lateral (
             select ${id} as id, name, ${email}::text as email, ${organizationId}::uuid as "organizationId", made_by_connection as "madeByConnection"
             from ${table} where workspace_id = $1 and external_id = w.id limit 1 ${lock}
           ) as r`,
    values: [workspaceId, externalIds],
  });
  return new Map(rows.map((row) => [row.externalId, row]));
}
