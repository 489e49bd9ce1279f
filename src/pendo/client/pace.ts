// Keeps all processes together at one request per interval and connection.
import type { Database } from "../../platform/database/pool.ts";
import { delayPendoTurns, type PaceOf, takePendoTurn } from "./pendo-paces-table.ts";
import { waitFor } from "./send-request.ts";

export type Pace = {
  /** Resolves when the next request may be sent. */
  takeTurn: (signal: AbortSignal) => Promise<void>;
  /** Nobody asks for so long. */
  delay: (milliseconds: number) => Promise<void>;
};

/** Pendo publishes no limit; more than this has been answered with 429. */
export const defaultIntervalMs = 1_000;

export function createPace(database: Database, of: PaceOf, intervalMs = defaultIntervalMs): Pace {
  // Those who wait in this process stand in line, and only the first of them asks the database.
  let line: Promise<void> = Promise.resolve();

  async function wait(signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = await takePendoTurn(database, of, intervalMs);
      if (waitMs === 0) return;
      await waitFor(waitMs, signal);
    }
  }

  return {
    takeTurn(signal) {
      const turn = line.then(() => wait(signal));
      line = turn.catch(() => {});
      return turn;
    },
    delay: (milliseconds) => delayPendoTurns(database, of, milliseconds),
  };
}

/** Without a pace: for a single question that a person asks. */
export const noPace: Pace = { takeTurn: async () => {}, delay: async () => {} };
