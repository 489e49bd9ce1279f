// Matches again what a connection has recorded, after its mapping has changed or what Pendo says of its ids: slice by slice,
// each in one transaction with how far it has come, so that whoever takes the job over goes on there. In the end everything
// is as if the same deliveries had come only now.
//
//   reading → ask-… → answers → move-event → move-nps-response → memberships → records nothing uses any more
//
// A fact whose owner the mapping cannot tell would not be recorded now: it goes, and its delivery waits again, from where the
// worker parks it with its reason like any other. Only where the raw body is gone the fact stays, without owner and with
// mapping version 0, until a later mapping tells whose it is.
import type { Database, Tx } from "../platform/database/pool.ts";
import { JobWaitsError } from "../platform/lease-runner.ts";
import { holdBatches, readConnectionRules } from "./inbox/claim-queries.ts";
import { removeMemberships, retraceMemberships } from "./match/account-users-table.ts";
import { removeAccounts } from "./match/accounts-table.ts";
import { countWanted } from "./match/identity-queries.ts";
import { findRunningJob, type MatchJob } from "./match/match-jobs-table.ts";
import { removeOrganizationMemberships, retraceOrganizationMemberships } from "./match/organization-users-table.ts";
import { removeOrganizations } from "./match/organizations-table.ts";
import { listMembershipsWithSupport, listUnusedRecords, type MembershipKind } from "./match/support-queries.ts";
import { removeUsers } from "./match/users-table.ts";
import { type At, askSlice, type Counts, moveSlice, type Reached } from "./match-facts-again.ts";
import { countFacts, lowestKey } from "./record/owned-facts-queries.ts";
import type { RecordKind } from "./records.ts";
import type { RunMatchJob } from "./run-match-jobs.ts";

export type MatchAgainOptions = {
  database: Database;
  clock: () => Date;
  /** Deliveries wait again. */
  onReleased: () => void;
  /** Facts looked at in one transaction. */
  sliceSize?: number;
};

const defaultSlice = 5_000;
/** Memberships and records that are looked at while the connections of the workspace are locked. */
const cleanSlice = 1_000;
const waitMs = 2_000;

type Step = { name: string; take: (at: At) => Promise<Reached> };

const steps: readonly Step[] = [
  { name: "reading", take: waitForReading },
  { name: "ask-event", take: (at) => askSlice(at, "event") },
  { name: "ask-nps-response", take: (at) => askSlice(at, "nps-response") },
  { name: "answers", take: waitForAnswers },
  { name: "move-event", take: (at) => moveSlice(at, "event") },
  { name: "move-nps-response", take: (at) => moveSlice(at, "nps-response") },
  { name: "account-memberships", take: (at) => cleanMemberships(at, "account") },
  { name: "organization-memberships", take: (at) => cleanMemberships(at, "organization") },
  { name: "users", take: (at) => cleanRecords(at, "user") },
  { name: "accounts", take: (at) => cleanRecords(at, "account") },
  { name: "organizations", take: (at) => cleanRecords(at, "organization") },
];

export function createMatchAgain({ clock, onReleased, sliceSize = defaultSlice }: MatchAgainOptions): RunMatchJob {
  return async (way) => {
    const { job } = way;
    let place = Math.max(
      0,
      steps.findIndex(({ name }) => name === job.step),
    );
    while (place < steps.length) {
      const step = steps[place]!;
      const cursor = job.step === step.name ? job.cursor : null;
      const reached = await way.step(async (tx) => {
        const rules = (await readConnectionRules(tx, job.workspaceId, [job.connectionId])).get(job.connectionId)!;
        const at = { tx, job, rules, cursor, now: clock(), sliceSize };
        const { looked = 0, counts = {}, ...slice } = await step.take(at);
        const isOver = slice.cursor === null;
        const next = isOver ? (steps[place + 1]?.name ?? step.name) : step.name;
        return {
          step: next,
          cursor: slice.cursor,
          done: job.done + looked,
          total: job.total ?? (await countAll(tx, job)),
          counts: add(job.counts, counts),
          isOver,
          hasReleased: (counts.removed ?? 0) > 0,
        };
      });
      if (reached.hasReleased) onReleased();
      if (reached.isOver) place += 1;
    }
    const kept = job.counts.withoutOwner ?? 0;
    return kept === 0
      ? null
      : `${kept} of what was recorded names somebody that the mapping cannot tell, and its raw body is gone: it is kept without an owner.`;
  };
}

/** For whoever watches. The one question here that reads everything at once, so that it may take its time. */
async function countAll(tx: Tx, job: MatchJob): Promise<number> {
  await tx.query("set local statement_timeout = 0");
  return (await countFacts(tx, { ...job, kind: "event" })) + (await countFacts(tx, { ...job, kind: "nps-response" }));
}

/** All visitors and accounts are being read: afterwards there is hardly anything left to ask. */
async function waitForReading({ tx, job }: At): Promise<Reached> {
  if (await findRunningJob(tx, { ...job, kind: "read-identities" }))
    throw new JobWaitsError("Pendo's visitors and accounts are being read first.", waitMs);
  return { cursor: null };
}

/** What deliveries want that have come meanwhile is nothing to wait for: else a busy connection would never get on. */
async function waitForAnswers({ tx, job, cursor, now }: At): Promise<Reached> {
  const since = cursor === null ? now : new Date(cursor);
  const open = await countWanted(tx, job, since);
  if (open === 0) return { cursor: null };
  if (cursor === null) return { cursor: now.toISOString() };
  throw new JobWaitsError(`Pendo is being asked about ${open} visitors and accounts first.`, waitMs);
}

async function cleanMemberships({ tx, job, rules, cursor }: At, kind: MembershipKind): Promise<Reached> {
  await holdBatches(tx, job.workspaceId);
  const [recordId = lowestKey, userId = lowestKey] = cursor?.split(" ") ?? [];
  const page = { after: { recordId, userId }, limit: cleanSlice };
  const { memberships, last } = await listMembershipsWithSupport(tx, { ...job, kind }, page);
  const gone = memberships.filter(({ trace }) => trace === null).map(name);
  const retraced = memberships.flatMap((one) =>
    one.trace && (one.mappingVersion !== rules.mapping.version || one.trace.connectionId !== job.connectionId)
      ? [{ ...name(one), trace: one.trace }]
      : [],
  );
  const [remove, retrace] =
    kind === "account"
      ? [removeMemberships, retraceMemberships]
      : [removeOrganizationMemberships, retraceOrganizationMemberships];
  const removedMemberships = await remove(tx, job.workspaceId, gone);
  await retrace(tx, job.workspaceId, retraced);
  return { cursor: last ? `${last.recordId} ${last.userId}` : null, counts: { removedMemberships } };
}

/** The id under the name that the writer of its table knows it by. */
const name = ({ recordId, userId }: { recordId: string; userId: string }) => ({
  accountId: recordId,
  organizationId: recordId,
  userId,
});

const removers: Record<RecordKind, typeof removeUsers> = {
  user: removeUsers,
  account: removeAccounts,
  organization: removeOrganizations,
};

async function cleanRecords({ tx, job, cursor }: At, kind: RecordKind): Promise<Reached> {
  await holdBatches(tx, job.workspaceId);
  const page = { after: cursor ?? lowestKey, limit: cleanSlice };
  const { unused, last } = await listUnusedRecords(tx, { ...job, kind }, page);
  const count = await removers[kind](tx, job.workspaceId, job.connectionId, unused);
  return { cursor: last ?? null, counts: { [`removed${kind[0]!.toUpperCase()}${kind.slice(1)}s`]: count } };
}

function add(counts: Counts, more: Counts): Counts {
  const sum = { ...counts };
  for (const [counted, count] of Object.entries(more)) sum[counted] = (sum[counted] ?? 0) + count;
  return sum;
}
