// A body becomes items: pure, tolerant, and never guessing whose it is. Facts about Pendo's bodies: the samples beside
// each kind are Pendo's published ones where they are public, and invented where the file says so.
import { createHash } from "node:crypto";
import type { ConnectionRules, Item } from "../pipeline/facts.ts";
import { drop, type Fail, fail, type Outcome, ok } from "../pipeline/outcome.ts";
import { isJsonObject, type Json, type JsonObject, parseJsonExactly } from "../platform/json.ts";
import { findKind } from "./kinds/index.ts";
import { readUnknownKind } from "./kinds/unknown-kind.ts";
import { readId } from "./read-id.ts";
import { readTime } from "./read-time.ts";

export type ItemReading = {
  kind: string | null;
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
  reading: Outcome<Item>;
};

/** Longest id that is kept, in bytes of UTF-8: what an index of PostgreSQL takes. */
const longestId = 1_000;
const longestKind = 200;

/**
 * Reads all items of a body: one for an object, one each for a list of objects. `receivedAt` stands in for times that
 * cannot be right.
 */
export function readDelivery(body: string, receivedAt: Date, rules: ConnectionRules): ItemReading[] | Fail {
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

function readItem(
  message: JsonObject,
  body: string | undefined,
  receivedAt: Date,
  rules: ConnectionRules,
): ItemReading {
  const kind = typeof message.event === "string" && message.event !== "" ? message.event.slice(0, longestKind) : null;
  const visitor = readId(message.visitorId);
  const account = readId(message.accountId);
  const seen = { kind, pendoVisitorId: visitor.text, pendoAccountId: account.text };
  for (const id of [visitor, account]) {
    if (id.identifies !== null && (!isKeepable(id.identifies) || Buffer.byteLength(id.identifies) > longestId)) {
      return { ...seen, pendoVisitorId: null, pendoAccountId: null, reading: fail("id-unusable") };
    }
  }
  const reader = kind === null ? undefined : findKind(kind);
  if (kind !== null && rules.filteredKinds.includes(kind)) return { ...seen, reading: drop("kind-switched-off") };
  if (!reader && (kind === null || !rules.recordedKinds.includes(kind)))
    return { ...seen, reading: drop("unknown-kind") };
  const properties = isJsonObject(message.properties) ? message.properties : {};
  const facts = (reader?.read ?? readUnknownKind)({ kind: kind ?? "", properties, message });
  if (facts.outcome !== "ok") return { ...seen, reading: facts };
  const item: Item = {
    key: readKey(message, body),
    kind: kind ?? "",
    claim: { visitorId: visitor.identifies, accountId: account.identifies },
    pendoVisitorId: visitor.text,
    pendoAccountId: account.text,
    appId: isJsonObject(message.app) ? readId(message.app.id).text : null,
    time: readTime(message.timestamp, receivedAt),
    ...facts.value,
  };
  return { ...seen, reading: ok(item) };
}

function isKeepable(id: string): boolean {
  return !id.includes("\0") && id.isWellFormed();
}

/** Pendo's uniqueId; without one, a hash of the body (of the item, where a body has several). */
function readKey(message: JsonObject, body: string | undefined): string {
  const id = message.uniqueId;
  if (typeof id === "string" && id !== "") return `id:${id}`;
  if (typeof id === "number") return `id:${id}`;
  return `body:${createHash("sha256")
    .update(body ?? JSON.stringify(message))
    .digest("hex")}`;
}
