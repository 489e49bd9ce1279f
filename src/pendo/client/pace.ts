// Keeps all processes together at one request per interval and connection.
import type { Database } from "../../platform/database/pool.ts";
import { PendoError, tryAgain } from "./pendo-error.ts";
import { delayPendoTurns, type PaceOf, takePendoTurn } from "./pendo-paces-table.ts";
import { stopped, waitFor } from "./send-request.ts";

export type Pace = {
  /** Resolves when the next request may be sent. Rejects with a PendoError where that is more than `longestWaitMs` away. */
  takeTurn: (signal: AbortSignal, longestWaitMs: number) => Promise<void>;
  /** Nobody asks for so long. */
  delay: (milliseconds: number) => Promise<void>;
};

/**
 * Pendo publishes no limit; more than one request a second has been answered with 429. A little more than a second, so
 * that two of which the first was slow on its way do not arrive within one.
 */
const defaultIntervalMs = 1_100;

export function createPace(database: Database, of: PaceOf, intervalMs = defaultIntervalMs): Pace {
  // Those who wait in this process stand in line, and only the first of them asks the database.
  let line: Promise<void> = Promise.resolve();

  async function wait(signal: AbortSignal, longestWaitMs: number): Promise<void> {
    for (;;) {
      if (signal.aborted) throw stopped();
      const waitMs = await takePendoTurn(database, of, intervalMs);
      if (waitMs === 0) return;
      if (waitMs > longestWaitMs)
        throw new PendoError(
          "rate-limited",
          `Pendo wants to be left alone for ${Math.ceil(waitMs / 1000)} more seconds.`,
          { next: tryAgain(waitMs), retryAfterMs: waitMs },
        );
      await waitFor(waitMs, signal);
    }
  }

  return {
    takeTurn(signal, longestWaitMs) {
      const turn = line.then(() => wait(signal, longestWaitMs));
      line = turn.catch(() => {});
      return turn;
    },
    delay: (milliseconds) => delayPendoTurns(database, of, milliseconds),
  };
}

/** Without a pace: for a single question that a person asks. */
export const noPace: Pace = { takeTurn: async () => {}, delay: async () => {} };
