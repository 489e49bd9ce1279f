// A file of rows and columns, read in a stream: its encoding, its separator, its quotes.
import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { unescapeFormula } from "../platform/csv.ts";
import { decodeText } from "./decode-text.ts";
import { rejectionColumn, WrongFileError } from "./import.ts";

/** `row` is the number that a spreadsheet shows: the names of the columns are in row 1. */
type Row = { row: number; cells: readonly string[] };

export type Table = { columns: readonly string[]; separator: string; rows: AsyncIterable<Row> };

const separators = [",", ";", "\t"];
/** In bytes. A row that is longer has most likely lost a quote, and would take all that follows with it. */
const longestRow = 1_000_000;
const longestFirstLine = 1_000_000;

/** Opens the file and reads the names of its columns. Throws, in plain words, when it is no table. */
export function openCsv(file: string, encoding?: string): Promise<Table> {
  return readCsv(createReadStream(file), encoding);
}

/** The same of bytes from elsewhere. */
export async function readCsv(bytes: AsyncIterable<Uint8Array>, encoding?: string): Promise<Table> {
  const texts = decodeText(bytes, encoding);
  const { head, separator } = await readHead(texts);
  // Lines up to the end of the last whole row; noted when it is parsed, for what goes wrong behind it is told at once.
  let lines = 0;
  const parser = parse({
    delimiter: separator,
    // All of them, not the first one found: a file put together of two may have both.
    record_delimiter: ["\r\n", "\n", "\r"],
    // A quote in the middle of a cell is text; a separator or a line feed within quotes is text, too.
    relax_quotes: true,
    relax_column_count: true,
    max_record_size: longestRow,
    on_record(cells: string[], context) {
      ({ lines } = context);
      return cells;
    },
  });
  // What goes wrong before the parser is thrown where its rows are read.
  pipeline(Readable.from(joinTexts(head, texts)), parser, () => {});
  const rows = readRows(parser, () => lines);
  const first = await rows.next();
  if (first.done) throw new WrongFileError("The file is empty: its first row must name the columns.");
  const table = { columns: first.value.cells, separator, rows };
  return table.columns[0] === rejectionColumn ? takeBack(table) : table;
}

/** Rejected rows as they came: without the reasons, and without what keeps a spreadsheet from running them. */
function takeBack({ columns, separator, rows }: Table): Table {
  const read = (cells: readonly string[]) => cells.slice(1).map(unescapeFormula);
  async function* readRows(): AsyncGenerator<Row> {
    for await (const { row, cells } of rows) yield { row, cells: read(cells) };
  }
  return { columns: read(columns), separator, rows: readRows() };
}

/** Text up to the end of the first line, and the separator that it has most of; a line `sep=;` says it outright. */
async function readHead(texts: AsyncGenerator<string>): Promise<{ head: string; separator: string }> {
  let head = "";
  for (;;) {
    const said = /^sep=(.)\r?\n/.exec(head);
    if (said) return { head: head.slice(said[0].length), separator: said[1]! };
    const line = findFirstLine(head);
    if (line !== undefined) return { head, separator: findSeparator(line) };
    const { value, done } = await texts.next();
    if (done || head.length > longestFirstLine) return { head, separator: findSeparator(head) };
    head += value;
  }
}

/** Undefined while its end is not there. */
function findFirstLine(text: string): string | undefined {
  const start = /\S/.exec(text)?.index ?? text.length;
  let isQuoted = false;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (text[at] === "\n" || text[at] === "\r")) return text.slice(start, at);
  }
  return undefined;
}

function findSeparator(line: string): string {
  const bare = line.replace(/"[^"]*"/g, "");
  const counts = separators.map((separator) => bare.split(separator).length);
  return separators[counts.indexOf(Math.max(...counts))]!;
}

async function* joinTexts(head: string, texts: AsyncGenerator<string>): AsyncGenerator<string> {
  if (head !== "") yield head;
  yield* texts;
}

/** Rows with something in them. Empty lines count, so that numbers are those of the spreadsheet. */
async function* readRows(parser: AsyncIterable<string[]>, countLines: () => number): AsyncGenerator<Row> {
  let row = 0;
  try {
    for await (const cells of parser) {
      row += 1;
      if (cells.some((cell) => cell.trim() !== "")) yield { row, cells };
    }
  } catch (error) {
    throw error instanceof CsvError ? describeBrokenTable(error, countLines() + 1) : error;
  }
}

function describeBrokenTable(error: CsvError, line: number): WrongFileError {
  const what =
    error.code === "CSV_QUOTE_NOT_CLOSED"
      ? "a quote is opened and never closed, so that all that follows would be one cell"
      : `the row cannot be read; most likely a quote is opened and not closed (${error.message})`;
  return new WrongFileError(`Line ${line}: ${what}. Nothing was imported.`, { cause: error });
}
