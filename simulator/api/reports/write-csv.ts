import type { Json, JsonObject } from "../../world/types.ts";

/** RFC 4180: a line with the names, then one for each row; what is missing or null is an empty cell. */
export function* writeCsv(fields: readonly string[], rows: Iterable<JsonObject>): Iterable<string> {
  yield `${fields.map(quote).join(",")}\r\n`;
  for (const row of rows) yield `${fields.map((field) => quote(writeCell(row[field]))).join(",")}\r\n`;
}

function writeCell(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
