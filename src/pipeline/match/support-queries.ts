// What stands behind memberships and records that matching made: the facts that name them. What nothing stands behind any
// more goes when a connection is matched again.
import type { Queryable } from "../../platform/database/pool.ts";
import type { MatchTrace, RecordKind } from "../records.ts";

export type MembershipKind = "account" | "organization";

type Pair = { recordId: string; userId: string };
/** A membership that matching found for the connection; `trace` tells of a fact that stands behind it, null: none does. */
type SupportedMembership = Pair & { mappingVersion: number | null; trace: MatchTrace | null };

export type MembershipPage = { memberships: SupportedMembership[]; last: Pair | undefined };

const memberships = {
  account: { table: "account_users", id: "account_id", isOfFact: "f.account_id = p.id" },
  // Who acts in an account is in its organization by that, and has no membership of the organization's own.
  organization: {
    table: "organization_users",
    id: "organization_id",
    isOfFact: "f.organization_id = p.id and f.account_id is null",
  },
} as const;

/**
 * Looks at the next `limit` memberships of the workspace behind `after`. A fact of the connection itself counts before those of
 * others. Responses to polls have the owner of their event, so that events and NPS responses tell everything.
 */
export async function listMembershipsWithSupport(
  db: Queryable,
  of: { workspaceId: string; connectionId: string; kind: MembershipKind },
  { after, limit }: { after: Pair; limit: number },
): Promise<MembershipPage> {
  const { table, id, isOfFact } = memberships[of.kind];
  const fact = (facts: string, isOwn: boolean) => `
    (select connection_id, pendo_visitor_id, pendo_account_id, mapping_version from ${facts} f
     where f.workspace_id = $1 and f.user_id = p.user_id and ${isOfFact} ${isOwn ? "and f.connection_id = $2" : ""} limit 1)`;
  const { rows } = await db.query({
    name: `list-supported-${table}`,
    text: `with page as materialized (
             select ${id} as id, user_id, source, connection_id, mapping_version from ${table}
             where workspace_id = $1 and (${id}, user_id) > ($3, $4) order by ${id}, user_id limit $5
           )
           select p.id as "recordId", p.user_id as "userId", p.mapping_version as "mappingVersion",
                  p.source = 'pendo' and p.connection_id = $2 as "isOurs", s.connection_id as "connectionId",
                  s.pendo_visitor_id as "pendoVisitorId", s.pendo_account_id as "pendoAccountId", s.mapping_version as version
           from page p
           left join lateral (
             select * from (${fact("events", true)} union all ${fact("nps_responses", true)}
                            union all ${fact("events", false)} union all ${fact("nps_responses", false)}) as any_fact limit 1
           ) as s on p.source = 'pendo' and p.connection_id = $2
           order by p.id, p.user_id`,
    values: [of.workspaceId, of.connectionId, after.recordId, after.userId, limit],
  });
  const last = rows.length < limit ? undefined : rows.at(-1);
  return {
    memberships: rows
      .filter((row) => row.isOurs)
      .map(({ recordId, userId, mappingVersion, connectionId, pendoVisitorId, pendoAccountId, version }) => ({
        recordId,
        userId,
        mappingVersion,
        trace: connectionId && { connectionId, pendoVisitorId, pendoAccountId, mappingVersion: version },
      })),
    last: last && { recordId: last.recordId, userId: last.userId },
  };
}

const ofFacts = (id: string) =>
  ["events", "nps_responses", "poll_responses"].map(
    (facts) => `not exists (select from ${facts} f where f.workspace_id = r.workspace_id and f.${id} = r.${id})`,
  );
const without = (table: string, id: string) =>
  `not exists (select from ${table} m where m.workspace_id = r.workspace_id and m.${id} = r.${id})`;
const unnamed = (kind: RecordKind, id: string) => [
  `not exists (select from traits t where t.workspace_id = r.workspace_id and t.record_type = '${kind}' and t.record_id = r.${id})`,
  // Another connection calls somebody so: where it only links, its deliveries would wait for this record.
  `not exists (select from pendo_identities i where i.workspace_id = r.workspace_id and i.kind = '${kind === "user" ? "visitor" : "account"}'
               and i.external_id = r.external_id and i.connection_id <> $2)`,
];

const records: Record<RecordKind, { table: string; id: string; isUnused: string[] }> = {
  user: {
    table: "users",
    id: "user_id",
    isUnused: [
      "r.name is null and r.email is null",
      ...ofFacts("user_id"),
      without("account_users", "user_id"),
      without("organization_users", "user_id"),
      ...unnamed("user", "user_id"),
    ],
  },
  account: {
    table: "accounts",
    id: "account_id",
    isUnused: [
      "r.name is null and r.organization_id is null",
      ...ofFacts("account_id"),
      without("account_users", "account_id"),
      ...unnamed("account", "account_id"),
    ],
  },
  organization: {
    table: "organizations",
    id: "organization_id",
    isUnused: [
      "r.name is null",
      ...ofFacts("organization_id"),
      without("organization_users", "organization_id"),
      without("accounts", "organization_id"),
      ...unnamed("organization", "organization_id"),
    ],
  },
};

/** Of the next `limit` records of the workspace behind `after`, those that the connection's matching made and nothing uses. */
export async function listUnusedRecords(
  db: Queryable,
  of: { workspaceId: string; connectionId: string; kind: RecordKind },
  { after, limit }: { after: string; limit: number },
): Promise<{ unused: string[]; last: string | undefined }> {
  const { table, id, isUnused } = records[of.kind];
  const { rows } = await db.query({
    name: `list-unused-${table}`,
    text: `with r as materialized (
             select * from ${table} where workspace_id = $1 and ${id} > $3 order by ${id} limit $4
           )
           select r.${id} as id, r.made_by_connection = $2 and ${isUnused.join(" and ")} as "isUnused" from r order by r.${id}`,
    values: [of.workspaceId, of.connectionId, after, limit],
  });
  return {
    unused: rows.filter((row) => row.isUnused).map((row) => row.id),
    last: rows.length < limit ? undefined : rows.at(-1).id,
  };
}
