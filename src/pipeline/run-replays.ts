// Works on replays of very many deliveries: a thousand of them a step, whichever process has it.
import { noteReplayEnd } from "../access/note-replay.ts";
import type { Database } from "../platform/database/pool.ts";
import { createLeaseRunner, type JobName, type LeaseRunner, type RunJob } from "../platform/lease-runner.ts";
import type { Log } from "../platform/log.ts";
import type { SecretBox } from "../platform/secret-box.ts";
import { recheckSignature } from "./door/recheck-signature.ts";
import { sendThroughAgain } from "./inbox/deliveries-table.ts";
import { countMatching, lookAtSlice, mostExamples } from "./inbox/replay-deliveries.ts";
import { type ReplayEnd, type ReplayJob, type ReplayProgress, replayStore } from "./inbox/replays-table.ts";

type Options = {
  database: Database;
  secretBox: SecretBox;
  log: Log;
  clock: () => Date;
  onChange?: (job: JobName) => void;
  /** Deliveries wait for a worker. */
  onReleased: () => void;
};

/** What is sent through is worked off by others: two that send are more than enough. */
const mostAtOnce = 2;

export function createReplayRunner(options: Options): LeaseRunner {
  return createLeaseRunner({
    ...options,
    name: "replays",
    store: {
      ...replayStore,
      async finish(tx, job, holder, end, now) {
        const isOurs = await replayStore.finish(tx, job, holder, end, now);
        if (isOurs) await noteReplayEnd(tx, job, end.state, now);
        return isOurs;
      },
    },
    mostAtOnce,
    run: createRunReplay(options),
  });
}

function createRunReplay({
  database,
  secretBox,
  clock,
  onReleased,
}: Options): RunJob<ReplayJob, ReplayProgress, ReplayEnd> {
  return async ({ job, step }) => {
    const filter = { ...job.filter, workspaceId: job.workspaceId };
    const before = job.beforeId;
    for (;;) {
      const looked = await lookAtSlice(database, filter, {
        after: job.reached ?? undefined,
        before,
        recheckSignature: (delivery) => recheckSignature(database, secretBox, delivery, clock()),
      });
      if (!looked) return { state: "done", message: null };
      const total =
        job.total ?? job.matched + (await countMatching(database, filter, { after: job.reached ?? undefined, before }));
      await step(async (tx) => ({
        total,
        reached: looked.reached,
        matched: job.matched + looked.matched,
        replayed: job.replayed + (await sendThroughAgain(tx, job.workspaceId, looked.ready.get(job.workspaceId) ?? [])),
        leftOut: [...job.leftOut, ...looked.leftOut].slice(0, mostExamples),
      }));
      onReleased();
    }
  };
}
