// The schema of metadata, and its values one by one or many at once.
import { isObject } from "../aggregation/read-shape.ts";
import { answerJson } from "../http/answer.ts";
import type { Route } from "../http/find-route.ts";
import { createMetadataSchema } from "../records/metadata-schema.ts";
import { type People, type PersonKind, readField } from "../records/people.ts";
import { Refusal } from "../refusal.ts";

/** The others belong to Pendo and to other integrations. */
const writableGroups = ["agent", "custom"];

export function createMetadataRoutes(people: People): Route[] {
  return [
    {
      method: "GET",
      path: "/api/v1/metadata/schema/:kind",
      answer: ({ parameters }) => answerJson(createMetadataSchema(readKind(parameters.kind!))),
    },
    {
      method: "GET",
      path: "/api/v1/metadata/:kind/:group/value/:id/:field",
      answer: ({ parameters }) => {
        const metadata = people.findMetadata(readKind(parameters.kind!), parameters.id!);
        if (!metadata) throw new Refusal(404, `${parameters.kind} not found`);
        return answerJson(readField(metadata, parameters.group!, parameters.field!));
      },
    },
    {
      method: "PUT",
      path: "/api/v1/metadata/:kind/:group/value/:id/:field",
      isWriting: true,
      answer: ({ parameters, readJson }) => {
        const [kind, group] = [readKind(parameters.kind!), readGroup(parameters.group!)];
        const values = { [parameters.field!]: readJson() };
        if (!people.setMetadata(kind, parameters.id!, group, values)) throw new Refusal(404, `${kind} not found`);
        return { status: 200, contentType: null, body: "" };
      },
    },
    {
      method: "POST",
      path: "/api/v1/metadata/:kind/:group/value",
      isWriting: true,
      answer: ({ parameters, query, readJson }) => {
        const [kind, group] = [readKind(parameters.kind!), readGroup(parameters.group!)];
        return answerJson(writeMany(people, kind, group, readJson(), query.get("create") === "true"));
      },
    },
  ];
}

function readKind(kind: string): PersonKind {
  if (kind !== "visitor" && kind !== "account") throw new Refusal(404, `there is no metadata of ${kind}`);
  return kind;
}

function readGroup(group: string): string {
  if (!writableGroups.includes(group)) throw new Refusal(400, `metadata of ${group} cannot be written`);
  return group;
}

/** `[{"visitorId": …, "values": {…}}, …]`: what fails does not keep the others from being written. */
function writeMany(people: People, kind: PersonKind, group: string, body: unknown, isCreating: boolean) {
  if (!Array.isArray(body)) throw new Refusal(400, "the body must be a list");
  const missing: string[] = [];
  let [updated, failed] = [0, 0];
  for (const entry of body) {
    const id = isObject(entry) ? entry[`${kind}Id`] : undefined;
    if (typeof id !== "string" || !isObject(entry.values)) {
      failed += 1;
      continue;
    }
    if (isCreating) people.create(kind, id);
    if (people.setMetadata(kind, id, group, entry.values)) updated += 1;
    else missing.push(id);
  }
  return { kind, total: body.length, updated, failed: failed + missing.length, missing };
}
