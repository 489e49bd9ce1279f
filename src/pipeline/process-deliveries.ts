// The data's way behind the door, as a table of contents: one batch, one transaction, one line per step.
import { isDatabaseAway } from "../platform/database/errors.ts";
import type { Database, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Log } from "../platform/log.ts";
import {
  type ClaimedDelivery,
  claimDeliveries,
  claimGivenDeliveries,
  readConnectionRules,
} from "./inbox/claim-queries.ts";
import { settleDeliveries } from "./inbox/deliveries-table.ts";
import { settleItems } from "./inbox/delivery-items-table.ts";
import { releaseParkedForRecords } from "./inbox/release-parked-for-records.ts";
import { type ItemOnItsWay, readItems, takeApart, takeToEnd } from "./items-on-their-way.ts";
import { fail } from "./outcome.ts";
import type { NamedRecords } from "./records.ts";
import { type ItemEnd, type SummarizedDelivery, summarizeDelivery } from "./summarize-delivery.ts";

export type ProcessOptions = {
  database: Database;
  log: Log;
  clock: () => Date;
  batchSize: number;
  /** A batch has committed in which something waits for Pendo to say what it is called here. */
  onWanted?: () => void;
};

/** Takes one batch of a workspace through all stages. Resolves to how many deliveries it settled. */
export async function processDeliveries(options: ProcessOptions, workspaceId: string): Promise<number> {
  let claimed: ClaimedDelivery[] = [];
  try {
    const { settled, isWanting, made } = await inTransaction(options.database, async (tx) => {
      claimed = await claimDeliveries(tx, workspaceId, options.batchSize, options.clock());
      return processBatch(options, tx, workspaceId, claimed);
    });
    if (isWanting) options.onWanted?.();
    await releaseParkedForRecords(options.database, workspaceId, made);
    return settled;
  } catch (error) {
    if (isDatabaseAway(error) || claimed.length === 0) throw error;
    return isolatePoison(
      options,
      workspaceId,
      claimed.map((one) => one.deliveryId),
      error,
    );
  }
}

/** `made`: records that there were not before; another connection's deliveries may wait for them. */
type Batch = { settled: number; isWanting: boolean; made: NamedRecords };

async function processBatch(
  options: ProcessOptions,
  tx: Tx,
  workspaceId: string,
  deliveries: readonly ClaimedDelivery[],
  take = takeToEnd,
): Promise<Batch> {
  if (deliveries.length === 0) return { settled: 0, isWanting: false, made: {} };
  const now = options.clock();
  const rules = await readConnectionRules(tx, workspaceId, distinct(deliveries.map((one) => one.connectionId)));
  const items = deliveries.flatMap((delivery) => readItems(delivery, rules.get(delivery.connectionId)!));
  const made = await take(tx, workspaceId, items, now);
  const settlements = summarize(deliveries, items, now);
  await settleDeliveries(tx, workspaceId, settlements, now);
  await settleItems(tx, workspaceId, settlements);
  const isWanting = settlements.some(({ reason }) => reason === "identity-wanted");
  return { settled: deliveries.length, isWanting, made };
}

function summarize(
  deliveries: readonly ClaimedDelivery[],
  items: readonly ItemOnItsWay[],
  now: Date,
): SummarizedDelivery[] {
  const ends = new Map<ClaimedDelivery, ItemEnd[]>(deliveries.map((delivery) => [delivery, []]));
  for (const { delivery, seen, at } of items) {
    if (at.step !== "ended") throw new Error("An item did not reach its end; this is a bug in the pipeline.");
    ends.get(delivery)!.push({ seen, end: at.end });
  }
  return deliveries.map((delivery) => summarizeDelivery(delivery, ends.get(delivery)!, now));
}

/**
 * A batch failed, and not because the database is away: it is halved until the deliveries that cannot be recorded stand
 * alone, and those are taken apart in the same way, object by object. What cannot be recorded is marked failed with the reason;
 * its neighbours are recorded.
 */
async function isolatePoison(
  options: ProcessOptions,
  workspaceId: string,
  deliveryIds: readonly string[],
  cause: unknown,
): Promise<number> {
  if (deliveryIds.length === 1) return takeDeliveryApart(options, workspaceId, deliveryIds[0]!, cause);
  const middle = Math.ceil(deliveryIds.length / 2);
  let settled = 0;
  for (const half of [deliveryIds.slice(0, middle), deliveryIds.slice(middle)]) {
    try {
      settled += await processGiven(options, workspaceId, half, takeToEnd);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      settled += await isolatePoison(options, workspaceId, half, error);
    }
  }
  return settled;
}

async function processGiven(
  options: ProcessOptions,
  workspaceId: string,
  deliveryIds: readonly string[],
  take: typeof takeToEnd,
): Promise<number> {
  const { settled, made } = await inTransaction(options.database, async (tx) =>
    processBatch(options, tx, workspaceId, await claimGivenDeliveries(tx, workspaceId, deliveryIds), take),
  );
  await releaseParkedForRecords(options.database, workspaceId, made);
  return settled;
}

async function takeDeliveryApart(
  options: ProcessOptions,
  workspaceId: string,
  deliveryId: string,
  cause: unknown,
): Promise<number> {
  options.log.error(
    { deliveryId, error: (cause as { code?: string }).code ?? (cause as Error).name },
    "a delivery could not be recorded",
  );
  try {
    return await processGiven(options, workspaceId, [deliveryId], takeApart);
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    return failDelivery(options, workspaceId, deliveryId, error);
  }
}

/** What cannot even be taken apart. */
async function failDelivery(
  options: ProcessOptions,
  workspaceId: string,
  deliveryId: string,
  cause: unknown,
): Promise<number> {
  return inTransaction(options.database, async (tx) => {
    const [delivery] = await claimGivenDeliveries(tx, workspaceId, [deliveryId]);
    if (!delivery) return 0;
    const seen = { kind: null, pendoVisitorId: null, pendoAccountId: null };
    const end = fail("not-recordable", cause instanceof Error ? cause.message : String(cause));
    const settlement = summarizeDelivery(delivery, [{ seen, end }], options.clock());
    await settleDeliveries(tx, workspaceId, [settlement], options.clock());
    await settleItems(tx, workspaceId, [settlement]);
    return 1;
  });
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
