// The rows that were rejected, in a file of their own for a spreadsheet: the reason first, so that it stands in one column however
// many cells a row has. Mended, the file can be imported as it is.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { stringify } from "csv-stringify";
import { escapeFormula } from "../platform/csv.ts";
import { rejectionColumn } from "./import.ts";

export type RejectedRows = {
  add: (cells: readonly string[], reason: string) => Promise<void>;
  /** Resolves to the file, or to null when nothing was rejected. */
  close: () => Promise<string | null>;
};

/** The file is made with the first rejected row; one of an earlier import is written over. */
export function openRejectedRows(of: { file: string; separator: string; columns: readonly string[] }): RejectedRows {
  const file = `${of.file}.rejected.csv`;
  let open: ReturnType<typeof start> | undefined;

  function start() {
    const rows = stringify({ delimiter: of.separator, bom: true, header: false });
    const output = rows.pipe(createWriteStream(file));
    const done = finished(output);
    // Told when the file is closed.
    done.catch(() => {});
    rows.write([rejectionColumn, ...of.columns].map(escapeFormula));
    return { rows, done };
  }

  return {
    async add(cells, reason) {
      open ??= start();
      const { rows, done } = open;
      if (!rows.write([reason, ...cells].map(escapeFormula))) await Promise.race([once(rows, "drain"), done]);
    },
    async close() {
      if (!open) return null;
      open.rows.end();
      await open.done;
      return file;
    },
  };
}
