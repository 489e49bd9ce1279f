import { type Json, parseJsonExactly } from "../../platform/json.ts";
import type { Reader } from "./send-request.ts";
import { HalfAnswerError, WrongContentError } from "./split-rows.ts";

/** Reads a short answer whole. */
export function createJsonReader<T>(parse: (value: Json) => T): Reader<T> {
  const chunks: Uint8Array[] = [];
  return {
    push(chunk) {
      chunks.push(chunk);
    },
    end: () => parse(parseText(Buffer.concat(chunks).toString("utf8"))),
  };
}

function parseText(text: string): Json {
  if (text.trim() === "") throw new HalfAnswerError("it is empty");
  try {
    return parseJsonExactly(text);
  } catch (error) {
    throw new WrongContentError("it is not JSON", { cause: error });
  }
}
