// Signing in and out. Whoever fails learns nothing: not whether the e-mail exists, neither from the words nor from the time.
import type { Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Actor } from "../platform/routes.ts";
import type { Access, Visit } from "./access.ts";
import { type AuditAction, writeAudit } from "./audit-log-table.ts";
import { isEmail } from "./e-mail.ts";
import { findMemberByEmail, type Member } from "./members-table.ts";
import { type MemberRole, roles } from "./roles.ts";
import { deleteSession, findSession, insertSession } from "./sessions-table.ts";
import { listMemberships } from "./workspace-members-table.ts";

export type Credentials = { email: string; password: string };
export type Begun = { id: string; token: string; member: Pick<Member, "id" | "email" | "name"> };

/** `replaces` is the cookie that the browser has: that session is over, and never becomes another person's. */
export async function signIn(
  access: Access,
  { email, password }: Credentials,
  visit: Visit,
  replaces?: string,
): Promise<Begun> {
  const succeed = access.attempts.begin({ email, address: visit.address });
  const member = isEmail(email) ? await findMemberByEmail(access.database, email.trim()) : undefined;
  const isRight = await access.passwords.isRight(password, member?.passwordHash ?? null);
  if (!member || !isRight) {
    // Without the e-mail: people type their password there.
    const whose = member && { member: member.id };
    access.log.warn({ event: "sign-in-refused", address: visit.address, ...whose }, "a sign-in was refused");
    throw new HttpError(401, "The e-mail or the password is wrong.");
  }
  succeed();
  return inTransaction(access.database, (tx) => beginSession(tx, member, visit, access.clock(), replaces));
}

export async function beginSession(
  tx: Tx,
  member: Pick<Member, "id" | "email" | "name">,
  visit: Visit,
  now: Date,
  replaces?: string,
): Promise<Begun> {
  const old = replaces === undefined ? undefined : await findSession(tx, replaces, now);
  if (old) await deleteSession(tx, old.id);
  const { id, token } = await insertSession(tx, { memberId: member.id, ...visit }, now);
  const after = { userAgent: visit.userAgent?.slice(0, 300) ?? null };
  await writeAuditOfMember(
    tx,
    { member, by: "self", address: visit.address, action: "session.begun", subject: { type: "session", id }, after },
    now,
  );
  return { id, token, member };
}

export async function signOut(access: Access, token: string, address: string): Promise<void> {
  const now = access.clock();
  const session = await findSession(access.database, token, now);
  if (!session) return;
  const member = { id: session.memberId, email: session.email, name: session.name };
  await inTransaction(access.database, async (tx) => {
    if (!(await deleteSession(tx, session.id))) return;
    const subject = { type: "session", id: session.id };
    await writeAuditOfMember(tx, { member, by: "self", address, action: "session.ended", subject }, now);
  });
}

/** What the audit log and everybody else calls them. */
export function createActor({ id, email, name }: Pick<Member, "id" | "email" | "name">, role?: MemberRole): Actor {
  return { kind: "member", id, name: name ?? email, scopes: role ? roles[role] : [] };
}

/** What somebody does with their own sign-in concerns every workspace they belong to: each has a line of its own. */
export async function writeAuditOfMember(
  tx: Tx,
  line: {
    member: Pick<Member, "id" | "email" | "name">;
    by: "self" | Actor | "command-line";
    address: string | null;
    action: AuditAction;
    subject: { type: string; id: string | null };
    after?: Readonly<Record<string, unknown>>;
  },
  now: Date,
): Promise<void> {
  const { member, by, ...rest } = line;
  for (const { workspaceId } of await listMemberships(tx, member.id))
    await writeAudit(tx, { ...rest, by: by === "self" ? createActor(member) : by, workspaceId }, now);
}
