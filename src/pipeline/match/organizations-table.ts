// Writes `organizations`. A record that comes from a webhook has its external ID and nothing else; more is said by hand.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { createUuid } from "../../platform/uuid.ts";
import { type MissingRecord, sortByExternalId } from "../records.ts";

/**
 * Makes organizations for external IDs that have none; those that exist stay as they are. Keys are sorted, so that two
 * transactions that make the same organizations never wait for each other in a circle.
 * Resolves to the external IDs of those made.
 */
export async function createMissingOrganizations(
  tx: Tx,
  workspaceId: string,
  missing: readonly MissingRecord[],
  at: Date,
): Promise<string[]> {
  const rows = sortByExternalId(missing).map((one) => ({ id: createUuid(at.getTime()), ...one }));
  const { rows: made } = await tx.query({
    name: "create-missing-organizations",
    text: `insert into organizations (workspace_id, organization_id, external_id, made_by_connection, created_at, updated_at)
           select $1, id, "externalId", "madeByConnection", $3, $3
           from json_to_recordset($2) as r(id uuid, "externalId" text, "madeByConnection" uuid)
           on conflict (workspace_id, external_id) do nothing
           returning external_id`,
    values: [workspaceId, JSON.stringify(rows), at],
  });
  return made.map((row) => row.external_id);
}

export type NewOrganization = { externalId: string; name: string | null; avatar: string | null };

/** Makes organizations that are said by hand, in the order given. Resolves to the ids of those made, by external ID; others exist. */
export async function insertOrganizations(
  tx: Tx,
  workspaceId: string,
  organizations: readonly NewOrganization[],
  at: Date,
): Promise<Map<string, string>> {
  if (organizations.length === 0) return new Map();
  const rows = organizations.map((one) => ({ id: createUuid(at.getTime()), ...one }));
  const { rows: made } = await tx.query({
    name: "insert-organizations",
    text: `insert into organizations (workspace_id, organization_id, external_id, name, avatar, created_at, updated_at)
           select $1, id, "externalId", name, avatar, $3, $3 from json_to_recordset($2) as r(id uuid, "externalId" text, name text, avatar text)
           on conflict (workspace_id, external_id) do nothing
           returning external_id, organization_id as id`,
    values: [workspaceId, toStorableJson(rows), at],
  });
  return new Map(made.map((row) => [row.external_id, row.id]));
}

/**
 * Writes what is said by hand over what is there; the rows exist, and this transaction holds their locks. Said as an insert
 * that conflicts, because that goes by the primary key whatever PostgreSQL knows of the table (see deliveries-table.ts).
 */
export async function updateOrganizations(
  tx: Tx,
  workspaceId: string,
  organizations: readonly (NewOrganization & { id: string; isChanged: boolean })[],
  at: Date,
): Promise<void> {
  if (organizations.length === 0) return;
  await tx.query({
    name: "update-organizations",
    text: `insert into organizations as t (workspace_id, organization_id, external_id, name, avatar, updated_at)
           select $1, id, "externalId", name, avatar, case when "isChanged" then $3::timestamptz else '-infinity' end
           from json_to_recordset($2) as r(id uuid, "externalId" text, name text, avatar text, "isChanged" bool)
           on conflict (workspace_id, organization_id) do update
           set name = excluded.name, avatar = excluded.avatar, made_by_connection = null, updated_at = greatest(t.updated_at, excluded.updated_at)`,
    values: [workspaceId, toStorableJson(organizations), at],
  });
}

/** Takes away organizations that matching made and nothing uses; what belongs to somebody else by now stays. Resolves to how many went. */
export async function removeOrganizations(
  tx: Tx,
  workspaceId: string,
  connectionId: string,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0;
  const { rowCount } = await tx.query({
    name: "remove-organizations",
    text: `delete from organizations where workspace_id = $1 and made_by_connection = $2 and ctid = any(array(
             select r.place from unnest($3::uuid[]) as w(id)
             cross join lateral (select ctid as place from organizations where workspace_id = $1 and organization_id = w.id limit 1) as r))`,
    values: [workspaceId, connectionId, ids],
  });
  return rowCount ?? 0;
}

/** Takes away one organization, whoever made it; nothing may name it any more. False where there is none. */
export async function deleteOrganization(tx: Tx, workspaceId: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: "delete-organization",
    text: "delete from organizations where workspace_id = $1 and organization_id = $2",
    values: [workspaceId, id],
  });
  return rowCount === 1;
}
