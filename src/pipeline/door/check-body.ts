// Whether a body can be read at all. It is parsed here only to be judged; what is kept are its bytes.
import { isUtf8 } from "node:buffer";
import { isJsonObject, isWithinDepth } from "../../platform/json.ts";
import type { Reason } from "../outcome.ts";

export const limits = { bytes: 1024 * 1024, depth: 100 } as const;

/** Null when the body is a JSON object, or a list of at least one object and nothing else. */
export function checkBody(body: Buffer): Reason | null {
  if (!isUtf8(body)) return "not-json";
  if (!isWithinDepth(body, limits.depth)) return "too-deep";
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    return "not-json";
  }
  if (Array.isArray(value)) return value.length > 0 && value.every(isJsonObject) ? null : "not-an-object";
  return isJsonObject(value) ? null : "not-an-object";
}
