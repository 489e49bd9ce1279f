// NPS responses: listed, read, said, changed, deleted.
import type { FastifyInstance } from "fastify";
import {
  VitallyDeleted,
  VitallyError,
  VitallyId,
  VitallyListQuery,
  VitallyNpsResponse,
  VitallyPageOf,
} from "../../contract/vitally.ts";
import {
  correctNpsResponse,
  deleteNpsResponse,
  type NpsResponseOutcome,
  saveNpsResponse,
} from "../../pipeline/save-nps-response.ts";
import type { Database, Queryable } from "../../platform/database/pool.ts";
import { HttpError } from "../../platform/http-server.ts";
import type { JsonObject } from "../../platform/json.ts";
import { addGetRoute, addRoute } from "../../platform/routes.ts";
import { isUuid } from "../../platform/uuid.ts";
import { requireBody, requireNamed, tag } from "./named-records.ts";
import {
  chooseByTarget,
  findNpsResponse,
  listNpsResponses,
  responsesOfAccount,
  responsesOfOrganization,
  type ShownResponse,
} from "./nps-queries.ts";
import { readId, readScore, readText, readTime } from "./read-fields.ts";
import { readListQuery } from "./read-list-query.ts";

const path = "/npsResponses";

export function addNpsRoutes(app: FastifyInstance, clock: () => Date): void {
  addLists(app);
  addGetRoute(app, {
    url: `${path}/:id`,
    summary: "One NPS response, by id or external ID",
    tag,
    params: VitallyId,
    answer: VitallyNpsResponse,
    errors: VitallyError,
    read: ({ db, workspaceId, params }) => requireResponse(db, workspaceId, params.id),
  });
  addRoute(app, {
    method: "POST",
    url: path,
    summary: "Makes an NPS response, or changes the one with its external ID",
    tag,
    answer: VitallyNpsResponse,
    errors: VitallyError,
    run: async ({ workspaceId, author, database, body }) => {
      const given = requireBody(body);
      const { userId, score, respondedAt, feedback } = readResponse(given);
      if (userId === undefined) throw new HttpError(400, "`userId` is required: the id that users have here.");
      if (score === undefined) throw new HttpError(400, "`score` is required.");
      const said = { externalId: readId(given, "externalId") ?? null, userId, score, feedback, respondedAt };
      return show(database, workspaceId, await saveNpsResponse(database, { workspaceId, author, at: clock() }, said));
    },
  });
  addRoute(app, {
    method: "PUT",
    url: `${path}/:id`,
    summary: "Changes what is given of an NPS response",
    tag,
    params: VitallyId,
    answer: VitallyNpsResponse,
    errors: VitallyError,
    run: async ({ workspaceId, author, database, params, body }) => {
      const given = requireBody(body);
      const { id, externalId } = await requireResponse(database, workspaceId, params.id);
      const other = readId(given, "externalId");
      if (other !== undefined && other !== externalId)
        throw new HttpError(400, "`externalId` is set when a response is made, and cannot be changed.");
      return show(
        database,
        workspaceId,
        await correctNpsResponse(database, { workspaceId, author, at: clock() }, id, readResponse(given)),
      );
    },
  });
  addRoute(app, {
    method: "DELETE",
    url: `${path}/:id`,
    summary: "Deletes an NPS response",
    tag,
    params: VitallyId,
    answer: VitallyDeleted,
    errors: VitallyError,
    run: async ({ workspaceId, author, database, params }) => {
      const { id } = await requireResponse(database, workspaceId, params.id);
      await deleteNpsResponse(database, { workspaceId, author, at: clock() }, id);
      return { id };
    },
  });
}

function addLists(app: FastifyInstance): void {
  const list = { tag, query: VitallyListQuery, answer: VitallyPageOf(VitallyNpsResponse), errors: VitallyError };
  addGetRoute(app, {
    ...list,
    url: path,
    summary: "All NPS responses",
    read: async ({ db, workspaceId, query }) => {
      const target = query.target ?? "accounts";
      if (target !== "accounts" && target !== "organization")
        throw new HttpError(400, "`target` must be accounts or organization.");
      return listNpsResponses(db, workspaceId, readListQuery(query), chooseByTarget(target));
    },
  });
  const nested = [
    { of: "account", url: "/accounts/:id/npsResponses", responses: responsesOfAccount },
    { of: "organization", url: "/organizations/:id/npsResponses", responses: responsesOfOrganization },
  ] as const;
  for (const { of, url, responses } of nested)
    addGetRoute(app, {
      ...list,
      url,
      summary: `The NPS responses of one ${of}`,
      params: VitallyId,
      read: async ({ db, workspaceId, params, query }) => {
        const asked = readListQuery(query);
        const { id } = await requireNamed(db, of, workspaceId, params.id);
        return listNpsResponses(db, workspaceId, asked, { among: responses(workspaceId, id) });
      },
    });
}

async function requireResponse(db: Queryable, workspaceId: string, given: string): Promise<ShownResponse> {
  const response = await findNpsResponse(db, workspaceId, given);
  if (!response) throw new HttpError(404, "There is no such NPS response.");
  return response;
}

function readResponse(body: JsonObject) {
  const userId = readId(body, "userId") ?? undefined;
  if (userId !== undefined && !isUuid(userId))
    throw new HttpError(400, "`userId` must be the id that the user has here, not an external ID.");
  return {
    userId,
    score: readScore(body),
    feedback: readText(body, "feedback"),
    respondedAt: readTime(body, "respondedAt") ?? undefined,
  };
}

async function show(database: Database, workspaceId: string, result: NpsResponseOutcome): Promise<ShownResponse> {
  switch (result.outcome) {
    case "saved":
      return requireResponse(database, workspaceId, result.id);
    case "no-user":
      throw new HttpError(
        400,
        "No user has the id in `userId`: it is the id that the user has here, not an external ID.",
      );
    case "not-changeable":
      throw new HttpError(
        400,
        "This response came from Pendo and stays what the person answered; it can be deleted, not changed.",
      );
  }
}
