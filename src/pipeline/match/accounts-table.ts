// Writes `accounts`. A record that comes from a webhook has its external ID and nothing else; more is said by hand.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { createUuid } from "../../platform/uuid.ts";
import { type MissingRecord, sortByExternalId } from "../records.ts";

/**
 * Makes accounts for external IDs that have none; those that exist stay as they are. Keys are sorted, so that two
 * transactions that make the same accounts never wait for each other in a circle.
 * Resolves to the external IDs of those made.
 */
export async function createMissingAccounts(
  tx: Tx,
  workspaceId: string,
  missing: readonly MissingRecord[],
  at: Date,
): Promise<string[]> {
  const rows = sortByExternalId(missing).map((one) => ({ id: createUuid(at.getTime()), ...one }));
  const { rows: made } = await tx.query({
    name: "create-missing-accounts",
    text: `insert into accounts (workspace_id, account_id, external_id, made_by_connection, created_at, updated_at)
           select $1, id, "externalId", "madeByConnection", $3, $3
           from json_to_recordset($2) as r(id uuid, "externalId" text, "madeByConnection" uuid)
           on conflict (workspace_id, external_id) do nothing
           returning external_id`,
    values: [workspaceId, JSON.stringify(rows), at],
  });
  return made.map((row) => row.external_id);
}

export type NewAccount = {
  externalId: string;
  name: string | null;
  avatar: string | null;
  organizationId: string | null;
};

/** Makes accounts that are said by hand, in the order given. Resolves to the ids of those made, by external ID; others exist. */
export async function insertAccounts(
  tx: Tx,
  workspaceId: string,
  accounts: readonly NewAccount[],
  at: Date,
): Promise<Map<string, string>> {
  if (accounts.length === 0) return new Map();
  const rows = accounts.map((one) => ({ id: createUuid(at.getTime()), ...one }));
  const { rows: made } = await tx.query({
    name: "insert-accounts",
    text: `insert into accounts (workspace_id, account_id, external_id, name, avatar, organization_id, created_at, updated_at)
           select $1, id, "externalId", name, avatar, "organizationId", $3, $3
           from json_to_recordset($2) as r(id uuid, "externalId" text, name text, avatar text, "organizationId" uuid)
           on conflict (workspace_id, external_id) do nothing
           returning external_id, account_id as id`,
    values: [workspaceId, toStorableJson(rows), at],
  });
  return new Map(made.map((row) => [row.external_id, row.id]));
}

/**
 * Writes what is said by hand over what is there; the rows exist, and this transaction holds their locks. Said as an insert
 * that conflicts, because that goes by the primary key whatever PostgreSQL knows of the table (see deliveries-table.ts).
 */
export async function updateAccounts(
  tx: Tx,
  workspaceId: string,
  accounts: readonly (NewAccount & { id: string; isChanged: boolean })[],
  at: Date,
): Promise<void> {
  if (accounts.length === 0) return;
  await tx.query({
    name: "update-accounts",
    text: `insert into accounts as t (workspace_id, account_id, external_id, name, avatar, organization_id, updated_at)
           select $1, id, "externalId", name, avatar, "organizationId", case when "isChanged" then $3::timestamptz else '-infinity' end
           from json_to_recordset($2) as r(id uuid, "externalId" text, name text, avatar text, "organizationId" uuid, "isChanged" bool)
           on conflict (workspace_id, account_id) do update
           set name = excluded.name, avatar = excluded.avatar, organization_id = excluded.organization_id, made_by_connection = null, updated_at = greatest(t.updated_at, excluded.updated_at)`,
    values: [workspaceId, toStorableJson(accounts), at],
  });
}

/** Takes away accounts that matching made and nothing uses; what belongs to somebody else by now stays. Resolves to how many went. */
export async function removeAccounts(
  tx: Tx,
  workspaceId: string,
  connectionId: string,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0;
  const { rowCount } = await tx.query({
    name: "remove-accounts",
    text: `delete from accounts where workspace_id = $1 and made_by_connection = $2 and ctid = any(array(
             select r.place from unnest($3::uuid[]) as w(id)
             cross join lateral (select ctid as place from accounts where workspace_id = $1 and account_id = w.id limit 1) as r))`,
    values: [workspaceId, connectionId, ids],
  });
  return rowCount ?? 0;
}

/** Takes away one account, whoever made it; nothing may name it any more. False where there is none. */
export async function deleteAccount(tx: Tx, workspaceId: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: "delete-account",
    text: "delete from accounts where workspace_id = $1 and account_id = $2",
    values: [workspaceId, id],
  });
  return rowCount === 1;
}

/** The accounts of an organization are in none from now on. */
export async function unlinkAccounts(tx: Tx, workspaceId: string, organizationId: string, at: Date): Promise<void> {
  await tx.query({
    name: "unlink-accounts",
    text: `update accounts set organization_id = null, updated_at = greatest(updated_at, $3)
           where workspace_id = $1 and organization_id = $2`,
    values: [workspaceId, organizationId, at],
  });
}
