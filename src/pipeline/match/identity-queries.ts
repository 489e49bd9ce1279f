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
