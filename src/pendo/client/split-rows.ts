// Reads `{"results": [row, row, …]}` while it arrives, row by row: no answer is ever in memory as a whole, and the event
// loop is never kept by one long JSON.parse. An answer that breaks off is noticed at its end.
import { isJsonObject, type JsonObject, parseJsonExactly } from "../../platform/json.ts";

/** The answer ended before it was whole. */
export class HalfAnswerError extends Error {}
/** The answer is whole, or at least not merely cut, and not what was asked for. */
export class WrongContentError extends Error {}

export type RowSplitter = {
  /** Throws a WrongContentError. */
  push: (chunk: Uint8Array) => void;
  /** Throws a HalfAnswerError where something is missing, a WrongContentError where it was no list of rows. */
  end: () => void;
};

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const mostDepth = 100;
const mostRowBytes = 8 * 1024 * 1024;
/** Everything but the rows. */
const mostRestBytes = 256 * 1024;

const startsResults = /[{,]\s*"results"\s*:\s*$/;

/** Calls `onRow` for every entry of the list under `results`; other keys are read and ignored. */
export function createRowSplitter(onRow: (row: JsonObject) => void): RowSplitter {
  /** The document without its rows: `{"startTime":1,"results":[]}`. */
  let rest = "";
  /** Bytes of the row, or of the rest, that earlier chunks held. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  let isInResults = false;
  let isInRow = false;
  let mayStartRow = false;
  let isAfterComma = false;

  const take = (chunk: Uint8Array, from: number, to: number): string => {
    const text = decode(Buffer.concat([...held, chunk.subarray(from, to)]));
    held = [];
    heldBytes = 0;
    return text;
  };
  const takeRest = (chunk: Uint8Array, from: number, to: number) => {
    rest += take(chunk, from, to);
  };
  const hold = (chunk: Uint8Array, from: number) => {
    if (from >= chunk.length) return;
    held.push(chunk.slice(from));
    heldBytes += chunk.length - from;
    if (heldBytes > (isInRow ? mostRowBytes : mostRestBytes))
      throw new WrongContentError(isInRow ? "a single row is too large" : "it has no rows, but a lot of other data");
  };

  function push(chunk: Uint8Array): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) isInString = false;
        continue;
      }
      if (isInResults && !isInRow) {
        // Between rows there are only commas and spaces, which nobody needs.
        if (byte === openBrace && mayStartRow) {
          isInRow = true;
          mayStartRow = false;
          isAfterComma = false;
          start = at;
        } else if (byte === closeBracket && !isAfterComma) {
          isInResults = false;
          start = at;
        } else if (byte === comma && !mayStartRow) {
          mayStartRow = true;
          isAfterComma = true;
        } else if (!isSpace(byte)) throw new WrongContentError("its results are not a list of objects");
      }
      if (byte === quote) isInString = true;
      else if (byte === openBrace || byte === openBracket) {
        depth += 1;
        if (depth > mostDepth) throw new WrongContentError("it is nested too deeply");
        if (byte === openBracket && depth === 2) {
          takeRest(chunk, start, at + 1);
          start = at + 1;
          if (startsResults.test(rest.slice(0, -1))) {
            isInResults = true;
            mayStartRow = true;
          }
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        depth -= 1;
        if (isInRow && depth === 2) {
          isInRow = false;
          onRow(parseRow(take(chunk, start, at + 1)));
          start = at + 1;
        }
      }
    }
    if (isInRow || !isInResults) hold(chunk, start);
  }

  return {
    push,
    end() {
      if (depth > 0 || isInString) throw new HalfAnswerError("its end is missing");
      takeRest(new Uint8Array(0), 0, 0);
      if (rest.trim() === "") throw new HalfAnswerError("it is empty");
      const value = parseRest(rest);
      const { results } = value;
      // Pendo leaves the list out, or gives null, where there are no rows. What tells of an error is no list of nothing.
      const isList = Array.isArray(results) || results === null || results === undefined;
      if (!isList || (results === undefined && (value.error !== undefined || value.message !== undefined)))
        throw new WrongContentError("it has no results");
    },
  };
}

function parseRest(rest: string): JsonObject {
  try {
    const value: unknown = JSON.parse(rest);
    if (isJsonObject(value)) return value;
  } catch (error) {
    throw new WrongContentError("it is not JSON", { cause: error });
  }
  throw new WrongContentError("it is not an object");
}

function parseRow(text: string): JsonObject {
  try {
    // It began with a brace.
    return parseJsonExactly(text) as JsonObject;
  } catch (error) {
    throw new WrongContentError("a row of it is not JSON", { cause: error });
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A letter that is damaged would make another id. */
function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new WrongContentError("it is not UTF-8", { cause: error });
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
