// The page after signing in: the workspaces, one's own sessions, one's password.
import type { FastifyInstance } from "fastify";
import { inTransaction } from "../../platform/database/transaction.ts";
import { HttpError } from "../../platform/http-server.ts";
import { isUuid } from "../../platform/uuid.ts";
import type { Access } from "../access.ts";
import type { SignedIn } from "../authenticate.ts";
import { changePassword } from "../change-password.ts";
import { endOtherSessions, endSession } from "../members.ts";
import { refuseWeakPassword } from "../passwords.ts";
import { type ListedSession, listSessions, setLastWorkspace } from "../sessions-table.ts";
import { createActor, signOut } from "../sign-in.ts";
import { createWorkspace } from "../workspaces.ts";
import { describeBrowser } from "./describe-browser.ts";
import { type Html, html } from "./html.ts";
import { type Faults, renderFault, renderField, renderFormToken, renderPage, renderTime } from "./layout.ts";
import { explain, findVisitor, getSender, readFields, redirect, sendPage } from "./page-request.ts";

export function addStartPage(app: FastifyInstance, access: Access): void {
  const render = async (signedIn: SignedIn, faults: Faults = {}, done?: string) => {
    const sessions = await listSessions(access.database, signedIn.session.memberId, access.clock());
    return renderStart(signedIn, sessions, { faults, done });
  };
  app.get("/", async (request, reply) => {
    const signedIn = await findVisitor(access, request);
    return signedIn ? sendPage(reply, await render(signedIn)) : redirect(reply, "/sign-in");
  });
  app.post("/sign-out", async (request, reply) => {
    const { token } = await getSender(access, request);
    await signOut(access, token, request.ip);
    return redirect(reply.header("set-cookie", access.cookie.clear()), "/sign-in");
  });
  app.post("/password", async (request, reply) => {
    const signedIn = await getSender(access, request);
    const { current, next } = readFields(request, ["current", "next"]);
    const { session } = signedIn;
    const fault = refuseWeakPassword(next, [session.email, session.name]);
    if (fault) return sendPage(reply, await render(signedIn, { next: fault }), 400);
    try {
      await changePassword(access, session, { current, next }, request.ip);
    } catch (error) {
      const explained = explain(error, reply);
      return sendPage(reply, await render(signedIn, { current: explained.fault }), explained.status);
    }
    return sendPage(reply, await render(signedIn, {}, "The password is changed. Everywhere else you are signed out."));
  });
  addSessionForms(app, access);
  addWorkspaceForms(app, access);
}

function addSessionForms(app: FastifyInstance, access: Access): void {
  app.post("/sessions/end", async (request, reply) => {
    const signedIn = await getSender(access, request);
    const { id } = readFields(request, ["id"]);
    const author = { by: createActor({ ...signedIn.session, id: signedIn.session.memberId }), address: request.ip };
    // Two clicks end it once; the second finds what it wanted.
    await endSession(access, author, { workspaceId: signedIn.current?.workspaceId ?? "", id }).catch((error) => {
      if (!(error instanceof HttpError && error.statusCode === 404)) throw error;
    });
    return redirect(reply, "/");
  });
  app.post("/sessions/end-others", async (request, reply) => {
    const { session } = await getSender(access, request);
    const author = { by: createActor({ ...session, id: session.memberId }), address: request.ip };
    await endOtherSessions(access, author, { memberId: session.memberId, but: session.id });
    return redirect(reply, "/");
  });
}

function addWorkspaceForms(app: FastifyInstance, access: Access): void {
  app.post("/workspaces/choose", async (request, reply) => {
    const { session, memberships } = await getSender(access, request);
    const { id } = readFields(request, ["id"]);
    if (!isUuid(id) || !memberships.some(({ workspaceId }) => workspaceId === id))
      throw new HttpError(403, "You do not belong to that workspace.");
    await setLastWorkspace(access.database, session.id, id);
    return redirect(reply, "/");
  });
  app.post("/workspaces", async (request, reply) => {
    const signedIn = await getSender(access, request);
    const { session, current } = signedIn;
    if (current?.role !== "admin") throw new HttpError(403, "Only administrators make workspaces.");
    const name = readFields(request, ["workspace"]).workspace.trim();
    if (name === "" || name.length > 200)
      throw new HttpError(400, "A workspace needs a name of at most 200 characters.");
    const author = { by: createActor({ ...session, id: session.memberId }, current.role), address: request.ip };
    const admin = { id: session.memberId, email: session.email };
    await inTransaction(access.database, async (tx) => {
      const { workspaceId } = await createWorkspace(tx, author, { name, hierarchy: false, admin }, access.clock());
      await setLastWorkspace(tx, session.id, workspaceId);
    });
    return redirect(reply, "/");
  });
}

function renderStart(
  signedIn: SignedIn,
  sessions: readonly ListedSession[],
  { faults, done }: { faults: Faults; done: string | undefined },
): string {
  const { current } = signedIn;
  const body = html`<header><h1>${current?.name ?? "No workspace"}</h1>
<p class="soft">${current ? `You are ${current.role === "admin" ? "an admin" : `a ${current.role}`} of this workspace.` : "You belong to no workspace any more: ask an administrator for an invitation."}</p></header>
${done !== undefined && html`<p class="notice" role="status">${done}</p>`}
<div class="columns">
${renderWorkspaces(signedIn)}
${renderSessions(signedIn, sessions)}
${renderPassword(signedIn, faults)}
</div>`;
  return renderPage({ title: "Start", body, signedIn, open: "/" });
}

function renderWorkspaces(signedIn: SignedIn): Html {
  const { memberships, current } = signedIn;
  return html`<section class="card" aria-labelledby="workspaces"><header><h2 id="workspaces">Workspaces</h2></header>
<ul class="rows">${memberships.map(
    (
      one,
    ) => html`<li><span class="what"><span>${one.name}${one === current && html`<span class="tag">open</span>`}</span><span class="small soft">${one.role}</span></span>
${one !== current && html`<form method="post" action="/workspaces/choose">${renderFormToken(signedIn)}<input type="hidden" name="id" value="${one.workspaceId}"><button class="quiet" aria-label="Open ${one.name}">Open</button></form>`}</li>`,
  )}</ul>
${current?.role === "admin" && html`<form class="line" method="post" action="/workspaces">${renderFormToken(signedIn)}${renderField({ name: "workspace", label: "Another workspace", autocomplete: "off" })}<button class="plain">Create</button></form>`}
</section>`;
}

function renderSessions(signedIn: SignedIn, sessions: readonly ListedSession[]): Html {
  const { session } = signedIn;
  return html`<section class="card" aria-labelledby="sessions"><header><h2 id="sessions">Where you are signed in</h2>${
    sessions.length > 1 &&
    html`<form method="post" action="/sessions/end-others">${renderFormToken(signedIn)}<button class="quiet">End all others</button></form>`
  }</header>
<ul class="rows">${sessions.map((one) => {
    const browser = describeBrowser(one.userAgent);
    return html`<li><span class="what"><span>${browser}${one.id === session.id && html`<span class="tag">here</span>`}</span>
<span class="small soft">${one.address} · seen ${renderTime(one.lastSeenAt)}</span></span>
${one.id !== session.id && html`<form method="post" action="/sessions/end">${renderFormToken(signedIn)}<input type="hidden" name="id" value="${one.id}"><button class="quiet danger" aria-label="End the session of ${browser}">End</button></form>`}</li>`;
  })}</ul></section>`;
}

function renderPassword(signedIn: SignedIn, faults: Faults): Html {
  return html`<section class="card" aria-labelledby="password"><header><h2 id="password">Your password</h2></header>
${renderFault(faults.form)}
<form class="stack" method="post" action="/password">${renderFormToken(signedIn)}
<input type="hidden" name="username" autocomplete="username" value="${signedIn.session.email}">
${renderField({ name: "current", label: "Current password", type: "password", autocomplete: "current-password" }, faults)}
${renderField({ name: "next", label: "New password", type: "password", autocomplete: "new-password", hint: "At least 8 characters. Everywhere else you are signed out." }, faults)}
<div><button class="plain">Change the password</button></div></form></section>`;
}
