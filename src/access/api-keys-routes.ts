// API keys over HTTP, for administrators.
import type { FastifyInstance } from "fastify";
import { ApiKey, ApiKeyList, MadeApiKey, NewApiKeyBody } from "../contract/access.ts";
import { ErrorAnswer, IdParameter } from "../contract/api.ts";
import { addRoute, addWriteRoute } from "../platform/routes.ts";
import { endApiKey, makeApiKey } from "./api-keys.ts";
import { listApiKeys } from "./api-keys-table.ts";

const shared = { tag: "API keys", needs: "admin", errors: ErrorAnswer } as const;

export function addApiKeyRoutes(app: FastifyInstance, { clock }: { clock: () => Date }): void {
  addRoute(app, {
    ...shared,
    method: "GET",
    url: "/api-keys",
    summary: "The keys of this workspace, also those that are over",
    answer: ApiKeyList,
    run: ({ workspaceId, inWorkspace }) =>
      inWorkspace(async (db) => ({ items: await listApiKeys(db, { workspaceId, now: clock() }) })),
  });
  addWriteRoute(app, {
    ...shared,
    method: "POST",
    url: "/api-keys",
    summary: "Make a key. It is shown in the answer and never again, and may do no more than whoever makes it",
    body: NewApiKeyBody,
    status: 201,
    answer: MadeApiKey,
    write({ db, workspaceId, author, body: { name, scopes, expiresAt } }) {
      const until = expiresAt ? new Date(expiresAt) : null;
      return makeApiKey(db, author, { workspaceId, name: name.trim(), scopes, expiresAt: until }, clock());
    },
  });
  addWriteRoute(app, {
    ...shared,
    method: "DELETE",
    url: "/api-keys/:id",
    summary: "Revoke a key: it opens nothing from now on",
    params: IdParameter,
    answer: ApiKey,
    write: ({ db, workspaceId, author, params }) => endApiKey(db, author, { workspaceId, id: params.id }, clock()),
  });
}
