import { type Random, urlSafe } from "../random.ts";
import type { App, Field, Json, JsonObject, TrackType } from "./types.ts";
import type { TrackTypeDraft } from "./vocabulary.ts";

export function createTrackTypes(random: Random, drafts: readonly TrackTypeDraft[], apps: readonly App[]): TrackType[] {
  return drafts.map(({ name, app, fields }) => ({
    id: random.text(urlSafe, 27),
    name,
    app: apps[app] ?? apps[0]!,
    fields,
  }));
}

export function createValues(random: Random, fields: readonly Field[]): JsonObject {
  return Object.fromEntries(fields.map((field) => [field.name, createValue(random, field)]));
}

function createValue(random: Random, field: Field): Json {
  if ("values" in field) return random.pick(field.values);
  if ("fields" in field) return createValues(random, field.fields);
  if ("listOf" in field)
    return Array.from({ length: random.int(0, field.upTo) }, () => createValue(random, field.listOf));
  return Number((field.from + random.next() * (field.to - field.from)).toFixed(field.decimals ?? 0));
}
