// Lists without pages: bare arrays, of the default app unless asked for more.
import type { App, JsonObject } from "../../world/types.ts";
import { answerJson } from "../http/answer.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/find-route.ts";
import type { Catalogue } from "../records/catalogue.ts";
import type { Segments } from "../records/segments.ts";
import { Refusal } from "../refusal.ts";

const kinds = { page: "page", feature: "feature", guide: "guide", tracktype: "trackType" } as const;

export function createCatalogueRoutes(catalogue: Catalogue, segments: Segments, apps: readonly App[]): Route[] {
  const routes = Object.entries(kinds).map(
    ([name, kind]): Route => ({
      method: "GET",
      path: `/api/v1/${name}`,
      answer: ({ query }) => answerJson(selectEntries(catalogue[kind], query, apps[0]!.id)),
    }),
  );
  return [...routes, { method: "GET", path: "/api/v1/segment", answer: () => answerJson([...segments.list]) }];
}

function selectEntries(entries: readonly JsonObject[], query: Exchange["query"], defaultApp: number): JsonObject[] {
  const state = query.get("state");
  const wanted = selectByIds(entries, query.get("id")) ?? selectByApp(entries, query, defaultApp);
  return wanted.filter((entry) => state === null || entry.state === state);
}

/** One that is not there fails the whole request. */
function selectByIds(entries: readonly JsonObject[], ids: string | null): JsonObject[] | undefined {
  return ids?.split(",").map((id) => {
    const entry = entries.find((one) => one.id === id);
    if (!entry) throw new Refusal(404, `${id} not found`);
    return entry;
  });
}

function selectByApp(entries: readonly JsonObject[], query: Exchange["query"], defaultApp: number): JsonObject[] {
  const [expand, appId] = [query.get("expand"), query.get("appId")];
  if (expand !== null && appId !== null) throw new Refusal(400, "expand and appId cannot be used together");
  if (expand === "*") return [...entries];
  const appIds = new Set(appId === null ? [defaultApp] : appId.split(",").map(Number));
  return entries.filter((entry) => appIds.has(Number(entry.appId)));
}
