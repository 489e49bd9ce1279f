// A client of Pendo for tests: asks a simulator over real HTTP, waits little, and keeps what it logs.
import { Writable } from "node:stream";
import { pino } from "pino";
import { Agent } from "undici";
import type { PendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { noPace } from "../../src/pendo/client/pace.ts";
import { createPendoClient, type PendoClient, type PendoClientOptions } from "../../src/pendo/client/pendo-client.ts";
import { PendoError } from "../../src/pendo/client/pendo-error.ts";
import type { ReportAttempt, RowTaker } from "../../src/pendo/client/report.ts";
import type { JsonObject } from "../../src/platform/json.ts";
import type { Log } from "../../src/platform/log.ts";

/** Milliseconds short enough for a test to wait for. */
export const shortPatience = {
  tries: 1,
  backOffMs: 5,
  rateLimitMs: 5,
  long: { headers: 5_000, idle: 5_000, total: 10_000 },
  report: { headers: 5_000, idle: 5_000, total: 60_000 },
  short: { headers: 5_000, idle: 5_000, total: 10_000 },
};

export type TestPendoClient = PendoClient & { lines: string[]; stop: () => Promise<void> };

export function createTestPendoClient(
  simulator: Pick<PendoSimulator, "url" | "integrationKey">,
  options: Partial<PendoClientOptions> = {},
): TestPendoClient {
  const dispatcher = new Agent({ connect: { timeout: 2_000 } });
  const { log, lines } = createLogOfLines();
  const client = createPendoClient({
    region: "us",
    baseUrl: simulator.url,
    integrationKey: simulator.integrationKey,
    pace: noPace,
    dispatcher,
    clock: () => new Date(),
    log,
    signal: new AbortController().signal,
    ...options,
    patience: { ...shortPatience, ...options.patience },
  });
  return { ...client, lines, stop: () => dispatcher.destroy() };
}

/** A log whose lines can be looked at. */
export function createLogOfLines(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const stream = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  });
  return { log: pino({ level: "trace" }, stream), lines };
}

/** The PendoError that `work` ends in. */
export async function catchPendoError(work: Promise<unknown>): Promise<PendoError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PendoError) return error;
  throw new Error(`It did not end in a PendoError but in ${String(error)}.`, { cause: error });
}

/** A taker of a report's rows. It keeps the rows of the last attempt, as a table that is emptied would. */
export function createReportTaker() {
  const taken = { rows: [] as JsonObject[], batches: [] as number[], begun: 0, attempts: [] as ReportAttempt[] };
  const taker: RowTaker = {
    async begin() {
      taken.begun += 1;
      taken.rows = [];
      taken.batches = [];
    },
    async take(rows) {
      taken.rows.push(...rows);
      taken.batches.push(rows.length);
    },
    onAttempt: (attempt) => {
      taken.attempts.push(attempt);
    },
  };
  return { taken, taker };
}
