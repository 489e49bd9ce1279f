// Who may read the API: the holder of a key that has not been revoked.
import type { FastifyInstance } from "fastify";
import type { Database } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import { findWorkspaceOfKey } from "./api-keys-table.ts";

/** Guards every route of `app`: the request's workspace is the key's, and nothing else can choose it. */
export function requireApiKey(app: FastifyInstance, database: Database): void {
  app.decorateRequest("workspaceId", "");
  app.addHook("onRequest", async (request, reply) => {
    const key = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const workspaceId = key === undefined ? undefined : await findWorkspaceOfKey(database, key);
    if (workspaceId !== undefined) {
      request.workspaceId = workspaceId;
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
