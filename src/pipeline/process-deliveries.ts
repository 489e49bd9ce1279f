// The data's way behind the door, as a table of contents: one batch, one transaction, one line per step.
import { readDelivery } from "../pendo/read-delivery.ts";
import { isDatabaseAway } from "../platform/database/errors.ts";
import type { Database, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Log } from "../platform/log.ts";
import type { ConnectionRules, ExternalIds, Item, Owner } from "./facts.ts";
import {
  type ClaimedDelivery,
  claimDeliveries,
  claimGivenDeliveries,
  readConnectionRules,
} from "./inbox/claim-queries.ts";
import { type Settlement, settleDeliveries } from "./inbox/deliveries-table.ts";
import { releaseParkedForRecords } from "./inbox/release-parked-for-records.ts";
import { identifyClaims } from "./match/identify-claims.ts";
import { matchClaims } from "./match/match-claims.ts";
import { type Drop, type Fail, fail, type Park } from "./outcome.ts";
import { type RecordResult, recordItems } from "./record/record-items.ts";
import type { NamedRecords } from "./records.ts";
import { type ItemEnd, summarizeDelivery } from "./summarize-delivery.ts";

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
): Promise<Batch> {
  if (deliveries.length === 0) return { settled: 0, isWanting: false, made: {} };
  const now = options.clock();
  const rules = await readConnectionRules(tx, workspaceId, distinct(deliveries.map((one) => one.connectionId)));
  const items = deliveries.flatMap((delivery) => readItems(delivery, rules.get(delivery.connectionId)!));
  await identifyItems(tx, workspaceId, items, now);
  const made = await matchItems(tx, workspaceId, items, now);
  await recordMatchedItems(tx, workspaceId, items);
  const settlements = summarize(deliveries, items, now);
  await settleDeliveries(tx, workspaceId, settlements, now);
  const isWanting = settlements.some(({ reason }) => reason === "identity-wanted");
  return { settled: deliveries.length, isWanting, made };
}

/** One object of a delivery on its way. Each step moves `at` on; drop, park, fail, held and recorded are ends. */
type ItemOnItsWay = {
  delivery: ClaimedDelivery;
  rules: ConnectionRules;
  seen: ItemEnd["seen"];
  at:
    | { step: "read"; item: Item }
    | { step: "identified"; item: Item; externalIds: ExternalIds }
    | { step: "matched"; item: Item; owner: Owner }
    | { step: "ended"; end: Drop | Park | Fail | "held" | RecordResult };
};

function readItems(delivery: ClaimedDelivery, rules: ConnectionRules): ItemOnItsWay[] {
  const ended = (end: Fail): ItemOnItsWay => ({
    delivery,
    rules,
    seen: { kind: null, pendoVisitorId: null, pendoAccountId: null },
    at: { step: "ended", end },
  });
  if (delivery.body === undefined) return [ended(fail("body-deleted"))];
  const readings = readDelivery(delivery.body, delivery.receivedAt, rules);
  if (!Array.isArray(readings)) return [ended(readings)];
  return readings.map(({ reading, ...seen }): ItemOnItsWay => {
    if (!rules.isOn) return { delivery, rules, seen, at: { step: "ended", end: "held" } };
    if (reading.outcome !== "ok") return { delivery, rules, seen, at: { step: "ended", end: reading } };
    return { delivery, rules, seen, at: { step: "read", item: reading.value } };
  });
}

async function identifyItems(tx: Tx, workspaceId: string, items: readonly ItemOnItsWay[], now: Date): Promise<void> {
  const read = items.flatMap((one) => (one.at.step === "read" ? [{ one, item: one.at.item }] : []));
  const results = await identifyClaims(
    tx,
    workspaceId,
    read.map(({ one: { rules }, item }) => ({ ...item.claim, ...rules })),
    now,
  );
  for (const [index, { one, item }] of read.entries()) {
    const result = results[index]!;
    one.at =
      result.outcome === "ok"
        ? { step: "identified", item, externalIds: result.value }
        : { step: "ended", end: result };
  }
}

async function matchItems(
  tx: Tx,
  workspaceId: string,
  items: readonly ItemOnItsWay[],
  now: Date,
): Promise<NamedRecords> {
  const identified = items.flatMap((one) =>
    one.at.step === "identified" ? [{ one, item: one.at.item, externalIds: one.at.externalIds }] : [],
  );
  const { results, made } = await matchClaims(
    tx,
    workspaceId,
    identified.map(({ one: { rules }, item, externalIds }) => ({
      ...externalIds,
      level: rules.mapping.level,
      mayCreate: rules.missingRecords === "create",
      trace: {
        connectionId: rules.connectionId,
        pendoVisitorId: item.pendoVisitorId,
        pendoAccountId: item.pendoAccountId,
        mappingVersion: rules.mapping.version,
      },
    })),
    now,
  );
  for (const [index, { one, item }] of identified.entries()) {
    const match = results[index]!;
    one.at = match.outcome === "ok" ? { step: "matched", item, owner: match.value } : { step: "ended", end: match };
  }
  return made;
}

async function recordMatchedItems(tx: Tx, workspaceId: string, items: readonly ItemOnItsWay[]): Promise<void> {
  const matched = items.flatMap((one) =>
    one.at.step === "matched" ? [{ one, item: one.at.item, owner: one.at.owner }] : [],
  );
  const results = await recordItems(
    tx,
    workspaceId,
    matched.map(({ one, item, owner }) => ({
      item,
      owner,
      connectionId: one.delivery.connectionId,
      deliveryId: one.delivery.deliveryId,
      source: "pendo-webhook",
      mappingVersion: one.rules.mapping.version,
    })),
  );
  for (const [index, { one }] of matched.entries()) one.at = { step: "ended", end: results[index]! };
}

function summarize(deliveries: readonly ClaimedDelivery[], items: readonly ItemOnItsWay[], now: Date): Settlement[] {
  const ends = new Map<ClaimedDelivery, ItemEnd[]>(deliveries.map((delivery) => [delivery, []]));
  for (const { delivery, seen, at } of items) {
    if (at.step !== "ended") throw new Error("An item did not reach its end; this is a bug in the pipeline.");
    ends.get(delivery)!.push({ seen, end: at.end });
  }
  return deliveries.map((delivery) => summarizeDelivery(delivery, ends.get(delivery)!, now));
}

/**
 * A batch failed, and not because the database is away: it is halved until the deliveries that cannot be recorded stand
 * alone. They are marked failed with the reason; their neighbours are recorded.
 */
async function isolatePoison(
  options: ProcessOptions,
  workspaceId: string,
  deliveryIds: readonly string[],
  cause: unknown,
): Promise<number> {
  if (deliveryIds.length === 1) return failDelivery(options, workspaceId, deliveryIds[0]!, cause);
  const middle = Math.ceil(deliveryIds.length / 2);
  let settled = 0;
  for (const half of [deliveryIds.slice(0, middle), deliveryIds.slice(middle)]) {
    try {
      const done = await inTransaction(options.database, async (tx) =>
        processBatch(options, tx, workspaceId, await claimGivenDeliveries(tx, workspaceId, half)),
      );
      settled += done.settled;
      await releaseParkedForRecords(options.database, workspaceId, done.made);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      settled += await isolatePoison(options, workspaceId, half, error);
    }
  }
  return settled;
}

async function failDelivery(
  options: ProcessOptions,
  workspaceId: string,
  deliveryId: string,
  cause: unknown,
): Promise<number> {
  options.log.error(
    { deliveryId, error: (cause as { code?: string }).code ?? (cause as Error).name },
    "a delivery could not be recorded",
  );
  return inTransaction(options.database, async (tx) => {
    const [delivery] = await claimGivenDeliveries(tx, workspaceId, [deliveryId]);
    if (!delivery) return 0;
    const seen = { kind: null, pendoVisitorId: null, pendoAccountId: null };
    const end = fail("not-recordable", cause instanceof Error ? cause.message : String(cause));
    await settleDeliveries(
      tx,
      workspaceId,
      [summarizeDelivery(delivery, [{ seen, end }], options.clock())],
      options.clock(),
    );
    return 1;
  });
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
