// Deletes a record with all that is its own. One transaction, one line per step. Whoever names it again makes it anew, from
// nothing: what was recorded of it before does not come back.
import { noteRecord } from "../access/note-records.ts";
import type { Database, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import { holdBatches } from "./inbox/claim-queries.ts";
import { removeAllMemberships } from "./match/account-users-table.ts";
import { deleteAccount, unlinkAccounts } from "./match/accounts-table.ts";
import { forgetMemberships } from "./match/membership-sayings-table.ts";
import { removeAllOrganizationMemberships } from "./match/organization-users-table.ts";
import { deleteOrganization } from "./match/organizations-table.ts";
import { lockRecord } from "./match/stored-record-queries.ts";
import { deleteUser } from "./match/users-table.ts";
import { removeEventsOf } from "./record/events-table.ts";
import { removeNpsResponsesOf } from "./record/nps-responses-table.ts";
import { removePollResponsesOf } from "./record/poll-responses-table.ts";
import { forgetSayings } from "./record/record-sayings-table.ts";
import { removeTraitsOf } from "./record/traits-table.ts";
import type { RecordKind } from "./records.ts";

export type RecordToRemove = { workspaceId: string; kind: RecordKind; id: string; at: Date; author?: Author };

/** An account of ten million events takes its time; nobody but this workspace's recording waits for it. */
const mostTime = "10min";

/** False where there is no such record. Accounts of an organization and users of an account stay; what ties them goes. */
export function removeRecord(database: Database, record: RecordToRemove): Promise<boolean> {
  return inTransaction(database, (tx) => remove(tx, record));
}

/**
 * Batches are kept out first, so that none of them waits for these rows while this waits for its own. The record's row is held
 * next: whoever saves it by hand finds it gone when this is over (see `changeRecords`), and what they said of it goes with it.
 */
async function remove(tx: Tx, { workspaceId, kind, id, at, author }: RecordToRemove): Promise<boolean> {
  await tx.query(`set local statement_timeout = '${mostTime}'`);
  await holdBatches(tx, workspaceId);
  const externalId = await lockRecord(tx, workspaceId, kind, id);
  if (externalId === undefined) return false;
  if (author) await noteRecord(tx, { workspaceId, author, at }, { type: kind, id, done: "deleted" });
  await removePollResponsesOf(tx, workspaceId, kind, id);
  await removeNpsResponsesOf(tx, workspaceId, kind, id);
  await removeEventsOf(tx, workspaceId, kind, id);
  await removeTraitsOf(tx, workspaceId, kind, id);
  await forgetSayings(tx, workspaceId, kind, id);
  await forgetMemberships(tx, workspaceId, { kind, externalId });
  switch (kind) {
    case "user":
      await removeAllMemberships(tx, workspaceId, "user", id);
      await removeAllOrganizationMemberships(tx, workspaceId, "user", id);
      return deleteUser(tx, workspaceId, id);
    case "account":
      await removeAllMemberships(tx, workspaceId, "account", id);
      return deleteAccount(tx, workspaceId, id);
    case "organization":
      await removeAllOrganizationMemberships(tx, workspaceId, "organization", id);
      await unlinkAccounts(tx, workspaceId, id, at);
      return deleteOrganization(tx, workspaceId, id);
  }
}
