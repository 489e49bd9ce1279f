// How people come in: the first administrator by the link that the terminal shows, everybody else by an invitation.
import type { Database, Queryable, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { HttpError } from "../platform/http-server.ts";
import { ensureFirstWorkspace } from "../settings/workspaces-table.ts";
import type { Access, Visit } from "./access.ts";
import { writeAudit } from "./audit-log-table.ts";
import { findMemberByEmail, hasMembers, insertMember, type Member } from "./members-table.ts";
import {
  deletePasswordLinks,
  getLink,
  insertLink,
  lockPasswordLinks,
  type OneTimeLink,
  useLink,
} from "./one-time-links-table.ts";
import { refuseWeakPassword } from "./passwords.ts";
import type { MemberRole } from "./roles.ts";
import { type Begun, beginSession, createActor } from "./sign-in.ts";
import { insertWorkspaceMember } from "./workspace-members-table.ts";

/** The part behind # never leaves the browser by itself, so no log and no proxy has the token. */
export function writeLink(publicUrl: string, page: "setup" | "invitation" | "new-password", token: string): string {
  return `${publicUrl}/${page}#${token}`;
}

/** Undefined: there are members. A link of before opens nothing any more. */
export async function makeFirstAdminLink(
  database: Database,
  { publicUrl, now }: { publicUrl: string; now: Date },
): Promise<{ url: string; expiresAt: Date } | undefined> {
  if (await hasMembers(database)) return undefined;
  const { token, expiresAt } = await inTransaction(database, (tx) =>
    insertLink(tx, { purpose: "first-admin", madeBy: "Plumbline" }, now),
  );
  return { url: writeLink(publicUrl, "setup", token), expiresAt };
}

export type Newcomer = { email: string; name: string; password: string };

/** The first administrator of the first workspace, signed in. */
export async function setUp(access: Access, token: string, newcomer: Newcomer, visit: Visit): Promise<Begun> {
  await getLink(access.database, "first-admin", token, access.clock());
  const hash = await hashNew(access, newcomer);
  return inTransaction(access.database, async (tx) => {
    const now = access.clock();
    // Two links of two processes that started together: the second finds a member.
    await tx.query("select pg_advisory_xact_lock(hashtext('plumbline first member'))");
    await useLink(tx, "first-admin", token, now);
    if (await hasMembers(tx))
      throw new HttpError(409, "There is an administrator already: sign in, or ask for an invitation.");
    const { workspaceId } = await ensureFirstWorkspace(tx, now);
    const member = await insertMember(tx, { ...trimmed(newcomer), passwordHash: hash }, now);
    await addToWorkspace(tx, member!, { workspaceId, role: "admin" }, visit.address, now);
    return beginSession(tx, member!, visit, now);
  });
}

type InvitationLink = Extract<OneTimeLink, { purpose: "invitation" }>;
export type OpenedInvitation = InvitationLink & {
  workspaceName: string;
  /** They have a password already, and sign in with it. Somebody who invites can never give a member a new one. */
  isMember: boolean;
};

export async function openInvitation(access: Access, token: string): Promise<OpenedInvitation> {
  const link = await getLink(access.database, "invitation", token, access.clock());
  const member = await findMemberByEmail(access.database, link.email);
  return {
    ...link,
    workspaceName: await nameWorkspace(access.database, link.workspaceId),
    isMember: member !== undefined,
  };
}

/** `name` counts only for somebody new. */
export async function acceptInvitation(
  access: Access,
  token: string,
  { name, password }: { name: string; password: string },
  visit: Visit,
  replaces?: string,
): Promise<Begun> {
  const { email, isMember } = await openInvitation(access, token);
  if (isMember) await proveMember(access, { email, password }, visit);
  const hash = isMember ? null : await hashNew(access, { email, name, password });
  return inTransaction(access.database, async (tx) => {
    const now = access.clock();
    const { workspaceId, role } = await useLink(tx, "invitation", token, now);
    const member = isMember
      ? await findMemberByEmail(tx, email)
      : await insertMember(tx, { email, name: name.trim(), passwordHash: hash }, now);
    // Somebody with this e-mail came in by another invitation just now: that one's password is to be proven first.
    if (!member) throw new HttpError(409, "Somebody signed up with this e-mail just now: open the link again.");
    await addToWorkspace(tx, member, { workspaceId, role }, visit.address, now);
    return beginSession(tx, member, visit, now, replaces);
  });
}

async function proveMember(
  access: Access,
  { email, password }: { email: string; password: string },
  visit: Visit,
): Promise<void> {
  const succeed = access.attempts.begin({ email, address: visit.address });
  const member = await findMemberByEmail(access.database, email);
  if (!(await access.passwords.isRight(password, member?.passwordHash ?? null)))
    throw new HttpError(401, "The password is wrong. It is the one you sign in with.");
  succeed();
}

export async function addToWorkspace(
  tx: Tx,
  member: Pick<Member, "id" | "email" | "name">,
  { workspaceId, role }: { workspaceId: string; role: MemberRole },
  address: string | null,
  now: Date,
): Promise<void> {
  if (!(await insertWorkspaceMember(tx, { workspaceId, memberId: member.id, role }, now))) return;
  // Whoever has been given one before would come into this workspace by it, too.
  await lockPasswordLinks(tx, member.id);
  await deletePasswordLinks(tx, member.id);
  const by = createActor(member, role);
  const subject = { type: "member", id: member.id };
  const after = { email: member.email, role };
  await writeAudit(tx, { workspaceId, by, address, action: "member.joined", subject, after }, now);
}

async function hashNew({ passwords }: Access, { email, name, password }: Newcomer): Promise<string> {
  const fault = refuseWeakPassword(password, [email, name]);
  if (fault) throw new HttpError(400, fault);
  return passwords.hash(password);
}

function trimmed({ email, name }: Newcomer): { email: string; name: string } {
  return { email: email.trim(), name: name.trim() };
}

async function nameWorkspace(db: Queryable, workspaceId: string): Promise<string> {
  const { rows } = await db.query("select name from workspaces where workspace_id = $1", [workspaceId]);
  return rows[0].name;
}
