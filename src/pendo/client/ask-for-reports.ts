// Pendo's reports of a connection, whichever client it has by now.
import { HttpError } from "../../platform/http-server.ts";
import type { PendoClients } from "./pendo-clients.ts";
import { PendoError } from "./pendo-error.ts";
import type { PaceOf } from "./pendo-paces-table.ts";
import type { FirstRows, PendoReport } from "./report.ts";

export function createPendoReports(clients: Pick<PendoClients, "open">) {
  return {
    list: async (connection: PaceOf): Promise<PendoReport[]> => (await clients.open(connection)).listReports(),
    readFirstRows: async (connection: PaceOf, pendoReportId: string, count: number): Promise<FirstRows> =>
      (await clients.open(connection)).readFirstRows(pendoReportId, count),
  };
}

/** For whoever waits for an answer of Pendo's behind the API: what is wrong, and whether it is theirs to mend. */
export function answerPendoError(error: Error): HttpError | undefined {
  if (!(error instanceof PendoError)) return undefined;
  if (error.next.kind === "fix-settings") return new HttpError(409, error.message);
  if (error.next.kind === "try-again") return new HttpError(503, error.message);
  return new HttpError(error.status === 404 ? 404 : 502, error.message);
}
