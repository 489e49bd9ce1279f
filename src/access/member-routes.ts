// Members, invitations and links to a new password over HTTP, for administrators.
import type { FastifyInstance } from "fastify";
import { ErrorAnswer, IdParameter } from "../contract/api.ts";
import {
  ChangedMemberBody,
  Invitation,
  InvitationList,
  MadeInvitation,
  MadePasswordLink,
  Member,
  MemberList,
  NewInvitationBody,
  NewPasswordLinkBody,
} from "../contract/members.ts";
import { HttpError } from "../platform/http-server.ts";
import { addRoute, addWriteRoute } from "../platform/routes.ts";
import { isUuid } from "../platform/uuid.ts";
import type { Access } from "./access.ts";
import { makePasswordLink } from "./change-password.ts";
import { changeRole, invite, removeMember, withdrawInvitation } from "./members.ts";
import { listInvitations } from "./one-time-links-table.ts";
import { listWorkspaceMembers } from "./workspace-members-table.ts";

const shared = { tag: "Members", needs: "admin", errors: ErrorAnswer } as const;

export function addMemberRoutes(app: FastifyInstance, access: Access): void {
  addRoute(app, {
    ...shared,
    method: "GET",
    url: "/members",
    needs: "read",
    summary: "The members of this workspace",
    answer: MemberList,
    run: async ({ workspaceId }) => ({ items: await listWorkspaceMembers(access.database, workspaceId) }),
  });
  addWriteRoute(app, {
    in: access.database,
    ...shared,
    method: "PATCH",
    url: "/members/:id",
    summary: "Change what a member may do. The last administrator stays one",
    params: IdParameter,
    body: ChangedMemberBody,
    answer: Member,
    write: ({ db, workspaceId, author, params, body: { role } }) =>
      changeRole(db, access, author, { workspaceId, id: readId(params.id), role }),
  });
  addWriteRoute(app, {
    in: access.database,
    ...shared,
    method: "DELETE",
    url: "/members/:id",
    summary: "Remove a member: they see nothing of this workspace from now on. The last administrator stays",
    params: IdParameter,
    answer: Member,
    write: ({ db, workspaceId, author, params }) =>
      removeMember(db, access, author, { workspaceId, id: readId(params.id) }),
  });
  addWriteRoute(app, {
    in: access.database,
    ...shared,
    method: "POST",
    url: "/password-links",
    summary: "Make a link by which a member chooses a new password. It works once, for a day",
    body: NewPasswordLinkBody,
    status: 201,
    answer: MadePasswordLink,
    write: ({ db, workspaceId, author, body: { memberId } }) =>
      makePasswordLink(db, access, author, { workspaceId, memberId }),
  });
}

export function addInvitationRoutes(app: FastifyInstance, access: Access): void {
  addRoute(app, {
    ...shared,
    method: "GET",
    url: "/invitations",
    summary: "The invitations that nobody has used",
    answer: InvitationList,
    run: async ({ workspaceId }) => ({ items: await listInvitations(access.database, workspaceId, access.clock()) }),
  });
  addWriteRoute(app, {
    in: access.database,
    ...shared,
    method: "POST",
    url: "/invitations",
    summary: "Invite somebody by a link that works once, for a week. An open invitation of theirs is replaced",
    body: NewInvitationBody,
    status: 201,
    answer: MadeInvitation,
    write: ({ db, workspaceId, author, body }) => invite(db, access, author, { workspaceId, ...body }),
  });
  addWriteRoute(app, {
    in: access.database,
    ...shared,
    method: "DELETE",
    url: "/invitations/:id",
    summary: "Withdraw an invitation: its link opens nothing from now on",
    params: IdParameter,
    answer: Invitation,
    write: ({ db, workspaceId, author, params }) =>
      withdrawInvitation(db, access, author, { workspaceId, id: readId(params.id) }),
  });
}

function readId(id: string): string {
  if (isUuid(id)) return id;
  throw new HttpError(404, `There is nothing with the id ${JSON.stringify(id)} in this workspace.`);
}
