// Adds up what a receiver must have in the end when every delivery has arrived at least once.
import type { Delivery } from "../deliveries/render-delivery.ts";

export type Expected = {
  /** Events on timelines: every kind but npsSubmitted, ping and the unknown ones. */
  events: number;
  npsResponses: number;
  /** "0" to "10". */
  npsScoreCounts: Record<string, number>;
  npsWithFeedback: number;
  pollAnswers: number;
  users: number;
  accounts: number;
  unknownKinds: number;
  pings: number;
  /** Events and NPS responses that belong to no user and no account; counted above as well. */
  ownerless: number;
};

export type Tally = {
  add: (delivery: Delivery) => void;
  /** Distinct deliveries of each kind. */
  countKinds: () => Record<string, number>;
  expect: () => Expected;
};

type Response = { score: number; hasFeedback: boolean; isOwnerless: boolean };

export function createTally(): Tally {
  const kinds = new Map<string, number>();
  const users = new Set<string>();
  const accounts = new Set<string>();
  const responses = new Map<string, Response>();
  let [events, pollAnswers, unknownKinds, pings, ownerlessEvents] = [0, 0, 0, 0, 0];
  return {
    add: ({ event, expect }) => {
      kinds.set(event, (kinds.get(event) ?? 0) + 1);
      if (expect.becomes === "ping") pings += 1;
      if (expect.becomes === "unknown") unknownKinds += 1;
      if (expect.becomes === "ping" || expect.becomes === "unknown") return;
      if (expect.user !== null) users.add(expect.user);
      if (expect.account !== null) accounts.add(expect.account);
      const isOwnerless = expect.user === null && expect.account === null;
      if (expect.becomes === "event") {
        events += 1;
        pollAnswers += expect.polls.length;
        ownerlessEvents += isOwnerless ? 1 : 0;
        return;
      }
      const known = responses.get(expect.response);
      const hasFeedback = expect.feedback !== null || known?.hasFeedback === true;
      responses.set(expect.response, { score: expect.score, hasFeedback, isOwnerless });
    },
    countKinds: () => Object.fromEntries([...kinds].sort(([a], [b]) => (a < b ? -1 : 1))),
    expect: () => {
      const all = [...responses.values()];
      const npsScoreCounts: Record<string, number> = Object.fromEntries(
        Array.from({ length: 11 }, (_, score) => [score, 0]),
      );
      for (const { score } of all) npsScoreCounts[score]! += 1;
      return {
        events,
        npsResponses: all.length,
        npsScoreCounts,
        npsWithFeedback: all.filter(({ hasFeedback }) => hasFeedback).length,
        pollAnswers,
        users: users.size,
        accounts: accounts.size,
        unknownKinds,
        pings,
        ownerless: ownerlessEvents + all.filter(({ isOwnerless }) => isOwnerless).length,
      };
    },
  };
}
