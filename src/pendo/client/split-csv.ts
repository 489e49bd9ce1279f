// Reads CSV while it arrives, row by row: every cell is a text, under the name that the first line gives its column.
import { CsvError, parse } from "csv-parse";
import type { JsonObject } from "../../platform/json.ts";
import { HalfAnswerError, WrongContentError } from "./split-rows.ts";

export type CsvSplitter = {
  /** Rejects with a WrongContentError. */
  push: (chunk: Uint8Array) => Promise<void>;
  /** Rejects with a HalfAnswerError where something is missing, a WrongContentError where it was no CSV. */
  end: () => Promise<void>;
};

/** Bytes. A row that is longer has most likely lost a quote, and would take all that follows with it. */
const longestRow = 8 * 1024 * 1024;

export function createCsvSplitter(onRow: (row: JsonObject) => void): CsvSplitter {
  let names: string[] | undefined;
  const parser = parse({
    bom: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
    on_record(cells: string[]) {
      if (names) onRow(toRow(names, cells));
      else names = nameColumns(cells);
      // Nothing waits in the parser: rows are taken as they are read.
      return null;
    },
  });
  // What goes wrong is told to whoever writes.
  parser.on("error", () => {});
  // A letter that is damaged would make another id.
  const decoder = new TextDecoder("utf-8", { fatal: true });

  const decode = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw new WrongContentError("it is not UTF-8", { cause: error });
    }
  };

  return {
    async push(chunk) {
      const text = decode(chunk);
      if (text === "") return;
      await settle((done) => parser.write(text, done));
    },
    async end() {
      decode();
      await settle((done) => parser.end(done));
      if (!names) throw new HalfAnswerError("it is empty");
    },
  };
}

function settle(write: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => write((error) => (error ? reject(explain(error)) : resolve())));
}

function explain(error: Error): Error {
  if (!(error instanceof CsvError)) return error;
  if (error.code === "CSV_QUOTE_NOT_CLOSED") return new HalfAnswerError("its end is missing", { cause: error });
  return new WrongContentError("it is not CSV", { cause: error });
}

/** A name that comes again gets a number, so that no column is lost under it. */
function nameColumns(cells: readonly string[]): string[] {
  if (/^\s*</.test(cells[0] ?? "")) throw new WrongContentError("it is a page, not CSV");
  const counts = new Map<string, number>();
  return cells.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

/** Not by assignment: a column may be called __proto__. */
function toRow(names: readonly string[], cells: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name, place) => [name, cells[place] ?? ""]));
}
