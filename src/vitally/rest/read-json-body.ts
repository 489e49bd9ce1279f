// Bodies as clients send them: JSON whatever the content type says, or nothing at all.
import { isUtf8 } from "node:buffer";
import { HttpError } from "../../platform/http-server.ts";
import { isJsonObject, isWithinDepth, type JsonObject, parseJsonExactly } from "../../platform/json.ts";

const deepest = 20;

/** Undefined: there is no body. Integers that JavaScript would round are the text of their digits. */
export function readJsonBody(bytes: Buffer): JsonObject | undefined {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new HttpError(400, "The body is not text in UTF-8.");
  if (!isWithinDepth(bytes, deepest)) throw new HttpError(400, `The body nests more than ${deepest} levels deep.`);
  const body = parse(bytes.toString("utf8"));
  if (!isJsonObject(body)) throw new HttpError(400, "The body must be one JSON object.");
  return body;
}

function parse(text: string) {
  try {
    return parseJsonExactly(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new HttpError(400, "The body is not JSON.");
  }
}
