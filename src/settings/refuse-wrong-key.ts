import type { Queryable } from "../platform/database/pool.ts";
import type { SecretBox } from "../platform/secret-box.ts";

/**
 * Throws when there are valid secrets that this process's key does not open: with it, every webhook to their connections
 * would be turned away, and what it seals would open for nobody else.
 */
export async function refuseWrongKey(db: Queryable, secretBox: SecretBox, now: Date): Promise<void> {
  const { rows } = await db.query(
    `select s.key_id as "keyId", string_agg(distinct c.name, ', ') as names
     from connection_secrets s join connections c on c.workspace_id = s.workspace_id and c.connection_id = s.connection_id
     where s.key_id <> $1 and (s.expires_at is null or s.expires_at > $2) group by s.key_id`,
    [secretBox.keyId, now],
  );
  const [other] = rows;
  if (other === undefined) return;
  throw new Error(
    `The secrets of ${other.names} were sealed with key ${other.keyId}, but this process has key ${secretBox.keyId}: set PLUMBLINE_SECRET_KEY (or the file secret-key in DATA_DIR) to the key they were made with. If it is lost, take those secrets away (plumbline connection rotate <id> --keep-address --remove-secret) and set new ones.`,
  );
}
