// What members may do: a role is a set of scopes, and a route says which scope it needs. `ingest` is for programs only.
import type { Scope } from "../platform/routes.ts";

export const roles = {
  viewer: ["read"],
  member: ["read", "write"],
  admin: ["read", "write", "admin"],
} as const satisfies Record<string, readonly Scope[]>;

export type MemberRole = keyof typeof roles;

export const allRoles = ["admin", "member", "viewer"] as const satisfies readonly MemberRole[];

export const roleMeanings: Readonly<Record<MemberRole, string>> = {
  admin: "also connections and their secrets, keys, members, the workspace",
  member: "also make and change records and settings",
  viewer: "read what there is",
};
