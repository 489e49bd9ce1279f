// Routes of the API: every one has schemas for what it takes and gives, and works inside one workspace.
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import { HttpError } from "./http-server.ts";
import { isStorableText } from "./json.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the sign-in before any route of the API runs. */
    workspaceId: string;
  }
}

export type GetRoute<Query extends TSchema, Params extends TSchema, Answer extends TSchema> = {
  url: string;
  summary: string;
  tag: string;
  query?: Query;
  params?: Params;
  answer: Answer;
  errors: TSchema;
  read: (request: { workspaceId: string; query: Static<Query>; params: Static<Params> }) => Promise<unknown>;
};

export function addGetRoute<Query extends TSchema, Params extends TSchema, Answer extends TSchema>(
  app: FastifyInstance,
  route: GetRoute<Query, Params, Answer>,
): void {
  app.get(
    route.url,
    {
      schema: {
        summary: route.summary,
        tags: [route.tag],
        ...(route.query && { querystring: route.query }),
        ...(route.params && { params: route.params }),
        response: { 200: route.answer, "4xx": route.errors },
      },
    },
    async (request: FastifyRequest) => {
      refuseUnstorableText(request);
      return route.read({
        workspaceId: request.workspaceId,
        query: request.query as Static<Query>,
        params: request.params as Static<Params>,
      });
    },
  );
}

/** What PostgreSQL cannot keep it cannot look for either: it would be an error there, and is the caller's mistake. */
function refuseUnstorableText({ query, params }: FastifyRequest): void {
  for (const [name, value] of Object.entries({ ...(query as object), ...(params as object) }))
    if (typeof value === "string" && !isStorableText(value))
      throw new HttpError(400, `\`${name}\` has a character that no text here has: U+0000, or half of a pair.`);
}
