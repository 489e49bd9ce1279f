import type { Json, JsonObject } from "../../world/types.ts";
import { openSource, type SourceRecords } from "../aggregation/open-source.ts";
import { type PipelineTools, readPipeline } from "../aggregation/read-pipeline.ts";
import { isObject, readObject, refuse } from "../aggregation/read-shape.ts";
import { answerStream, writeList } from "../http/answer.ts";
import type { Route } from "../http/find-route.ts";
import type { Segments } from "../records/segments.ts";

type Parts = {
  segments: Segments;
  now: () => number;
  /** As things are at this moment. */
  openRecords: () => SourceRecords;
};

export function createAggregationRoutes({ segments, now, openRecords }: Parts): Route[] {
  return [
    {
      method: "POST",
      path: "/api/v1/aggregation",
      answer: ({ readJson }) => {
        const pipeline = readPipelineOf(readJson());
        const { rows, startTime } = readPipeline(pipeline, createTools(openRecords(), segments, now()));
        const head = startTime === null ? '{"results":' : `{"startTime":${startTime},"results":`;
        // No rows are null, as a list that was never begun.
        return answerStream("application/json; charset=utf-8", writeList(head, rows, "}", "null"));
      },
    },
  ];
}

/** Throws a Refusal. Other fields of the request are names for its sender. */
function readPipelineOf(body: Json): Json | undefined {
  if (!isObject(body)) throw refuse("the body must be an object with response and request");
  const { response, request } = body;
  const mimeType = isObject(response) ? (response.mimeType ?? "application/json") : "application/json";
  if (mimeType !== "application/json") throw refuse(`unsupported mimeType ${String(mimeType)}`);
  return readObject(request, "request").pipeline;
}

const catalogueKinds = ["page", "feature", "guide", "trackType"] as const;

function createTools(records: SourceRecords, segments: Segments, now: number): PipelineTools {
  const context = { now, appIds: records.apps.map(({ id }) => id) };
  return {
    ...context,
    openSource: (settings) => openSource(settings, records, context),
    isKnownKind: (kind) => kind === "visitor" || kind === "account" || isCatalogueKind(kind),
    find: (kind, id) => find(records, kind, id),
    findSegment: segments.find,
  };
}

function find({ people, catalogue }: SourceRecords, kind: string, id: Json): JsonObject | undefined {
  if (typeof id !== "string") return undefined;
  if (kind === "visitor" || kind === "account") return people.findMetadata(kind, id);
  return isCatalogueKind(kind) ? catalogue[kind].find((entry) => entry.id === id) : undefined;
}

function isCatalogueKind(kind: string): kind is (typeof catalogueKinds)[number] {
  return (catalogueKinds as readonly string[]).includes(kind);
}
