// Writes `api_keys`. A key is shown once, when it is made; only its SHA-256 is kept.
import { createHash, randomBytes } from "node:crypto";
import type { Queryable } from "../platform/database/pool.ts";
import type { Scope } from "../platform/routes.ts";
import { createUuid } from "../platform/uuid.ts";

export type ApiKey = {
  id: string;
  name: string;
  prefix: string;
  workspaceId: string;
  createdAt: Date;
  revokedAt: Date | null;
};

function hashKey(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

export async function createApiKey(
  db: Queryable,
  workspaceId: string,
  name: string,
  now: Date,
): Promise<{ id: string; key: string }> {
  const key = `plk_${randomBytes(32).toString("base64url")}`;
  const id = createUuid(now.getTime());
  await db.query(
    "insert into api_keys (key_hash, workspace_id, api_key_id, name, prefix, created_at) values ($1, $2, $3, $4, $5, $6)",
    [hashKey(key), workspaceId, id, name, key.slice(0, 8), now],
  );
  return { id, key };
}

export async function listApiKeys(db: Queryable): Promise<ApiKey[]> {
  const { rows } = await db.query(
    `select api_key_id as id, name, prefix, workspace_id as "workspaceId", created_at as "createdAt", revoked_at as "revokedAt"
     from api_keys order by created_at, api_key_id`,
  );
  return rows;
}

/** False when there is no such key, or it was revoked before. */
export async function revokeApiKey(db: Queryable, apiKeyId: string, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    "update api_keys set revoked_at = $2 where api_key_id = $1 and revoked_at is null",
    [apiKeyId, now],
  );
  return rowCount === 1;
}

/** The key and the workspace that it opens; undefined for a key that is wrong or revoked. */
export async function findKey(
  db: Queryable,
  key: string,
): Promise<(Pick<ApiKey, "id" | "name" | "workspaceId"> & { scopes: Scope[] }) | undefined> {
  const { rows } = await db.query({
    name: "find-api-key",
    text: `select api_key_id as id, name, workspace_id as "workspaceId", scopes from api_keys where key_hash = $1 and revoked_at is null`,
    values: [hashKey(key)],
  });
  return rows[0];
}
