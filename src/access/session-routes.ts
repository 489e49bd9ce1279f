// Signing in and out over HTTP, who one is, and one's sessions.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { ErrorAnswer, IdParameter } from "../contract/api.ts";
import { EndedSessions, Me, NewPasswordBody, SessionList, SessionsQuery, SignInBody } from "../contract/members.ts";
import { HttpError } from "../platform/http-server.ts";
import { sayBudget } from "../platform/rate-limit.ts";
import { addRoute, describeRoute } from "../platform/routes.ts";
import type { Access, Visit } from "./access.ts";
import { attemptSpan, TooManyAttemptsError } from "./attempts.ts";
import { findSignedIn, type SignedIn } from "./authenticate.ts";
import { changePassword } from "./change-password.ts";
import { endOtherSessions, endSession } from "./members.ts";
import { roles } from "./roles.ts";
import { refuseOtherOrigin } from "./same-origin.ts";
import { listSessions } from "./sessions-table.ts";
import { type Begun, signIn, signOut } from "./sign-in.ts";
import { getWorkspaceMember } from "./workspace-members-table.ts";

const shared = { tag: "Signing in", errors: ErrorAnswer } as const;

/** The one route that asks for neither key nor session. */
export function addSignInRoute(app: FastifyInstance, access: Access): void {
  const described = {
    ...shared,
    url: "/session",
    summary: "Sign in with e-mail and password: the answer sets the cookie",
  };
  app.route({
    method: "POST",
    url: "/session",
    schema: {
      ...describeRoute({ ...described, body: SignInBody, answer: Me }, { status: 201, isOwn: true }),
      security: [],
    },
    onSend: async (request, reply) => sayBudget(reply, access.attempts.readBudget(request.ip), attemptSpan),
    async handler(request, reply) {
      refuseOtherOrigin(request, access.publicUrl, { mustSay: false });
      const { email, password } = request.body as Static<typeof SignInBody>;
      const begun = await signIn(access, { email, password }, readVisit(request), access.cookie.read(request)).catch(
        (error) => {
          if (error instanceof TooManyAttemptsError) reply.header("retry-after", error.seconds);
          throw error;
        },
      );
      welcome(access, request, reply.status(201), begun);
      return describeSignedIn((await findSignedIn(access, begun.token))!);
    },
  });
}

export function addSessionRoutes(app: FastifyInstance, access: Access): void {
  app.route({
    method: "DELETE",
    url: "/session",
    schema: describeRoute(
      { ...shared, url: "/session", summary: "Sign out: this session is over", answer: EndedSessions },
      { status: 200, isOwn: true },
    ),
    async handler(request, reply) {
      const { token } = getSignedIn(request);
      await signOut(access, token, request.ip);
      reply.header("set-cookie", access.cookie.clear());
      return { ended: 1 };
    },
  });
  addRoute(app, {
    ...shared,
    method: "GET",
    url: "/me",
    needs: null,
    summary: "Who asks, what they may do, and the workspaces they belong to",
    answer: Me,
    async run({ request, by, workspaceId, inWorkspace }) {
      if (request.signedIn) return describeSignedIn(request.signedIn);
      const { id, name, scopes } = by;
      const workspace = await inWorkspace((db) =>
        db.query("select workspace_id as id, name, hierarchy from workspaces"),
      );
      const workspaces = workspace.rows.map((row) => ({ ...row, role: null }));
      return { kind: "api-key", id, name, email: null, scopes, workspaceId, workspaces };
    },
  });
  addRoute(app, {
    ...shared,
    method: "POST",
    url: "/me/password",
    needs: null,
    summary: "Choose another password: every other session of yours ends",
    body: NewPasswordBody,
    answer: Type.Object({ changed: Type.Literal(true) }),
    run({ request, body, answerFrom }) {
      const change = { ...body, address: request.ip };
      return changePassword(access, getSignedIn(request).session, change, (work) => answerFrom(work, access.database));
    },
  });
  addListRoutes(app, access);
}

function addListRoutes(app: FastifyInstance, access: Access): void {
  addRoute(app, {
    ...shared,
    method: "GET",
    url: "/sessions",
    needs: null,
    summary: "Where you are signed in; or, for administrators, where a member of the workspace is",
    query: SessionsQuery,
    answer: SessionList,
    async run({ request, by, workspaceId, query }) {
      const member = query.member ?? getSignedIn(request).session.memberId;
      if (member !== request.signedIn?.session.memberId) {
        if (!by.scopes.includes("admin")) throw new HttpError(403, `${by.name} may see only their own sessions.`);
        await getWorkspaceMember(access.database, workspaceId, member);
      }
      const sessions = await listSessions(access.database, member, access.clock());
      return { items: sessions.map((one) => ({ ...one, current: one.id === request.signedIn?.session.id })) };
    },
  });
  addRoute(app, {
    ...shared,
    method: "DELETE",
    url: "/sessions/:id",
    needs: null,
    summary: "End a session of yours; or, for administrators, of a member of the workspace",
    params: IdParameter,
    answer: EndedSessions,
    async run({ author, workspaceId, params: { id } }) {
      await endSession(access, author, { workspaceId, id });
      return { ended: 1 };
    },
  });
  addRoute(app, {
    ...shared,
    method: "DELETE",
    url: "/sessions",
    needs: null,
    summary: "End all sessions of yours but this one",
    answer: EndedSessions,
    async run({ request, author }) {
      const { session } = getSignedIn(request);
      return { ended: await endOtherSessions(access, author, { memberId: session.memberId, but: session.id }) };
    },
  });
}

/** Every session that begins passes here, whatever it began with: the route tells. */
export function welcome(access: Access, request: FastifyRequest, reply: FastifyReply, begun: Begun): void {
  const { ip: address, routeOptions } = request;
  reply.header("set-cookie", access.cookie.write(request, begun.token));
  access.log.info(
    { event: "signed-in", member: begun.member.id, session: begun.id, address, route: routeOptions.url },
    "somebody signed in",
  );
}

export function readVisit({ ip, headers }: FastifyRequest): Visit {
  return { address: ip, userAgent: headers["user-agent"] };
}

function getSignedIn({ signedIn }: FastifyRequest): SignedIn {
  if (!signedIn)
    throw new HttpError(403, "Only people who are signed in have sessions and passwords; a key has neither.");
  return signedIn;
}

function describeSignedIn({ session, memberships, current }: SignedIn): Static<typeof Me> {
  const { memberId: id, email, name } = session;
  return {
    kind: "member",
    id,
    name: name ?? email,
    email,
    scopes: current ? [...roles[current.role]] : [],
    workspaceId: current?.workspaceId ?? null,
    workspaces: memberships.map(({ workspaceId, ...rest }) => ({ id: workspaceId, ...rest })),
  };
}
