// What a receiver must make of a delivery under the default mapping: visitorId is the user's external ID, accountId
// the account's. Decided while the body is made, never by reading it back.
import type { Json } from "../world/types.ts";

export type ExpectedPollAnswer = {
  /** Null where the body names no poll. */
  pollId: string | null;
  /** Null where the body carries no question. */
  question: string | null;
  answer: Json;
  /** The label of the chosen choice; null where there is no choice or the body does not carry it. */
  label: string | null;
};

type Owner = {
  /** External ID of the user, exactly as sent; null for anonymous visitors and ids that are nobody's. */
  user: string | null;
  account: string | null;
};

export type Expectation =
  | ({ becomes: "event"; name: string; at: number; polls: readonly ExpectedPollAnswer[] } & Owner)
  /** Parts with the same `response` (the uniqueId of its first delivery) are one NPS response. */
  | ({ becomes: "nps"; response: string; at: number; score: number; feedback: string | null; guideId: string } & Owner)
  | { becomes: "ping" }
  | { becomes: "unknown" };
