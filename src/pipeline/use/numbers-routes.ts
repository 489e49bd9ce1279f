// What the pages show in numbers, and the search over everything.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer, IdParameter } from "../../contract/api.ts";
import {
  Activity,
  ActivityQuery,
  Apps,
  EventKinds,
  Guides,
  Movers,
  NpsSummary,
  NpsSummaryQuery,
  PollList,
  PollQuery,
  PollResults,
  SearchQuery,
  SearchResults,
} from "../../contract/numbers.ts";
import { HttpError } from "../../platform/http-server.ts";
import { addGetRoute } from "../../platform/routes.ts";
import { listMovers, readActivity } from "./activity-queries.ts";
import { listApps, listEventKinds, listGuides } from "./facets-queries.ts";
import { summarizeNps } from "./nps-summary-queries.ts";
import { listPolls, readPoll } from "./polls-queries.ts";
import { search } from "./search-queries.ts";

const shared = { tag: "Numbers", errors: ErrorAnswer } as const;

export function addNumbersRoutes(app: FastifyInstance, { clock }: { clock: () => Date }): void {
  addGetRoute(app, {
    ...shared,
    url: "/nps-summary",
    summary: "NPS in numbers: of exactly the responses that the list shows with the same filters",
    query: NpsSummaryQuery,
    answer: NpsSummary,
    read: ({ db, workspaceId, query }) => summarizeNps(db, workspaceId, query, clock()),
  });
  addGetRoute(app, {
    ...shared,
    url: "/polls",
    summary: "Polls that somebody has answered, the last answered first",
    query: PollQuery,
    answer: PollList,
    read: async ({ db, workspaceId, query }) => ({ items: await listPolls(db, workspaceId, query) }),
  });
  addGetRoute(app, {
    ...shared,
    url: "/polls/:id",
    summary: "The results of one poll",
    params: IdParameter,
    query: PollQuery,
    answer: PollResults,
    read: async ({ db, workspaceId, params, query }) => {
      const poll = await readPoll(db, workspaceId, params.id, query);
      if (!poll) throw new HttpError(404, `There is no poll ${JSON.stringify(params.id)} in this workspace.`);
      return poll;
    },
  });
  addGetRoute(app, {
    ...shared,
    url: "/activity",
    summary: "Events a day: of the workspace, an account, a user or an organization",
    query: ActivityQuery,
    answer: Activity,
    read: ({ db, workspaceId, query }) => readActivity(db, workspaceId, query, clock()),
  });
  addGetRoute(app, {
    ...shared,
    url: "/event-kinds",
    summary: "Kinds of events that were seen, and what these are called",
    answer: EventKinds,
    read: async ({ db, workspaceId }) => ({ items: await listEventKinds(db, workspaceId) }),
  });
  addGetRoute(app, {
    ...shared,
    url: "/guides",
    summary: "Guides that events or answers name",
    answer: Guides,
    read: async ({ db, workspaceId }) => ({ items: await listGuides(db, workspaceId) }),
  });
  addGetRoute(app, {
    ...shared,
    url: "/apps",
    summary: "Pendo apps that the newest events come from",
    answer: Apps,
    read: async ({ db, workspaceId }) => ({ items: await listApps(db, workspaceId) }),
  });
  addGetRoute(app, {
    ...shared,
    url: "/movers",
    summary: "Accounts that fell silent, and those whose activity has changed most",
    answer: Movers,
    read: ({ db, workspaceId }) => listMovers(db, workspaceId, clock()),
  });
  addGetRoute(app, {
    ...shared,
    url: "/search",
    summary: "Accounts, organizations, users and guides by how they begin",
    query: SearchQuery,
    answer: SearchResults,
    read: async ({ db, workspaceId, query }) => ({ items: await search(db, workspaceId, query.q) }),
  });
}
