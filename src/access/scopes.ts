// What keys and people may do, by name.
import { HttpError } from "../platform/http-server.ts";
import type { Author, Scope } from "../platform/routes.ts";

/** What a key can be given, and what that opens. */
export const scopeMeanings: Readonly<Record<Scope, string>> = {
  read: "read what there is",
  write: "make and change records and settings",
  ingest: "send to the Analytics API",
  admin: "make and revoke keys, read the audit log, and what only administrators do",
};

export const allScopes = Object.keys(scopeMeanings) as readonly Scope[];

/** Nobody passes on what they do not have. The command line is the machine's owner, who has everything. */
export function refuseMoreScopes({ by }: Author, wanted: readonly Scope[]): void {
  if (typeof by === "string") return;
  const more = wanted.filter((scope) => !mayPassOn(by, scope));
  if (more.length > 0)
    throw new HttpError(
      403,
      `${by.name} may not make a key that may ${more.join(" and ")}: it has ${by.scopes.join(", ")} itself.`,
    );
}

/** No person has `ingest`, which is for programs; an administrator gives it to them. */
function mayPassOn(by: Exclude<Author["by"], string>, scope: Scope): boolean {
  return by.scopes.includes(scope) || (scope === "ingest" && by.kind === "member" && by.scopes.includes("admin"));
}
