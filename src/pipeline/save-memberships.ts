// Who belongs to what, as messages of the Analytics API say it.
import type { Tx } from "../platform/database/pool.ts";
import { addMembershipsByHand, removeMembershipsByHand } from "./match/account-users-table.ts";
import { type MembershipSaid, sayMemberships } from "./match/membership-sayings-table.ts";
import type { IdsByKind } from "./match/name-records.ts";
import { addOrganizationMembershipsByHand } from "./match/organization-users-table.ts";
import { type MessageToSave, spellSayer } from "./messages.ts";

/** A user by external ID and by our own. */
type Moved = { user: string; userId: string };

/** Resolves to the users who are in one more, and to those who are in one less. */
export async function saveMemberships(
  { tx, workspaceId, now }: { tx: Tx; workspaceId: string; now: Date },
  messages: readonly MessageToSave[],
  ids: IdsByKind,
): Promise<{ joined: Moved[]; left: Moved[] }> {
  const counting = await sayMemberships(tx, workspaceId, messages.flatMap(listMembershipsSaid));
  const pairs = counting.flatMap(({ user, kind, record, isMember }) => {
    const userId = ids.user.get(user);
    const recordId = ids[kind].get(record);
    return userId === undefined || recordId === undefined ? [] : [{ user, userId, kind, recordId, isMember }];
  });
  const said = (kind: "account" | "organization") => ({
    memberships: pairs
      .filter((pair) => pair.isMember && pair.kind === kind)
      .map(({ userId, recordId }) => ({ userId, accountId: recordId, organizationId: recordId })),
    source: "api" as const,
    at: now,
  });
  const added = [
    ...(await addMembershipsByHand(tx, workspaceId, said("account"))),
    ...(await addOrganizationMembershipsByHand(tx, workspaceId, said("organization"))),
  ];
  const removed = await removeMembershipsByHand(
    tx,
    workspaceId,
    pairs.filter(({ isMember }) => !isMember).map(({ userId, recordId }) => ({ userId, accountId: recordId })),
  );
  const among = (userIds: readonly string[]): Moved[] => {
    const moved = new Set(userIds);
    return pairs.filter(({ userId }) => moved.has(userId));
  };
  return { joined: among(added.map(({ userId }) => userId)), left: among(removed) };
}

/**
 * Whoever acts in an account belongs to it, and by that to its organization. A track that does not tell its time says so
 * weakly: sent again later, it must not bring back somebody who was unlinked meanwhile.
 */
function listMembershipsSaid({ message, connectionId }: MessageToSave): MembershipSaid[] {
  const { type, userId, accountId, organizationId } = message;
  if (userId === null || (type !== "user" && type !== "track" && type !== "unlink")) return [];
  const head = {
    user: userId,
    isMember: type !== "unlink",
    saidAt: type === "track" && message.time.flag !== null ? 0 : message.saidAt,
    saidBy: spellSayer(message, connectionId),
  };
  return [
    ...(accountId === null ? [] : [{ ...head, kind: "account" as const, record: accountId }]),
    ...(organizationId === null || (type === "track" && accountId !== null)
      ? []
      : [{ ...head, kind: "organization" as const, record: organizationId }]),
  ];
}
