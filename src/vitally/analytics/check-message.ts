// What a message of the Analytics API must have, by type. Pure: the door asks this before it takes a request in, and the
// worker again for each message of a batch.
import { isNobody, isUsableId } from "../../pendo/read-id.ts";
import type { MessageType } from "../../pipeline/messages.ts";
import type { Reason } from "../../pipeline/outcome.ts";
import { longestName } from "../../pipeline/records.ts";
import { findLimitProblem } from "../../pipeline/trait-values.ts";
import { isJsonObject, type Json, type JsonObject } from "../../platform/json.ts";

/** What is wrong with a message, for whoever sent it. */
export type Complaint = { reason: Reason; detail: string };

type Id = "userId" | "accountId" | "organizationId";
const ids: readonly Id[] = ["userId", "accountId", "organizationId"];

const needs: Record<MessageType, { ids: readonly Id[]; anyOf?: readonly Id[]; object?: "traits" | "properties" }> = {
  organization: { ids: ["organizationId"] },
  account: { ids: ["accountId"] },
  user: { ids: ["userId"], object: "traits" },
  track: { ids: [], anyOf: ids, object: "properties" },
  unlink: { ids: ["userId", "accountId"] },
};

/** Other ids in a message say nothing: it is not about them. */
export const mayName: Record<MessageType, readonly Id[]> = {
  organization: ["organizationId"],
  account: ["accountId", "organizationId"],
  user: ids,
  track: ids,
  unlink: ["userId", "accountId"],
};

export function isMessageType(type: string | null): type is MessageType {
  return type !== null && Object.hasOwn(needs, type);
}

/** Null: it can be recorded. */
export function findComplaint(message: JsonObject, type: MessageType): Complaint | null {
  const need = needs[type];
  const unusable = (detail: string): Complaint => ({ reason: "message-unusable", detail });
  for (const id of mayName[type]) {
    const complaint = findIdComplaint(id, message[id]);
    if (complaint) return complaint;
  }
  for (const id of need.ids) if (readMessageId(message[id]) === null) return unusable(`\`${id}\` is missing.`);
  if (need.anyOf?.every((id) => readMessageId(message[id]) === null))
    return unusable(`It needs \`userId\`, \`accountId\` or \`organizationId\`.`);
  if (type === "track" && readMessageId(message.event) === null) return unusable("`event`, the name, is missing.");
  if (need.object && isAbsent(message[need.object])) return unusable(`\`${need.object}\` is missing; it may be {}.`);
  for (const name of ["traits", "properties"] as const)
    if (
      name === (type === "track" ? "properties" : "traits") &&
      !isAbsent(message[name]) &&
      !isJsonObject(message[name])
    )
      return unusable(`\`${name}\` is no JSON object.`);
  if (readMessageId(message.messageId) === null && readMessageId(message.timestamp) === null)
    return unusable("`messageId` or `timestamp` is needed, so that it can be told from others.");
  for (const [name, value] of Object.entries(readObject(message.traits))) {
    const problem = findLimitProblem(name, value) ?? findLengthProblem(name, value, type);
    if (problem !== undefined) return unusable(problem);
  }
  return null;
}

/** What is said among the traits of a message and is a field of its record. */
export function isField(name: string, type: MessageType): name is "name" | "avatar" | "email" {
  return name === "name" || name === "avatar" || (name === "email" && type === "user");
}

function findLengthProblem(name: string, value: Json, type: MessageType): string | undefined {
  const isLimited = name !== "avatar" && isField(name, type);
  if (!isLimited || (readText(value)?.length ?? 0) <= longestName) return undefined;
  return `\`${name}\` is longer than ${longestName} characters.`;
}

/** An id that identifies nobody (empty, "null", "undefined") stands for a template that had no value: it collects strangers. */
function findIdComplaint(name: Id, value: Json | undefined): Complaint | null {
  if (isAbsent(value)) return null;
  const id = readMessageId(value);
  if (id === null) {
    if (value === "") return null;
    return { reason: "message-unusable", detail: `\`${name}\` is neither a text nor a number.` };
  }
  if (isNobody(id))
    return { reason: "message-unusable", detail: `\`${name}\` is ${JSON.stringify(id)}, which identifies nobody.` };
  if (!isUsableId(id))
    return { reason: "id-unusable", detail: `\`${name}\` is longer than 1,000 bytes or has such a character.` };
  return null;
}

/** A text that says something, or a number; null for everything else. */
export function readMessageId(value: Json | undefined): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

export function readText(value: Json): string | null {
  if (value === null) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function readObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function isAbsent(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}
