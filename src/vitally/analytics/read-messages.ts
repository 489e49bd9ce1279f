// A body sent to the Analytics API becomes messages: pure, tolerant, and one bad message is its own matter.
import { createHash } from "node:crypto";
import { isNobody, isUsableId } from "../../pendo/read-id.ts";
import { readTime } from "../../pendo/read-time.ts";
import type { Message, MessageType } from "../../pipeline/messages.ts";
import { drop, type Fail, fail, type Outcome, ok } from "../../pipeline/outcome.ts";
import { isJsonObject, type Json, type JsonObject, parseJsonExactly } from "../../platform/json.ts";
import { readDateText } from "../../platform/text-values.ts";
import {
  findComplaint,
  isField,
  isMessageType,
  mayName,
  readMessageId,
  readObject,
  readText,
} from "./check-message.ts";
import { judgeRequest } from "./judge-request.ts";
import { readTrait } from "./read-trait.ts";

/** Named as the delivery log names whom an item is about, whoever sent it. */
export type MessageReading = {
  kind: string | null;
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
  reading: Outcome<Message>;
};

const longestType = 200;
/** Below this, a number is seconds (until the year 5138); from it on, milliseconds (since 1973). */
const secondsBelow = 1e11;
/** Milliseconds since 1970, between the years 69 and 9575: years that are written with four digits. */
const earliest = -6e13;
const latest = 2.4e14;

/** Reads all messages of a body; `endpoint` is what its request's path said. */
export function readMessages(
  body: string,
  endpoint: string | null,
  receivedAt: Date,
  rules: { filteredKinds: readonly string[] },
): MessageReading[] | Fail {
  let parsed: Json;
  try {
    parsed = parseJsonExactly(body);
  } catch {
    return fail("not-json");
  }
  const refusal = judgeRequest(parsed, endpoint);
  if (refusal) return fail(refusal.reason);
  const messages = Array.isArray(parsed) ? parsed : [parsed];
  const isBatch = endpoint === "batch";
  return messages.map((message, place) => {
    if (!isJsonObject(message))
      return { ...nobody, kind: null, reading: fail("message-unusable", "It is no JSON object.") };
    const type = isBatch ? readMessageId(message.type) : endpoint;
    return readMessage(message, type, { receivedAt, place, rules });
  });
}

const nobody = { pendoVisitorId: null, pendoAccountId: null };

type Circumstances = { receivedAt: Date; place: number; rules: { filteredKinds: readonly string[] } };

function readMessage(message: JsonObject, type: string | null, given: Circumstances): MessageReading {
  const [userId, accountId, organizationId] = (["userId", "accountId", "organizationId"] as const).map((id) =>
    isMessageType(type) && !mayName[type].includes(id) ? null : readId(message[id]),
  ) as [string | null, string | null, string | null];
  const seen = {
    kind: type === null ? null : type.slice(0, longestType),
    pendoVisitorId: userId,
    pendoAccountId: accountId ?? organizationId,
  };
  if (type === null) return { ...seen, reading: fail("message-unusable", "`type` is missing.") };
  if (given.rules.filteredKinds.includes(type)) return { ...seen, reading: drop("kind-switched-off") };
  if (!isMessageType(type)) return { ...seen, reading: drop("unknown-type") };
  const complaint = findComplaint(message, type);
  if (complaint) return { ...seen, reading: fail(complaint.reason, complaint.detail) };
  const time = readTime(message.timestamp, given.receivedAt);
  return {
    ...seen,
    reading: ok({
      key: readKey(message, type),
      type,
      userId,
      accountId,
      organizationId,
      time,
      saidAt: time.flag === null ? time.at.getTime() : given.receivedAt.getTime() + given.place / 1_000,
      said: readSaid(message, type),
      event:
        type === "track"
          ? { name: readMessageId(message.event)!, guideId: null, properties: readObject(message.properties) }
          : null,
    }),
  };
}

/** Null also for what could be nobody's id, so that nothing else is shown and looked for. */
function readId(value: Json | undefined): string | null {
  const id = readMessageId(value);
  return id !== null && !isNobody(id) && isUsableId(id) ? id : null;
}

/** The message's own id; without one a hash of what it says, however its type was told. */
function readKey(message: JsonObject, type: MessageType): string {
  const id = readMessageId(message.messageId);
  if (id !== null) return `${type} id:${id}`;
  const { type: _type, ...rest } = message;
  return `${type} message:${createHash("sha256").update(JSON.stringify(rest)).digest("hex")}`;
}

/** `name`, `avatar`, and of users `email` and `createdAt` (when they joined), are said among the traits and are none. */
function readSaid(message: JsonObject, type: MessageType): Message["said"] {
  const said: Message["said"] = { traits: [] };
  if (type === "track" || type === "unlink") return said;
  const traits = [];
  for (const [name, value] of Object.entries(readObject(message.traits))) {
    if (isField(name, type)) said[name] = readText(value);
    else if (name === "createdAt" && type === "user" && readJoinTime(value) !== undefined)
      said.joinedAt = readJoinTime(value)!;
    else traits.push(readTrait(name, value));
  }
  return { ...said, traits };
}

/** As ISO 8601, or in seconds or milliseconds since 1970. Undefined where it cannot be read: then it is a trait, as it came. */
function readJoinTime(value: Json): Date | null | undefined {
  if (value === null) return null;
  if (typeof value === "string") {
    const at = readDateText(value);
    return at === undefined ? undefined : new Date(at);
  }
  if (typeof value !== "number") return undefined;
  const at = Math.abs(value) < secondsBelow ? value * 1_000 : value;
  return at > earliest && at < latest ? new Date(Math.round(at)) : undefined;
}
