// Who may read the API: the holder of a key that has not been revoked.
import type { FastifyInstance } from "fastify";
import type { Database } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Actor } from "../platform/routes.ts";
import { findKey } from "./api-keys-table.ts";

/** Guards every route of `app`: the request's workspace is the key's, and nothing else can choose it. */
export function requireApiKey(app: FastifyInstance, database: Database): void {
  app.decorateRequest("workspaceId", "");
  app.decorateRequest("by", null as unknown as Actor);
  app.addHook("onRequest", async (request, reply) => {
    const key = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const found = key === undefined ? undefined : await findKey(database, key);
    if (found) {
      request.workspaceId = found.workspaceId;
      request.by = { kind: "api-key", id: found.id, name: found.name, scopes: found.scopes };
      return;
    }
    reply.header("www-authenticate", 'Bearer realm="Plumbline"');
    throw new HttpError(
      401,
      key === undefined
        ? "Send an API key: Authorization: Bearer <key>. `plumbline api-key create` makes one."
        : "This API key is not valid, or was revoked.",
    );
  });
}
