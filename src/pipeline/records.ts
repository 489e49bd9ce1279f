// Words about records: what is said of an organization, an account or a user, by whoever says it.

export type RecordKind = "organization" | "account" | "user";

/** A record that is to be made with its external ID and nothing else. */
export type MissingRecord = {
  externalId: string;
  /** The connection whose matching makes it; null: an import, the API, a person. */
  madeByConnection: string | null;
};

/** Records by their external IDs. */
export type NamedRecords = { [kind in RecordKind]?: readonly string[] };

/** Who says something by hand: it stands above matching, and matching again leaves it alone. */
export type HandSource = "import" | "api" | "person";

/** How matching found a membership, so that it can tell its way. */
export type MatchTrace = {
  connectionId: string;
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
  mappingVersion: number;
};

export type TraitType = "number" | "text" | "yes-no" | "date" | "list";
export type TraitValue = number | string | boolean | readonly (number | string)[];

/** A trait as its source says it; null: there is no value any more. */
export type TraitSaid = { name: string } & ({ type: TraitType; value: TraitValue } | { type: null; value: null });

/** A record as somebody outside of Pendo says it. What is undefined stays as it is; null clears. */
export type RecordSaid = {
  externalId: string;
  name?: string | null;
  /** The address of a picture. */
  avatar?: string | null;
  /** Users only. */
  email?: string | null;
  joinedAt?: Date | null;
  deactivatedAt?: Date | null;
  unsubscribedFromConversations?: boolean | null;
  /** Accounts only: the external ID of the organization they are in. */
  organization?: string | null;
  /** Accounts only: organizations that are named besides, and made where they are missing. */
  formerOrganizations?: readonly string[];
  /** Users only: external IDs of what they are in, beside what they are in already. */
  accounts?: readonly string[];
  organizations?: readonly string[];
  traits: readonly TraitSaid[];
};

/** Characters of a name or an address: both are indexed whole, and longer ones would not fit. */
export const longestName = 500;

/** In the order in which every transaction takes its locks, so that no two wait for each other in a circle. */
export function sortByExternalId<T extends { externalId: string }>(records: readonly T[]): T[] {
  return [...records].sort((one, other) => (one.externalId < other.externalId ? -1 : 1));
}
