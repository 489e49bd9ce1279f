// A report's rows on their way from Pendo to whoever takes them: never more than a batch of them in memory, and as fast as
// the slower of the two.
import { performance } from "node:perf_hooks";
import type { JsonObject } from "../../platform/json.ts";
import { PendoError } from "./pendo-error.ts";
import type { FirstRows, ReportAttempt, ReportReading, RowTaker } from "./report.ts";
import type { Reader } from "./send-request.ts";
import { createCsvSplitter } from "./split-csv.ts";
import { createRowSplitter, type RowPlace, WrongContentError } from "./split-rows.ts";

export type ReportFormat = "json" | "csv";

/** Pendo gives a bare list; others have seen it wrapped. */
const placeOfRows: RowPlace = { names: ["results", "rows"], mayBeBare: true, mayBeMissing: false };

const batchRows = 1_000;
/** Bytes of the answer after which a batch is full, however few rows they are: rows may be very wide. */
const batchBytes = 2 * 1024 * 1024;

type Splitter = { push: (chunk: Uint8Array) => void | Promise<void>; end: () => void | Promise<void> };

function createSplitter(format: ReportFormat, onRow: (row: JsonObject) => void): Splitter {
  return format === "json" ? createRowSplitter(onRow, placeOfRows) : createCsvSplitter(onRow);
}

/** Of one attempt. Resolves when the taker has begun anew. */
export async function createReportReader(
  format: ReportFormat,
  taker: RowTaker,
  clock: () => Date,
): Promise<Reader<ReportReading>> {
  await taker.begin();
  const at = clock();
  const startedAt = performance.now();
  const waiting: JsonObject[] = [];
  const splitter = createSplitter(format, (row) => waiting.push(row));
  let status: number | null = null;
  let bytes = 0;
  let bytesWaiting = 0;
  let rows = 0;
  let isTold = false;

  async function takeWaiting(): Promise<void> {
    bytesWaiting = 0;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchRows);
      rows += batch.length;
      await taker.take(batch);
    }
  }

  const measure = () => ({ rows, bytes, milliseconds: Math.round(performance.now() - startedAt) });
  async function tell(trouble: ReportAttempt["trouble"], measured = measure()): Promise<void> {
    if (isTold) return;
    isTold = true;
    await taker.onAttempt?.({ at, status, ...measured, trouble });
  }

  return {
    begin(answer) {
      status = answer.status;
      refuseOtherContent(format, answer.contentType);
    },
    async push(chunk) {
      bytes += chunk.length;
      bytesWaiting += chunk.length;
      await splitter.push(chunk);
      if (waiting.length >= batchRows || bytesWaiting >= batchBytes) await takeWaiting();
    },
    async end() {
      await splitter.end();
      await takeWaiting();
      // Once, so that the attempt and the reading say the same.
      const measured = measure();
      await tell(null, measured);
      return { ...measured, status: status! };
    },
    async fail(error) {
      if (error instanceof PendoError) status ??= error.status ?? null;
      await tell(error instanceof PendoError ? error.trouble : "interrupted");
    },
  };
}

/** Ends the answer when there are `count` rows. */
export function createFirstRowsReader(format: ReportFormat, count: number): Reader<FirstRows> {
  const rows: JsonObject[] = [];
  const columns = new Set<string>();
  const splitter = createSplitter(format, (row) => {
    if (rows.length >= count) return;
    rows.push(row);
    for (const column of Object.keys(row)) columns.add(column);
  });
  const isSatisfied = () => rows.length >= count;
  return {
    begin: ({ contentType }) => refuseOtherContent(format, contentType),
    push: splitter.push,
    isSatisfied,
    async end() {
      if (!isSatisfied()) await splitter.end();
      return { columns: [...columns], rows };
    },
  };
}

/** Almost anything can be read as CSV, and a page of a proxy must not become a column. */
function refuseOtherContent(format: ReportFormat, contentType: string): void {
  if (format === "csv" && /html|json|xml/i.test(contentType))
    throw new WrongContentError("it is not CSV, as it says itself");
}
