// Looking at a mapping before it is saved, and at the jobs of matching, for reading.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer, IdParameter } from "../../contract/api.ts";
import { MatchJobs, MatchPreview, MatchPreviewQuery } from "../../contract/matching.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { HttpError } from "../../platform/http-server.ts";
import { addGetRoute, addRoute } from "../../platform/routes.ts";
import { isUuid } from "../../platform/uuid.ts";
import { listJobs } from "./match-jobs-table.ts";

export type Preview = (connectionId: string, query: MatchPreviewQuery) => Promise<unknown>;

export function addMatchRoutes(app: FastifyInstance, preview: Preview): void {
  addRoute(app, {
    method: "GET",
    url: "/connections/:id/match-preview",
    summary: "What a mapping would make of Pendo's visitors and accounts, and of what was recorded. Changes nothing",
    tag: "Matching",
    query: MatchPreviewQuery,
    params: IdParameter,
    answer: MatchPreview,
    errors: ErrorAnswer,
    async run({ workspaceId, params, query, inWorkspace }) {
      await inWorkspace((db) => refuseUnknown(db, workspaceId, params.id));
      return preview(params.id, query);
    },
  });
  addGetRoute(app, {
    url: "/connections/:id/match-jobs",
    summary: "Matching again and reading identities: how far it is",
    tag: "Matching",
    params: IdParameter,
    answer: MatchJobs,
    errors: ErrorAnswer,
    async read({ db, workspaceId, params }) {
      await refuseUnknown(db, workspaceId, params.id);
      return { items: await listJobs(db, { workspaceId, connectionId: params.id }) };
    },
  });
}

async function refuseUnknown(db: Queryable, workspaceId: string, connectionId: string): Promise<void> {
  const { rows } = isUuid(connectionId)
    ? await db.query("select from connections where workspace_id = $1 and connection_id = $2", [
        workspaceId,
        connectionId,
      ])
    : { rows: [] };
  if (rows.length === 0)
    throw new HttpError(404, `There is no connection ${JSON.stringify(connectionId)} in this workspace.`);
}
