// Signing in, members, invitations and workspaces, as the API takes and gives them.
import { Type } from "typebox";
import { Nullable, Time } from "./api.ts";

const Id = Type.String({ format: "uuid" });
const Email = Type.String({ minLength: 3, maxLength: 254, description: "An e-mail address" });
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" });
const Password = Type.String({ minLength: 1, maxLength: 1_000, description: "As it is typed" });

const Role = Type.Union([Type.Literal("admin"), Type.Literal("member"), Type.Literal("viewer")], {
  description:
    "viewer: read what there is · member: also make and change records and settings · admin: also connections and their secrets, keys, members, the workspace",
});

export const SignInBody = Type.Object({ email: Email, password: Password }, { additionalProperties: false });

export const Workspace = Type.Object({
  id: Id,
  name: Type.String(),
  hierarchy: Type.Boolean({ description: "Whether there are organizations above the accounts" }),
  role: Nullable(Role),
});

export const Me = Type.Object({
  kind: Type.Union([Type.Literal("member"), Type.Literal("api-key")]),
  id: Id,
  name: Type.String(),
  email: Nullable(Type.String({ description: "Null: an API key" })),
  scopes: Type.Array(Type.String(), { description: "What may be done in the workspace of this request" }),
  workspaceId: Nullable(Type.String({ description: "The workspace of this request; null: you belong to none" })),
  workspaces: Type.Array(Workspace, { description: "What X-Workspace can be" }),
});

export const WorkspaceList = Type.Object({ items: Type.Array(Workspace) });
export const NewWorkspaceBody = Type.Object(
  { name: Name, hierarchy: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);
export const ChangedWorkspaceBody = Type.Object(
  { name: Type.Optional(Name), hierarchy: Type.Optional(Type.Boolean()) },
  { additionalProperties: false, minProperties: 1 },
);

export const NewPasswordBody = Type.Object({ current: Password, next: Password }, { additionalProperties: false });

const Session = Type.Object({
  id: Id,
  current: Type.Boolean({ description: "The one that asks" }),
  createdAt: Time,
  lastSeenAt: Type.String({ format: "date-time", description: "To the minute" }),
  expiresAt: Time,
  userAgent: Nullable(Type.String()),
  address: Nullable(Type.String()),
});
export const SessionList = Type.Object({ items: Type.Array(Session) });
export const SessionsQuery = Type.Object({
  member: Type.Optional(
    Type.String({ format: "uuid", description: "A member of the workspace, for administrators; without: your own" }),
  ),
});
export const EndedSessions = Type.Object({ ended: Type.Integer() });

export const Member = Type.Object({
  id: Id,
  email: Type.String(),
  name: Nullable(Type.String()),
  role: Role,
  since: Time,
  lastSeenAt: Nullable(Type.String({ format: "date-time", description: "To the minute; null: not signed in" })),
});
export const MemberList = Type.Object({ items: Type.Array(Member) });
export const ChangedMemberBody = Type.Object({ role: Role }, { additionalProperties: false });

const invitation = {
  id: Id,
  email: Type.String(),
  role: Role,
  madeBy: Nullable(Type.String()),
  createdAt: Time,
  expiresAt: Time,
  state: Type.Union([Type.Literal("open"), Type.Literal("expired")]),
};
export const Invitation = Type.Object(invitation);
export const InvitationList = Type.Object({ items: Type.Array(Invitation) });
export const NewInvitationBody = Type.Object({ email: Email, role: Role }, { additionalProperties: false });
export const MadeInvitation = Type.Object({
  ...invitation,
  url: Type.String({ description: "The link to hand on. It is shown here and never again, and works once" }),
});

export const NewPasswordLinkBody = Type.Object({ memberId: Id }, { additionalProperties: false });
export const MadePasswordLink = Type.Object({
  id: Id,
  url: Type.String({ description: "The link to hand on. It is shown here and never again, and works once" }),
  expiresAt: Time,
});
