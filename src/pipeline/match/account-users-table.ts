// Writes `account_users`: who belongs to which account. What is said by hand stands above matching.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import type { HandSource, MatchTrace } from "../records.ts";

export type Membership = { accountId: string; userId: string };

/**
 * Adds memberships that matching found and that do not exist yet; sorted against deadlocks. Those that exist keep their
 * way: nothing is written for them, and no lock taken, because nearly every delivery names a membership that is there.
 * Resolves to the users who are in an account more.
 */
export async function addMemberships(
  tx: Tx,
  workspaceId: string,
  memberships: readonly (Membership & { trace?: MatchTrace })[],
  at: Date,
): Promise<string[]> {
  const rows = sortDistinct(memberships).map(({ trace, ...membership }) => ({ ...membership, ...trace }));
  if (rows.length === 0) return [];
  const { rows: added } = await tx.query({
    name: "add-memberships",
    text: `insert into account_users (workspace_id, account_id, user_id, source, connection_id, pendo_visitor_id, pendo_account_id,
                                      mapping_version, created_at)
           select $1, "accountId", "userId", 'pendo', "connectionId", "pendoVisitorId", "pendoAccountId", "mappingVersion", $3
           from json_to_recordset($2) as r("accountId" uuid, "userId" uuid, "connectionId" uuid, "pendoVisitorId" text,
                                           "pendoAccountId" text, "mappingVersion" int)
           on conflict do nothing returning user_id`,
    values: [workspaceId, toStorableJson(rows), at],
  });
  return added.map((row) => row.user_id);
}

/**
 * Says memberships by hand: those that matching found are held by hand from now on. Resolves to the new ones. Those held
 * by hand already are found before the insert: one that conflicts would lock, and so write, each of them.
 */
export async function addMembershipsByHand(
  tx: Tx,
  workspaceId: string,
  said: { memberships: readonly Membership[]; source: HandSource; at: Date },
): Promise<Membership[]> {
  const rows = sortDistinct(said.memberships);
  if (rows.length === 0) return [];
  const { rows: written } = await tx.query({
    name: "add-memberships-by-hand",
    text: `insert into account_users as m (workspace_id, account_id, user_id, source, created_at)
           select $1, "accountId", "userId", $3, $4 from json_to_recordset($2) as r("accountId" uuid, "userId" uuid)
           left join lateral (
             select source from account_users where workspace_id = $1 and account_id = "accountId" and user_id = "userId" limit 1
           ) as held on true
           where held.source is null or held.source = 'pendo'
           on conflict (workspace_id, account_id, user_id) do update
           set source = excluded.source, connection_id = null, pendo_visitor_id = null, pendo_account_id = null, mapping_version = null
           where m.source = 'pendo'
           returning account_id as "accountId", user_id as "userId", xmax = 0 as "isNew"`,
    values: [workspaceId, JSON.stringify(rows), said.source, said.at],
  });
  return written.filter((row) => row.isNew);
}

/** Takes users out of accounts, however they came to be in them. Resolves to the users who are in one less. */
export async function removeMembershipsByHand(
  tx: Tx,
  workspaceId: string,
  memberships: readonly Membership[],
): Promise<string[]> {
  const rows = sortDistinct(memberships);
  if (rows.length === 0) return [];
  const { rows: removed } = await tx.query({
    name: "remove-memberships-by-hand",
    text: `delete from account_users where workspace_id = $1 and ctid = any(array(
             select m.place from json_to_recordset($2) as r("accountId" uuid, "userId" uuid)
             cross join lateral (
               select ctid as place from account_users where workspace_id = $1 and account_id = "accountId" and user_id = "userId" limit 1
             ) as m))
           returning user_id`,
    values: [workspaceId, JSON.stringify(rows)],
  });
  return removed.map((row) => row.user_id);
}

/** Memberships that matching found and nothing stands behind any more. What is by hand by now stays. */
export async function removeMemberships(
  tx: Tx,
  workspaceId: string,
  memberships: readonly Membership[],
): Promise<number> {
  if (memberships.length === 0) return 0;
  const { rowCount } = await tx.query({
    name: "remove-memberships",
    text: `delete from account_users where workspace_id = $1 and source = 'pendo' and ctid = any(array(
             select m.place from json_to_recordset($2) as r("accountId" uuid, "userId" uuid)
             cross join lateral (
               select ctid as place from account_users where workspace_id = $1 and account_id = "accountId" and user_id = "userId" limit 1
             ) as m))`,
    values: [workspaceId, JSON.stringify(memberships)],
  });
  return rowCount ?? 0;
}

/** Everything that ties a user, or an account, to others. */
export async function removeAllMemberships(
  tx: Tx,
  workspaceId: string,
  of: "user" | "account",
  recordId: string,
): Promise<void> {
  const column = of === "user" ? "user_id" : "account_id";
  await tx.query({
    name: `remove-all-account-memberships-of-${of}`,
    text: `delete from account_users where workspace_id = $1 and ${column} = $2`,
    values: [workspaceId, recordId],
  });
}

/** Tells the way of memberships that exist anew: another fact stands behind them than before. */
export async function retraceMemberships(
  tx: Tx,
  workspaceId: string,
  memberships: readonly (Membership & { trace: MatchTrace })[],
): Promise<void> {
  const rows = sortDistinct(memberships).map(({ trace, ...membership }) => ({ ...membership, ...trace }));
  if (rows.length === 0) return;
  await tx.query({
    name: "retrace-memberships",
    text: `insert into account_users as m (workspace_id, account_id, user_id, source, connection_id, pendo_visitor_id, pendo_account_id, mapping_version)
           select $1, "accountId", "userId", 'pendo', "connectionId", "pendoVisitorId", "pendoAccountId", "mappingVersion"
           from json_to_recordset($2) as r("accountId" uuid, "userId" uuid, "connectionId" uuid, "pendoVisitorId" text,
                                           "pendoAccountId" text, "mappingVersion" int)
           on conflict (workspace_id, account_id, user_id) do update
           set connection_id = excluded.connection_id, pendo_visitor_id = excluded.pendo_visitor_id,
               pendo_account_id = excluded.pendo_account_id, mapping_version = excluded.mapping_version
           where m.source = 'pendo'`,
    values: [workspaceId, toStorableJson(rows)],
  });
}

/** The first of each: it tells the way. */
function sortDistinct<T extends Membership>(memberships: readonly T[]): T[] {
  const distinct = new Map<string, T>();
  for (const one of memberships) {
    const key = `${one.accountId} ${one.userId}`;
    if (!distinct.has(key)) distinct.set(key, one);
  }
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
