// What people type behind a command, read and checked before the database is asked.
import { readFileSync } from "node:fs";
import { text as readStream } from "node:stream/consumers";
import { Option } from "commander";
import { parseIsoTime } from "../platform/iso-time.ts";
import { isUuid } from "../platform/uuid.ts";

export function parseWholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new Error(`${JSON.stringify(text)} is not a whole number below a thousand million.`);
  return Number(text);
}

/** How many of something: one at least. */
export function parseCount(text: string): number {
  const count = parseWholeNumber(text);
  if (count === 0) throw new Error("0 of them would be none: say 1 or more.");
  return count;
}

/** ISO 8601 (in UTC where it names no zone), or seconds or milliseconds since 1970. */
export function parseTime(text: string): string {
  const at = /^\d{9,14}$/.test(text) ? Number(text) * (text.length < 12 ? 1000 : 1) : parseIsoTime(text.trim());
  if (at === undefined)
    throw new Error(`${JSON.stringify(text)} is not a time; it looks like 2026-03-31 or 2026-03-31T14:00:00Z.`);
  return new Date(at).toISOString();
}

/** A parser for ids of `what`, such as "a connection". */
export function parseIdOf(what: string): (text: string) => string {
  return (text) => {
    if (isUuid(text)) return text.toLowerCase();
    throw new Error(
      `${JSON.stringify(text)} is not the id of ${what}; ids look like 019f3a5c-1b2d-7e4f-8a6b-0c1d2e3f4a5b.`,
    );
  };
}

export function parseName(text: string): string {
  const name = text.trim();
  if (name === "") throw new Error("--name is empty: say what people call it.");
  return name;
}

export function parseList(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

export const secretOption = () =>
  new Option("--secret <secret>", "the webhook's secret; it stays in your shell's history").conflicts("secretFile");
export const secretFileOption = () =>
  new Option("--secret-file <file>", "read the webhook's secret from a file, or from standard input: -");

/** The secret of --secret or --secret-file, without the line feed at its end. */
export async function readSecret(options: { secret?: string; secretFile?: string }): Promise<string | undefined> {
  if (options.secret === undefined && options.secretFile === undefined) return undefined;
  const text = options.secret ?? (await readSecretFile("secret", options.secretFile!)).replace(/\r?\n$/, "");
  if (text === "") throw new Error("The secret is empty.");
  if (text.includes("\n")) throw new Error("The secret has more than one line.");
  return text;
}

export const integrationKeyOption = () =>
  new Option(
    "--integration-key <key>",
    "Pendo's integration key; reading is enough. It stays in your shell's history",
  ).conflicts(["integrationKeyFile", "removeIntegrationKey"]);
export const integrationKeyFileOption = () =>
  new Option(
    "--integration-key-file <file>",
    "read the integration key from a file, or from standard input: -",
  ).conflicts("removeIntegrationKey");

/** What was pasted behind --integration-key or is in the file of --integration-key-file. */
export async function readIntegrationKeyText(options: {
  integrationKey?: string;
  integrationKeyFile?: string;
}): Promise<string | undefined> {
  if (options.integrationKeyFile === undefined) return options.integrationKey;
  return readSecretFile("integration key", options.integrationKeyFile);
}

async function readSecretFile(what: string, file: string): Promise<string> {
  try {
    return file === "-" ? await readStream(process.stdin) : readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`The ${what} could not be read from ${file}: ${(error as Error).message}`, { cause: error });
  }
}
