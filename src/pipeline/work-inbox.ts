// The worker: goes round the workspaces that have deliveries waiting, a batch for each in turn, until nothing waits;
// then sleeps until it is woken or a second has passed. Nothing it does lives outside the database's transactions.
import { isDatabaseAway } from "../platform/database/errors.ts";
import { createSleeper } from "../platform/sleeper.ts";
import { findNextWaitingWorkspace } from "./inbox/claim-queries.ts";
import { type ProcessOptions, processDeliveries } from "./process-deliveries.ts";

export type Worker = {
  start: () => void;
  wake: () => void;
  /** Works until nothing waits that is due; for tests and commands. */
  settleAll: () => Promise<number>;
  stop: () => Promise<void>;
};

const longestSleep = 1_000;
const longestBackOff = 5_000;
/** What a workspace that cannot be worked off waits, in milliseconds. */
const rest = 5_000;

export type WorkerOptions = ProcessOptions & {
  onSettled: (count: number, workspaceId: string) => void;
  /** Resolves when the worker may take the next batch: the door goes first (see app.ts). */
  awaitTurn: () => Promise<void>;
};

export function createWorker(options: WorkerOptions): Worker {
  let stopped = false;
  let isWoken = false;
  const sleeper = createSleeper();
  let backOff = 0;
  const restUntil = new Map<string, number>();

  /**
   * One batch for each workspace that has something and does not rest. One that cannot be worked off rests for a while:
   * those behind it in the round must not wait for it. Throws when the database is away.
   */
  async function goRound(): Promise<{ settled: number; failure: unknown }> {
    let settled = 0;
    let failure: unknown;
    let workspaceId: string | undefined;
    while (!stopped) {
      workspaceId = await findNextWaitingWorkspace(options.database, workspaceId, options.clock());
      if (workspaceId === undefined) break;
      if ((restUntil.get(workspaceId) ?? 0) > performance.now()) continue;
      await options.awaitTurn();
      try {
        const count = await processDeliveries(options, workspaceId);
        options.onSettled(count, workspaceId);
        settled += count;
        restUntil.delete(workspaceId);
      } catch (error) {
        if (isDatabaseAway(error)) throw error;
        failure ??= error;
        restUntil.set(workspaceId, performance.now() + rest);
      }
    }
    return { settled, failure };
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        isWoken = false;
        const { settled, failure } = await goRound();
        if (failure !== undefined)
          options.log.error(
            { error: messageOf(failure), tryAgainInMs: rest },
            "the worker could not finish a batch of a workspace and tries again",
          );
        backOff = 0;
        if (settled === 0 && !isWoken) await sleeper.sleep(longestSleep);
      } catch (error) {
        backOff = Math.min(longestBackOff, backOff === 0 ? 100 : backOff * 2);
        options.log[isDatabaseAway(error) ? "warn" : "error"](
          { error: messageOf(error), tryAgainInMs: backOff },
          "the worker could not go on and tries again",
        );
        await sleeper.sleep(backOff);
      }
    }
  }

  let running: Promise<void> | undefined;
  return {
    start() {
      running ??= run();
    },
    wake() {
      isWoken = true;
      if (backOff === 0) sleeper.rouse();
    },
    async settleAll() {
      let total = 0;
      for (;;) {
        const { settled, failure } = await goRound();
        if (failure !== undefined) throw failure;
        if (settled === 0) return total;
        total += settled;
      }
    },
    async stop() {
      stopped = true;
      sleeper.end();
      await running;
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
