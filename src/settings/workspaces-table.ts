// Writes `workspaces`.
import type { Queryable } from "../platform/database/pool.ts";
import { HttpError } from "../platform/http-server.ts";
import { createUuid } from "../platform/uuid.ts";

export type Workspace = {
  workspaceId: string;
  name: string;
  /** Whether there are organizations above the accounts. */
  hierarchy: boolean;
};

export async function listWorkspaces(db: Queryable): Promise<Workspace[]> {
  const { rows } = await db.query(
    'select workspace_id as "workspaceId", name, hierarchy from workspaces order by created_at, workspace_id',
  );
  return rows;
}

export async function getWorkspace(db: Queryable, workspaceId: string): Promise<Workspace> {
  const workspace = (await listWorkspaces(db)).find((one) => one.workspaceId === workspaceId);
  if (!workspace) throw new Error(`There is no workspace ${workspaceId}.`);
  return workspace;
}

/**
 * Switches organizations on or off. They cannot be switched off while Pendo's accounts become organizations: what a
 * connection records would have no place any more. Nothing that is there is taken away.
 */
export async function setHierarchy(db: Queryable, workspaceId: string, hierarchy: boolean): Promise<void> {
  const { rows } = hierarchy
    ? { rows: [] }
    : await db.query(
        `select c.name from connections c
         join connection_mappings m on m.workspace_id = c.workspace_id and m.connection_id = c.connection_id and m.version = c.mapping_version
         where c.workspace_id = $1 and m.level = 'organization' order by c.created_at, c.connection_id`,
        [workspaceId],
      );
  if (rows.length > 0)
    throw new HttpError(
      409,
      `For ${rows.map((row) => row.name).join(", ")} Pendo's accounts are organizations: \`plumbline connection set <id> --level account\` first.`,
    );
  await db.query("update workspaces set hierarchy = $2 where workspace_id = $1", [workspaceId, hierarchy]);
}

export async function insertWorkspace(
  db: Queryable,
  { name, hierarchy }: { name: string; hierarchy: boolean },
  now: Date,
): Promise<Workspace> {
  const workspaceId = createUuid(now.getTime());
  await db.query("insert into workspaces (workspace_id, name, hierarchy, created_at) values ($1, $2, $3, $4)", [
    workspaceId,
    name,
    hierarchy,
    now,
  ]);
  return { workspaceId, name, hierarchy };
}

export async function renameWorkspace(db: Queryable, workspaceId: string, name: string): Promise<void> {
  await db.query("update workspaces set name = $2 where workspace_id = $1", [workspaceId, name]);
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
