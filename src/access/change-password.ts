// A new password: one's own, or by a link that an administrator made. Either way every other session of that person ends.
import type { Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Author } from "../platform/routes.ts";
import type { Access, Visit } from "./access.ts";
import { nameAuthor, writeAudit } from "./audit-log-table.ts";
import { writeLink } from "./join.ts";
import { findMember, type Member, setPasswordHash } from "./members-table.ts";
import { deletePasswordLinks, getLink, insertLink, lockPasswordLinks, useLink } from "./one-time-links-table.ts";
import { refuseWeakPassword } from "./passwords.ts";
import { deleteSessionsOf, type Session } from "./sessions-table.ts";
import { type Begun, beginSession, writeAuditOfMember } from "./sign-in.ts";
import { getWorkspaceMember, listMemberships } from "./workspace-members-table.ts";

/** The session that it is changed in goes on. */
export async function changePassword(
  access: Access,
  session: Pick<Session, "id" | "memberId">,
  { current, next }: { current: string; next: string },
  address: string,
): Promise<void> {
  const member = await getMember(access, session.memberId);
  const succeed = access.attempts.begin({ email: member.email, address });
  if (!(await access.passwords.isRight(current, member.passwordHash)))
    throw new HttpError(403, "The current password is wrong.");
  succeed();
  await replacePassword(access, member, next, { but: session.id, address });
}

export async function openPasswordLink(access: Access, token: string): Promise<{ email: string }> {
  const link = await getLink(access.database, "new-password", token, access.clock());
  return { email: (await getMember(access, link.memberId)).email };
}

export async function useNewPasswordLink(access: Access, token: string, next: string, visit: Visit): Promise<Begun> {
  const { memberId } = await getLink(access.database, "new-password", token, access.clock());
  const member = await getMember(access, memberId);
  return replacePassword(access, member, next, { but: null, address: visit.address, link: { token, visit } });
}

type Way = { but: string | null; address: string };

async function replacePassword(
  access: Access,
  member: Member,
  next: string,
  way: Way & { link: { token: string; visit: Visit } },
): Promise<Begun>;
async function replacePassword(access: Access, member: Member, next: string, way: Way): Promise<undefined>;
async function replacePassword(
  access: Access,
  member: Member,
  next: string,
  { but, address, link }: Way & { link?: { token: string; visit: Visit } },
): Promise<Begun | undefined> {
  const fault = refuseWeakPassword(next, [member.email, member.name]);
  if (fault) throw new HttpError(400, fault);
  const hash = await access.passwords.hash(next);
  return inTransaction(access.database, async (tx) => {
    const now = access.clock();
    if (link) await useLink(tx, "new-password", link.token, now);
    if (!(await setPasswordHash(tx, { id: member.id, was: member.passwordHash, hash })))
      throw new HttpError(409, "The password was changed just now, from somewhere else.");
    await deletePasswordLinks(tx, member.id);
    await deleteSessionsOf(tx, member.id, but);
    const subject = { type: "member", id: member.id };
    await writeAuditOfMember(tx, { member, by: "self", address, action: "member.password-changed", subject }, now);
    return link && beginSession(tx, member, link.visit, now);
  });
}

/** Shown once, to be handed on. The person chooses the password; whoever made the link never knows it. */
export async function makePasswordLink(
  tx: Tx,
  access: Pick<Access, "clock" | "publicUrl">,
  author: Author,
  { workspaceId, memberId }: { workspaceId: string; memberId: string },
): Promise<{ id: string; url: string; expiresAt: Date }> {
  const now = access.clock();
  await lockPasswordLinks(tx, memberId);
  const member = await getWorkspaceMember(tx, workspaceId, memberId);
  await refuseStrangers(tx, author, { workspaceId, memberId });
  const link = { purpose: "new-password", memberId, madeBy: nameAuthor(author) } as const;
  const { id, token, expiresAt } = await insertLink(tx, link, now);
  const subject = { type: "member", id: memberId };
  const after = { email: member.email, expiresAt };
  await writeAudit(tx, { ...author, workspaceId, action: "member.password-link-made", subject, after }, now);
  return { id, url: writeLink(access.publicUrl, "new-password", token), expiresAt };
}

/**
 * Whoever has the link is that member, in every workspace: so it may be made only by who administers all of them. The command
 * line is the machine's owner.
 */
async function refuseStrangers(
  tx: Tx,
  { by }: Author,
  { workspaceId, memberId }: { workspaceId: string; memberId: string },
): Promise<void> {
  if (by === "command-line" || by === "system") return;
  const ofMember = await listMemberships(tx, memberId);
  const administered =
    by.kind === "member"
      ? (await listMemberships(tx, by.id)).filter(({ role }) => role === "admin").map((one) => one.workspaceId)
      : [workspaceId];
  if (ofMember.some((one) => !administered.includes(one.workspaceId)))
    throw new HttpError(
      403,
      "They belong to another workspace too, which the link would open: whoever administers all of them, or `plumbline member password-link` on the server, makes it.",
    );
}

async function getMember({ database }: Access, id: string): Promise<Member> {
  const member = await findMember(database, id);
  if (!member) throw new HttpError(404, "There is no such member any more.");
  return member;
}
