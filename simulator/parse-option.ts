// Values of the command line; what is wrong is said beside the option's name.
import { InvalidArgumentError } from "commander";
import { parseDuration } from "./api/parse-duration.ts";
import { isKind, type Mix } from "./history/kinds.ts";

export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:")
    throw new InvalidArgumentError("It is no http or https address.");
  return url;
}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("It is no number from 0.");
  return value;
}

export function parsePositive(text: string): number {
  const value = parseNumber(text);
  if (value === 0) throw new InvalidArgumentError("It must be more than 0.");
  return value;
}

export function parseWhole(least: number): (text: string) => number {
  return (text) => {
    const value = parseNumber(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`It is no whole number from ${least}.`);
    return value;
  };
}

/** Epoch seconds. */
export function parseTime(text: string): number {
  const milliseconds = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(milliseconds)) throw new InvalidArgumentError("It is neither ISO 8601 nor epoch milliseconds.");
  return Math.floor(milliseconds / 1000);
}

export function parseMix(text: string): Mix {
  const mix: Mix = {};
  for (const entry of text.split(",")) {
    const [name = "", weight = "1"] = entry.trim().split("=");
    if (!isKind(name)) throw new InvalidArgumentError(`There is no kind "${name}".`);
    mix[name] = parseNumber(weight);
  }
  if (!Object.values(mix).some((weight) => weight > 0))
    throw new InvalidArgumentError("At least one weight must be more than 0.");
  return mix;
}

/** From 0 to 1. */
export function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value > 1) throw new InvalidArgumentError("It is no share from 0 to 1.");
  return value;
}

/** Milliseconds. */
export function parseTimeSpan(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError("It is no time like 500ms, 30s, 5m, 6h or 2d.");
  return milliseconds;
}
