// Reads recorded facts with their owners, in slices of the primary key, for those who look at all that a connection recorded.
import type { Queryable, Tx } from "../../platform/database/pool.ts";

export type OwnedKind = "event" | "nps-response";

export type OwnedFact = {
  id: string;
  deliveryId: string;
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
  userId: string | null;
  accountId: string | null;
  organizationId: string | null;
  /** 0: no mapping fits; it has no owner, whoever it names. */
  mappingVersion: number;
};

type FactsOf = { workspaceId: string; connectionId: string; kind: OwnedKind };
/** The keys behind `after`, up to and with `until`. */
export type Slice = { after: string; until: string };

const tables: Record<OwnedKind, { table: string; id: string }> = {
  event: { table: "events", id: "event_id" },
  "nps-response": { table: "nps_responses", id: "nps_response_id" },
};

export const lowestKey = "00000000-0000-0000-0000-000000000000";
const highestKey = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Where the next slice ends: after so many facts of the workspace, whoever recorded them, so that the work of a slice is
 * bounded also where few are of the connection in question. Undefined behind the last.
 */
export async function findSlice(
  db: Queryable,
  { workspaceId, kind }: Pick<FactsOf, "workspaceId" | "kind">,
  { after, size }: { after: string; size: number },
): Promise<Slice | undefined> {
  const { table, id } = tables[kind];
  if (after === highestKey) return undefined;
  const { rows } = await db.query({
    name: `find-slice-of-${table}`,
    text: `select ${id} as id from ${table} where workspace_id = $1 and ${id} > $2 order by ${id} offset $3 limit 1`,
    values: [workspaceId, after, size - 1],
  });
  return { after, until: rows[0]?.id ?? highestKey };
}

const columns = (id: string) =>
  `${id} as id, delivery_id as "deliveryId", pendo_visitor_id as "pendoVisitorId", pendo_account_id as "pendoAccountId",
   user_id as "userId", account_id as "accountId", organization_id as "organizationId", mapping_version as "mappingVersion"`;

/** The facts of a slice, locked in the order in which everybody takes these locks. */
export async function lockFacts(
  tx: Tx,
  { workspaceId, connectionId, kind }: FactsOf,
  { after, until }: Slice,
): Promise<OwnedFact[]> {
  const { table, id } = tables[kind];
  const { rows } = await tx.query({
    name: `lock-slice-of-${table}`,
    text: `select ${columns(id)} from ${table}
           where workspace_id = $1 and ${id} > $3 and ${id} <= $4 and connection_id = $2 order by ${id} for update`,
    values: [workspaceId, connectionId, after, until],
  });
  return rows;
}

/** Each pair of ids that the facts of a slice name, once. */
export async function listOwnedPairs(
  db: Queryable,
  { workspaceId, connectionId, kind }: FactsOf,
  { after, until }: Slice,
): Promise<Omit<OwnedFact, "id" | "deliveryId">[]> {
  const { table, id } = tables[kind];
  const { rows } = await db.query({
    name: `list-pairs-of-${table}`,
    text: `select distinct on (pendo_visitor_id, pendo_account_id, user_id is null, account_id is null and organization_id is null)
                  pendo_visitor_id as "pendoVisitorId", pendo_account_id as "pendoAccountId", user_id as "userId",
                  account_id as "accountId", organization_id as "organizationId", mapping_version as "mappingVersion"
           from ${table} where workspace_id = $1 and ${id} > $3 and ${id} <= $4 and connection_id = $2`,
    values: [workspaceId, connectionId, after, until],
  });
  return rows;
}

export async function countFacts(db: Queryable, { workspaceId, connectionId, kind }: FactsOf): Promise<number> {
  const { table } = tables[kind];
  const { rows } = await db.query(
    `select count(*) as count from ${table} where workspace_id = $1 and connection_id = $2`,
    [workspaceId, connectionId],
  );
  return rows[0].count;
}
