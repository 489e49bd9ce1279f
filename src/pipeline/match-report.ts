// Finds, and makes where that is allowed, the records that the rows of a report are about: as webhooks are matched, and all
// at once. Records are made in slices, each a short transaction of its own, because a webhook that makes the same one waits for
// it; no memberships come of a report.
import type { Database, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { JobWaitsError } from "../platform/lease-runner.ts";
import type { Report } from "../reports/report.ts";
import type { StagedReport } from "../reports/staged-report.ts";
import type { ConnectionRules } from "./facts.ts";
import { readConnectionRules } from "./inbox/claim-queries.ts";
import { releaseParkedForRecords } from "./inbox/release-parked-for-records.ts";
import type { IdentityKey } from "./match/identity-queries.ts";
import { type ClaimToMatch, matchClaims } from "./match/match-claims.ts";
import { wantIdentities } from "./match/pendo-identities-table.ts";
import {
  countStagedMissing,
  countStagedUnmatched,
  findStagedMade,
  listStagedMissing,
  listStagedWanted,
  refuseStagedMissing,
  type StagedMatch,
  stageIds,
} from "./match/staged-ids.ts";
import type { NamedRecords } from "./records.ts";
import type { ReportWay } from "./run-reports.ts";

export type MatchReportOptions = {
  database: Database;
  clock: () => Date;
  onWanted?: () => void;
  onReleased?: () => void;
  sliceSize?: number;
};

/** What the ids are by the mapping, and whether the records are theirs or those that theirs are in. */
export type MatchPlan = { pendo: Omit<IdentityKey, "pendoId"> | null; isOfAccounts: boolean };

/** Pendo is asked for at most so many ids of a run; the next one goes on. */
const mostWanted = 50_000;
const defaultSlice = 2_000;

/** `refusal`: the mapping has become one that this report cannot be matched by. */
export function planMatch(report: Report, { connectionId, mapping }: ConnectionRules): MatchPlan | { refusal: string } {
  if (report.idKind === "external") return { pendo: null, isOfAccounts: false };
  const isVisitor = report.idKind === "visitor";
  if (isVisitor !== (report.level === "user"))
    return {
      refusal: `Ids of Pendo's ${report.idKind}s do not say which ${report.level} is meant: change the report.`,
    };
  if (report.level === "account" && mapping.level === "organization")
    return {
      refusal:
        "Pendo's accounts are organizations here by now, so that this report can no longer be about accounts: remove it, and add it at level organization.",
    };
  const field = isVisitor ? mapping.userIdFrom : mapping.accountIdFrom;
  return {
    pendo: field === null ? null : { connectionId, kind: isVisitor ? "visitor" : "account", field },
    isOfAccounts: report.level === "organization" && mapping.level === "account",
  };
}

export async function matchReport(
  options: MatchReportOptions,
  way: ReportWay,
  given: { report: Report; rules: ConnectionRules; plan: MatchPlan; staged: StagedReport },
): Promise<StagedMatch> {
  const { report, rules, plan, staged } = given;
  const { workspaceId, level } = report;
  const { session } = staged;
  await stageIds(session, { ...plan, workspaceId, kind: level });
  if (plan.pendo) await wantStaged(options, way, { workspaceId, pendo: plan.pendo, staged });
  const missing = await countStagedMissing(session);
  if (missing > 0 && rules.missingRecords === "create") {
    await makeMissing(options, way, given, missing);
    await findStagedMade(session, workspaceId, level);
  }
  await refuseStagedMissing(session, level);
  return countStagedUnmatched(session);
}

/** Writes down that Pendo is to be asked, in short transactions: webhooks wait for the same rows. */
async function wantStaged(
  { database, clock, onWanted, sliceSize = defaultSlice }: MatchReportOptions,
  way: ReportWay,
  of: { workspaceId: string; pendo: Omit<IdentityKey, "pendoId">; staged: StagedReport },
): Promise<void> {
  const ids = await listStagedWanted(of.staged.session, mostWanted);
  for (let done = 0; done < ids.length; done += sliceSize) {
    way.signal.throwIfAborted();
    const keys = ids.slice(done, done + sliceSize).map((pendoId) => ({ ...of.pendo, pendoId }));
    await inTransaction(database, (tx) => wantIdentities(tx, of.workspaceId, keys, clock()));
  }
  if (ids.length > 0) onWanted?.();
}

async function makeMissing(
  { database, clock, onReleased, sliceSize = defaultSlice }: MatchReportOptions,
  way: ReportWay,
  { report, rules, staged }: { report: Report; rules: ConnectionRules; staged: StagedReport },
  total: number,
): Promise<void> {
  const { workspaceId } = report;
  let done = 0;
  for await (const externalIds of listStagedMissing(staged.session, sliceSize)) {
    let made: NamedRecords = {};
    await way.step(async (tx) => {
      made = await makeSlice(tx, report, rules, externalIds, clock());
      done += externalIds.length;
      return { step: "matching", done, total };
    });
    if ((await releaseParkedForRecords(database, workspaceId, made)) > 0) onReleased?.();
  }
}

/** Under the mapping that the ids were read by: it stays in force until the transaction ends. */
async function makeSlice(
  tx: Tx,
  { workspaceId, connectionId, level }: Report,
  before: ConnectionRules,
  externalIds: readonly string[],
  now: Date,
): Promise<NamedRecords> {
  const rules = (await readConnectionRules(tx, workspaceId, [connectionId])).get(connectionId);
  if (rules?.mapping.version !== before.mapping.version || rules.missingRecords !== "create")
    throw new JobWaitsError("The connection's mapping has changed on the way: the run begins again.", 0);
  const trace = { connectionId, pendoVisitorId: null, pendoAccountId: null, mappingVersion: rules.mapping.version };
  const claims = externalIds.map(
    (id): ClaimToMatch => ({
      user: level === "user" ? id : null,
      account: level === "user" ? null : id,
      level: level === "organization" ? "organization" : "account",
      mayCreate: true,
      trace,
    }),
  );
  return (await matchClaims(tx, workspaceId, claims, now)).made;
}
