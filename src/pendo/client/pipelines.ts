// The aggregations that Plumbline asks Pendo for, and how their rows are read.
import { isJsonObject, type Json, type JsonObject } from "../../platform/json.ts";
import { type Fields, listGroups } from "./fields.ts";
import { quoteText } from "./quote-text.ts";
import { WrongContentError } from "./split-rows.ts";

export type PendoKind = "visitor" | "account";
/** Values by group and field. A group that Pendo does not give is missing; "do not process" visitors have hardly any. */
type Metadata = Record<string, JsonObject>;
export type Identity = { id: string; metadata: Metadata };

export type Pipeline = readonly JsonObject[];

// Without it, Pendo looks at the default app only.
const everyApp = { appId: 'expandAppIds("*")' };
const sourceOf: Readonly<Record<PendoKind, JsonObject>> = {
  visitor: { source: { visitors: everyApp } },
  account: { source: { accounts: everyApp } },
};
const idOf = { visitor: "visitorId", account: "accountId" } as const;
/** Groups are selected under names of their own, so that none is taken for the id. */
const groupPrefix = "metadata_";

/** The next ones behind `after`, in Pendo's order of ids. Anonymous ones are left out. */
export function createListPipeline(
  kind: PendoKind,
  fields: Fields,
  page: { after: string | undefined; limit: number },
): Pipeline {
  const id = idOf[kind];
  return [
    sourceOf[kind],
    { identified: id },
    ...(page.after === undefined ? [] : [{ filter: `${id} > ${quoteText(page.after)}` }]),
    ...select(kind, fields),
    { sort: [id] },
    { limit: page.limit },
  ];
}

export function createFindPipeline(kind: PendoKind, ids: readonly string[], fields: Fields): Pipeline {
  const id = idOf[kind];
  return [
    sourceOf[kind],
    { filter: ids.map((one) => `${id} == ${quoteText(one)}`).join(" || ") },
    ...select(kind, fields),
  ];
}

export function createCountPipeline(kind: PendoKind): Pipeline {
  return [sourceOf[kind], { identified: idOf[kind] }, { reduce: { count: { count: idOf[kind] } } }];
}

/** Where everything is wanted, rows stay as they are: metadata whole. */
function select(kind: PendoKind, fields: Fields): Pipeline {
  const groups = listGroups(fields);
  if (groups === "all") return [];
  const id = idOf[kind];
  return [
    {
      select: Object.fromEntries([
        [id, id],
        ...groups.map((group) => [`${groupPrefix}${group}`, `metadata.${group}`] as const),
      ]),
    },
  ];
}

/** Undefined for a row without a usable id: there is nobody it could be about. */
export function readIdentity(kind: PendoKind, row: JsonObject): Identity | undefined {
  const id = row[idOf[kind]];
  if (typeof id !== "string" || id === "") return undefined;
  return { id, metadata: readMetadata(row) };
}

/** The answer of `GET /visitor/{id}`; nobody where it is about another id. Throws a WrongContentError. */
export function readPerson(id: string, answer: Json): Identity[] {
  if (!isJsonObject(answer) || !isJsonObject(answer.metadata)) throw new WrongContentError("it has no metadata");
  return answer.id === id ? [{ id, metadata: readMetadata({ metadata: answer.metadata }) }] : [];
}

function readMetadata(row: JsonObject): Metadata {
  const groups: [string, Json][] = isJsonObject(row.metadata)
    ? Object.entries(row.metadata)
    : Object.entries(row).flatMap(([name, value]): [string, Json][] =>
        name.startsWith(groupPrefix) ? [[name.slice(groupPrefix.length), value]] : [],
      );
  return Object.fromEntries(groups.filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1])));
}
