// Who may use the API: the holder of a key that has neither ended nor been revoked, or a member who is signed in.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpError } from "../platform/http-server.ts";
import type { Actor } from "../platform/routes.ts";
import { isUuid } from "../platform/uuid.ts";
import type { Access } from "./access.ts";
import { type FoundKey, findKey } from "./api-keys-table.ts";
import { refuseForeignRequest } from "./same-origin.ts";
import { findSession, type Session, setLastWorkspace } from "./sessions-table.ts";
import { createActor } from "./sign-in.ts";
import { listMemberships, type Membership } from "./workspace-members-table.ts";

/** Somebody who is signed in, what they belong to, and which of it they look at. */
export type SignedIn = {
  session: Session;
  /** The cookie. */
  token: string;
  memberships: readonly Membership[];
  /** Undefined: they belong to none any more. */
  current: Membership | undefined;
};

declare module "fastify" {
  interface FastifyRequest {
    /** Undefined: it is a key that asks. */
    signedIn: SignedIn | undefined;
  }
}

/** In the place of a workspace, for those who belong to none. Nothing has this id. */
const noWorkspace = "00000000-0000-0000-0000-000000000000";

type GuardOptions = Pick<Access, "database" | "clock" | "publicUrl" | "cookie">;

/**
 * Guards every route of `app`. A key's workspace is the key's, and nothing else can choose it; a member chooses among those
 * they belong to with `X-Workspace`. What they belong to is asked for with every request.
 */
export function requireSignIn(app: FastifyInstance, access: GuardOptions): void {
  app.decorateRequest("workspaceId", "");
  app.decorateRequest("by", null as unknown as Actor);
  app.decorateRequest("signedIn", undefined);
  app.addHook("onRequest", async (request, reply) => {
    const { authorization } = request.headers;
    const token = authorization === undefined ? access.cookie.read(request) : undefined;
    if (token !== undefined && (await admitMember(request, access, token))) return;
    const key = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
    const found = key === undefined ? undefined : await findKey(access.database, key, access.clock());
    if (found?.state === "valid") {
      request.workspaceId = found.workspaceId;
      request.by = { kind: "api-key", id: found.id, name: found.name, scopes: found.scopes };
      return;
    }
    reply.header("www-authenticate", 'Bearer realm="Plumbline"');
    throw new HttpError(401, key === undefined ? noKey : sayWhyNot(found));
  });
}

async function admitMember(request: FastifyRequest, access: GuardOptions, token: string): Promise<boolean> {
  const wanted = request.headers["x-workspace"];
  const signedIn = await findSignedIn(access, token, typeof wanted === "string" ? wanted : undefined);
  if (!signedIn) return false;
  refuseForeignRequest(request, access.publicUrl);
  const { session, current } = signedIn;
  request.signedIn = signedIn;
  request.workspaceId = current?.workspaceId ?? noWorkspace;
  request.by = createActor({ ...session, id: session.memberId }, current?.role);
  return true;
}

/** The workspace: the wanted one, or the one that was wanted last, or the first they came to. */
export async function findSignedIn(
  { database, clock }: Pick<Access, "database" | "clock">,
  token: string,
  wanted?: string,
): Promise<SignedIn | undefined> {
  const session = await findSession(database, token, clock());
  if (!session) return undefined;
  const memberships = await listMemberships(database, session.memberId);
  const find = (id: string | null) => memberships.find(({ workspaceId }) => workspaceId === id);
  if (wanted === undefined)
    return { session, token, memberships, current: find(session.lastWorkspaceId) ?? memberships[0] };
  const chosen = isUuid(wanted) ? find(wanted.toLowerCase()) : undefined;
  if (!chosen) throw new HttpError(403, `You do not belong to a workspace ${JSON.stringify(wanted)}.`);
  if (chosen.workspaceId !== session.lastWorkspaceId) await setLastWorkspace(database, session.id, chosen.workspaceId);
  return { session, token, memberships, current: chosen };
}

const noKey = "Sign in, or send an API key: Authorization: Bearer <key>. `plumbline api-key create` makes one.";

/** Only whoever has the key learns that it was one. */
function sayWhyNot(found: FoundKey | undefined): string {
  if (found?.state === "revoked") return "This API key was revoked: ask an administrator for another one.";
  if (found?.state === "expired") return "This API key has expired: ask an administrator for another one.";
  return "There is no such API key.";
}
