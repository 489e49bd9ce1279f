// A request until it is answered or nobody should wait any longer: at the connection's pace, and again where that helps.
import type { Log } from "../../platform/log.ts";
import type { Pace } from "./pace.ts";
import { PendoError, tryAgain } from "./pendo-error.ts";
import {
  longTimeouts,
  type PendoRequest,
  type Reader,
  reportTimeouts,
  type Sender,
  sendRequest,
  shortTimeouts,
  type Timeouts,
  waitFor,
} from "./send-request.ts";

export type Patience = {
  /** Attempts of a request before its error is whoever asked's. */
  tries: number;
  /** Milliseconds before the second attempt; doubled with each further one. */
  backOffMs: number;
  /** Milliseconds after a 429 that does not say when; doubled while Pendo goes on saying so. */
  rateLimitMs: number;
  /** Milliseconds: who would have to wait longer is told so instead. */
  longestWaitMs: number;
  /** For aggregations. */
  long: Timeouts;
  /** For reports: Pendo runs them while it is asked. */
  report: Timeouts;
  /** For everything else. */
  short: Timeouts;
};

export const defaultPatience: Patience = {
  tries: 4,
  backOffMs: 1_000,
  rateLimitMs: 30_000,
  longestWaitMs: 60_000,
  long: longTimeouts,
  report: reportTimeouts,
  short: shortTimeouts,
};

/** Every attempt has a reader of its own. */
export type Ask = <T>(asked: PendoRequest, createReader: () => Reader<T> | Promise<Reader<T>>) => Promise<T>;

/** 32 times `rateLimitMs`: with half a minute, every quarter of an hour. */
const mostDoublings = 5;

export function createAsk(options: { sender: Sender; pace: Pace; patience: Patience; log: Log }): Ask {
  const { sender, pace, patience, log } = options;
  let rateLimitsInARow = 0;

  /** Milliseconds; where Pendo is asked too often, everybody waits. */
  async function chooseWait(error: PendoError, attempt: number): Promise<number> {
    if (error.trouble !== "rate-limited") return error.retryAfterMs ?? patience.backOffMs * 2 ** (attempt - 1);
    const waitMs = error.retryAfterMs ?? patience.rateLimitMs * 2 ** Math.min(rateLimitsInARow, mostDoublings);
    rateLimitsInARow += 1;
    await pace.delay(waitMs);
    return waitMs;
  }

  return async (asked, createReader) => {
    const signal = asked.signal === undefined ? sender.signal : AbortSignal.any([sender.signal, asked.signal]);
    for (let attempt = 1; ; attempt += 1) {
      await pace.takeTurn(signal, patience.longestWaitMs);
      try {
        const value = await sendRequest({ ...sender, signal }, asked, await createReader());
        rateLimitsInARow = 0;
        return value;
      } catch (error) {
        if (!isWorthAnotherTry(error)) throw error;
        const waitMs = await chooseWait(error, attempt);
        const { trouble, status } = error;
        log.warn({ request: asked.name, trouble, status, attempt, waitMs }, "Pendo did not answer as it should");
        if (attempt >= patience.tries || waitMs > patience.longestWaitMs) throw withWait(error, waitMs);
        await waitFor(waitMs, signal);
      }
    }
  };
}

function isWorthAnotherTry(error: unknown): error is PendoError {
  return error instanceof PendoError && error.next.kind === "try-again" && error.trouble !== "stopped";
}

function withWait(error: PendoError, waitMs: number): PendoError {
  const { trouble, message, status, retryAfterMs, detail, cause } = error;
  const afterMs = Math.max(waitMs, error.next.kind === "try-again" ? error.next.afterMs : 0);
  return new PendoError(trouble, message, { next: tryAgain(afterMs), status, retryAfterMs, detail, cause });
}
