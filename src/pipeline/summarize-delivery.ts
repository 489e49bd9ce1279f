// What became of a delivery as a whole. Nearly always it has one item; where it has several, what is not at its end wins:
// parked (tried again by itself) over failed (needs a person) over held, then recorded over duplicate over filtered.
import type { ClaimedDelivery } from "./inbox/claim-queries.ts";
import type { Settlement } from "./inbox/deliveries-table.ts";
import type { SettledItem } from "./inbox/delivery-items-table.ts";
import { type Drop, type Fail, identityReasons, type Park, type Reason, reasons } from "./outcome.ts";
import type { RecordResult } from "./record/record-items.ts";

export type ItemEnd = {
  seen: { kind: string | null; pendoVisitorId: string | null; pendoAccountId: string | null };
  end: Drop | Park | Fail | "held" | RecordResult;
};

const precedence = ["parked", "failed", "held", "recorded", "duplicate", "filtered", "refused"] as const;
/** Reasons by which the body itself is refused, also when it is looked at again. */
const refusals: readonly Reason[] = ["not-json", "not-an-object", "not-a-message", "not-a-batch"];

/** A parked delivery is tried again by itself: after a minute, then twice as long each time, up to six hours. */
const firstRetry = 60_000;
const longestRetry = 6 * 60 * 60 * 1000;
/** What waits for Pendo goes on with Pendo's answer; its own retry is only a net below that. */
const firstRetryBehindPendo = 15 * 60_000;

export type SummarizedDelivery = Settlement & {
  /** Those of several items that did not end well. */
  items: SettledItem[];
  /** How often it was tried before. */
  attempts: number;
};

export function summarizeDelivery(delivery: ClaimedDelivery, ends: readonly ItemEnd[], now: Date): SummarizedDelivery {
  const results = ends.map(({ end }) => describeEnd(end));
  const state = precedence.find((candidate) => results.some((result) => result.state === candidate))!;
  // What decides is what the delivery is about, also for those who look for it by the ids it waits for.
  const decisive = results.findIndex((result) => result.state === state);
  const { reason, detail } = results[decisive]!;
  const { seen } = ends[decisive]!;
  return {
    deliveryId: delivery.deliveryId,
    connectionId: delivery.connectionId,
    receivedAt: delivery.receivedAt,
    size: delivery.size,
    signed: delivery.signed,
    attempts: delivery.attempts,
    state,
    reason,
    detail: ends.length > 1 ? describeMixture(results) : detail,
    ...seen,
    made: ends.flatMap(({ end }) => (typeof end === "object" && "made" in end ? end.made : [])),
    tryAt: state === "parked" ? new Date(now.getTime() + findPause(reason, delivery.attempts)) : null,
    items: ends.length > 1 ? listUnwell(ends, results) : [],
  };
}

function listUnwell(ends: readonly ItemEnd[], results: readonly Described[]): SettledItem[] {
  return results.flatMap(({ state, reason, detail }, index) => {
    if (state === "recorded" || state === "duplicate" || state === "refused" || reason === null) return [];
    return [{ place: index + 1, state, reason, detail, ...ends[index]!.seen }];
  });
}

function findPause(reason: Reason | null, attempts: number): number {
  const first = reason !== null && identityReasons.includes(reason) ? firstRetryBehindPendo : firstRetry;
  return Math.min(longestRetry, first * 2 ** Math.min(attempts, 20));
}

type Described = { state: Settlement["state"]; reason: Reason | null; detail: string | null };

function describeEnd(end: ItemEnd["end"]): Described {
  if (end === "held") return { state: "held", reason: "connection-off", detail: null };
  if ("made" in end)
    return end.isDuplicate
      ? { state: "duplicate", reason: "already-recorded", detail: null }
      : { state: "recorded", reason: null, detail: null };
  switch (end.outcome) {
    case "drop":
      return { state: "filtered", reason: end.reason, detail: null };
    case "park":
      return { state: "parked", reason: end.reason, detail: end.detail ?? null };
    case "fail":
      return {
        state: refusals.includes(end.reason) ? "refused" : "failed",
        reason: end.reason,
        detail: end.detail ?? null,
      };
  }
}

const mostNamed = 5;

/** How many of each, and of those that did not get on the first few, each with its place and what is the matter. */
function describeMixture(results: readonly Described[]): string {
  const counts = precedence.map((state) => [state, results.filter((result) => result.state === state).length] as const);
  const parts = counts.filter(([, count]) => count > 0).map(([state, count]) => `${count} ${state}`);
  const stuck = results.flatMap(({ state, reason, detail }, index) =>
    state === "parked" || state === "failed" ? [`Object ${index + 1}: ${detail ?? reasons[reason!]}`] : [],
  );
  return [`${results.length} objects: ${parts.join(", ")}.`, ...stuck.slice(0, mostNamed)].join(" ");
}
