// What clients ask beside records and responses: traits in use, health scores, and the team.
import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import {
  VitallyAdmin,
  VitallyAdminSearch,
  VitallyCustomFields,
  VitallyError,
  VitallyId,
  VitallyListQuery,
  VitallyModelQuery,
  VitallyPageOf,
} from "../../contract/vitally.ts";
import type { RecordKind } from "../../pipeline/records.ts";
import { HttpError } from "../../platform/http-server.ts";
import { addGetRoute } from "../../platform/routes.ts";
import { requireNamed, tag } from "./named-records.ts";
import { type FindAdmins, listCustomFields } from "./other-queries.ts";

const models: Record<string, readonly RecordKind[]> = {
  organizations: ["organization"],
  accounts: ["account"],
  users: ["user"],
  // Nothing of these is kept here.
  customObjects: [],
  tasks: [],
  notes: [],
  projects: [],
  conversations: [],
  team: [],
};

export function addOtherRoutes(app: FastifyInstance, findAdmins: FindAdmins): void {
  addGetRoute(app, {
    url: "/customFields",
    summary: "The traits in use, by name",
    tag,
    query: VitallyModelQuery,
    answer: VitallyCustomFields,
    errors: VitallyError,
    read: ({ db, workspaceId, query: { model } }) => {
      const kinds = model ? (Object.hasOwn(models, model) ? models[model] : undefined) : Object.values(models).flat();
      if (!kinds) throw new HttpError(400, `\`model\` must be one of ${Object.keys(models).join(", ")}.`);
      return listCustomFields(db, workspaceId, kinds);
    },
  });
  addGetRoute(app, {
    url: "/accounts/:id/healthScores",
    summary: "The health scores of an account: none yet",
    tag,
    params: VitallyId,
    query: VitallyListQuery,
    answer: VitallyPageOf(Type.Object({})),
    errors: VitallyError,
    read: async ({ db, workspaceId, params }) => {
      await requireNamed(db, "account", workspaceId, params.id);
      return { results: [], next: null };
    },
  });
  addGetRoute(app, {
    url: "/admins/search",
    summary: "Members of the workspace by address",
    tag,
    query: VitallyAdminSearch,
    answer: VitallyPageOf(VitallyAdmin),
    errors: VitallyError,
    read: async ({ workspaceId, query }) => {
      if (!query.email) throw new HttpError(400, "`email` is required.");
      return { results: await findAdmins(workspaceId, query.email), next: null };
    },
  });
}
