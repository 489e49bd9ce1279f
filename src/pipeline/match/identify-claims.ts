// What Pendo's ids are called here. Under the default mapping an id is its own external ID; under a mapping by metadata
// what Pendo said of it (pendo_identities) counts. Ids without an answer are written down for Pendo to be asked, and
// their deliveries wait: this never asks anybody itself.
import type { Tx } from "../../platform/database/pool.ts";
import type { Claim, ExternalIds, Mapping } from "../facts.ts";
import { type Ok, ok, type Park, park, type Reason } from "../outcome.ts";
import { findIdentities, type IdentityAnswer, type IdentityKey, type IdentityKind } from "./identity-queries.ts";
import { wantIdentities } from "./pendo-identities-table.ts";

export type ClaimToIdentify = Claim & { connectionId: string; mapping: Mapping };

/**
 * One result for each claim, in their order. A claim is parked as a whole when one side has no answer or no value: half an
 * owner would be a wrong one. A side that identifies nobody is nothing to wait for.
 */
export async function identifyClaims(
  tx: Tx,
  workspaceId: string,
  claims: readonly ClaimToIdentify[],
  now: Date,
): Promise<(Ok<ExternalIds> | Park)[]> {
  const answers = await findAnswers(tx, workspaceId, claims.flatMap(listKeys), now);
  return claims.map((claim): Ok<ExternalIds> | Park => {
    const [user, account] = (["visitor", "account"] as const).map((kind): Ok<string | null> | Park => {
      const key = findKey(claim, kind);
      return key === undefined ? ok(idOf(claim, kind)) : readAnswer(key, answers.get(spell(key)));
    });
    const parked = [user!, account!].filter((side) => side.outcome === "park");
    if (parked.length > 0) return parked.find(({ reason }) => reason !== "identity-wanted") ?? parked[0]!;
    return ok({ user: (user as Ok<string | null>).value, account: (account as Ok<string | null>).value });
  });
}

function listKeys(claim: ClaimToIdentify): IdentityKey[] {
  return [findKey(claim, "visitor"), findKey(claim, "account")].filter((key) => key !== undefined);
}

/** Undefined where there is nothing to look up. */
function findKey(claim: ClaimToIdentify, kind: IdentityKind): IdentityKey | undefined {
  const field = kind === "visitor" ? claim.mapping.userIdFrom : claim.mapping.accountIdFrom;
  const pendoId = idOf(claim, kind);
  return field === null || pendoId === null ? undefined : { connectionId: claim.connectionId, kind, pendoId, field };
}

function idOf(claim: Claim, kind: IdentityKind): string | null {
  return kind === "visitor" ? claim.visitorId : claim.accountId;
}

/** All answers there are. What is asked about for the first time, or again after a while, is written down on the way. */
async function findAnswers(
  tx: Tx,
  workspaceId: string,
  keys: readonly IdentityKey[],
  now: Date,
): Promise<Map<string, IdentityAnswer>> {
  const wanted = new Map(keys.map((key) => [spell(key), key]));
  const answers = new Map<string, IdentityAnswer>();
  const keep = (found: readonly IdentityAnswer[]) => {
    for (const answer of found) {
      const key = wanted.get(spell(answer));
      if (key?.field === answer.field) answers.set(spell(answer), answer);
    }
  };
  if (wanted.size === 0) return answers;
  keep(await findIdentities(tx, workspaceId, [...wanted.values()]));
  const open = [...wanted].flatMap(([name, key]) => (answers.get(name)?.state === "mapped" ? [] : [key]));
  if (open.length === 0) return answers;
  // Their rows are locked from here on: an answer that comes meanwhile waits for this transaction and then sees the
  // deliveries that it parks, and one that came just before is seen by the second look.
  await wantIdentities(tx, workspaceId, open, now);
  keep(await findIdentities(tx, workspaceId, open));
  return answers;
}

function spell({ connectionId, kind, pendoId }: Omit<IdentityKey, "field">): string {
  return `${connectionId} ${kind} ${pendoId}`;
}

function readAnswer(key: IdentityKey, answer: IdentityAnswer | undefined): Ok<string> | Park {
  const who = `${key.kind} ${JSON.stringify(key.pendoId)}`;
  switch (answer?.state) {
    case "mapped":
      return ok(answer.externalId!);
    case "no-value":
      return park(reasonOf[key.kind].empty, `${key.field} has no value for ${who}.`);
    case "unknown":
      return park(reasonOf[key.kind].unknown, `It is ${who}.`);
    case "refused":
      return park(reasonOf[key.kind].refused, `It is ${who}.`);
    default:
      return park("identity-wanted", `It is asked for ${key.field} of ${who}.`);
  }
}

const reasonOf: Record<IdentityKind, Record<"empty" | "unknown" | "refused", Reason>> = {
  visitor: {
    empty: "field-empty-for-visitor",
    unknown: "visitor-unknown-to-pendo",
    refused: "visitor-refused-by-pendo",
  },
  account: {
    empty: "field-empty-for-account",
    unknown: "account-unknown-to-pendo",
    refused: "account-refused-by-pendo",
  },
};
