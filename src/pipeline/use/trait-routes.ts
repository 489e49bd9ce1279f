// Traits of records: reading them by source and with history, setting them, and deciding about them.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer, IdParameter } from "../../contract/api.ts";
import {
  TraitHistory,
  TraitHistoryQuery,
  TraitList,
  TraitNames,
  TraitNamesQuery,
  TraitParameters,
  TraitSettings,
  TraitSettingsBody,
  TraitSettingsParameters,
  TraitsPatch,
  TraitsPatched,
} from "../../contract/traits.ts";
import type { Database, Queryable } from "../../platform/database/pool.ts";
import { HttpError } from "../../platform/http-server.ts";
import type { JsonObject } from "../../platform/json.ts";
import { type Author, addGetRoute, addRoute } from "../../platform/routes.ts";
import type { RecordKind } from "../records.ts";
import { findNamedRecords } from "./record-ids-queries.ts";
import { listTraitNames } from "./trait-names-queries.ts";
import { listTraitHistory, listTraits, readShownTraits } from "./traits-queries.ts";

/** Traits and what is decided about them, as the stages that write them give them. */
export type TraitWriters = {
  saveTraits: (
    database: Database,
    to: { workspaceId: string; kind: RecordKind; record: string; author: Author },
    said: JsonObject,
  ) => Promise<
    | { outcome: "saved"; recordId: string; changed: number }
    | { outcome: "no-record" }
    | { outcome: "refused"; problems: readonly string[] }
  >;
  findSettings: (db: Queryable, of: Named) => Promise<Settings>;
  saveSettings: (
    database: Database,
    of: Named & { author: Author },
    settings: Settings,
  ) => Promise<{ settings: Settings } | { problem: string }>;
};

type Named = { workspaceId: string; kind: RecordKind; name: string };
type Settings = { type: string | null; sources: readonly string[] | null };

const records = [
  { url: "/users", kind: "user" },
  { url: "/accounts", kind: "account" },
  { url: "/organizations", kind: "organization" },
] as const;

export function addTraitRoutes(app: FastifyInstance, writers: TraitWriters): void {
  for (const { url, kind } of records) {
    addGetRoute(app, {
      url: `${url}/:id/traits`,
      summary: `The traits of one ${kind}: by source, with history`,
      tag: "Traits",
      params: IdParameter,
      answer: TraitList,
      errors: ErrorAnswer,
      async read({ db, workspaceId, params }) {
        const recordId = await findRecordId(db, { workspaceId, kind }, params.id);
        return { items: await listTraits(db, { workspaceId, kind, recordId }) };
      },
    });
    addGetRoute(app, {
      url: `${url}/:id/traits/:name/history`,
      summary: `How one trait of one ${kind} changed, in the order of time`,
      tag: "Traits",
      params: TraitParameters,
      query: TraitHistoryQuery,
      answer: TraitHistory,
      errors: ErrorAnswer,
      async read({ db, workspaceId, params, query }) {
        const recordId = await findRecordId(db, { workspaceId, kind }, params.id);
        return listTraitHistory(db, { workspaceId, kind, recordId, name: params.name }, query);
      },
    });
    addRoute(app, {
      method: "PATCH",
      url: `${url}/:id/traits`,
      summary: `Sets traits of one ${kind}, with the source custom`,
      tag: "Traits",
      params: IdParameter,
      body: TraitsPatch,
      answer: TraitsPatched,
      errors: ErrorAnswer,
      async run({ workspaceId, author, params, body, database, inWorkspace }) {
        const to = { workspaceId, kind, record: params.id, author };
        const saved = await writers.saveTraits(database, to, body.traits as JsonObject);
        if (saved.outcome === "no-record") return notFound(kind, params.id);
        if (saved.outcome === "refused") throw new HttpError(400, sayProblems(saved.problems));
        const { recordId, changed } = saved;
        return { changed, traits: await inWorkspace((db) => readShownTraits(db, { workspaceId, kind, recordId })) };
      },
    });
  }
  addSettingsRoutes(app, writers);
}

function addSettingsRoutes(app: FastifyInstance, { findSettings, saveSettings }: TraitWriters): void {
  addGetRoute(app, {
    url: "/traits",
    summary: "Every trait that records of one level have: its sources, types, and what was decided about it",
    tag: "Traits",
    query: TraitNamesQuery,
    answer: TraitNames,
    errors: ErrorAnswer,
    read: async ({ db, workspaceId, query }) => ({ items: await listTraitNames(db, workspaceId, query.level) }),
  });
  addGetRoute(app, {
    url: "/traits/:level/:name",
    summary: "What was decided about one trait",
    tag: "Traits",
    params: TraitSettingsParameters,
    answer: TraitSettings,
    errors: ErrorAnswer,
    async read({ db, workspaceId, params: { level, name } }) {
      return { level, name, ...(await findSettings(db, { workspaceId, kind: level, name })) };
    },
  });
  addRoute(app, {
    method: "PUT",
    url: "/traits/:level/:name",
    summary: "Decides about one trait; what is not named is as it comes. Values that are there stay",
    tag: "Traits",
    params: TraitSettingsParameters,
    body: TraitSettingsBody,
    answer: TraitSettings,
    errors: ErrorAnswer,
    async run({ workspaceId, author, params: { level, name }, body: { type = null, sources = null }, database }) {
      const saved = await saveSettings(database, { workspaceId, kind: level, name, author }, { type, sources });
      if ("problem" in saved) throw new HttpError(400, saved.problem);
      return { level, name, ...saved.settings };
    },
  });
}

async function findRecordId(
  db: Queryable,
  { workspaceId, kind }: { workspaceId: string; kind: RecordKind },
  given: string,
): Promise<string> {
  const [record] = await findNamedRecords(db, kind, workspaceId, given);
  return record?.id ?? notFound(kind, given);
}

const mostProblems = 20;

function sayProblems(problems: readonly string[]): string {
  const more = problems.length - mostProblems;
  return [...problems.slice(0, mostProblems), ...(more > 0 ? [`And ${more} more.`] : []), "Nothing was changed."].join(
    " ",
  );
}

function notFound(kind: RecordKind, id: string): never {
  throw new HttpError(404, `There is no ${kind} ${JSON.stringify(id)} in this workspace.`);
}
