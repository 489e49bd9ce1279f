// How a person writes down what becomes of a report's columns: a,b:name,c:name:number,"d, e":name:number:average.
import type { ColumnChoice } from "../reports/choose-columns.ts";
import { combines, type EveryHours, everyHours } from "../reports/report.ts";

const types = ["number", "text", "yes-no", "date", "list"] as const;

/** What is left out between two colons is as proposed. A name with a comma, a colon or a quote stands in double quotes; inside, "" is ". */
export function parseColumns(text: string): ColumnChoice[] {
  const columns = splitParts(text).map(readColumn);
  if (columns.length === 0) throw new Error("--columns names no column: leave it out for all of them.");
  return columns;
}

function readColumn(parts: readonly string[]): ColumnChoice {
  const [column, trait, type, combine, ...rest] = parts;
  const shown = parts.join(":");
  if (rest.length > 0)
    throw new Error(
      `${JSON.stringify(shown)} has too many colons: it is column:name:type:combine, and a name that holds a colon stands in double quotes.`,
    );
  return {
    column: column!,
    ...(trait && { trait }),
    ...(type && { type: pick(types, type, shown, "type") }),
    ...(combine && { combine: pick(combines, combine, shown, "way to combine") }),
  };
}

function pick<T extends string>(allowed: readonly T[], given: string, shown: string, what: string): T {
  const found = allowed.find((one) => one === given);
  if (found !== undefined) return found;
  throw new Error(
    `${JSON.stringify(given)} in ${JSON.stringify(shown)} is no ${what}: there are ${allowed.join(", ")}.`,
  );
}

/** By commas, and each of those by colons; neither counts in quotes. */
function splitParts(text: string): string[][] {
  const columns: string[][] = [];
  let parts: string[] = [];
  let rest = text;
  for (;;) {
    const [found, quoted, plain = ""] = /^\s*(?:"((?:[^"]|"")*)"\s*(?=[,:]|$)|([^,:]*))/.exec(rest)!;
    parts.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    const isNamed = quoted !== undefined || parts[0] !== "" || parts.length > 1;
    const next = rest[found.length];
    rest = rest.slice(found.length + 1);
    if (next === ":") continue;
    if (isNamed) columns.push(parts);
    if (next === undefined) return columns;
    parts = [];
  }
}

/** 12h, or 12. */
export function parseEvery(text: string): EveryHours {
  const hours = /^(\d+)\s*h?$/i.exec(text.trim())?.[1];
  const found = everyHours.find((one) => String(one) === hours);
  if (found !== undefined) return found;
  throw new Error(
    `${JSON.stringify(text)} is no interval of a report: there are ${everyHours.map((one) => `${one}h`).join(", ")}.`,
  );
}
