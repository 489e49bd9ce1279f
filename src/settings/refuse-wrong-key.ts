import type { Queryable } from "../platform/database/pool.ts";
import type { SecretBox } from "../platform/secret-box.ts";

/**
 * Throws when there are valid secrets that none of this process's keys opens: with them, every webhook to their
 * connections would be turned away, and what it seals would open for nobody else.
 */
export async function refuseWrongKey(db: Queryable, secretBox: SecretBox, now: Date): Promise<void> {
  const known = secretBox.keyIds();
  const { rows } = await db.query(
    `select s.key_id as "keyId", string_agg(distinct c.name, ', ') as names, bool_or(s.is_webhook) as "isWebhook",
            bool_or(not s.is_webhook) as "isIntegration"
     from (select workspace_id, connection_id, key_id, true as is_webhook from connection_secrets
           where expires_at is null or expires_at > $2
           union all select workspace_id, connection_id, key_id, false from integration_keys) s
     join connections c on c.workspace_id = s.workspace_id and c.connection_id = s.connection_id
     where s.key_id <> all($1) group by s.key_id`,
    [known, now],
  );
  const [other] = rows;
  if (other === undefined) return;
  const remedies = [
    ...(other.isWebhook ? ["plumbline connection rotate <id> --keep-address --remove-secret"] : []),
    ...(other.isIntegration ? ["plumbline connection set <id> --remove-integration-key"] : []),
  ];
  throw new Error(
    `The secrets of ${other.names} were sealed with key ${other.keyId}, but this process has key ${known.join(", ")}: set PLUMBLINE_SECRET_KEY (or the file secret-key in DATA_DIR) to the key they were made with. If it is lost, take those secrets away (${remedies.join("; ")}) and set new ones.`,
  );
}
