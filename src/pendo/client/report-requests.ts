// What is asked of Pendo about reports. Pendo runs a report each time its rows are asked for.
import type { Ask, Patience } from "./ask.ts";
import { createReportListReader } from "./list-reports.ts";
import { giveUp, PendoError } from "./pendo-error.ts";
import { createFirstRowsReader, createReportReader, type ReportFormat } from "./read-report.ts";
import type { FirstRows, PendoReport, ReportReading, RowTaker } from "./report.ts";
import type { PendoRequest } from "./send-request.ts";

export type ReportRequests = {
  /** Every report that Pendo lists, also those that cannot be synced. */
  listReports: (signal?: AbortSignal) => Promise<PendoReport[]>;
  /**
   * Runs the report and hands every row to the taker. Resolves when it has taken them all; otherwise nothing of what it
   * took is to be used. Rejects with a PendoError, or with the taker's own error. When `signal` is aborted, the request ends.
   */
  readReport: (id: string, taker: RowTaker, signal?: AbortSignal) => Promise<ReportReading>;
  /** Runs the report and ends the answer after `count` rows. */
  readFirstRows: (id: string, count: number) => Promise<FirstRows>;
};

const mostListBytes = 256 * 1024 * 1024;
/** Pendo's own limit of what it computes at once. */
const mostReportBytes = 4 * 1024 ** 3;

const acceptOf: Record<ReportFormat, string> = { json: "application/json", csv: "text/csv" };

export function createReportRequests(parts: {
  ask: Ask;
  patience: Patience;
  clock: () => Date;
  /** Rejects where Pendo does not take the key in this region. */
  verifyToken: () => Promise<unknown>;
}): ReportRequests {
  const { ask, patience, clock, verifyToken } = parts;

  const toRequest = (name: string, id: string, format: ReportFormat): PendoRequest => ({
    name,
    method: "GET",
    path: `/report/${encodeURIComponent(id)}/results.${format}`,
    accept: acceptOf[format],
    timeouts: patience.report,
    mostBytes: mostReportBytes,
  });

  /** As JSON, or as CSV where Pendo gives only that. */
  async function inEitherFormat<T>(id: string, read: (format: ReportFormat) => Promise<T>): Promise<T> {
    // In an address these would not be ids but steps to other folders.
    if (/^\.*$/.test(id)) throw gone(undefined);
    try {
      return await read("json");
    } catch (error) {
      if (!isRefusal(error)) throw error;
      try {
        return await read("csv");
      } catch (second) {
        if (!isRefusal(second)) throw second;
        if (error.status === 400) await verifyToken();
        throw explainRefusal(error);
      }
    }
  }

  return {
    listReports: (signal) =>
      ask(
        {
          name: "list-reports",
          method: "GET",
          path: "/report",
          timeouts: patience.long,
          mostBytes: mostListBytes,
          signal,
        },
        () => createReportListReader(clock),
      ),
    readReport: (id, taker, signal) =>
      inEitherFormat(id, (format) =>
        ask({ ...toRequest("read-report", id, format), signal }, () => createReportReader(format, taker, clock)),
      ),
    readFirstRows: (id, count) =>
      inEitherFormat(id, (format) =>
        ask(toRequest("preview-report", id, format), () => createFirstRowsReader(format, count)),
      ),
  };
}

function isRefusal(error: unknown): error is PendoError {
  return error instanceof PendoError && [400, 404, 406].includes(error.status ?? 0);
}

function explainRefusal(error: PendoError): PendoError {
  if (error.status === 404) return gone(error);
  return new PendoError(
    "request-refused",
    `Pendo does not give the rows of this report (${error.status}): only shared visitor and account reports have rows for other programs, not paths, funnels, retention or Data Explorer reports.`,
    { next: giveUp, status: error.status, detail: error.detail, cause: error },
  );
}

function gone(cause: PendoError | undefined): PendoError {
  return new PendoError(
    "request-refused",
    "The report is gone or no longer shared at Pendo: share it there again, or sync another one.",
    { next: giveUp, status: 404, detail: cause?.detail, cause },
  );
}
