// Who may use the API: the holder of a key that has neither ended nor been revoked.
import type { FastifyInstance } from "fastify";
import type { Database } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Actor } from "../platform/routes.ts";
import { type FoundKey, findKey } from "./api-keys-table.ts";

/** Guards every route of `app`: the request's workspace is the key's, and nothing else can choose it. */
export function requireApiKey(app: FastifyInstance, database: Database, clock: () => Date): void {
  app.decorateRequest("workspaceId", "");
  app.decorateRequest("by", null as unknown as Actor);
  app.addHook("onRequest", async (request, reply) => {
    const key = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const found = key === undefined ? undefined : await findKey(database, key, clock());
    if (found?.state === "valid") {
      request.workspaceId = found.workspaceId;
      request.by = { kind: "api-key", id: found.id, name: found.name, scopes: found.scopes };
      return;
    }
    reply.header("www-authenticate", 'Bearer realm="Plumbline"');
    throw new HttpError(401, key === undefined ? noKey : sayWhyNot(found));
  });
}

const noKey = "Send an API key: Authorization: Bearer <key>. `plumbline api-key create` makes one.";

/** Only whoever has the key learns that it was one. */
export function sayWhyNot(found: FoundKey | undefined): string {
  if (found?.state === "revoked") return "This API key was revoked: ask an administrator for another one.";
  if (found?.state === "expired") return "This API key has expired: ask an administrator for another one.";
  return "There is no such API key.";
}
