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
type Saying = Pick<RecordSaid, "externalId" | "name" | "email"> & { organizationId?: string | null };
type Values = Pick<StoredRecord, "name" | "email" | "organizationId">;

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

const nothing: Values = { name: null, email: null, organizationId: null };

function overwrite({ name, email, organizationId }: Values, saying: Saying): Values {
  return {
    name: saying.name === undefined ? name : saying.name,
    email: saying.email === undefined ? email : saying.email,
    organizationId: saying.organizationId === undefined ? organizationId : saying.organizationId,
  };
}

function differs(saying: Saying, stored: Values): boolean {
  const { name, email, organizationId } = overwrite(stored, saying);
  return name !== stored.name || email !== stored.email || organizationId !== stored.organizationId;
}
