// A connection as it is now, over HTTP.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer } from "../../contract/api.ts";
import { ConnectionParameter } from "../../contract/connections.ts";
import { ConnectionLive } from "../../contract/live.ts";
import { HttpError } from "../../platform/http-server.ts";
import { addGetRoute } from "../../platform/routes.ts";
import { findLive, type LiveOptions } from "./live-queries.ts";

export function addLiveRoutes(app: FastifyInstance, options: LiveOptions): void {
  addGetRoute(app, {
    url: "/connections/:id/live",
    summary: "Whether a connection receives, what of which kind, and what is left to set up",
    tag: "Connections",
    params: ConnectionParameter,
    answer: ConnectionLive,
    errors: ErrorAnswer,
    async read({ db, workspaceId, params }) {
      const live = await findLive(db, { workspaceId, connectionId: params.id }, options);
      if (!live) throw new HttpError(404, `There is no connection ${JSON.stringify(params.id)} in this workspace.`);
      return live;
    },
  });
}
