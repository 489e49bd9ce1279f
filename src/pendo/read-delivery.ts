// A body becomes items: pure, tolerant, and never guessing whose it is. Facts about Pendo's bodies: the samples beside
// each kind are Pendo's published ones where they are public, and invented where the file says so.
import { createHash } from "node:crypto";
import type { ConnectionRules, Item } from "../pipeline/facts.ts";
import { drop, type Fail, fail, type Outcome, ok } from "../pipeline/outcome.ts";
import { isJsonObject, type Json, type JsonObject, parseJsonExactly } from "../platform/json.ts";
import { findKind } from "./kinds/index.ts";
import type { Facts } from "./kinds/kind.ts";
import { readUnknownKind } from "./kinds/unknown-kind.ts";
import { isUsableId, readId } from "./read-id.ts";
import { readTime } from "./read-time.ts";

export type ItemReading = {
  kind: string | null;
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
  reading: Outcome<Item>;
};

/** Guides and polls share an index with a visitor; theirs are short (27 characters) unless something else is put there. */
const longestIdOfPendo = 400;
const longestKind = 200;

type ReadingRules = Pick<ConnectionRules, "filteredKinds" | "recordedKinds" | "anonymousVisitors">;

/**
 * Reads all items of a body: one for an object, one each for a list of objects. `receivedAt` stands in for times that
 * cannot be right.
 */
export function readDelivery(body: string, receivedAt: Date, rules: ReadingRules): ItemReading[] | Fail {
  let parsed: Json;
  try {
    parsed = parseJsonExactly(body);
  } catch {
    return fail("not-json");
  }
  const messages = Array.isArray(parsed) ? parsed : [parsed];
  if (messages.length === 0 || !messages.every(isJsonObject)) return fail("not-an-object");
  return messages.map((message) => readItem(message, messages.length === 1 ? body : undefined, receivedAt, rules));
}

function readItem(message: JsonObject, body: string | undefined, receivedAt: Date, rules: ReadingRules): ItemReading {
  const kind = typeof message.event === "string" && message.event !== "" ? message.event.slice(0, longestKind) : null;
  const visitor = readId(message.visitorId);
  const account = readId(message.accountId);
  const isUsable = [visitor, account].every(({ identifies }) => identifies === null || isUsableId(identifies));
  const seen = {
    kind,
    pendoVisitorId: isUsable ? visitor.text : null,
    pendoAccountId: isUsable ? account.text : null,
  };
  const reader = kind === null ? undefined : findKind(kind);
  if (kind !== null && rules.filteredKinds.includes(kind)) return { ...seen, reading: drop("kind-switched-off") };
  if (!reader && (kind === null || !rules.recordedKinds.includes(kind)))
    return { ...seen, reading: drop("unknown-kind") };
  if (!isUsable) return { ...seen, reading: fail("id-unusable") };
  const isAnonymous = visitor.text !== null && visitor.identifies === null;
  if (isAnonymous && rules.anonymousVisitors === "filter") return { ...seen, reading: drop("anonymous-visitor") };
  const properties = readProperties(message.properties);
  const facts = (reader?.read ?? readUnknownKind)({ kind: kind ?? "", properties, message });
  if (facts.outcome !== "ok") return { ...seen, reading: facts };
  const item: Item = {
    key: readKey(message, body),
    kind: kind ?? "",
    claim: { visitorId: visitor.identifies, accountId: account.identifies },
    pendoVisitorId: visitor.text,
    pendoAccountId: account.text,
    respondent: visitor.distinguishes,
    appId: isJsonObject(message.app) ? readId(message.app.id).text : null,
    time: readTime(message.timestamp, receivedAt),
    ...shortenIds(facts.value),
  };
  return { ...seen, reading: ok(item) };
}

/** Properties that are no object are kept under a name. */
function readProperties(value: Json | undefined): JsonObject {
  if (isJsonObject(value)) return value;
  return value === undefined || value === null || value === "" ? {} : { value };
}

/** Ids of guides and polls that no index takes get a short form, still one for each; the properties keep the long one. */
function shortenIds({ event, nps, polls }: Facts): Facts {
  return {
    event: event && { ...event, guideId: shortenId(event.guideId) },
    nps: nps && { ...nps, guideId: shortenId(nps.guideId) },
    polls: polls.map((poll) => ({
      ...poll,
      pollId: shortenId(poll.pollId),
      guideId: shortenId(poll.guideId),
      guideStepId: shortenId(poll.guideStepId),
    })),
  };
}

function shortenId(id: string | null): string | null {
  if (id === null || Buffer.byteLength(id) <= longestIdOfPendo) return id;
  return `${id.slice(0, 80)}… ${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;
}

/**
 * Pendo's uniqueId; without one, a hash of the body (of the item, where a body has several). An id that a template left
 * empty ("undefined") would make one event of many.
 */
function readKey(message: JsonObject, body: string | undefined): string {
  const { identifies } = readId(message.uniqueId);
  if (identifies !== null) return `id:${identifies}`;
  return `body:${createHash("sha256")
    .update(body ?? JSON.stringify(message))
    .digest("hex")}`;
}
