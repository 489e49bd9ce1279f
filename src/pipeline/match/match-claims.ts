// Whose is it. All claims of a batch are resolved together: two look-ups, at most two inserts, however many claims.
// The default mapping: Pendo's visitorId is the user's external ID, Pendo's accountId the account's.
import type { Tx } from "../../platform/database/pool.ts";
import type { Claim, Owner } from "../facts.ts";
import { type Ok, ok, type Park, park } from "../outcome.ts";
import type { MissingRecord } from "../records.ts";
import { addMemberships } from "./account-users-table.ts";
import { createMissingAccounts } from "./accounts-table.ts";
import { findAccounts, findUsers } from "./record-queries.ts";
import { createMissingUsers } from "./users-table.ts";

/** A claim, and whether a record may be made for an id that has none. */
export type ClaimToMatch = Claim & { mayCreate: boolean };

/** One result for each claim, in their order. An id that identifies nobody leaves its side of the owner empty. */
export async function matchClaims(
  tx: Tx,
  workspaceId: string,
  claims: readonly ClaimToMatch[],
  at: Date,
): Promise<(Ok<Owner> | Park)[]> {
  const users = await resolve(claims, (claim) => claim.visitorId, {
    find: (ids) => findUsers(tx, workspaceId, ids),
    create: (missing) => createMissingUsers(tx, workspaceId, missing, at),
  });
  const accounts = await resolve(claims, (claim) => claim.accountId, {
    find: (ids) => findAccounts(tx, workspaceId, ids),
    create: (missing) => createMissingAccounts(tx, workspaceId, missing, at),
  });
  const matches = claims.map((claim): Ok<Owner> | Park => {
    const userId = claim.visitorId === null ? null : users.get(claim.visitorId);
    const account = claim.accountId === null ? null : accounts.get(claim.accountId);
    if (userId === undefined)
      return park("no-such-user", `No user has the external ID ${JSON.stringify(claim.visitorId)}.`);
    if (account === undefined)
      return park("no-such-account", `No account has the external ID ${JSON.stringify(claim.accountId)}.`);
    return ok({ userId, accountId: account?.id ?? null, organizationId: account?.organizationId ?? null });
  });
  const memberships = matches.flatMap((match) =>
    match.outcome === "ok" && match.value.userId !== null && match.value.accountId !== null
      ? [{ userId: match.value.userId, accountId: match.value.accountId }]
      : [],
  );
  await addMemberships(tx, workspaceId, memberships, at);
  return matches;
}

async function resolve<T>(
  claims: readonly ClaimToMatch[],
  idOf: (claim: ClaimToMatch) => string | null,
  records: { find: (ids: string[]) => Promise<Map<string, T>>; create: (missing: MissingRecord[]) => Promise<unknown> },
): Promise<Map<string, T>> {
  const ids = distinct(claims.map(idOf));
  const found = await records.find(ids);
  const missing = distinct(claims.filter((claim) => claim.mayCreate).map(idOf)).filter((id) => !found.has(id));
  if (missing.length === 0) return found;
  await records.create(missing.map((externalId) => ({ externalId, madeByConnection: null })));
  // Read again rather than returned by the insert: another worker may have made some of them in the meantime.
  for (const [id, record] of await records.find(missing)) found.set(id, record);
  return found;
}

function distinct(ids: readonly (string | null)[]): string[] {
  return [...new Set(ids)].filter((id) => id !== null);
}
