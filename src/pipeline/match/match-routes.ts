// A connection's mapping: looking at it before it is saved, saving it, matching again by it, and the jobs of that.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer } from "../../contract/api.ts";
import {
  ConnectionParameter,
  CurrentMapping,
  IdentitiesReading,
  MappingBody,
  MappingList,
  MatchAgainCancelled,
  MatchAgainStarted,
  SavedMapping,
} from "../../contract/connections.ts";
import { MatchJobs, MatchPreview, MatchPreviewQuery } from "../../contract/matching.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { HttpError } from "../../platform/http-server.ts";
import { type Author, addGetRoute, addRoute } from "../../platform/routes.ts";
import { isUuid } from "../../platform/uuid.ts";
import { listMappings } from "./mapping-queries.ts";
import { listJobs, type MatchJob } from "./match-jobs-table.ts";

type Of = { workspaceId: string; connectionId: string };
type Mapping = { version: number; userIdFrom: string | null; accountIdFrom: string | null; level: string };

/** What is done with a mapping where stages meet. What cannot work is thrown as an error for the caller. */
export type MatchActions = {
  preview: (connectionId: string, query: MatchPreviewQuery) => Promise<unknown>;
  findMapping: (db: Queryable, of: Of) => Promise<Mapping>;
  save: (
    of: Of,
    change: MappingBody,
    author: Author,
  ) => Promise<{ mapping: Mapping; isChanged: boolean; released: number; job: MatchJob | null; warnings: string[] }>;
  matchAgain: (of: Of, author: Author) => Promise<{ mapping: Mapping; job: MatchJob; warnings: string[] }>;
  cancel: (of: Of, author: Author) => Promise<boolean>;
  readIdentities: (of: Of, author: Author) => Promise<MatchJob>;
};

export function addMatchRoutes(app: FastifyInstance, actions: MatchActions): void {
  addLookingRoutes(app, actions);
  addMappingRoutes(app, actions);
  addJobRoutes(app, actions);
}

function addLookingRoutes(app: FastifyInstance, { preview }: MatchActions): void {
  addRoute(app, {
    method: "GET",
    url: "/connections/:id/match-preview",
    summary: "What a mapping would make of Pendo's visitors and accounts, and of what was recorded. Changes nothing",
    tag: "Matching",
    query: MatchPreviewQuery,
    params: ConnectionParameter,
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
    params: ConnectionParameter,
    answer: MatchJobs,
    errors: ErrorAnswer,
    async read({ db, workspaceId, params }) {
      await refuseUnknown(db, workspaceId, params.id);
      return { items: await listJobs(db, { workspaceId, connectionId: params.id }) };
    },
  });
}

function addMappingRoutes(app: FastifyInstance, { findMapping, save }: MatchActions): void {
  addGetRoute(app, {
    url: "/connections/:id/mapping",
    summary: "How Pendo's ids become external IDs",
    tag: "Matching",
    params: ConnectionParameter,
    answer: CurrentMapping,
    errors: ErrorAnswer,
    async read({ db, workspaceId, params }) {
      await refuseUnknown(db, workspaceId, params.id);
      return { mapping: await findMapping(db, { workspaceId, connectionId: params.id }) };
    },
  });
  addGetRoute(app, {
    url: "/connections/:id/mappings",
    summary:
      "The mappings that a connection has had. Saving an earlier one and matching again by it undoes what came after",
    tag: "Matching",
    params: ConnectionParameter,
    answer: MappingList,
    errors: ErrorAnswer,
    async read({ db, workspaceId, params }) {
      await refuseUnknown(db, workspaceId, params.id);
      return { items: await listMappings(db, { workspaceId, connectionId: params.id }) };
    },
  });
  addRoute(app, {
    method: "PATCH",
    url: "/connections/:id/mapping",
    summary: "Change how Pendo's ids become external IDs. What was recorded before stays where it is",
    tag: "Matching",
    needs: "admin",
    params: ConnectionParameter,
    body: MappingBody,
    answer: SavedMapping,
    errors: ErrorAnswer,
    async run({ workspaceId, author, params, body, inWorkspace }) {
      await inWorkspace((db) => refuseUnknown(db, workspaceId, params.id));
      return save({ workspaceId, connectionId: params.id }, body, author);
    },
  });
}

function addJobRoutes(app: FastifyInstance, { matchAgain, cancel, readIdentities }: MatchActions): void {
  addRoute(app, {
    method: "POST",
    url: "/connections/:id/match-again",
    summary: "Match everything again that the connection has recorded, by its mapping",
    tag: "Matching",
    params: ConnectionParameter,
    status: 202,
    answer: MatchAgainStarted,
    errors: ErrorAnswer,
    async run({ workspaceId, author, params, inWorkspace }) {
      await inWorkspace((db) => refuseUnknown(db, workspaceId, params.id));
      return matchAgain({ workspaceId, connectionId: params.id }, author);
    },
  });
  addRoute(app, {
    method: "POST",
    url: "/connections/:id/match-again/cancel",
    summary: "Stop matching again; what is done stays",
    tag: "Matching",
    params: ConnectionParameter,
    answer: MatchAgainCancelled,
    errors: ErrorAnswer,
    async run({ workspaceId, author, params, inWorkspace }) {
      await inWorkspace((db) => refuseUnknown(db, workspaceId, params.id));
      return { cancelled: await cancel({ workspaceId, connectionId: params.id }, author) };
    },
  });
  addRoute(app, {
    method: "POST",
    url: "/connections/:id/identities/read",
    summary: "Read all visitors and accounts from Pendo now; it happens by itself once a day",
    tag: "Matching",
    params: ConnectionParameter,
    status: 202,
    answer: IdentitiesReading,
    errors: ErrorAnswer,
    async run({ workspaceId, author, params, inWorkspace }) {
      await inWorkspace((db) => refuseUnknown(db, workspaceId, params.id));
      return { job: await readIdentities({ workspaceId, connectionId: params.id }, author) };
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
