// A slice of what a connection has recorded, matched again: whom each fact names, whose it is now, and what becomes of it.
import { isNobody } from "../pendo/read-id.ts";
import type { Tx } from "../platform/database/pool.ts";
import type { ConnectionRules, Owner } from "./facts.ts";
import { listDeliveriesWithBody } from "./inbox/claim-queries.ts";
import { sendThroughAgain } from "./inbox/deliveries-table.ts";
import { releaseParkedForRecords } from "./inbox/release-parked-for-records.ts";
import { type ClaimToIdentify, identifyClaims } from "./match/identify-claims.ts";
import { matchClaims } from "./match/match-claims.ts";
import type { MatchJob } from "./match/match-jobs-table.ts";
import { moveEvents, removeEvents } from "./record/events-table.ts";
import type { FactMove } from "./record/fact-moves.ts";
import { moveNpsResponses, removeNpsResponses } from "./record/nps-responses-table.ts";
import {
  findSlice,
  listOwnedPairs,
  lockFacts,
  lowestKey,
  type OwnedFact,
  type OwnedKind,
} from "./record/owned-facts-queries.ts";
import { movePollResponses, removePollResponses } from "./record/poll-responses-table.ts";

export type Counts = Record<string, number>;
/** What a slice leads to: where the next one begins; null: the step is done. */
export type Reached = { cursor: string | null; looked?: number; counts?: Counts };
export type At = { tx: Tx; job: MatchJob; rules: ConnectionRules; cursor: string | null; now: Date; sliceSize: number };

/** Writes down all ids without an answer, so that they are asked about together and not slice by slice. */
export async function askSlice({ tx, job, rules, cursor, now, sliceSize }: At, kind: OwnedKind): Promise<Reached> {
  const { userIdFrom, accountIdFrom } = rules.mapping;
  const end = { cursor: null };
  if (userIdFrom === null && accountIdFrom === null) return end;
  const slice = await findSlice(tx, { ...job, kind }, { after: cursor ?? lowestKey, size: sliceSize });
  if (!slice) return end;
  const pairs = await listOwnedPairs(tx, { ...job, kind }, slice);
  await identifyClaims(tx, job.workspaceId, distinctClaims(pairs, rules), now);
  return { cursor: slice.until };
}

const writers = {
  event: {
    async move(tx: Tx, workspaceId: string, moves: readonly FactMove[]) {
      await moveEvents(tx, workspaceId, moves);
      await movePollResponses(tx, workspaceId, moves);
    },
    async remove(tx: Tx, workspaceId: string, ids: readonly string[]) {
      await removePollResponses(tx, workspaceId, ids);
      await removeEvents(tx, workspaceId, ids);
    },
  },
  "nps-response": { move: moveNpsResponses, remove: removeNpsResponses },
} as const;

const nobody: Owner = { userId: null, accountId: null, organizationId: null };

export async function moveSlice({ tx, job, rules, cursor, now, sliceSize }: At, kind: OwnedKind): Promise<Reached> {
  const { workspaceId } = job;
  const slice = await findSlice(tx, { ...job, kind }, { after: cursor ?? lowestKey, size: sliceSize });
  if (!slice) return { cursor: null };
  const facts = await lockFacts(tx, { ...job, kind }, slice);
  const owners = await findOwners(tx, job, rules, facts, now);
  const ownerOf = (fact: OwnedFact) => owners.get(spell(readClaim(fact, rules)));
  const unmatched = facts.filter((fact) => ownerOf(fact) === undefined);
  const withBody = await listDeliveriesWithBody(tx, workspaceId, unique(unmatched.map((fact) => fact.deliveryId)));
  const removed = unmatched.filter((fact) => withBody.has(fact.deliveryId));
  const withoutOwner = unmatched.filter((fact) => !withBody.has(fact.deliveryId));
  const moves = [
    ...facts.flatMap((fact): FactMove[] => {
      const owner = ownerOf(fact);
      return owner ? [{ ...owner, id: fact.id, mappingVersion: rules.mapping.version }] : [];
    }),
    ...withoutOwner.map((fact) => ({ ...nobody, id: fact.id, mappingVersion: 0 })),
  ];
  const before = new Map(facts.map((fact) => [fact.id, fact]));
  const due = moves.filter((move) => differs(move, before.get(move.id)!));
  await writers[kind].move(tx, workspaceId, due);
  await writers[kind].remove(
    tx,
    workspaceId,
    removed.map((fact) => fact.id),
  );
  await sendThroughAgain(tx, workspaceId, unique(removed.map((fact) => fact.deliveryId)));
  const isMoved = (move: FactMove) => !isSameOwner(move, before.get(move.id)!);
  return {
    cursor: slice.until,
    looked: facts.length,
    counts: { moved: due.filter(isMoved).length, removed: removed.length, withoutOwner: withoutOwner.length },
  };
}

/** Owners by claim; a claim without one cannot be matched. Records are made and memberships added on the way, as for new facts. */
async function findOwners(
  tx: Tx,
  { workspaceId }: MatchJob,
  rules: ConnectionRules,
  facts: readonly OwnedFact[],
  now: Date,
): Promise<Map<string, Owner>> {
  const claims = distinctClaims(facts, rules);
  const identified = await identifyClaims(tx, workspaceId, claims, now);
  const known = claims.flatMap((claim, place) => {
    const result = identified[place]!;
    return result.outcome === "ok" ? [{ claim, externalIds: result.value }] : [];
  });
  const { results: matched, made } = await matchClaims(
    tx,
    workspaceId,
    known.map(({ claim, externalIds }) => ({
      ...externalIds,
      level: rules.mapping.level,
      mayCreate: rules.missingRecords === "create",
      trace: {
        connectionId: rules.connectionId,
        pendoVisitorId: claim.pendoVisitorId,
        pendoAccountId: claim.pendoAccountId,
        mappingVersion: rules.mapping.version,
      },
    })),
    now,
  );
  await releaseParkedForRecords(tx, workspaceId, made);
  return new Map(
    known.flatMap(({ claim }, place) => {
      const result = matched[place]!;
      return result.outcome === "ok" ? [[spell(claim), result.value] as const] : [];
    }),
  );
}

type FactClaim = ClaimToIdentify & { pendoVisitorId: string | null; pendoAccountId: string | null };
type Named = Omit<OwnedFact, "id" | "deliveryId">;

function distinctClaims(facts: readonly Named[], rules: ConnectionRules): FactClaim[] {
  return [
    ...new Map(
      facts.map((fact) => {
        const claim = readClaim(fact, rules);
        return [spell(claim), claim];
      }),
    ).values(),
  ];
}

/**
 * Whom a fact names. What is recorded has an owner on each side that names somebody, so that an empty side tells that its id
 * was nobody's, whatever it looks like; only what was kept without an owner has to be looked at.
 */
function readClaim(fact: Named, { connectionId, mapping }: ConnectionRules): FactClaim {
  const { pendoVisitorId, pendoAccountId, userId, accountId, organizationId, mappingVersion } = fact;
  const identifies = (id: string | null, isOwned: boolean) =>
    id !== null && (mappingVersion === 0 ? !isNobody(id) : isOwned) ? id : null;
  return {
    connectionId,
    mapping,
    pendoVisitorId,
    pendoAccountId,
    visitorId: identifies(pendoVisitorId, userId !== null),
    accountId: identifies(pendoAccountId, accountId !== null || organizationId !== null),
  };
}

const spell = ({ visitorId, accountId }: Pick<FactClaim, "visitorId" | "accountId">) =>
  JSON.stringify([visitorId, accountId]);

function differs(move: FactMove, fact: OwnedFact): boolean {
  return move.mappingVersion !== fact.mappingVersion || !isSameOwner(move, fact);
}

function isSameOwner(one: Owner, other: Owner): boolean {
  return (
    one.userId === other.userId && one.accountId === other.accountId && one.organizationId === other.organizationId
  );
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
