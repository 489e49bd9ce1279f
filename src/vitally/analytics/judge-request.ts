// Whether a request to the Analytics API can be taken in. What is taken in is never lost; what is not, its sender is told why,
// in a sentence. So a request is refused only when nothing in it could be recorded.
import type { Refusal } from "../../pipeline/front.ts";
import { isJsonObject, type Json, type JsonObject } from "../../platform/json.ts";
import { findComplaint, isMessageType, readMessageId } from "./check-message.ts";

const mostMessages = 100;

/** The form of a body, before anybody looks at its messages. */
export function judgeRequest(body: Json, endpoint: string | null): Refusal | null {
  if (endpoint === "batch")
    return Array.isArray(body) && body.length > 0 && body.length <= mostMessages
      ? null
      : { reason: "not-a-batch", detail: null };
  if (!isMessageType(endpoint)) return { reason: "unknown-type", detail: null };
  return isJsonObject(body) ? null : { reason: "not-a-message", detail: null };
}

/** Null: at least one of its messages can be recorded, or is of a type that may come to be known. */
export function judgeMessages(
  body: Json,
  endpoint: string | null,
  { filteredKinds }: { filteredKinds: readonly string[] },
): Refusal | null {
  const refusal = judgeRequest(body, endpoint);
  if (refusal) return refusal;
  if (endpoint !== "batch") return judgeMessage(body as JsonObject, endpoint!, filteredKinds);
  let first: Refusal | null = null;
  for (const [place, message] of (body as Json[]).entries()) {
    const type = isJsonObject(message) ? readMessageId(message.type) : null;
    const found = judgeOfBatch(message, type, filteredKinds);
    if (found === null) return null;
    first ??= { ...found, detail: `Message ${place + 1}: ${found.detail ?? `it is of the type ${type}.`}` };
  }
  return first;
}

function judgeOfBatch(message: Json, type: string | null, filteredKinds: readonly string[]): Refusal | null {
  if (!isJsonObject(message)) return { reason: "message-unusable", detail: "It is no JSON object." };
  if (type === null) return { reason: "message-unusable", detail: "`type` is missing." };
  return judgeMessage(message, type, filteredKinds);
}

function judgeMessage(message: JsonObject, type: string, filteredKinds: readonly string[]): Refusal | null {
  if (filteredKinds.includes(type)) return { reason: "kind-switched-off", detail: null };
  return isMessageType(type) ? findComplaint(message, type) : null;
}
