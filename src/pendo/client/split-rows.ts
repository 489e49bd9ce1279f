// Reads `{"results": [row, row, …]}`, or a bare list of rows, while it arrives, row by row: no answer is ever in memory as a
// whole, and the event loop is never kept by one long JSON.parse. An answer that breaks off is noticed at its end.
import { isJsonObject, type Json, type JsonObject, parseJsonExactly } from "../../platform/json.ts";

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

/** Where in an answer its rows are. */
export type RowPlace = {
  /** Names of a list of rows in the outermost object. */
  names: readonly string[];
  /** The answer may be nothing but a list. */
  mayBeBare: boolean;
  /** An object without any of the names has no rows; otherwise it is not what was asked for. */
  mayBeMissing: boolean;
};

/** Pendo leaves the list out, or gives null, where there are no rows. */
const rowsOfAggregation: RowPlace = { names: ["results"], mayBeBare: false, mayBeMissing: true };

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
const tooMuchRest = "it has no rows, but a lot of other data";

const startOfList = /[{,]\s*"([^"\\]*)"\s*:\s*$/;

/** Calls `onRow` for every row; what is around them is read and ignored. */
export function createRowSplitter(onRow: (row: JsonObject) => void, place = rowsOfAggregation): RowSplitter {
  /** The document without its rows, as `{"startTime":1,"results":[]}` is, up to each bracket of a list. */
  const rest: string[] = [];
  let restLength = 0;
  /** Bytes of the row, or of the rest, that earlier chunks held. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  let isInList = false;
  /** How deep the list of rows lies; 0 before it began. */
  let listDepth = 0;
  let isInRow = false;
  let mayStartRow = false;
  let isAfterComma = false;

  const take = (chunk: Uint8Array, from: number, to: number): string => {
    const end = chunk.subarray(from, to);
    const text = decode(heldBytes === 0 ? end : Buffer.concat([...held, end]));
    held = [];
    heldBytes = 0;
    return text;
  };
  const takeRest = (chunk: Uint8Array, from: number, to: number) => {
    rest.push(take(chunk, from, to));
    restLength += rest.at(-1)!.length;
    if (restLength > mostRestBytes) throw new WrongContentError(tooMuchRest);
  };
  const hold = (chunk: Uint8Array, from: number) => {
    if (from >= chunk.length) return;
    held.push(chunk.slice(from));
    heldBytes += chunk.length - from;
    if (heldBytes > (isInRow ? mostRowBytes : mostRestBytes))
      throw new WrongContentError(isInRow ? "a single row is too large" : tooMuchRest);
  };

  /** `rest` ends with the bracket that opens it. */
  const isListOfRows = (): boolean => {
    const before = rest.at(-1)!.slice(0, -1);
    if (depth === 1) return place.mayBeBare && rest.length === 1 && before.trim() === "";
    const name = startOfList.exec(before)?.[1];
    return name !== undefined && place.names.includes(name);
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
      if (isInList && !isInRow) {
        // Between rows there are only commas and spaces, which nobody needs.
        if (byte === openBrace && mayStartRow) {
          isInRow = true;
          mayStartRow = false;
          isAfterComma = false;
          start = at;
        } else if (byte === closeBracket && !isAfterComma) {
          isInList = false;
          start = at;
        } else if (byte === comma && !mayStartRow) {
          mayStartRow = true;
          isAfterComma = true;
        } else if (!isSpace(byte)) throw new WrongContentError("its rows are not a list of objects");
      }
      if (byte === quote) isInString = true;
      else if (byte === openBrace || byte === openBracket) {
        depth += 1;
        if (depth > mostDepth) throw new WrongContentError("it is nested too deeply");
        if (byte === openBracket && depth <= 2 && !isInList) {
          takeRest(chunk, start, at + 1);
          start = at + 1;
          if (isListOfRows()) {
            if (listDepth > 0) throw new WrongContentError("it has several lists of rows");
            isInList = true;
            listDepth = depth;
            mayStartRow = true;
          }
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        depth -= 1;
        if (isInRow && depth === listDepth) {
          isInRow = false;
          onRow(parseRow(take(chunk, start, at + 1)));
          start = at + 1;
        }
      }
    }
    if (isInRow || !isInList) hold(chunk, start);
  }

  return {
    push,
    end() {
      if (depth > 0 || isInString) throw new HalfAnswerError("its end is missing");
      takeRest(new Uint8Array(0), 0, 0);
      const text = rest.join("");
      if (text.trim() === "") throw new HalfAnswerError("it is empty");
      checkRest(parseRest(text), place);
    },
  };
}

function parseRest(rest: string): Json {
  try {
    return JSON.parse(rest);
  } catch (error) {
    throw new WrongContentError("it is not JSON", { cause: error });
  }
}

/** What is left of an answer once its rows are taken out. */
function checkRest(rest: Json, { names, mayBeBare, mayBeMissing }: RowPlace): void {
  if (mayBeBare && (rest === null || Array.isArray(rest))) return;
  if (!isJsonObject(rest)) throw new WrongContentError("it is not an object");
  const given = names.filter((name) => rest[name] !== undefined);
  if (given.some((name) => Array.isArray(rest[name]) || rest[name] === null)) return;
  // What tells of an error is no list of nothing.
  const isMissing = given.length === 0 && rest.error === undefined && rest.message === undefined;
  if (!(isMissing && mayBeMissing)) throw new WrongContentError("it has no results");
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
