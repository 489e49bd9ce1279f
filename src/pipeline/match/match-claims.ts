// Whose is it. All claims of a batch are resolved together: a look-up and at most one insert for each kind of record,
// however many claims. What they are called here is known by now (identify-claims.ts).
import type { Tx } from "../../platform/database/pool.ts";
import type { ExternalIds, Mapping, Owner } from "../facts.ts";
import { type Ok, ok, type Park, park, type Reason } from "../outcome.ts";
import type { MatchTrace, MissingRecord, NamedRecords } from "../records.ts";
import { addMemberships } from "./account-users-table.ts";
import { createMissingAccounts } from "./accounts-table.ts";
import { addOrganizationMemberships } from "./organization-users-table.ts";
import { createMissingOrganizations } from "./organizations-table.ts";
import { findAccounts, findOrganizations, findUsers } from "./record-queries.ts";
import { createMissingUsers } from "./users-table.ts";

export type ClaimToMatch = ExternalIds & {
  /** What its account is here. */
  level: Mapping["level"];
  /** Whether a record may be made for an external ID that has none. */
  mayCreate: boolean;
  trace: MatchTrace;
};

export type Matches = {
  /** One for each claim, in their order. A side that identifies nobody leaves its side of the owner empty. */
  results: (Ok<Owner> | Park)[];
  /** Records that were made, and users who are in one more: what waited for them may go on. */
  made: NamedRecords;
};

/**
 * The organization of an owner is that of the claim itself: whatever is an account's is its organization's by that
 * (docs/decisions/005-organizations-follow-their-accounts.md).
 */
export async function matchClaims(
  tx: Tx,
  workspaceId: string,
  claims: readonly ClaimToMatch[],
  at: Date,
): Promise<Matches> {
  const accountOf = (claim: ClaimToMatch) => (claim.level === "account" ? claim.account : null);
  const organizationOf = (claim: ClaimToMatch) => (claim.level === "organization" ? claim.account : null);
  const users = await resolve(claims, (claim) => claim.user, {
    find: (ids) => findUsers(tx, workspaceId, ids),
    create: (missing) => createMissingUsers(tx, workspaceId, missing, at),
  });
  const organizations = await resolve(claims, organizationOf, {
    find: (ids) => findOrganizations(tx, workspaceId, ids),
    create: (missing) => createMissingOrganizations(tx, workspaceId, missing, at),
  });
  const accounts = await resolve(claims, accountOf, {
    find: (ids) => findAccounts(tx, workspaceId, ids),
    create: (missing) => createMissingAccounts(tx, workspaceId, missing, at),
  });
  const results = claims.map((claim): Ok<Owner> | Park => {
    const userId = find(users.found, claim.user);
    const accountId = find(accounts.found, accountOf(claim));
    const organizationId = find(organizations.found, organizationOf(claim));
    if (userId === undefined) return parkMissing("no-such-user", claim.user);
    if (accountId === undefined) return parkMissing("no-such-account", claim.account);
    if (organizationId === undefined) return parkMissing("no-such-organization", claim.account);
    return ok({ userId, accountId, organizationId });
  });
  const tied = new Set(await tieUsers(tx, workspaceId, claims, results, at));
  // A user who was in nothing may have been waited for, too.
  const linked = [...users.found].filter(([, userId]) => tied.has(userId)).map(([externalId]) => externalId);
  const user = [...new Set([...users.made, ...linked])];
  return { results, made: { user, organization: organizations.made, account: accounts.made } };
}

/** Whoever acts in an account belongs to it; where Pendo's account is an organization, to that. Resolves to who is in one more. */
async function tieUsers(
  tx: Tx,
  workspaceId: string,
  claims: readonly ClaimToMatch[],
  matches: readonly (Ok<Owner> | Park)[],
  at: Date,
): Promise<string[]> {
  const tied = matches.flatMap((match, place) => {
    if (match.outcome !== "ok" || match.value.userId === null) return [];
    const { trace, level } = claims[place]!;
    return [{ ...match.value, userId: match.value.userId, trace, level }];
  });
  const inOrganizations = await addOrganizationMemberships(
    tx,
    workspaceId,
    tied.flatMap(({ level, organizationId, userId, trace }) =>
      level === "organization" && organizationId !== null ? [{ organizationId, userId, trace }] : [],
    ),
    at,
  );
  const inAccounts = await addMemberships(
    tx,
    workspaceId,
    tied.flatMap(({ accountId, userId, trace }) => (accountId === null ? [] : [{ accountId, userId, trace }])),
    at,
  );
  return [...inOrganizations, ...inAccounts];
}

/** Null for nobody, undefined where there is no record. */
function find<T>(records: Map<string, T>, externalId: string | null): T | null | undefined {
  return externalId === null ? null : records.get(externalId);
}

const named: Partial<Record<Reason, string>> = {
  "no-such-user": "No user",
  "no-such-account": "No account",
  "no-such-organization": "No organization",
};

function parkMissing(reason: Reason, externalId: string | null): Park {
  return park(reason, `${named[reason]} has the external ID ${JSON.stringify(externalId)}.`);
}

async function resolve<T>(
  claims: readonly ClaimToMatch[],
  idOf: (claim: ClaimToMatch) => string | null,
  records: {
    find: (ids: string[]) => Promise<Map<string, T>>;
    create: (missing: MissingRecord[]) => Promise<string[]>;
  },
): Promise<{ found: Map<string, T>; made: string[] }> {
  const found = await records.find([...new Set(claims.map(idOf))].filter((id) => id !== null));
  const missing = new Map<string, MissingRecord>();
  for (const claim of claims) {
    const externalId = idOf(claim);
    if (externalId === null || !claim.mayCreate || found.has(externalId) || missing.has(externalId)) continue;
    missing.set(externalId, { externalId, madeByConnection: claim.trace.connectionId });
  }
  if (missing.size === 0) return { found, made: [] };
  const made = await records.create([...missing.values()]);
  // Read again rather than returned by the insert: another worker may have made some of them in the meantime.
  for (const [id, record] of await records.find([...missing.keys()])) found.set(id, record);
  return { found, made };
}
