// What is parked, and what it waits for.
import type { Queryable } from "../../platform/database/pool.ts";
import { type Reason, reasons } from "../outcome.ts";
import type { NamedRecords, RecordKind } from "../records.ts";
import { shownReason } from "./shown-reason.ts";

type CountedGroup = {
  connectionId: string;
  connectionName: string;
  reason: Reason;
  /** The reason in a sentence. */
  message: string;
  count: number;
  /** When the oldest of them arrived. */
  oldestAt: Date;
  /** When the next of them is tried again by itself. */
  nextTryAt: Date | null;
};

type ParkedExample = {
  deliveryId: string;
  receivedAt: Date;
  pendo: { visitorId: string | null; accountId: string | null };
  detail: string | null;
};

export type ParkedGroup = CountedGroup & { examples: ParkedExample[] };

const examplesOfEach = 3;

type ParkedFilter = { workspaceId?: string | undefined; connectionId?: string | undefined };

/** What is parked, counted by connection and reason: most first. */
export async function countParked(
  db: Queryable,
  filter: ParkedFilter = {},
): Promise<(CountedGroup & { workspaceId: string })[]> {
  const { rows } = await db.query<Omit<CountedGroup, "message"> & { workspaceId: string }>(
    `select d.workspace_id as "workspaceId", d.connection_id as "connectionId", c.name as "connectionName", ${shownReason} as reason, count(*) as count,
            min(d.received_at) as "oldestAt", min(d.try_at) as "nextTryAt"
     from deliveries d join connections c on c.workspace_id = d.workspace_id and c.connection_id = d.connection_id
     where d.state = 'parked' and ($1::uuid is null or d.workspace_id = $1) and ($2::uuid is null or d.connection_id = $2)
     group by 1, 2, 3, 4 order by count(*) desc, 2, 4`,
    [filter.workspaceId ?? null, filter.connectionId ?? null],
  );
  return rows.map((group) => ({ ...group, message: reasons[group.reason] ?? group.reason }));
}

/** The same, with the oldest few of each. */
export async function listParked(db: Queryable, filter: ParkedFilter = {}): Promise<ParkedGroup[]> {
  const groups = await countParked(db, filter);
  return Promise.all(
    groups.map(async ({ workspaceId, ...group }) => ({
      ...group,
      examples: await listExamples(db, workspaceId, group),
    })),
  );
}

async function listExamples(
  db: Queryable,
  workspaceId: string,
  { connectionId, reason }: { connectionId: string; reason: Reason },
): Promise<ParkedExample[]> {
  const { rows } = await db.query<ParkedExample>(
    `select delivery_id as "deliveryId", received_at as "receivedAt", detail,
            jsonb_build_object('visitorId', pendo_visitor_id, 'accountId', pendo_account_id) as pendo
     from deliveries d where workspace_id = $1 and state = 'parked' and connection_id = $2 and ${shownReason} = $3
     order by delivery_id limit ${examplesOfEach}`,
    [workspaceId, connectionId, reason],
  );
  return rows;
}

const waitsFor: Record<RecordKind, readonly Reason[]> = {
  // Whoever makes or links a user names it: it may be in an account by now.
  user: ["no-such-user", "user-without-account"],
  account: ["no-such-account"],
  organization: ["no-such-organization"],
};

/**
 * Deliveries that are parked because one of these records was missing, under the mapping in force: Pendo's id is the external
 * ID itself, or Pendo's metadata say so. Those with several objects are found by each of them.
 */
export async function listParkedFor(db: Queryable, workspaceId: string, records: NamedRecords): Promise<string[]> {
  const kinds = (Object.keys(waitsFor) as RecordKind[]).filter((kind) => (records[kind] ?? []).length > 0);
  // Nearly always nothing waits for anybody: then there is nothing to look up.
  if (kinds.length === 0 || !(await hasWaiting(db, workspaceId))) return [];
  const found: string[][] = [];
  for (const kind of kinds) found.push(await listParkedForKind(db, workspaceId, kind, records[kind]!));
  return [...new Set(found.flat())];
}

async function hasWaiting(db: Queryable, workspaceId: string): Promise<boolean> {
  const { rows } = await db.query({
    name: "has-parked",
    text: "select 1 from deliveries where workspace_id = $1 and state = 'parked' limit 1",
    values: [workspaceId],
  });
  return rows.length > 0;
}

/** Each step goes id by id through an index; the limits are far above what is there (see match/record-queries.ts). */
async function listParkedForKind(
  db: Queryable,
  workspaceId: string,
  kind: RecordKind,
  externalIds: readonly string[],
): Promise<string[]> {
  const side = kind === "user" ? "visitor" : "account";
  const { rows } = await db.query({
    name: `list-parked-for-${kind}`,
    text: `with mapped as materialized (
             select c.connection_id, m.${kind === "user" ? "user" : "account"}_id_from as field
             from connections c
             join connection_mappings m on m.workspace_id = c.workspace_id and m.connection_id = c.connection_id and m.version = c.mapping_version
             where c.workspace_id = $1 ${kind === "user" ? "" : `and (m.level = '${kind}' or c.kind = 'analytics')`}
           ), called as materialized (
             select m.connection_id, w.id as pendo_id from unnest($2::text[]) as w(id) cross join mapped m where m.field is null
             union all
             select i.connection_id, i.pendo_id
             from unnest($2::text[]) as w(id)
             cross join lateral (
               select connection_id, pendo_id, field from pendo_identities
               where workspace_id = $1 and kind = '${side}' and external_id = w.id limit 100000
             ) i
             join mapped m on m.connection_id = i.connection_id and m.field = i.field
           )
           select d.delivery_id
           from called i
           cross join lateral (
             select delivery_id from deliveries
             where workspace_id = $1 and connection_id = i.connection_id and pendo_${side}_id = i.pendo_id
               and state = 'parked' and reason = any($3)
             limit 10000000
           ) d
           union
           select d.delivery_id
           from called i
           cross join lateral (
             select delivery_id from delivery_items
             where workspace_id = $1 and connection_id = i.connection_id and pendo_${side}_id = i.pendo_id
               and state = 'parked' and reason = any($3)
             limit 10000000
           ) d`,
    values: [workspaceId, externalIds, waitsFor[kind]],
  });
  return rows.map((row) => row.delivery_id);
}
