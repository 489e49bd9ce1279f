// What matching again by a mapping that is only looked at would do to what was recorded. Facts are grouped by the ids they name
// and the owner they have: a million events become a few thousand lines, and the same rules as in matching apply to each.
import type { Queryable } from "../../../platform/database/pool.ts";
import type { ConnectionRules, Mapping } from "../../facts.ts";
import type { RecordKind } from "../../records.ts";
import { recordTables } from "./staged-identities.ts";

type FactsPreview = { total: number; move: number; park: number };
export type RecordsPreview = {
  created: number;
  /** Made by this connection's matching, and used by nothing else then; the first by external ID. */
  removed: { count: number; externalIds: string[] };
};

type Of = {
  workspaceId: string;
  connectionId: string;
  level: Mapping["level"];
  missingRecords: ConnectionRules["missingRecords"];
};

const kinds = { events: "events", npsResponses: "nps_responses", pollResponses: "poll_responses" } as const;
export type FactsPreviews = Record<keyof typeof kinds, FactsPreview> & {
  /** What is parked by now: how much of it could be matched, and how much would stay parked. */
  parkedDeliveries: FactsPreview;
};

const mostListed = 100;

/** Works out the new owner of every group, in a temporary table for the questions below. */
export async function stageOwners(db: Queryable, of: Of): Promise<void> {
  const groups = Object.values(kinds).map(
    (
      table,
    ) => `select '${table}' as facts, pendo_visitor_id as v, pendo_account_id as a, user_id, account_id, organization_id,
                       mapping_version = 0 as is_loose, count(*) as n
                from ${table} where workspace_id = $1 and connection_id = $2 group by 2, 3, 4, 5, 6, 7`,
  );
  // What is parked goes through once more when a mapping is saved; a delivery of several objects counts as its first.
  groups.push(
    `select 'deliveries', pendo_visitor_id, pendo_account_id, null, null, null, true, count(*)
     from deliveries where workspace_id = $1 and connection_id = $2 and state in ('parked', 'waiting') group by 2, 3`,
  );
  const { table, id } = recordTables[of.level];
  // A side names somebody where it has an owner; what is kept without one has to be looked at (as matching again does).
  await db.query(
    `create temporary table plumbline_owners as
     with named as (
       select g.*, vi.state as vs, ai.state as "as", vi.external_id as ve, ai.external_id as ae,
              case when g.is_loose then g.v is not null and vi.state <> 'nobody' else g.user_id is not null end as names_user,
              case when g.is_loose then g.a is not null and ai.state <> 'nobody'
                   else g.account_id is not null or g.organization_id is not null end as names_account
       from (${groups.join(" union all ")}) as g
       left join pg_temp.plumbline_identities vi on vi.kind = 'visitor' and vi.pendo_id = g.v
       left join pg_temp.plumbline_identities ai on ai.kind = 'account' and ai.pendo_id = g.a
     ), called as (
       select n.*, case when names_user then ve end as new_user, case when names_account then ae end as new_account,
              names_user and vs is distinct from 'value' or names_account and "as" is distinct from 'value' as is_unnamed
       from named n
     )
     select c.facts, c.n, c.new_user, c.new_account, c.user_id, c.account_id, c.organization_id,
            u.user_id as new_user_id, r.id as new_account_id, r.organization_id as new_organization_id,
            c.is_unnamed or $3 = 'link' and (c.new_user is not null and u.user_id is null or c.new_account is not null and r.id is null) as is_parked
     from called c
     left join users u on u.workspace_id = $1 and u.external_id = c.new_user
     left join (select external_id, ${id} as id, ${of.level === "account" ? "null::uuid" : id} as organization_id
                from ${table} where workspace_id = $1) r on r.external_id = c.new_account`,
    [of.workspaceId, of.connectionId, of.missingRecords],
  );
}

export async function previewFacts(db: Queryable, { level }: Of): Promise<FactsPreviews> {
  const newAccountId = level === "account" ? "new_account_id" : "null::uuid";
  const isMissing =
    "new_user is not null and new_user_id is null or new_account is not null and new_account_id is null";
  const { rows } = await db.query(
    `select facts, sum(n)::bigint as total, coalesce(sum(n) filter (where is_parked), 0)::bigint as park,
            coalesce(sum(n) filter (where not is_parked and (${isMissing} or user_id is distinct from new_user_id
              or account_id is distinct from ${newAccountId} or organization_id is distinct from new_organization_id)), 0)::bigint as move
     from pg_temp.plumbline_owners group by facts`,
  );
  const read = (table: string): FactsPreview => {
    const { total = 0, move = 0, park = 0 } = rows.find((row) => row.facts === table) ?? {};
    return { total, move, park };
  };
  return {
    events: read(kinds.events),
    npsResponses: read(kinds.npsResponses),
    pollResponses: read(kinds.pollResponses),
    parkedDeliveries: ((parked) => ({ ...parked, move: parked.total - parked.park }))(read("deliveries")),
  };
}

export async function previewRecords(db: Queryable, of: Of, kind: RecordKind): Promise<RecordsPreview> {
  const { table, id } = recordTables[kind];
  const isSide = kind === "user" || kind === of.level;
  const side = kind === "user" ? "new_user" : "new_account";
  const { rows: created } = await db.query(
    `select count(distinct ${side}) as count from pg_temp.plumbline_owners
     where ${isSide} and not is_parked and ${side} is not null and ${side}_id is null`,
  );
  const others = (facts: string) =>
    `exists (select from ${facts} f where f.workspace_id = $1 and f.${id} = r.${id} and f.connection_id <> $2)`;
  const byHand = (memberships: string) =>
    `exists (select from ${memberships} m where m.workspace_id = $1 and m.${id} = r.${id} and (m.source <> 'pendo' or m.connection_id <> $2))`;
  const uses: Record<RecordKind, string[]> = {
    user: ["r.name is not null or r.email is not null", byHand("account_users"), byHand("organization_users")],
    account: ["r.name is not null or r.organization_id is not null", byHand("account_users")],
    organization: [
      "r.name is not null",
      byHand("organization_users"),
      "exists (select from accounts a where a.workspace_id = $1 and a.organization_id = r.organization_id)",
    ],
  };
  const isUsed = [
    ...uses[kind],
    `exists (select from traits t where t.workspace_id = $1 and t.record_type = '${kind}' and t.record_id = r.${id})`,
    `exists (select from pendo_identities i where i.workspace_id = $1 and i.kind = '${kind === "user" ? "visitor" : "account"}'
             and i.external_id = r.external_id and i.connection_id <> $2)`,
    ...Object.values(kinds).map(others),
    ...(isSide
      ? [`exists (select from pg_temp.plumbline_owners o where not o.is_parked and o.${side}_id = r.${id})`]
      : []),
  ];
  const unused = `from ${table} r where r.workspace_id = $1 and r.made_by_connection = $2 and not (${isUsed.join(" or ")})`;
  const values = [of.workspaceId, of.connectionId];
  const { rows: removed } = await db.query(`select count(*) as count ${unused}`, values);
  const { rows: listed } = await db.query(
    `select external_id as "externalId" ${unused} order by external_id limit ${mostListed}`,
    values,
  );
  return {
    created: created[0].count,
    removed: { count: removed[0].count, externalIds: listed.map((row) => row.externalId) },
  };
}
