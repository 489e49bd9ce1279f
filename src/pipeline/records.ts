// Words about records: what is said of an organization, an account or a user, by whoever says it.

export type RecordKind = "organization" | "account" | "user";

/** A record that is to be made with its external ID and nothing else. */
export type MissingRecord = {
  externalId: string;
  /** The connection whose matching makes it; null: an import, the API, a person. */
  madeByConnection: string | null;
};

/** Who says something by hand: it stands above matching, and matching again leaves it alone. */
export type HandSource = "import" | "api" | "person";

/** How matching found a membership, so that it can tell its way. */
export type MatchTrace = {
  connectionId: string;
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
  mappingVersion: number;
};

/** In the order in which every transaction takes its locks, so that no two wait for each other in a circle. */
export function sortByExternalId<T extends { externalId: string }>(records: readonly T[]): T[] {
  return [...records].sort((one, other) => (one.externalId < other.externalId ? -1 : 1));
}
