// Looking at a mapping before it is saved, and at the jobs of matching, for reading.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer, IdParameter } from "../../contract/api.ts";
import { MatchJobs, MatchPreview, MatchPreviewQuery } from "../../contract/matching.ts";
import type { Database } from "../../platform/database/pool.ts";
import { HttpError } from "../../platform/http-server.ts";
import { addGetRoute } from "../../platform/routes.ts";
import { isUuid } from "../../platform/uuid.ts";
import { listJobs } from "./match-jobs-table.ts";

export type Preview = (connectionId: string, query: MatchPreviewQuery) => Promise<unknown>;

export function addMatchRoutes(app: FastifyInstance, database: Database, preview: Preview): void {
  addGetRoute(app, {
    url: "/connections/:id/match-preview",
    summary: "What a mapping would make of Pendo's visitors and accounts, and of what was recorded. Changes nothing",
    tag: "Matching",
    query: MatchPreviewQuery,
    params: IdParameter,
    answer: MatchPreview,
    errors: ErrorAnswer,
    async read({ workspaceId, params, query }) {
      await refuseUnknown(database, workspaceId, params.id);
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
    async read({ workspaceId, params }) {
      await refuseUnknown(database, workspaceId, params.id);
      return { items: await listJobs(database, { workspaceId, connectionId: params.id }) };
    },
  });
}

async function refuseUnknown(database: Database, workspaceId: string, connectionId: string): Promise<void> {
  const { rows } = isUuid(connectionId)
    ? await database.query("select from connections where workspace_id = $1 and connection_id = $2", [
        workspaceId,
        connectionId,
      ])
    : { rows: [] };
  if (rows.length === 0)
    throw new HttpError(404, `There is no connection ${JSON.stringify(connectionId)} in this workspace.`);
}
