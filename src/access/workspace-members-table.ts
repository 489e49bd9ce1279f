// Writes `workspace_members`: who belongs to a workspace, and as what. A workspace keeps an administrator: whoever would take
// the last one away is refused, also when two try at once.
import type { Queryable, Tx } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import type { MemberRole } from "./roles.ts";

export type WorkspaceMember = {
  id: string;
  email: string;
  name: string | null;
  role: MemberRole;
  since: Date;
  /** To the minute; null: not signed in. */
  lastSeenAt: Date | null;
};

export type Membership = { workspaceId: string; name: string; hierarchy: boolean; role: MemberRole };

export async function listWorkspaceMembers(db: Queryable, workspaceId: string): Promise<WorkspaceMember[]> {
  const { rows } = await db.query(
    `select m.member_id as id, m.email, m.name, w.role, w.created_at as since,
            (select max(s.last_seen_at) from sessions s where s.member_id = m.member_id) as "lastSeenAt"
     from workspace_members w join members m on m.member_id = w.member_id
     where w.workspace_id = $1 order by w.created_at, m.member_id`,
    [workspaceId],
  );
  return rows;
}

export async function getWorkspaceMember(db: Queryable, workspaceId: string, id: string): Promise<WorkspaceMember> {
  const found = (await listWorkspaceMembers(db, workspaceId)).find((one) => one.id === id);
  if (!found) throw new HttpError(404, `There is no member ${JSON.stringify(id)} in this workspace.`);
  return found;
}

/** The oldest first. */
export async function listMemberships(db: Queryable, memberId: string): Promise<Membership[]> {
  const { rows } = await db.query({
    name: "list-memberships",
    text: `select w.workspace_id as "workspaceId", w.name, w.hierarchy, m.role
           from workspace_members m join workspaces w on w.workspace_id = m.workspace_id
           where m.member_id = $1 order by m.created_at, m.workspace_id`,
    values: [memberId],
  });
  return rows;
}

/** False: they belong to it already, and stay what they are. */
export async function insertWorkspaceMember(
  db: Queryable,
  { workspaceId, memberId, role }: { workspaceId: string; memberId: string; role: MemberRole },
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into workspace_members (workspace_id, member_id, role, created_at) values ($1, $2, $3, $4)
     on conflict (workspace_id, member_id) do nothing`,
    [workspaceId, memberId, role, now],
  );
  return rowCount === 1;
}

/**
 * Holds the workspace's members still until the transaction ends. `no key update` lets everything else refer to the workspace
 * meanwhile. Two administrators who remove each other come one after the other, and the second finds itself the last one.
 */
export async function lockMembers(tx: Tx, workspaceId: string): Promise<void> {
  await tx.query("select from workspaces where workspace_id = $1 for no key update", [workspaceId]);
}

/** After `lockMembers`. */
export async function setRole(tx: Tx, workspaceId: string, memberId: string, role: MemberRole): Promise<void> {
  if (role !== "admin") await refuseLastAdmin(tx, workspaceId, memberId);
  await tx.query("update workspace_members set role = $3 where workspace_id = $1 and member_id = $2", [
    workspaceId,
    memberId,
    role,
  ]);
}

/** After `lockMembers`. */
export async function deleteWorkspaceMember(tx: Tx, workspaceId: string, memberId: string): Promise<void> {
  await refuseLastAdmin(tx, workspaceId, memberId);
  await tx.query("delete from workspace_members where workspace_id = $1 and member_id = $2", [workspaceId, memberId]);
}

async function refuseLastAdmin(tx: Tx, workspaceId: string, memberId: string): Promise<void> {
  const { rows } = await tx.query(
    "select member_id as id from workspace_members where workspace_id = $1 and role = 'admin'",
    [workspaceId],
  );
  if (rows.length === 1 && rows[0].id === memberId)
    throw new HttpError(409, "This is the last administrator of the workspace: make somebody else one first.");
}

/** Those of a workspace whose e-mail this is, as clients written for Vitally expect their team. */
export async function findTeam(
  db: Queryable,
  workspaceId: string,
  email: string,
): Promise<{ id: string; name: string | null; email: string; licenseStatus: string }[]> {
  const { rows } = await db.query(
    `select m.member_id as id, m.name, m.email, 'active' as "licenseStatus"
     from workspace_members w join members m on m.member_id = w.member_id
     where w.workspace_id = $1 and lower(m.email) = lower($2)`,
    [workspaceId, email],
  );
  return rows;
}
