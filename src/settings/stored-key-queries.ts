import type { Queryable } from "../platform/database/pool.ts";

/** How many secrets and addresses each key has sealed, by the key's name; those that have expired count as well. */
export async function countSecretsByKey(db: Queryable): Promise<Map<string, number>> {
  const { rows } = await db.query(
    `select key_id as "keyId", count(*) as secrets
     from (select key_id from connection_secrets union all select key_id from integration_keys
           union all select key_id from connection_addresses where sealed is not null) s group by key_id order by key_id`,
  );
  return new Map(rows.map(({ keyId, secrets }) => [keyId, secrets]));
}
