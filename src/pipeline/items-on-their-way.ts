// The steps between a delivery's body and its end, for all items of a batch at once. Each step moves items on; what has ended
// stays where it is.
import { type ItemReading, readDelivery } from "../pendo/read-delivery.ts";
import { isDatabaseAway } from "../platform/database/errors.ts";
import type { Tx } from "../platform/database/pool.ts";
import { readMessages } from "../vitally/analytics/read-messages.ts";
import type { ConnectionRules, ExternalIds, Item, Owner } from "./facts.ts";
import type { ClaimedDelivery } from "./inbox/claim-queries.ts";
import { identifyClaims } from "./match/identify-claims.ts";
import { matchClaims } from "./match/match-claims.ts";
import type { Message } from "./messages.ts";
import { type Drop, type Fail, fail, type Outcome, type Park } from "./outcome.ts";
import { type RecordResult, recordItems } from "./record/record-items.ts";
import type { NamedRecords, RecordKind } from "./records.ts";
import { saveMessages } from "./save-messages.ts";
import type { ItemEnd } from "./summarize-delivery.ts";

/** One object of a delivery on its way. Each step moves `at` on; drop, park, fail, held and recorded are ends. */
export type ItemOnItsWay = {
  delivery: ClaimedDelivery;
  rules: ConnectionRules;
  seen: ItemEnd["seen"];
  at: At;
};

type At =
  | { step: "read"; item: Item }
  | { step: "identified"; item: Item; externalIds: ExternalIds }
  | { step: "matched"; item: Item; owner: Owner }
  | { step: "said"; message: Message }
  | { step: "ended"; end: Drop | Park | Fail | "held" | RecordResult };

export function readItems(delivery: ClaimedDelivery, rules: ConnectionRules): ItemOnItsWay[] {
  const { body, endpoint, receivedAt } = delivery;
  const start = (seen: ItemEnd["seen"], at: At): ItemOnItsWay => ({ delivery, rules, seen, at });
  const endWhole = (end: Fail) => [start({ kind: null, pendoVisitorId: null, pendoAccountId: null }, ended(end))];
  if (body === undefined) return endWhole(fail("body-deleted"));
  if (rules.kind === "analytics") {
    const readings = readMessages(body, endpoint, receivedAt, rules);
    if (!Array.isArray(readings)) return endWhole(readings);
    return readings.map(({ reading, ...seen }) =>
      start(
        seen,
        begin(rules, reading, (message) => ({ step: "said", message })),
      ),
    );
  }
  const readings: ItemReading[] | Fail = readDelivery(body, receivedAt, rules);
  if (!Array.isArray(readings)) return endWhole(readings);
  return readings.map(({ reading, ...seen }) =>
    start(
      seen,
      begin(rules, reading, (item) => ({ step: "read", item })),
    ),
  );
}

function begin<T>({ isOn }: ConnectionRules, reading: Outcome<T>, first: (value: T) => At): At {
  if (!isOn) return ended("held");
  return reading.outcome === "ok" ? first(reading.value) : ended(reading);
}

const ended = (end: Drop | Park | Fail | "held" | RecordResult): At => ({ step: "ended", end });

/** Takes all items to their ends. Resolves to the records that were made, and the users who are in one more. */
export async function takeToEnd(
  tx: Tx,
  workspaceId: string,
  items: readonly ItemOnItsWay[],
  now: Date,
): Promise<NamedRecords> {
  await identifyItems(tx, workspaceId, items, now);
  const made = await matchItems(tx, workspaceId, items, now);
  await recordMatchedItems(tx, workspaceId, items);
  return merge(made, await saveSaidItems(tx, workspaceId, items, now));
}

/**
 * The same for the items of one delivery that does not go through as a whole: they are halved until those that cannot be
 * recorded stand alone. Their neighbours are recorded.
 */
export async function takeApart(
  tx: Tx,
  workspaceId: string,
  items: readonly ItemOnItsWay[],
  now: Date,
): Promise<NamedRecords> {
  const before = items.map(({ at }) => at);
  await tx.query("savepoint before_items");
  try {
    const made = await takeToEnd(tx, workspaceId, items, now);
    await tx.query("release savepoint before_items");
    return made;
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    await tx.query("rollback to savepoint before_items");
    for (const [place, item] of items.entries()) item.at = before[place]!;
    const [first] = items;
    if (items.length <= 1) {
      if (first) first.at = ended(fail("not-recordable", error instanceof Error ? error.message : String(error)));
      return {};
    }
    const middle = Math.ceil(items.length / 2);
    return merge(
      await takeApart(tx, workspaceId, items.slice(0, middle), now),
      await takeApart(tx, workspaceId, items.slice(middle), now),
    );
  }
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
    one.at = result.outcome === "ok" ? { step: "identified", item, externalIds: result.value } : ended(result);
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
    one.at = match.outcome === "ok" ? { step: "matched", item, owner: match.value } : ended(match);
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
  for (const [index, { one }] of matched.entries()) one.at = ended(results[index]!);
}

async function saveSaidItems(
  tx: Tx,
  workspaceId: string,
  items: readonly ItemOnItsWay[],
  now: Date,
): Promise<NamedRecords> {
  const said = items.flatMap((one) => (one.at.step === "said" ? [{ one, message: one.at.message }] : []));
  if (said.length === 0) return {};
  const { results, made } = await saveMessages(
    tx,
    workspaceId,
    said.map(({ one: { delivery, rules }, message }) => ({
      message,
      connectionId: delivery.connectionId,
      deliveryId: delivery.deliveryId,
      mayCreate: rules.missingRecords === "create",
    })),
    now,
  );
  for (const [index, { one }] of said.entries()) one.at = ended(results[index]!);
  return made;
}

function merge(one: NamedRecords, other: NamedRecords): NamedRecords {
  const kinds: readonly RecordKind[] = ["user", "organization", "account"];
  return Object.fromEntries(kinds.map((kind) => [kind, [...new Set([...(one[kind] ?? []), ...(other[kind] ?? [])])]]));
}
