// Writes `members`: people who sign in, whatever workspaces they belong to. E-mails are compared without regard to case.
import type { Queryable } from "../platform/database/pool.ts";
import { createUuid } from "../platform/uuid.ts";

export type Member = { id: string; email: string; name: string | null; passwordHash: string | null };
export type OidcSubject = { issuer: string; subject: string };

const columns = 'member_id as id, email, name, password_hash as "passwordHash"';

/** Undefined: there is one with this e-mail already. */
export async function insertMember(
  db: Queryable,
  { email, name, passwordHash }: { email: string; name: string | null; passwordHash: string | null },
  now: Date,
): Promise<Member | undefined> {
  const { rows } = await db.query(
    `insert into members (member_id, email, name, password_hash, created_at) values ($1, $2, $3, $4, $5)
     on conflict (lower(email)) do nothing returning ${columns}`,
    [createUuid(now.getTime()), email, name, passwordHash, now],
  );
  return rows[0];
}

export async function findMemberByEmail(db: Queryable, email: string): Promise<Member | undefined> {
  const { rows } = await db.query(`select ${columns} from members where lower(email) = lower($1)`, [email]);
  return rows[0];
}

export async function findMember(db: Queryable, id: string): Promise<Member | undefined> {
  const { rows } = await db.query(`select ${columns} from members where member_id = $1`, [id]);
  return rows[0];
}

export async function findMemberBySubject(
  db: Queryable,
  { issuer, subject }: OidcSubject,
): Promise<Member | undefined> {
  const { rows } = await db.query(`select ${columns} from members where oidc_issuer = $1 and oidc_subject = $2`, [
    issuer,
    subject,
  ]);
  return rows[0];
}

/** False: somebody changed it meanwhile. `was` keeps two changes at once from both being true. */
export async function setPasswordHash(
  db: Queryable,
  { id, was, hash }: { id: string; was: string | null; hash: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    "update members set password_hash = $3 where member_id = $1 and password_hash is not distinct from $2",
    [id, was, hash],
  );
  return rowCount === 1;
}

/**
 * From then on the subject is who signs in, even where the issuer gives them another e-mail. False: another one does already,
 * of the same issuer; an e-mail that was given to somebody new is no way in.
 */
export async function setOidcSubject(db: Queryable, id: string, { issuer, subject }: OidcSubject): Promise<boolean> {
  const { rowCount } = await db.query(
    "update members set oidc_issuer = $2, oidc_subject = $3 where member_id = $1 and oidc_issuer is distinct from $2",
    [id, issuer, subject],
  );
  return rowCount === 1;
}

export async function hasMembers(db: Queryable): Promise<boolean> {
  const { rows } = await db.query("select exists (select from members) as any");
  return rows[0].any;
}
