// Making and changing workspaces.
import type { Tx } from "../platform/database/pool.ts";
import type { Author } from "../platform/routes.ts";
import {
  getWorkspace,
  insertWorkspace,
  renameWorkspace,
  setHierarchy,
  type Workspace,
} from "../settings/workspaces-table.ts";
import { writeAudit } from "./audit-log-table.ts";
import { addToWorkspace } from "./join.ts";
import type { Member } from "./members-table.ts";

/** Whoever makes it is its first administrator; one that is made on the command line has none yet. */
export async function createWorkspace(
  tx: Tx,
  author: Author,
  {
    name,
    hierarchy,
    admin,
  }: { name: string; hierarchy: boolean; admin: Pick<Member, "id" | "email" | "name"> | undefined },
  now: Date,
): Promise<Workspace> {
  const workspace = await insertWorkspace(tx, { name, hierarchy }, now);
  const { workspaceId } = workspace;
  const subject = { type: "workspace", id: workspaceId };
  await writeAudit(tx, { ...author, workspaceId, action: "workspace.made", subject, after: { name, hierarchy } }, now);
  if (admin) await addToWorkspace(tx, admin, { workspaceId, role: "admin" }, author.address, now);
  return workspace;
}

export async function changeWorkspace(
  tx: Tx,
  author: Author,
  { workspaceId, name, hierarchy }: { workspaceId: string; name?: string | undefined; hierarchy?: boolean | undefined },
  now: Date,
): Promise<Workspace> {
  const before = await getWorkspace(tx, workspaceId);
  if (name !== undefined) await renameWorkspace(tx, workspaceId, name);
  if (hierarchy !== undefined) await setHierarchy(tx, workspaceId, hierarchy);
  const after = await getWorkspace(tx, workspaceId);
  await writeAudit(
    tx,
    {
      ...author,
      workspaceId,
      action: "workspace.changed",
      subject: { type: "workspace", id: workspaceId },
      before: { name: before.name, hierarchy: before.hierarchy },
      after: { name: after.name, hierarchy: after.hierarchy },
    },
    now,
  );
  return after;
}
