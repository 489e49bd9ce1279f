// Tracks of the Analytics API become events.
import type { Tx } from "../platform/database/pool.ts";
import type { Item, Owner } from "./facts.ts";
import type { IdsByKind } from "./match/name-records.ts";
import type { Message, MessageToSave } from "./messages.ts";
import { type RecordResult, recordItems } from "./record/record-items.ts";

/** The source that their events have. */
const eventSource = "analytics-api";

/** `ownerOf`: where tracks belong that do not say it themselves. Resolves to what became of each. */
export async function recordTracks(
  tx: Tx,
  workspaceId: string,
  tracks: readonly MessageToSave[],
  { ids, ownerOf }: { ids: IdsByKind; ownerOf: ReadonlyMap<MessageToSave, Owner> },
): Promise<Map<MessageToSave, RecordResult>> {
  if (tracks.length === 0) return new Map();
  const recorded = await recordItems(
    tx,
    workspaceId,
    tracks.map((one) => ({
      item: toItem(one.message),
      owner: ownerOf.get(one) ?? findOwner(one.message, ids),
      connectionId: one.connectionId,
      deliveryId: one.deliveryId,
      source: eventSource,
      mappingVersion: 1,
    })),
  );
  return new Map(tracks.map((one, index) => [one, recorded[index]!]));
}

/** What is an account's is its organization's by that (docs/decisions/005-organizations-follow-their-accounts.md). */
function findOwner({ userId, accountId, organizationId }: Message, ids: IdsByKind): Owner {
  return {
    userId: userId === null ? null : ids.user.get(userId)!,
    accountId: accountId === null ? null : ids.account.get(accountId)!,
    organizationId: organizationId === null || accountId !== null ? null : ids.organization.get(organizationId)!,
  };
}

function toItem({ key, type, userId, accountId, organizationId, time, event }: Message): Item {
  return {
    key,
    kind: type,
    claim: { visitorId: userId, accountId: accountId ?? organizationId },
    pendoVisitorId: userId,
    pendoAccountId: accountId ?? organizationId,
    respondent: null,
    appId: null,
    time,
    event,
    nps: null,
    polls: [],
  };
}
