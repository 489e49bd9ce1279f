// Tables as CSV files, row by row as they are taken: whatever their length, few rows are in memory.
import { pipeline, Readable } from "node:stream";
import { stringify } from "csv-stringify";

export type CsvOptions = {
  /** Begin with the mark by which spreadsheets know UTF-8. */
  bom: boolean;
  /**
   * A cell that a spreadsheet would run as a formula begins with an apostrophe: what is in these files is whatever somebody
   * typed elsewhere. Numbers are left as they are.
   */
  escapeFormulas: boolean;
};

/** What goes wrong with the rows destroys the file, so that whoever reads it gets an error and not half of it. */
export function writeCsv(
  columns: readonly string[],
  rows: AsyncIterable<readonly unknown[]>,
  { bom, escapeFormulas }: CsvOptions,
): Readable {
  const written = stringify({
    bom,
    escape_formulas: escapeFormulas,
    record_delimiter: "\r\n",
    // Every reader of CSV ends a row at any of these, unless it is in quotes.
    quoted_match: /[\r\n]/,
    cast: { boolean: String },
  });
  return pipeline(Readable.from(putFirst(columns, rows)), written, () => {});
}

/** The names of the columns are a row like the others, so that a file without others has them and its mark. */
async function* putFirst<Row>(first: Row, rows: AsyncIterable<Row>): AsyncGenerator<Row> {
  yield first;
  yield* rows;
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
