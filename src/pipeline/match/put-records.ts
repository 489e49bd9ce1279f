// Records that are said by hand: those that exist are changed, those that do not are made, none is ever doubled. What matching
// made belongs to whoever names it here from then on, so that matching again leaves it.
import type { Tx } from "../../platform/database/pool.ts";
import { type HandSource, type RecordKind, type RecordSaid, sortByExternalId } from "../records.ts";
import { addMembershipsByHand } from "./account-users-table.ts";
import { insertAccounts, updateAccounts } from "./accounts-table.ts";
import { addOrganizationMembershipsByHand } from "./organization-users-table.ts";
import { insertOrganizations, updateOrganizations } from "./organizations-table.ts";
import { findStoredRecords, lockStoredRecords, type StoredRecord } from "./stored-record-queries.ts";
import { insertUsers, updateUsers } from "./users-table.ts";

export type PutTo = { workspaceId: string; kind: RecordKind; source: HandSource; at: Date };

const writers = {
  organization: { insert: insertOrganizations, update: updateOrganizations },
  account: { insert: insertAccounts, update: updateAccounts },
  user: { insert: insertUsers, update: updateUsers },
} as const;

/** What is said of a record's own columns. */
type Values = Omit<StoredRecord, "id" | "externalId" | "madeByConnection">;
type Saying = Pick<RecordSaid, "externalId"> & Partial<Values>;

export type FoundRecord = { id: string; isMade: boolean };

/** The records by external ID, made where they were missing. Those that exist are as they were: see `changeRecords`. */
export async function findOrMakeRecords(
  tx: Tx,
  { workspaceId, kind, at }: PutTo,
  sayings: readonly Saying[],
): Promise<Map<string, FoundRecord & { stored: StoredRecord | null }>> {
  const sorted = sortByExternalId(sayings);
  const ids = sorted.map((one) => one.externalId);
  const stored = await findStoredRecords(tx, workspaceId, kind, ids);
  await holdMatched(tx, workspaceId, kind, stored);
  const missing = sorted.filter(({ externalId }) => !stored.has(externalId));
  const rows = missing.map((one) => ({ externalId: one.externalId, ...overwrite(nothing, one) }));
  const made = await writers[kind].insert(tx, workspaceId, rows, at);
  // Others made these in the meantime.
  const late = missing.map((one) => one.externalId).filter((externalId) => !made.has(externalId));
  for (const [externalId, record] of await findStoredRecords(tx, workspaceId, kind, late))
    stored.set(externalId, record);
  return new Map(
    ids.map((externalId) => {
      const record = stored.get(externalId) ?? null;
      return [externalId, { id: record?.id ?? made.get(externalId)!, isMade: record === null, stored: record }];
    }),
  );
}

/** Matching again may just be taking away what matching made: what it has taken is missing, the rest is held from here on. */
async function holdMatched(
  tx: Tx,
  workspaceId: string,
  kind: RecordKind,
  stored: Map<string, StoredRecord>,
): Promise<void> {
  const matched = [...stored.values()].filter((one) => one.madeByConnection !== null).map((one) => one.externalId);
  const held = await lockStoredRecords(tx, workspaceId, kind, matched);
  for (const externalId of matched) if (!held.has(externalId)) stored.delete(externalId);
}

/**
 * Changes those of the found records of which something else is said than what is there, and those in `touched` (by id),
 * whose memberships or traits have changed. Resolves to the ids of the changed ones; those made are not among them.
 */
export async function changeRecords(
  tx: Tx,
  { workspaceId, kind, at }: PutTo,
  sayings: readonly Saying[],
  found: ReadonlyMap<string, { stored: StoredRecord | null }>,
  touched: ReadonlySet<string>,
): Promise<Set<string>> {
  const isDue = (saying: Saying, stored: StoredRecord) =>
    differs(saying, stored) || touched.has(stored.id) || stored.madeByConnection !== null;
  const due = sayings.filter((saying) => {
    const { stored } = found.get(saying.externalId)!;
    return stored !== null && isDue(saying, stored);
  });
  const saidOf = new Map(due.map((saying) => [saying.externalId, saying]));
  const ids = sortByExternalId(due).map((saying) => saying.externalId);
  const locked = [...(await lockStoredRecords(tx, workspaceId, kind, ids)).values()];
  if (locked.length < due.length) throw new RecordGoneError();
  const rows = locked.map((stored) => {
    const saying = saidOf.get(stored.externalId)!;
    return { ...stored, ...overwrite(stored, saying), isChanged: differs(saying, stored) || touched.has(stored.id) };
  });
  await writers[kind].update(tx, workspaceId, rows, at);
  return new Set(rows.filter((row) => row.isChanged).map((row) => row.id));
}

/** Records that are only named: made with their external ID where they are missing. Resolves to all of them. */
export async function findOrMakeNamed(
  tx: Tx,
  to: PutTo,
  externalIds: readonly string[],
): Promise<Map<string, FoundRecord>> {
  const sayings = externalIds.map((externalId) => ({ externalId }));
  const found = await findOrMakeRecords(tx, to, sayings);
  await changeRecords(tx, to, sayings, found, new Set());
  return found;
}

export type JoinSaid = { userId: string; accountIds: readonly string[]; organizationIds: readonly string[] };

/** Puts users into accounts and organizations, beside those they are in. Resolves to the users who are in one more now. */
export async function joinByHand(
  tx: Tx,
  { workspaceId, source, at }: PutTo,
  joins: readonly JoinSaid[],
): Promise<Set<string>> {
  const toAccounts = joins.flatMap(({ userId, accountIds }) => accountIds.map((accountId) => ({ accountId, userId })));
  const toOrganizations = joins.flatMap(({ userId, organizationIds }) =>
    organizationIds.map((organizationId) => ({ organizationId, userId })),
  );
  const added = [
    ...(await addMembershipsByHand(tx, workspaceId, { memberships: toAccounts, source, at })),
    ...(await addOrganizationMembershipsByHand(tx, workspaceId, { memberships: toOrganizations, source, at })),
  ];
  return new Set(added.map((one) => one.userId));
}

/**
 * Somebody deleted a record after this transaction had found it: what it said of the record would belong to nobody. By its code
 * the transaction is tried again, and makes the record anew.
 */
class RecordGoneError extends Error {
  readonly code = "40001";
  constructor() {
    super("A record was deleted while it was being saved.");
  }
}

const nothing: Values = {
  name: null,
  avatar: null,
  email: null,
  joinedAt: null,
  deactivatedAt: null,
  unsubscribedFromConversations: null,
  organizationId: null,
};

const columns = Object.keys(nothing) as (keyof Values)[];

function overwrite(values: Values, saying: Saying): Values {
  return Object.fromEntries(
    columns.map((column) => [column, saying[column] === undefined ? values[column] : saying[column]]),
  ) as Values;
}

function differs(saying: Saying, stored: Values): boolean {
  const said = overwrite(stored, saying);
  return columns.some((column) => plain(said[column]) !== plain(stored[column]));
}

const plain = (value: Values[keyof Values]) => (value instanceof Date ? value.getTime() : value);
