// The shapes of stages as clients write them. What is not as expected is refused with 400 and a message.

import type { Json, JsonObject } from "../../world/types.ts";
import { Refusal } from "../refusal.ts";
import { compileExpression, type Evaluate } from "./expressions/compile-expression.ts";
import type { Context } from "./expressions/functions.ts";
import { ExpressionError } from "./expressions/tokenize.ts";

export function refuse(message: string): Refusal {
  return new Refusal(400, message);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function readObject(value: Json | undefined, what: string): JsonObject {
  if (!isObject(value)) throw refuse(`${what} must be an object`);
  return value;
}

export function readList(value: Json | undefined, what: string): Json[] {
  if (!Array.isArray(value)) throw refuse(`${what} must be a list`);
  return value;
}

export function readText(value: Json | undefined, what: string): string {
  if (typeof value !== "string" || value === "") throw refuse(`${what} must be a string`);
  return value;
}

export function readTexts(value: Json | undefined, what: string): string[] {
  return readList(value, what).map((entry) => readText(entry, what));
}

/** A whole number from 0. */
export function readCount(value: Json | undefined, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
    throw refuse(`${what} must be a whole number from 0`);
  return value;
}

/** Named entries, written as one object or as a list of objects. */
export function readEntries(value: Json | undefined, what: string): [string, Json][] {
  if (!Array.isArray(value)) return Object.entries(readObject(value, what));
  return value.flatMap((entry) => Object.entries(readObject(entry, what)));
}

export function readExpression(value: Json | undefined, what: string, context: Context): Evaluate {
  if (typeof value === "number" || typeof value === "boolean") return () => value;
  const text = readText(value, what);
  try {
    return compileExpression(text, context);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw refuse(`Cannot parse ${what} expression "${text}": ${error.message}`);
  }
}
