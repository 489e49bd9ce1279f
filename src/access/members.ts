// Members of a workspace: inviting, changing what they may do, removing them.
import type { Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Author } from "../platform/routes.ts";
import { isUuid } from "../platform/uuid.ts";
import type { Access } from "./access.ts";
import { nameAuthor, writeAudit } from "./audit-log-table.ts";
import { parseEmail } from "./e-mail.ts";
import { writeLink } from "./join.ts";
import {
  deleteInvitation,
  deletePasswordLinks,
  type Invitation,
  insertLink,
  listInvitations,
} from "./one-time-links-table.ts";
import type { MemberRole } from "./roles.ts";
import { deleteSession, deleteSessionsOf, findOwnerOfSession } from "./sessions-table.ts";
import {
  deleteWorkspaceMember,
  getWorkspaceMember,
  listMemberships,
  listWorkspaceMembers,
  lockMembers,
  setRole,
  type WorkspaceMember,
} from "./workspace-members-table.ts";

export type MembersOf = Pick<Access, "clock" | "publicUrl">;

/** The link is told here and never again. An open invitation of the same person is replaced. */
export async function invite(
  tx: Tx,
  access: MembersOf,
  author: Author,
  { workspaceId, role, ...given }: { workspaceId: string; email: string; role: MemberRole },
): Promise<Invitation & { url: string }> {
  const email = parseEmail(given.email);
  const now = access.clock();
  const members = await listWorkspaceMembers(tx, workspaceId);
  if (members.some((one) => one.email.toLowerCase() === email.toLowerCase()))
    throw new HttpError(409, `${email} is a member of this workspace already.`);
  const link = { purpose: "invitation", workspaceId, email, role, madeBy: nameAuthor(author) } as const;
  const { id, token } = await insertLink(tx, link, now);
  const subject = { type: "invitation", id };
  await writeAudit(tx, { ...author, workspaceId, action: "member.invited", subject, after: { email, role } }, now);
  const made = (await listInvitations(tx, workspaceId, now)).find((one) => one.id === id)!;
  return { ...made, url: writeLink(access.publicUrl, "invitation", token) };
}

export async function withdrawInvitation(
  tx: Tx,
  access: MembersOf,
  author: Author,
  { workspaceId, id }: { workspaceId: string; id: string },
): Promise<Invitation> {
  const withdrawn = await deleteInvitation(tx, workspaceId, id);
  const { email, role } = withdrawn;
  const subject = { type: "invitation", id };
  const line = {
    ...author,
    workspaceId,
    action: "member.invitation-withdrawn",
    subject,
    before: { email, role },
  } as const;
  await writeAudit(tx, line, access.clock());
  return withdrawn;
}

export async function changeRole(
  tx: Tx,
  access: MembersOf,
  author: Author,
  { workspaceId, id, role }: { workspaceId: string; id: string; role: MemberRole },
): Promise<WorkspaceMember> {
  await lockMembers(tx, workspaceId);
  const member = await getWorkspaceMember(tx, workspaceId, id);
  await setRole(tx, workspaceId, id, role);
  const subject = { type: "member", id };
  const change = { before: { email: member.email, role: member.role }, after: { email: member.email, role } };
  await writeAudit(tx, { ...author, workspaceId, action: "member.role-changed", subject, ...change }, access.clock());
  return { ...member, role };
}

/** Their sessions see nothing of this workspace from now on; those of somebody who belongs to no other end. */
export async function removeMember(
  tx: Tx,
  access: MembersOf,
  author: Author,
  { workspaceId, id }: { workspaceId: string; id: string },
): Promise<WorkspaceMember> {
  await lockMembers(tx, workspaceId);
  const member = await getWorkspaceMember(tx, workspaceId, id);
  await deleteWorkspaceMember(tx, workspaceId, id);
  if ((await listMemberships(tx, id)).length === 0) {
    await deleteSessionsOf(tx, id);
    await deletePasswordLinks(tx, id);
  }
  const subject = { type: "member", id };
  const before = { email: member.email, role: member.role };
  await writeAudit(tx, { ...author, workspaceId, action: "member.removed", subject, before }, access.clock());
  return member;
}

/** One's own session, or, for an administrator, one of a member of the workspace. */
export async function endSession(
  access: Pick<Access, "database" | "clock">,
  author: Author,
  { workspaceId, id }: { workspaceId: string; id: string },
): Promise<void> {
  const { by } = author;
  await inTransaction(access.database, async (tx) => {
    const owner = isUuid(id) ? await findOwnerOfSession(tx, id) : undefined;
    const memberships = owner === undefined ? [] : await listMemberships(tx, owner);
    const isOwn = typeof by !== "string" && by.kind === "member" && by.id === owner;
    const isOfMember = memberships.some((one) => one.workspaceId === workspaceId);
    const mayEnd = isOwn || (isOfMember && (typeof by === "string" || by.scopes.includes("admin")));
    if (!mayEnd || !(await deleteSession(tx, id)))
      throw new HttpError(404, `There is no session ${JSON.stringify(id)} that you could end.`);
    const subject = { type: "session", id };
    for (const one of isOwn ? memberships : [{ workspaceId }])
      await writeAudit(
        tx,
        { ...author, workspaceId: one.workspaceId, action: "session.ended", subject, before: { member: owner } },
        access.clock(),
      );
  });
}

/** All of one's own but the one that asks. */
export async function endOtherSessions(
  access: Pick<Access, "database" | "clock">,
  author: Author,
  { memberId, but }: { memberId: string; but: string },
): Promise<number> {
  return inTransaction(access.database, async (tx) => {
    const count = await deleteSessionsOf(tx, memberId, but);
    const subject = { type: "member", id: memberId };
    for (const { workspaceId } of count === 0 ? [] : await listMemberships(tx, memberId))
      await writeAudit(
        tx,
        { ...author, workspaceId, action: "session.others-ended", subject, after: { count } },
        access.clock(),
      );
    return count;
  });
}
