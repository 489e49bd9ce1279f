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

type Commit = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** The session that it is changed in goes on. `commit` runs the one transaction, whose result is the answer. */
export async function changePassword(
  access: Access,
  session: Pick<Session, "id" | "memberId">,
  { current, next, address }: { current: string; next: string; address: string },
  commit: Commit,
): Promise<{ changed: true }> {
  const member = await getMember(access, session.memberId);
  const succeed = access.attempts.begin({ email: member.email, address });
  if (!(await access.passwords.isRight(current, member.passwordHash)))
    throw new HttpError(403, "The current password is wrong.");
  succeed();
  const hash = await hashPassword(access, member, next);
  return commit(async (tx) => {
    await replacePassword(tx, member, { hash, but: session.id, address, now: access.clock() });
    return { changed: true };
  });
}

export async function openPasswordLink(access: Access, token: string): Promise<{ email: string }> {
  const link = await getLink(access.database, "new-password", token, access.clock());
  return { email: (await getMember(access, link.memberId)).email };
}

export async function useNewPasswordLink(access: Access, token: string, next: string, visit: Visit): Promise<Begun> {
  const { memberId } = await getLink(access.database, "new-password", token, access.clock());
  const member = await getMember(access, memberId);
  const hash = await hashPassword(access, member, next);
  return inTransaction(access.database, async (tx) => {
    const now = access.clock();
    await useLink(tx, "new-password", token, now);
    await replacePassword(tx, member, { hash, but: null, address: visit.address, now });
    return beginSession(tx, member, visit, now);
  });
}

async function hashPassword({ passwords }: Access, { email, name }: Member, password: string): Promise<string> {
  const fault = refuseWeakPassword(password, [email, name]);
  if (fault) throw new HttpError(400, fault);
  return passwords.hash(password);
}

async function replacePassword(
  tx: Tx,
  member: Member,
  { hash, but, address, now }: { hash: string; but: string | null; address: string; now: Date },
): Promise<void> {
  if (!(await setPasswordHash(tx, { id: member.id, was: member.passwordHash, hash })))
    throw new HttpError(409, "The password was changed just now, from somewhere else.");
  await deletePasswordLinks(tx, member.id);
  await deleteSessionsOf(tx, member.id, but);
  const subject = { type: "member", id: member.id };
  await writeAuditOfMember(tx, { member, by: "self", address, action: "member.password-changed", subject }, now);
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
