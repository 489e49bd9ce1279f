// The words between the stages. Each stage takes and gives these and knows nothing else of its neighbours.
import type { Json, JsonObject } from "../platform/json.ts";
import type { RecordKind } from "./records.ts";

/** How Pendo's ids become external IDs. */
export type Mapping = {
  /** A field of Pendo's metadata whose value is the user's external ID; null: Pendo's visitorId itself. */
  userIdFrom: string | null;
  /** The same for the account or organization; null: Pendo's accountId itself. */
  accountIdFrom: string | null;
  /** What Pendo's account is here. */
  level: "account" | "organization";
};

/** Who sends to a connection: Pendo's webhooks, or somebody who speaks the Analytics API. */
export type ConnectionKind = "pendo" | "analytics";

/** How the rules of a connection treat what arrives at it. */
export type ConnectionRules = {
  connectionId: string;
  kind: ConnectionKind;
  isOn: boolean;
  /** The mapping in force, and which of the connection's mappings it is. */
  mapping: Mapping & { version: number };
  missingRecords: "create" | "link";
  /** Kinds that are kept but not recorded. */
  filteredKinds: readonly string[];
  /** Unknown kinds that are recorded as plain events. */
  recordedKinds: readonly string[];
  /** filter: what visitors do who are not signed in is kept but not recorded; record: it counts for their account. */
  anonymousVisitors: "record" | "filter";
};

/** Who an item says it is about: Pendo's ids, or null where the id identifies nobody. */
export type Claim = { visitorId: string | null; accountId: string | null };

/** The same in our words: the external IDs of the user and of the account or organization. */
export type ExternalIds = { user: string | null; account: string | null };

/** Whose it is: our ids. */
export type Owner = { userId: string | null; accountId: string | null; organizationId: string | null };

/** Why the time of arrival stands in for Pendo's. */
type TimeFlag = "missing" | "unreadable" | "too-old" | "in-future";
export type FactTime = { at: Date; flag: TimeFlag | null };

export type EventFact = { name: string; guideId: string | null; properties: JsonObject };

/** Either of score and feedback may be missing, never both. */
export type NpsFact = {
  score: number | null;
  feedback: string | null;
  channel: string | null;
  guideId: string | null;
  guideName: string | null;
};

export type PollFact = {
  pollId: string | null;
  pollType: string | null;
  question: string | null;
  /** As Pendo gave it. */
  answer: Json;
  /** In words; null where only Pendo's API can tell (the id of a choice). */
  answerLabel: string | null;
  guideId: string | null;
  guideName: string | null;
  guideStepId: string | null;
};

/** One object of a delivery's body, read: what it says, about whom, when. */
export type Item = {
  /** Pendo's uniqueId, or a hash of the item where there is none: the same thing arriving again has the same key. */
  key: string;
  kind: string;
  claim: Claim;
  /** The ids as they came, also those that identify nobody. */
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
  /** What tells the visitor from every other, identified or not; null where many may share the id ("anonymous"). */
  respondent: string | null;
  appId: string | null;
  time: FactTime;
  event: EventFact | null;
  nps: NpsFact | null;
  polls: readonly PollFact[];
};

/** What was made of an item, as kept with its delivery; of a message about a record, the record. */
export type Made = { type: MadeFact | RecordKind; id: string };
export type MadeFact = "event" | "nps-response" | "poll-response";

/** The place a webhook's secret is sealed for: the settings seal it, the door opens it. */
export function webhookSecretPlace(workspaceId: string, connectionId: string): string {
  return `webhook secret of ${workspaceId}/${connectionId}`;
}

/** The place a webhook's address is sealed for: only the settings open it, to show it. */
export function webhookAddressPlace(workspaceId: string, connectionId: string): string {
  return `webhook address of ${workspaceId}/${connectionId}`;
}

/** The place a connection's integration key is sealed for: the settings seal it, Pendo's client opens it. */
export function integrationKeyPlace(workspaceId: string, connectionId: string): string {
  return `integration key of ${workspaceId}/${connectionId}`;
}
