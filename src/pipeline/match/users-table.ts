// Writes `users`. A record that comes from a webhook has its external ID and nothing else; more is said by hand.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { createUuid } from "../../platform/uuid.ts";
import { type MissingRecord, sortByExternalId } from "../records.ts";

/**
 * Makes users for external IDs that have none; those that exist stay as they are. Keys are sorted, so that two
 * transactions that make the same users never wait for each other in a circle.
 * Resolves to the external IDs of those made.
 */
export async function createMissingUsers(
  tx: Tx,
  workspaceId: string,
  missing: readonly MissingRecord[],
  at: Date,
): Promise<string[]> {
  const rows = sortByExternalId(missing).map((one) => ({ id: createUuid(at.getTime()), ...one }));
  const { rows: made } = await tx.query({
    name: "create-missing-users",
    text: `insert into users (workspace_id, user_id, external_id, made_by_connection, created_at, updated_at)
           select $1, id, "externalId", "madeByConnection", $3, $3
           from json_to_recordset($2) as r(id uuid, "externalId" text, "madeByConnection" uuid)
           on conflict (workspace_id, external_id) do nothing
           returning external_id`,
    values: [workspaceId, JSON.stringify(rows), at],
  });
  return made.map((row) => row.external_id);
}

export type NewUser = {
  externalId: string;
  name: string | null;
  email: string | null;
  avatar: string | null;
  joinedAt: Date | null;
  deactivatedAt: Date | null;
  unsubscribedFromConversations: boolean | null;
};

const columns = "name, email, avatar, joined_at, deactivated_at, unsubscribed_from_conversations";
const columnsSaid = `name, email, avatar, "joinedAt", "deactivatedAt", "unsubscribedFromConversations"`;
const said = `id uuid, "externalId" text, name text, email text, avatar text, "joinedAt" timestamptz, "deactivatedAt" timestamptz,
              "unsubscribedFromConversations" bool`;

/** Makes users that are said by hand, in the order given. Resolves to the ids of those made, by external ID; others exist. */
export async function insertUsers(
  tx: Tx,
  workspaceId: string,
  users: readonly NewUser[],
  at: Date,
): Promise<Map<string, string>> {
  if (users.length === 0) return new Map();
  const rows = users.map((one) => ({ id: createUuid(at.getTime()), ...one }));
  const { rows: made } = await tx.query({
    name: "insert-users",
    text: `insert into users (workspace_id, user_id, external_id, ${columns}, created_at, updated_at)
           select $1, id, "externalId", ${columnsSaid}, $3, $3 from json_to_recordset($2) as r(${said})
           on conflict (workspace_id, external_id) do nothing
           returning external_id, user_id as id`,
    values: [workspaceId, toStorableJson(rows), at],
  });
  return new Map(made.map((row) => [row.external_id, row.id]));
}

/**
 * Writes what is said by hand over what is there; the rows exist, and this transaction holds their locks. Said as an insert
 * that conflicts, because that goes by the primary key whatever PostgreSQL knows of the table (see deliveries-table.ts).
 */
export async function updateUsers(
  tx: Tx,
  workspaceId: string,
  users: readonly (NewUser & { id: string; isChanged: boolean })[],
  at: Date,
): Promise<void> {
  if (users.length === 0) return;
  await tx.query({
    name: "update-users",
    text: `insert into users as t (workspace_id, user_id, external_id, ${columns}, updated_at)
           select $1, id, "externalId", ${columnsSaid}, case when "isChanged" then $3::timestamptz else '-infinity' end
           from json_to_recordset($2) as r(${said}, "isChanged" bool)
           on conflict (workspace_id, user_id) do update
           set name = excluded.name, email = excluded.email, avatar = excluded.avatar, joined_at = excluded.joined_at,
               deactivated_at = excluded.deactivated_at, unsubscribed_from_conversations = excluded.unsubscribed_from_conversations,
               made_by_connection = null, updated_at = greatest(t.updated_at, excluded.updated_at)`,
    values: [workspaceId, toStorableJson(users), at],
  });
}

/** Takes away users that matching made and nothing uses; what belongs to somebody else by now stays. Resolves to how many went. */
export async function removeUsers(
  tx: Tx,
  workspaceId: string,
  connectionId: string,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0;
  const { rowCount } = await tx.query({
    name: "remove-users",
    text: `delete from users where workspace_id = $1 and made_by_connection = $2 and ctid = any(array(
             select r.place from unnest($3::uuid[]) as w(id)
             cross join lateral (select ctid as place from users where workspace_id = $1 and user_id = w.id limit 1) as r))`,
    values: [workspaceId, connectionId, ids],
  });
  return rowCount ?? 0;
}

/** Takes away one user, whoever made it; nothing may name it any more. False where there is none. */
export async function deleteUser(tx: Tx, workspaceId: string, id: string): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: "delete-user",
    text: "delete from users where workspace_id = $1 and user_id = $2",
    values: [workspaceId, id],
  });
  return rowCount === 1;
}
