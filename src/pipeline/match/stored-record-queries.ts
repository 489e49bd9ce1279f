// Reads records with all that may be said of them, many at once, by external ID: id by id, as record-queries.ts explains.
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import type { RecordKind } from "../records.ts";

export type StoredRecord = {
  id: string;
  externalId: string;
  name: string | null;
  avatar: string | null;
  /** From here on: null where the kind has none. */
  email: string | null;
  joinedAt: Date | null;
  deactivatedAt: Date | null;
  unsubscribedFromConversations: boolean | null;
  organizationId: string | null;
  madeByConnection: string | null;
};

const ofUsers = `email, joined_at as "joinedAt", deactivated_at as "deactivatedAt", unsubscribed_from_conversations as "unsubscribedFromConversations"`;
const ofNone = `null as email, null::timestamptz as "joinedAt", null::timestamptz as "deactivatedAt", null::bool as "unsubscribedFromConversations"`;
const tables: Record<RecordKind, { table: string; id: string; ofUsers: string; organizationId: string }> = {
  organization: { table: "organizations", id: "organization_id", ofUsers: ofNone, organizationId: "null" },
  account: { table: "accounts", id: "account_id", ofUsers: ofNone, organizationId: "organization_id" },
  user: { table: "users", id: "user_id", ofUsers, organizationId: "null" },
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

/** Holds one record by its own id, so that nobody changes it or refers to it anew. Resolves to its external ID; undefined: there is none. */
export async function lockRecord(
  tx: Tx,
  workspaceId: string,
  kind: RecordKind,
  recordId: string,
): Promise<string | undefined> {
  const { table, id } = tables[kind];
  const { rows } = await tx.query<{ externalId: string }>(
    `select external_id as "externalId" from ${table} where workspace_id = $1 and ${id} = $2 for update`,
    [workspaceId, recordId],
  );
  return rows[0]?.externalId;
}

async function find(
  db: Queryable,
  workspaceId: string,
  kind: RecordKind,
  externalIds: readonly string[],
  lock: "" | "for no key update",
): Promise<Map<string, StoredRecord>> {
  if (externalIds.length === 0) return new Map();
  const { table, id, ofUsers, organizationId } = tables[kind];
  const { rows } = await db.query<StoredRecord>({
    name: `find-stored-${table} ${lock}`,
    text: `select r.*, w.id as "externalId" from unnest($2::text[]) as w(id) cross join lateral (
             select ${id} as id, name, avatar, ${ofUsers}, ${organizationId}::uuid as "organizationId", made_by_connection as "madeByConnection"
             from ${table} where workspace_id = $1 and external_id = w.id limit 1 ${lock}
           ) as r`,
    values: [workspaceId, externalIds],
  });
  return new Map(rows.map((row) => [row.externalId, row]));
}
