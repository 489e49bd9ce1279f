// The world as Pendo would know it. Everything that is sent, and everything an API would serve, is read from here.
import type { Vocabulary } from "./vocabulary.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Both in epoch seconds. */
export type Period = { from: number; to: number };

export type App = { id: number; name: string; platform: string };

/** Pendo's groups of metadata: `agent` comes from the snippet, `custom` from imports. */
type Metadata = { agent: JsonObject; custom: JsonObject };

/** What happens to an account during a period of a week or more. */
export type Story = "steady" | "souring" | "silent" | "growing";

export type Account = {
  id: string;
  metadata: Metadata;
  /** Epoch seconds; before the period for accounts that were there already. */
  firstSeenAt: number;
  story: Story;
  /** Epoch seconds from which nothing comes any more; null for nearly all. */
  silentFrom: number | null;
  /** While its people, once fond of the product, come to dislike it; null for nearly all. */
  souring: Period | null;
};

type Browser = { name: string; version: string; userAgent: string };

export type Visitor = {
  id: string;
  isAnonymous: boolean;
  /** The first is where the visitor is most of the time. */
  accounts: readonly Account[];
  /** How `accountId` looks where there is no account. */
  absentAccount: "empty" | "missing";
  metadata: Metadata;
  /** Epoch seconds; before the period for visitors who were there already. */
  firstSeenAt: number;
  browser: Browser;
  language: string;
  /** How busy, relative to the others. */
  activity: number;
  /** 0 (would never recommend) to 1. */
  goodwill: number;
};

export type PollType =
  | "NPSRating"
  | "NPSReason"
  | "NumberScale"
  | "YesNo"
  | "PositiveNegative"
  | "PickList"
  | "FreeForm";

/** As Pendo's `guide.polls[]`: a number is answered where `numericResponses` is set, a choice id where `idResponses` is. */
export type Poll = {
  id: string;
  question: string;
  resetAt: number;
  attributes: { type: PollType; followUp?: string; leftLabel?: string; rightLabel?: string; maxLength?: number };
  numericResponses?: readonly number[];
  idResponses?: Readonly<Record<string, { text: string }>>;
};

/** Dates in epoch milliseconds. */
export type Step = { id: string; type: string; lastUpdatedAt: number; resetAt: number; pollIds: readonly string[] };

/** Dates in epoch milliseconds. */
export type Guide = {
  id: string;
  name: string;
  purpose: "tour" | "poll" | "nps";
  state: "public";
  app: App;
  createdAt: number;
  createdByUser: { username: string };
  lastUpdatedAt: number;
  lastUpdatedByUser: { username: string };
  resetAt: number;
  steps: readonly Step[];
  polls: readonly Poll[];
};

/** How the values of one property come about. */
export type Field =
  | { name: string; values: readonly Json[] }
  | { name: string; from: number; to: number; decimals?: number }
  | { name: string; fields: readonly Field[] }
  | { name: string; listOf: Field; upTo: number };

export type TrackType = { id: string; name: string; app: App; fields: readonly Field[] };

/** Dates in epoch milliseconds. */
export type Page = { id: string; name: string; app: App; path: string; createdAt: number };

/** Dates in epoch milliseconds. */
export type Feature = { id: string; name: string; app: App; page: Page; elementPath: string; createdAt: number };

export type World = {
  vocabulary: Vocabulary;
  subscription: { id: number; name: string };
  period: Period;
  /** The first is the default app, `-323232`. */
  apps: readonly App[];
  accounts: readonly Account[];
  visitors: readonly Visitor[];
  guides: readonly Guide[];
  trackTypes: readonly TrackType[];
  pages: readonly Page[];
  features: readonly Feature[];
};
