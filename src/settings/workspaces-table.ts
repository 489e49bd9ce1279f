// Writes `workspaces`.
import type { Queryable } from "../platform/database/pool.ts";
import { createUuid } from "../platform/uuid.ts";

export type Workspace = { workspaceId: string; name: string };

export async function listWorkspaces(db: Queryable): Promise<Workspace[]> {
  const { rows } = await db.query(
    'select workspace_id as "workspaceId", name from workspaces order by created_at, workspace_id',
  );
  return rows;
}

/** The first workspace; made when there is none. Two processes that start together make one. */
export async function ensureFirstWorkspace(db: Queryable, now: Date): Promise<Workspace> {
  const [existing] = await listWorkspaces(db);
  if (existing) return existing;
  await db.query(
    `with lock as materialized (select pg_advisory_xact_lock(hashtext('plumbline first workspace')))
     insert into workspaces (workspace_id, name, created_at) select $1, 'My workspace', $2 from lock
     where not exists (select from workspaces)`,
    [createUuid(now.getTime()), now],
  );
  return (await listWorkspaces(db))[0]!;
}
