// Workspaces over HTTP.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer, IdParameter } from "../contract/api.ts";
import { ChangedWorkspaceBody, NewWorkspaceBody, Workspace, WorkspaceList } from "../contract/members.ts";
import { HttpError } from "../platform/http-server.ts";
import { addRoute, addWriteRoute } from "../platform/routes.ts";
import { getWorkspace, type Workspace as KeptWorkspace } from "../settings/workspaces-table.ts";
import type { Access } from "./access.ts";
import type { MemberRole } from "./roles.ts";
import { changeWorkspace, createWorkspace } from "./workspaces.ts";

const shared = { tag: "Workspaces", errors: ErrorAnswer } as const;

export function addWorkspaceRoutes(app: FastifyInstance, access: Access): void {
  addRoute(app, {
    ...shared,
    method: "GET",
    url: "/workspaces",
    summary: "The workspaces that you belong to; a key's is one",
    needs: null,
    answer: WorkspaceList,
    async run({ request: { signedIn }, workspaceId }) {
      if (signedIn) return { items: signedIn.memberships.map((one) => describe(one, one.role)) };
      return { items: [describe(await getWorkspace(access.database, workspaceId), null)] };
    },
  });
  addWriteRoute(app, {
    ...shared,
    method: "POST",
    url: "/workspaces",
    summary: "Make a workspace. Whoever makes it is its administrator",
    needs: "admin",
    body: NewWorkspaceBody,
    status: 201,
    answer: Workspace,
    in: access.database,
    async write({ db, request: { signedIn }, author, body: { name, hierarchy = false } }) {
      if (!signedIn)
        throw new HttpError(
          403,
          "A key belongs to one workspace: a person who is signed in makes another, or `plumbline workspace create`.",
        );
      const { memberId: id, email, name: calls } = signedIn.session;
      const wanted = { name: name.trim(), hierarchy, admin: { id, email, name: calls } };
      return describe(await createWorkspace(db, author, wanted, access.clock()), "admin");
    },
  });
  addWriteRoute(app, {
    ...shared,
    method: "PATCH",
    url: "/workspaces/:id",
    summary: "Rename the workspace of this request, or switch organizations above the accounts on or off",
    needs: "admin",
    params: IdParameter,
    body: ChangedWorkspaceBody,
    answer: Workspace,
    in: access.database,
    async write({ db, request: { signedIn }, workspaceId, author, params, body: { name, hierarchy } }) {
      if (params.id.toLowerCase() !== workspaceId)
        throw new HttpError(
          404,
          `This request is about the workspace ${workspaceId}: X-Workspace chooses another one.`,
        );
      const wanted = { workspaceId, name: name?.trim(), hierarchy };
      const changed = await changeWorkspace(db, author, wanted, access.clock());
      return describe(changed, signedIn?.current?.role ?? null);
    },
  });
}

function describe({ workspaceId: id, name, hierarchy }: KeptWorkspace, role: MemberRole | null) {
  return { id, name, hierarchy, role };
}
