// Reading back what was recorded.
import type { FastifyInstance } from "fastify";
import {
  Account,
  AccountDetail,
  ErrorAnswer,
  Event,
  EventDetail,
  FactsQuery,
  IdParameter,
  NpsResponse,
  NpsResponseDetail,
  Organization,
  OrganizationDetail,
  PageOf,
  PollResponse,
  PollResponseDetail,
  RecordsQuery,
  User,
  UserDetail,
} from "../../contract/api.ts";
import { HttpError } from "../../platform/http-server.ts";
import { addGetRoute } from "../../platform/routes.ts";
import type { FactList } from "./fact-conditions.ts";
import { findFact, listFacts } from "./facts-queries.ts";
import { findRecord, listRecords, type RecordList } from "./records-queries.ts";

const facts = [
  { url: "/events", list: "events", many: Event, one: EventDetail, name: "event" },
  { url: "/nps-responses", list: "npsResponses", many: NpsResponse, one: NpsResponseDetail, name: "NPS response" },
  { url: "/poll-responses", list: "pollResponses", many: PollResponse, one: PollResponseDetail, name: "poll response" },
] as const;

const records = [
  { url: "/users", list: "users", many: User, one: UserDetail, name: "user" },
  { url: "/accounts", list: "accounts", many: Account, one: AccountDetail, name: "account" },
  { url: "/organizations", list: "organizations", many: Organization, one: OrganizationDetail, name: "organization" },
] as const;

export function addUseRoutes(app: FastifyInstance): void {
  for (const { url, list, many, one, name } of facts) {
    addGetRoute(app, {
      url,
      summary: `${name}s, newest first`,
      tag: "Facts",
      query: FactsQuery,
      answer: PageOf(many),
      errors: ErrorAnswer,
      read: ({ db, workspaceId, query }) => listFacts(db, list satisfies FactList, workspaceId, query),
    });
    addGetRoute(app, {
      url: `${url}/:id`,
      summary: `One ${name}`,
      tag: "Facts",
      params: IdParameter,
      answer: one,
      errors: ErrorAnswer,
      read: async ({ db, workspaceId, params }) =>
        (await findFact(db, list, workspaceId, params.id)) ?? notFound(name, params.id),
    });
  }
  for (const { url, list, many, one, name } of records) {
    addGetRoute(app, {
      url,
      summary: `${name}s, newest first`,
      tag: "Records",
      query: RecordsQuery,
      answer: PageOf(many),
      errors: ErrorAnswer,
      read: ({ db, workspaceId, query }) => listRecords(db, list satisfies RecordList, workspaceId, query),
    });
    addGetRoute(app, {
      url: `${url}/:id`,
      summary: `One ${name}, by its id or external ID`,
      tag: "Records",
      params: IdParameter,
      answer: one,
      errors: ErrorAnswer,
      read: async ({ db, workspaceId, params }) =>
        (await findRecord(db, list, workspaceId, params.id)) ?? notFound(name, params.id),
    });
  }
}

function notFound(name: string, id: string): never {
  throw new HttpError(404, `There is no ${name} ${JSON.stringify(id)} in this workspace.`);
}
