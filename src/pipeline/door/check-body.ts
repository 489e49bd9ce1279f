// Whether a body can be read at all. It is parsed here only to be judged; what is kept are its bytes.
import { isUtf8 } from "node:buffer";
import { isJsonObject, isWithinDepth, type Json } from "../../platform/json.ts";
import type { Refusal } from "../front.ts";
import type { Reason } from "../outcome.ts";

export const limits = { bytes: 1024 * 1024, depth: 100 } as const;

/** Null when the body is JSON within the limits, and what `judge` takes. */
export function checkBody(body: Buffer, judge: (value: Json) => Refusal | null): Refusal | null {
  if (!isUtf8(body)) return refuse("not-json");
  if (!isWithinDepth(body, limits.depth)) return refuse("too-deep");
  let value: Json;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    return refuse("not-json");
  }
  return judge(value);
}

/** As webhooks are: a JSON object, or a list of at least one object and nothing else. */
export function judgeObjects(value: Json): Refusal | null {
  if (Array.isArray(value)) return value.length > 0 && value.every(isJsonObject) ? null : refuse("not-an-object");
  return isJsonObject(value) ? null : refuse("not-an-object");
}

const refuse = (reason: Reason): Refusal => ({ reason, detail: null });
