// The records that messages name, all of a batch together: found, and made where they are missing.
import type { Tx } from "../../platform/database/pool.ts";
import type { RecordKind } from "../records.ts";
import { createMissingAccounts } from "./accounts-table.ts";
import { createMissingOrganizations } from "./organizations-table.ts";
import { findAccounts, findOrganizations, findUsers } from "./record-queries.ts";
import { createMissingUsers } from "./users-table.ts";

/** Our ids by external ID. */
export type IdsByKind = Record<RecordKind, Map<string, string>>;

const finders = { user: findUsers, organization: findOrganizations, account: findAccounts } as const;
const makers = {
  user: createMissingUsers,
  organization: createMissingOrganizations,
  account: createMissingAccounts,
} as const;

export async function findNamed(
  tx: Tx,
  workspaceId: string,
  names: Record<RecordKind, readonly string[]>,
): Promise<IdsByKind> {
  return {
    user: await findUsers(tx, workspaceId, names.user),
    organization: await findOrganizations(tx, workspaceId, names.organization),
    account: await findAccounts(tx, workspaceId, names.account),
  };
}

/** Makes what `ids` does not have yet and adds it there, and to `made` what was really made here. */
export async function makeNamed(
  tx: Tx,
  workspaceId: string,
  {
    names,
    ids,
    made,
    at,
  }: {
    names: Record<RecordKind, readonly string[]>;
    ids: IdsByKind;
    made: Record<RecordKind, Set<string>>;
    at: Date;
  },
): Promise<void> {
  // In the order in which matching makes records, so that no two wait for each other in a circle.
  for (const kind of ["user", "organization", "account"] as const) {
    const missing = names[kind].filter((externalId) => !ids[kind].has(externalId));
    if (missing.length === 0) continue;
    const records = missing.map((externalId) => ({ externalId, madeByConnection: null }));
    for (const externalId of await makers[kind](tx, workspaceId, records, at)) made[kind].add(externalId);
    // Read again rather than returned by the insert: another worker may have made some of them in the meantime.
    for (const [externalId, id] of await finders[kind](tx, workspaceId, missing)) ids[kind].set(externalId, id);
  }
}
