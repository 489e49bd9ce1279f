// Writes `one_time_links`. A link is used in the transaction of what it opens: of two uses at once one waits for the other,
// and finds it used. Only the SHA-256 of its token is kept.
import type { Queryable, Tx } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import { createUuid } from "../platform/uuid.ts";
import type { MemberRole } from "./roles.ts";
import { createToken, hashToken } from "./tokens.ts";

const hour = 60 * 60 * 1000;
/** Milliseconds that each is good for. */
const validFor = { "first-admin": 24 * hour, invitation: 7 * 24 * hour, "new-password": 24 * hour } as const;

export type LinkPurpose = keyof typeof validFor;

/** By purpose: an invitation has a workspace, an e-mail and a role; a new password has a member. */
export type OneTimeLink =
  | { purpose: "first-admin"; id: string }
  | { purpose: "invitation"; id: string; workspaceId: string; email: string; role: MemberRole }
  | { purpose: "new-password"; id: string; memberId: string };

type NewLink = (
  | { purpose: "first-admin" }
  | { purpose: "invitation"; workspaceId: string; email: string; role: MemberRole }
  | { purpose: "new-password"; memberId: string }
) & { madeBy: string };

export type MadeLink = { id: string; token: string; expiresAt: Date };

/** Links of before for the same thing are good for nothing from now on. */
export async function insertLink(tx: Queryable, link: NewLink, now: Date): Promise<MadeLink> {
  const { workspaceId, email, role, memberId } = {
    workspaceId: null,
    email: null,
    role: null,
    memberId: null,
    ...link,
  };
  await tx.query(
    `delete from one_time_links where purpose = $1 and used_at is null and workspace_id is not distinct from $2
       and lower(email) is not distinct from lower($3) and member_id is not distinct from $4`,
    [link.purpose, workspaceId, email, memberId],
  );
  const token = createToken();
  const id = createUuid(now.getTime());
  const expiresAt = new Date(now.getTime() + validFor[link.purpose]);
  await tx.query(
    `insert into one_time_links (token_hash, link_id, purpose, workspace_id, email, role, member_id, made_by, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [hashToken(token), id, link.purpose, workspaceId, email, role, memberId, link.madeBy, now, expiresAt],
  );
  return { id, token, expiresAt };
}

const select = `select link_id as id, purpose, workspace_id as "workspaceId", email, role, member_id as "memberId"
  from one_time_links where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3`;

type LinkOf<P extends LinkPurpose> = Extract<OneTimeLink, { purpose: P }>;

/** Looks at a link without using it. */
export async function getLink<P extends LinkPurpose>(
  db: Queryable,
  purpose: P,
  token: string,
  now: Date,
): Promise<LinkOf<P>> {
  const { rows } = await db.query(select, [hashToken(token), purpose, now]);
  if (rows.length === 0) throw new HttpError(410, goneLink);
  return rows[0];
}

/** Uses it up. Whoever comes second waits for the first, and is told that it is used. */
export async function useLink<P extends LinkPurpose>(tx: Tx, purpose: P, token: string, now: Date): Promise<LinkOf<P>> {
  const { rows } = await tx.query(
    `update one_time_links set used_at = $3 where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3
     returning link_id as id, purpose, workspace_id as "workspaceId", email, role, member_id as "memberId"`,
    [hashToken(token), purpose, now],
  );
  if (rows.length === 0) throw new HttpError(410, goneLink);
  return rows[0];
}

const goneLink = "This link was used already, is over, or was replaced by a newer one: ask for another.";

export type Invitation = {
  id: string;
  email: string;
  role: MemberRole;
  madeBy: string | null;
  createdAt: Date;
  expiresAt: Date;
  state: "open" | "expired";
};

/** Those that nobody has used. */
export async function listInvitations(db: Queryable, workspaceId: string, now: Date): Promise<Invitation[]> {
  const { rows } = await db.query(
    `select link_id as id, email, role, made_by as "madeBy", created_at as "createdAt", expires_at as "expiresAt",
            case when expires_at > $2 then 'open' else 'expired' end as state
     from one_time_links where workspace_id = $1 and purpose = 'invitation' and used_at is null order by created_at, link_id`,
    [workspaceId, now],
  );
  return rows;
}

/** The open invitations of somebody, by the e-mail that was invited. */
export async function findInvitations(db: Queryable, email: string, now: Date): Promise<LinkOf<"invitation">[]> {
  const { rows } = await db.query(
    `select link_id as id, purpose, workspace_id as "workspaceId", email, role from one_time_links
     where purpose = 'invitation' and lower(email) = lower($1) and used_at is null and expires_at > $2 order by created_at, link_id`,
    [email, now],
  );
  return rows;
}

/** False: it was used or withdrawn meanwhile. */
export async function useInvitation(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { rowCount } = await tx.query("update one_time_links set used_at = $2 where link_id = $1 and used_at is null", [
    id,
    now,
  ]);
  return rowCount === 1;
}

export async function deleteInvitation(tx: Queryable, workspaceId: string, id: string): Promise<Invitation> {
  const { rows } = await tx.query(
    `delete from one_time_links where workspace_id = $1 and link_id = $2 and purpose = 'invitation' and used_at is null
     returning link_id as id, email, role, made_by as "madeBy", created_at as "createdAt", expires_at as "expiresAt", 'open' as state`,
    [workspaceId, id],
  );
  if (rows.length === 0)
    throw new HttpError(404, `There is no invitation ${JSON.stringify(id)} in this workspace that could be withdrawn.`);
  return rows[0];
}

/**
 * Of a link to a new password and of its member's coming into a workspace, whichever is second waits for the first, and sees it.
 * Not by the member's row: that is what whoever uses a link waits for while they hold the link's.
 */
export async function lockPasswordLinks(tx: Tx, memberId: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtext('plumbline password links of ' || $1))", [memberId]);
}

/** Links to a new password that a member has not used are good for nothing once it has one, or is gone. */
export async function deletePasswordLinks(tx: Queryable, memberId: string): Promise<void> {
  await tx.query("delete from one_time_links where member_id = $1 and purpose = 'new-password' and used_at is null", [
    memberId,
  ]);
}

/** Kept a month for whoever asks what became of a link. */
export async function deleteOldLinks(db: Queryable, now: Date): Promise<number> {
  const { rowCount } = await db.query("delete from one_time_links where expires_at < $1", [
    new Date(now.getTime() - 30 * 24 * hour),
  ]);
  return rowCount ?? 0;
}
