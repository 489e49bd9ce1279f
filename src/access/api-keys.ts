// Making and revoking API keys, with the line about it in the audit log.
import type { Queryable, Tx } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Author, Scope } from "../platform/routes.ts";
import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from "./api-keys-table.ts";
import { nameAuthor, writeAudit } from "./audit-log-table.ts";
import { refuseMoreScopes } from "./scopes.ts";

export type NewApiKey = { workspaceId: string; name: string; scopes: readonly Scope[]; expiresAt: Date | null };

/** The key is told here and never again. */
export async function makeApiKey(
  tx: Tx,
  author: Author,
  { workspaceId, name, scopes, expiresAt }: NewApiKey,
  now: Date,
): Promise<ApiKey & { key: string }> {
  refuseMoreScopes(author, scopes);
  if (expiresAt && expiresAt <= now) throw new HttpError(400, "The key would have expired already: give a later time.");
  const madeBy = nameAuthor(author);
  const { id, key } = await createApiKey(tx, workspaceId, name, now, { scopes, expiresAt, madeBy });
  const made = await getApiKey(tx, workspaceId, id, now);
  const after = { name, prefix: made.prefix, scopes, expiresAt };
  await writeAudit(
    tx,
    { ...author, workspaceId, action: "api-key.made", subject: { type: "api-key", id }, after },
    now,
  );
  return { ...made, key };
}

/** Throws where there is none, and where it is revoked already. */
export async function endApiKey(
  tx: Tx,
  author: Author,
  { workspaceId, id }: { workspaceId: string; id: string },
  now: Date,
): Promise<ApiKey> {
  const key = await getApiKey(tx, workspaceId, id, now);
  if (!(await revokeApiKey(tx, key.id, now)))
    throw new HttpError(409, `The API key ${key.prefix}… is revoked already.`);
  const after = { name: key.name, prefix: key.prefix };
  await writeAudit(
    tx,
    { ...author, workspaceId, action: "api-key.revoked", subject: { type: "api-key", id }, after },
    now,
  );
  return { ...key, state: "revoked", revokedAt: now };
}

async function getApiKey(db: Queryable, workspaceId: string, id: string, now: Date): Promise<ApiKey> {
  const key = (await listApiKeys(db, { workspaceId, now })).find((one) => one.id === id);
  if (!key) throw new HttpError(404, `There is no API key ${JSON.stringify(id)} in this workspace.`);
  return key;
}
