// Writes `sessions`: who is signed in, where. Only the SHA-256 of a cookie is kept; what a session may see is looked up with
// every request, so that whoever is removed sees nothing from that moment on.
import type { Queryable } from "../platform/database/pool.ts";
import { createUuid } from "../platform/uuid.ts";
import { createToken, hashToken } from "./tokens.ts";

/** Milliseconds that a session lasts without being used, and at most. */
export const longestIdle = 14 * 24 * 60 * 60 * 1000;
export const longestSession = 90 * 24 * 60 * 60 * 1000;
/** Milliseconds between two notes that it was seen. */
const noteEvery = 60_000;

export type Session = {
  id: string;
  memberId: string;
  email: string;
  name: string | null;
  lastWorkspaceId: string | null;
};

export type ListedSession = {
  id: string;
  createdAt: Date;
  /** To the minute. */
  lastSeenAt: Date;
  expiresAt: Date;
  userAgent: string | null;
  address: string | null;
};

/** A new token every time: nobody can give a browser one that is then signed in. */
export async function insertSession(
  db: Queryable,
  { memberId, userAgent, address }: { memberId: string; userAgent: string | undefined; address: string },
  now: Date,
): Promise<{ id: string; token: string }> {
  const token = createToken();
  const id = createUuid(now.getTime());
  await db.query(
    `insert into sessions (token_hash, session_id, member_id, created_at, last_seen_at, expires_at, user_agent, address)
     values ($1, $2, $3, $4, $4, $5, $6, $7)`,
    [
      hashToken(token),
      id,
      memberId,
      now,
      new Date(now.getTime() + longestSession),
      userAgent?.slice(0, 300).replaceAll("\0", "") ?? null,
      address,
    ],
  );
  return { id, token };
}

/** Asked for with every request that has a cookie: a look-up by the primary key. */
export async function findSession(db: Queryable, token: string, now: Date): Promise<Session | undefined> {
  const { rows } = await db.query({
    name: "find-session",
    text: `select s.session_id as id, s.member_id as "memberId", m.email, m.name, s.last_workspace_id as "lastWorkspaceId", s.last_seen_at as "lastSeenAt"
           from sessions s join members m on m.member_id = s.member_id
           where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3`,
    values: [hashToken(token), now, new Date(now.getTime() - longestIdle)],
  });
  if (rows.length === 0) return undefined;
  const { lastSeenAt, ...session } = rows[0];
  if (now.getTime() - lastSeenAt.getTime() >= noteEvery) await noteSeen(db, session.id, now);
  return session;
}

async function noteSeen(db: Queryable, id: string, now: Date): Promise<void> {
  await db.query(
    "update sessions set last_seen_at = date_trunc('minute', $2::timestamptz) where session_id = $1 and last_seen_at < date_trunc('minute', $2::timestamptz)",
    [id, now],
  );
}

export async function setLastWorkspace(db: Queryable, id: string, workspaceId: string): Promise<void> {
  await db.query("update sessions set last_workspace_id = $2 where session_id = $1", [id, workspaceId]);
}

/** Those that still hold, the last seen first. */
export async function listSessions(db: Queryable, memberId: string, now: Date): Promise<ListedSession[]> {
  const { rows } = await db.query(
    `select session_id as id, created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt", user_agent as "userAgent", address
     from sessions where member_id = $1 and expires_at > $2 and last_seen_at > $3 order by last_seen_at desc, session_id desc`,
    [memberId, now, new Date(now.getTime() - longestIdle)],
  );
  return rows;
}

export async function findOwnerOfSession(db: Queryable, id: string): Promise<string | undefined> {
  const { rows } = await db.query('select member_id as "memberId" from sessions where session_id = $1', [id]);
  return rows[0]?.memberId;
}

/** False: it had ended already. */
export async function deleteSession(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query("delete from sessions where session_id = $1", [id]);
  return rowCount === 1;
}

/** All of a member, or all but one. */
export async function deleteSessionsOf(db: Queryable, memberId: string, but: string | null = null): Promise<number> {
  const { rowCount } = await db.query(
    "delete from sessions where member_id = $1 and session_id is distinct from $2::uuid",
    [memberId, but],
  );
  return rowCount ?? 0;
}

/** Those that hold no more. */
export async function deleteOldSessions(db: Queryable, now: Date): Promise<number> {
  const { rowCount } = await db.query("delete from sessions where expires_at <= $1 or last_seen_at <= $2", [
    now,
    new Date(now.getTime() - longestIdle),
  ]);
  return rowCount ?? 0;
}
