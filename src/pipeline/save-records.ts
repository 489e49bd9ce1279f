// Records that come from elsewhere: an import, the API, a person. One batch, one transaction, one line per step; then what
// waited for the records goes through. Everything that makes records by hand comes through here.
import { noteRecord } from "../access/note-records.ts";
import type { Database, Tx } from "../platform/database/pool.ts";
import { inTransaction, rehearse } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import { listParkedFor } from "./inbox/parked-queries.ts";
import { releaseParkedForRecords } from "./inbox/release-parked-for-records.ts";
import {
  changeRecords,
  type FoundRecord,
  findOrMakeNamed,
  findOrMakeRecords,
  joinByHand,
  type PutTo,
} from "./match/put-records.ts";
import { setTraits } from "./record/traits-table.ts";
import type { NamedRecords, RecordSaid } from "./records.ts";
import { customSource } from "./trait-sources.ts";

export type SaveTo = PutTo & {
  /** Say what would become of the records, and change nothing. */
  isRehearsal?: boolean;
  /** All records must be new, or all must be there; otherwise nothing is saved and a RecordStateError is thrown. */
  expect?: "new" | "there";
  /** Whom the audit log names for each record that is made or changed. An import has a line for all of them instead. */
  author?: Author;
};

/** A record that was to be made is there already, or one that was to be changed is not there. */
export class RecordStateError extends Error {
  constructor(readonly found: { id: string; isThere: boolean }) {
    super(found.isThere ? "A record has this external ID already." : "No record has this external ID.");
  }
}

export type SavedRecords = {
  /** One for each record, in their order. */
  outcomes: ("created" | "updated" | "unchanged")[];
  /** How many values of traits are new, changed or gone. */
  traits: number;
  /** External IDs of accounts and organizations that were only named, and made because there were none. */
  made: { organizations: string[]; accounts: string[] };
  /** Deliveries that waited for these records and go through now; the workers want to be told. */
  released: number;
};

/** Saves records of one kind, each external ID once. Nobody is doubled: what is there is changed, what is not is made. */
export async function saveRecords(
  database: Database,
  to: SaveTo,
  records: readonly RecordSaid[],
): Promise<SavedRecords> {
  const run = to.isRehearsal ? rehearse : inTransaction;
  const saved = await run(database, (tx) => saveRecordsIn(tx, to, records));
  const released = to.isRehearsal
    ? (await listParkedFor(database, to.workspaceId, nameSaved(to, records, saved))).length
    : await releaseSaved(database, to, records, saved);
  return { ...saved, released };
}

/** What waited for records that were saved goes through. Resolves to how many deliveries there were. */
export function releaseSaved(
  database: Database,
  to: Pick<SaveTo, "workspaceId" | "kind">,
  records: readonly RecordSaid[],
  saved: Pick<SavedRecords, "made">,
): Promise<number> {
  return releaseParkedForRecords(database, to.workspaceId, nameSaved(to, records, saved));
}

function nameSaved(
  { kind }: Pick<SaveTo, "kind">,
  records: readonly RecordSaid[],
  { made }: Pick<SavedRecords, "made">,
): NamedRecords {
  return {
    organization: made.organizations,
    account: made.accounts,
    [kind]: records.map((record) => record.externalId),
  };
}

/** The same in a transaction of the caller's, who then calls `releaseSaved`. */
export async function saveRecordsIn(
  tx: Tx,
  to: SaveTo,
  records: readonly RecordSaid[],
): Promise<Omit<SavedRecords, "released">> {
  // In the order in which matching makes records, as far as it goes: users, organizations, accounts.
  const users = to.kind === "user" ? await findOrMakeRecords(tx, to, records) : undefined;
  const named = await makeNamed(tx, to, records);
  const sayings = records.map(({ organization, ...record }) => ({
    ...record,
    ...(organization !== undefined && { organizationId: organization && named.organizations.get(organization)!.id }),
  }));
  const found = users ?? (await findOrMakeRecords(tx, to, sayings));
  for (const { id, isMade } of found.values())
    if (to.expect !== undefined && isMade !== (to.expect === "new"))
      throw new RecordStateError({ id, isThere: !isMade });
  const idOf = (record: RecordSaid) => found.get(record.externalId)!.id;
  const joined = await joinByHand(
    tx,
    to,
    records.map((record) => ({
      userId: idOf(record),
      accountIds: (record.accounts ?? []).map((externalId) => named.accounts.get(externalId)!.id),
      organizationIds: (record.organizations ?? []).map((externalId) => named.organizations.get(externalId)!.id),
    })),
  );
  const changes = await setTraits(
    tx,
    { workspaceId: to.workspaceId, recordType: to.kind, source: customSource, readAt: to.at },
    records.flatMap((record) => record.traits.map((trait) => ({ ...trait, recordId: idOf(record) }))),
  );
  const touched = new Set([...joined, ...changes.map((change) => change.recordId)]);
  const changed = await changeRecords(tx, to, sayings, found, touched);
  const outcomes = records.map((record) => {
    if (found.get(record.externalId)!.isMade) return "created";
    return changed.has(idOf(record)) ? "updated" : "unchanged";
  });
  await noteRecords(tx, to, {
    named,
    records: records.map((said, place) => ({ said, id: idOf(said), outcome: outcomes[place]! })),
  });
  return {
    outcomes,
    traits: changes.length,
    made: { organizations: listMade(named.organizations), accounts: listMade(named.accounts) },
  };
}

type Outcome = SavedRecords["outcomes"][number];
type Saved = {
  named: Awaited<ReturnType<typeof makeNamed>>;
  records: readonly { said: RecordSaid; id: string; outcome: Outcome }[];
};

async function noteRecords(
  tx: Tx,
  { workspaceId, kind, author, at }: SaveTo,
  { named, records }: Saved,
): Promise<void> {
  if (!author) return;
  const by = { workspaceId, author, at };
  for (const type of ["organization", "account"] as const)
    for (const { id, isMade } of named[`${type}s`].values())
      if (isMade) await noteRecord(tx, by, { type, id, done: "made" });
  for (const { said, id, outcome } of records) {
    if (outcome === "unchanged") continue;
    const { externalId: _, traits, ...rest } = said;
    const fields = Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    const done = outcome === "created" ? "made" : "changed";
    await noteRecord(tx, by, { type: kind, id, done, fields, traits: traits.map(({ name }) => name) });
  }
}

/** The organizations and accounts that the records name. */
async function makeNamed(
  tx: Tx,
  to: PutTo,
  records: readonly RecordSaid[],
): Promise<{ organizations: Map<string, FoundRecord>; accounts: Map<string, FoundRecord> }> {
  const distinct = (ids: readonly (string | null | undefined)[]) => [
    ...new Set(ids.filter((id) => id !== undefined && id !== null)),
  ];
  const organizations = distinct(
    records.flatMap((one) => [one.organization, ...(one.organizations ?? []), ...(one.formerOrganizations ?? [])]),
  );
  const accounts = distinct(records.flatMap((record) => record.accounts ?? []));
  return {
    organizations: await findOrMakeNamed(tx, { ...to, kind: "organization" }, organizations),
    accounts: await findOrMakeNamed(tx, { ...to, kind: "account" }, accounts),
  };
}

function listMade(named: ReadonlyMap<string, FoundRecord>): string[] {
  return [...named].filter(([, record]) => record.isMade).map(([externalId]) => externalId);
}
