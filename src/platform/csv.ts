// Tables as CSV files, row by row as they are taken: whatever their length, few rows are in memory.
import { pipeline, Readable } from "node:stream";
import { stringify } from "csv-stringify";

export type CsvOptions = {
  /** Begin with the mark by which spreadsheets know UTF-8. */
  bom: boolean;
  /** What is in these files is whatever somebody typed elsewhere: see `escapeFormula`. */
  escapeFormulas: boolean;
};

const formula = /^'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/**
 * A cell that a spreadsheet would run as a formula gets an apostrophe in front, and so does one that has one there already:
 * what was escaped can be told. A number below zero is no formula; one with a plus would lose it.
 */
export function escapeFormula(cell: string): string {
  return formula.test(cell) && !/^-\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell;
}

export function unescapeFormula(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell;
}

/** What goes wrong with the rows destroys the file, so that whoever reads it gets an error and not half of it. */
export function writeCsv(
  columns: readonly string[],
  rows: AsyncIterable<readonly unknown[]>,
  { bom, escapeFormulas }: CsvOptions,
): Readable {
  const written = stringify({
    bom,
    record_delimiter: "\r\n",
    // Every reader of CSV ends a row at any of these, unless it is in quotes.
    quoted_match: /[\r\n]/,
    cast: { boolean: String },
  });
  const escapeCell = (cell: unknown) => (typeof cell === "string" ? escapeFormula(cell) : cell);
  const all = putFirst(columns, rows, escapeFormulas ? (row) => row.map(escapeCell) : (row) => row);
  return pipeline(Readable.from(all), written, () => {});
}

type CsvRow = readonly unknown[];

/** The names of the columns are a row like the others, so that a file without others has them and its mark. */
async function* putFirst(
  first: CsvRow,
  rows: AsyncIterable<CsvRow>,
  write: (row: CsvRow) => CsvRow,
): AsyncGenerator<CsvRow> {
  yield write(first);
  for await (const row of rows) yield write(row);
}

/** An answer that a browser saves as a file. */
export function answerCsv(file: Readable, name: string): Response {
  return new Response(Readable.toWeb(file) as ReadableStream, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name}.csv"`,
      "x-content-type-options": "nosniff",
    },
  });
}
