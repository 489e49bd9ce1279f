// Fields of a body, one by one: exactly as they must be, or refused in a sentence that names the field. A field that is not
// there is undefined and says nothing; null clears.
import { isNobody } from "../../pendo/read-id.ts";
import { HttpError } from "../../platform/http-server.ts";
import { parseIsoTime } from "../../platform/iso-time.ts";
import { isJsonObject, type Json, type JsonObject } from "../../platform/json.ts";

/** In bytes of UTF-8: what an index of PostgreSQL takes, and what is taken from Pendo. */
const longestId = 1_000;
const longestText = 32 * 1024;

function refuse(message: string): never {
  throw new HttpError(400, message);
}

function field(body: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(body, name) ? body[name] : undefined;
}

/** Text or a whole number, as everywhere the ids of records are; taken exactly as it stands. */
export function readId(body: JsonObject, name: string): string | null | undefined {
  const value = field(body, name);
  return value === undefined || value === null ? value : readIdValue(value, `\`${name}\``);
}

function readIdValue(value: Json, what: string): string {
  const id = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof id !== "string") return refuse(`${what} must be a text.`);
  if (isNobody(id)) return refuse(`${what} is ${JSON.stringify(id.slice(0, 60))}, which identifies nobody.`);
  if (Buffer.byteLength(id) > longestId) return refuse(`${what} is longer than ${longestId} bytes.`);
  return id;
}

export function requireId(body: JsonObject, name: string): string {
  return readId(body, name) ?? refuse(`\`${name}\` is required.`);
}

export function readIds(body: JsonObject, name: string): string[] | undefined {
  const value = field(body, name);
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return refuse(`\`${name}\` must be a list of ids.`);
  return [...new Set(value.map((id) => readIdValue(id, `An id in \`${name}\``)))];
}

export function readText(body: JsonObject, name: string, longest: number = longestText): string | null | undefined {
  const value = field(body, name);
  if (value === undefined || value === null) return value;
  if (typeof value !== "string") return refuse(`\`${name}\` must be a text.`);
  if (value.length > longest) return refuse(`\`${name}\` is longer than ${longest} characters.`);
  return value;
}

export function requireText(body: JsonObject, name: string, longest: number): string {
  const text = readText(body, name, longest);
  return text === undefined || text === null || text === "" ? refuse(`\`${name}\` is required.`) : text;
}

export function readBoolean(body: JsonObject, name: string): boolean | null | undefined {
  const value = field(body, name);
  if (value === undefined || value === null || typeof value === "boolean") return value;
  return refuse(`\`${name}\` must be true or false.`);
}

/** The years that PostgreSQL and JavaScript both have, and that stay four digits in every zone. */
const [earliest, latest] = [Date.UTC(1, 0, 2), Date.UTC(9999, 11, 31)];

export function readTime(body: JsonObject, name: string): Date | null | undefined {
  const value = field(body, name);
  if (value === undefined || value === null) return value;
  const at = typeof value === "string" ? parseIsoTime(value) : undefined;
  if (at === undefined || at < earliest || at > latest)
    return refuse(`\`${name}\` must be a time in ISO 8601, such as 2026-01-15T12:00:00.000Z.`);
  return new Date(at);
}

export function readObject(body: JsonObject, name: string): JsonObject | undefined {
  const value = field(body, name);
  if (value === undefined || value === null) return undefined;
  return isJsonObject(value) ? value : refuse(`\`${name}\` must be an object of names and values.`);
}

export function readScore(body: JsonObject): number | undefined {
  const value = field(body, "score");
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 10) return value;
  return refuse("`score` must be a whole number from 0 to 10.");
}
