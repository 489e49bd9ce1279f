// The worker: goes round the workspaces that have deliveries waiting, a batch for each in turn, until nothing waits;
// then sleeps until it is woken or a second has passed. Nothing it does lives outside the database's transactions.
import { isDatabaseAway } from "../platform/database/errors.ts";
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

export type WorkerOptions = ProcessOptions & {
  onSettled: (count: number) => void;
  /** Resolves when the worker may take the next batch: the door goes first (see app.ts). */
  awaitTurn: () => Promise<void>;
};

export function createWorker(options: WorkerOptions): Worker {
  let stopped = false;
  let isWoken = false;
  let rouse: (() => void) | undefined;
  let backOff = 0;

  /** One batch for each workspace that has something; resolves to how many deliveries were settled. */
  async function goRound(): Promise<number> {
    let settled = 0;
    let workspaceId: string | undefined;
    while (!stopped) {
      workspaceId = await findNextWaitingWorkspace(options.database, workspaceId, options.clock());
      if (workspaceId === undefined) break;
      await options.awaitTurn();
      const count = await processDeliveries(options, workspaceId);
      options.onSettled(count);
      settled += count;
    }
    return settled;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        isWoken = false;
        const settled = await goRound();
        backOff = 0;
        if (settled === 0 && !isWoken) await sleep(longestSleep);
      } catch (error) {
        backOff = Math.min(longestBackOff, backOff === 0 ? 100 : backOff * 2);
        const isAway = isDatabaseAway(error);
        options.log[isAway ? "warn" : "error"](
          { error: (error as Error).message, tryAgainInMs: backOff },
          "the worker could not finish a batch and tries again",
        );
        await sleep(backOff);
      }
    }
  }

  function sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      rouse = () => {
        clearTimeout(timer);
        resolve();
      };
      if (stopped) rouse();
    });
  }

  let running: Promise<void> | undefined;
  return {
    start() {
      running ??= run();
    },
    wake() {
      isWoken = true;
      if (backOff === 0) rouse?.();
    },
    async settleAll() {
      let total = 0;
      for (let count = await goRound(); count > 0; count = await goRound()) total += count;
      return total;
    },
    async stop() {
      stopped = true;
      rouse?.();
      await running;
    },
  };
}
