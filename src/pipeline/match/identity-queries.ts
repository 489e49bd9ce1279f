// Reads `pendo_identities`: what Pendo's visitors and accounts are called here.
import type { Queryable } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";

export type IdentityKind = "visitor" | "account";

/** A visitor or account of Pendo, and the field of its metadata that says what it is called here. */
export type IdentityKey = { connectionId: string; kind: IdentityKind; pendoId: string; field: string };

export type IdentityState = "wanted" | "mapped" | "no-value" | "unknown" | "refused";

export type IdentityAnswer = IdentityKey & { state: IdentityState; externalId: string | null };

/** Those that there are rows of, by whatever field they were read. Key by key whatever the statistics say (see record-queries.ts). */
export async function findIdentities(
  db: Queryable,
  workspaceId: string,
  keys: readonly Omit<IdentityKey, "field">[],
): Promise<IdentityAnswer[]> {
  const { rows } = await db.query({
    name: "find-identities",
    text: `select w.c as "connectionId", w.k as kind, w.id as "pendoId", i.field, i.state, i.external_id as "externalId"
           from json_to_recordset($2) as w(c uuid, k text, id text)
           cross join lateral (
             select field, state, external_id from pendo_identities
             where workspace_id = $1 and connection_id = w.c and kind = w.k and pendo_id = w.id limit 1
           ) as i`,
    values: [workspaceId, toStorableJson(keys.map((key) => ({ c: key.connectionId, k: key.kind, id: key.pendoId })))],
  });
  return rows;
}

export type ConnectionToAsk = {
  workspaceId: string;
  connectionId: string;
  userIdFrom: string | null;
  accountIdFrom: string | null;
  /** How often asking failed without a success in between. */
  failures: number;
};

/** Connections that are on and have ids whose time to be asked about has come, unless Pendo is to be left alone. */
export async function listConnectionsToAsk(db: Queryable, now: Date): Promise<ConnectionToAsk[]> {
  const { rows } = await db.query({
    name: "list-connections-to-ask",
    text: `select c.workspace_id as "workspaceId", c.connection_id as "connectionId", m.user_id_from as "userIdFrom",
                  m.account_id_from as "accountIdFrom", c.asking_failures as failures
           from connections c
           join connection_mappings m on m.workspace_id = c.workspace_id and m.connection_id = c.connection_id and m.version = c.mapping_version
           where c.is_on and (c.ask_again_at is null or c.ask_again_at <= $1)
             and (m.user_id_from is not null and ${isDue("visitor")} or m.account_id_from is not null and ${isDue("account")})
           order by c.workspace_id, c.connection_id`,
    values: [now],
  });
  return rows;
}

function isDue(kind: IdentityKind): string {
  return `exists (select from pendo_identities i where i.workspace_id = c.workspace_id and i.connection_id = c.connection_id
                  and i.kind = '${kind}' and i.ask_at <= $1)`;
}

/** Ids of a connection that have been wanted since before `until` and have no answer yet. */
export async function countWanted(
  db: Queryable,
  { workspaceId, connectionId }: { workspaceId: string; connectionId: string },
  until: Date,
): Promise<number> {
  const { rows } = await db.query({
    name: "count-wanted",
    text: `select count(*) as count from pendo_identities
           where workspace_id = $1 and connection_id = $2 and state = 'wanted' and ask_at is not null and read_at <= $3`,
    values: [workspaceId, connectionId, until],
  });
  return rows[0].count;
}

/** Whether all of Pendo's visitors and accounts were read since the mapping in force is: an id without an answer is a new one. */
export async function areIdentitiesRead(
  db: Queryable,
  { workspaceId, connectionId }: { workspaceId: string; connectionId: string },
): Promise<boolean> {
  const { rows } = await db.query<{ isRead: boolean | null }>(
    `select c.identities_read_at >= m.created_at as "isRead"
     from connections c
     join connection_mappings m on m.workspace_id = c.workspace_id and m.connection_id = c.connection_id and m.version = c.mapping_version
     where c.workspace_id = $1 and c.connection_id = $2`,
    [workspaceId, connectionId],
  );
  return rows[0]?.isRead === true;
}
