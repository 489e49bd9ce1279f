// The page of administrators: members and invitations.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { HttpError } from "../../platform/http-server.ts";
import type { Author } from "../../platform/routes.ts";
import { isUuid } from "../../platform/uuid.ts";
import type { Access } from "../access.ts";
import type { SignedIn } from "../authenticate.ts";
import { makePasswordLink } from "../change-password.ts";
import { changeRole, invite, removeMember, withdrawInvitation } from "../members.ts";
import { type Invitation, listInvitations } from "../one-time-links-table.ts";
import { allRoles, isRole, type MemberRole, roleMeanings } from "../roles.ts";
import { createActor } from "../sign-in.ts";
import { listWorkspaceMembers, type WorkspaceMember } from "../workspace-members-table.ts";
import { type Html, html } from "./html.ts";
import { renderFault, renderField, renderFormToken, renderPage, renderTime } from "./layout.ts";
import { explain, getSender, getVisitor, readFields, redirect, sendPage } from "./page-request.ts";

type Shown = { fault?: string; emailFault?: string; email?: string; link?: { what: string; url: string } };

type Act = (
  author: Author,
  workspaceId: string,
  fields: { id: string; role: string; email: string },
) => Promise<Shown["link"] | undefined>;

export function addMembersPage(app: FastifyInstance, access: Access): void {
  app.get("/members", async (request, reply) => {
    const signedIn = await getVisitor(access, request);
    return sendPage(reply, await renderMembers(access, requireAdmin(signedIn)));
  });

  const acts: Record<string, Act> = {
    "/members/invite": async (author, workspaceId, { email, role }) => {
      const { url } = await invite(access, author, { workspaceId, email, role: readRole(role) });
      return { what: `Hand this link to ${email.trim()}. It works once, for a week, and is not shown again.`, url };
    },
    "/members/withdraw": async (author, workspaceId, { id }) => {
      await withdrawInvitation(access, author, { workspaceId, id });
    },
    "/members/role": async (author, workspaceId, { id, role }) => {
      await changeRole(access, author, { workspaceId, id, role: readRole(role) });
    },
    "/members/remove": async (author, workspaceId, { id }) => {
      await removeMember(access, author, { workspaceId, id });
    },
    "/members/password-link": async (author, workspaceId, { id }) => {
      const { url } = await makePasswordLink(access, author, { workspaceId, memberId: id });
      return {
        what: "Hand this link to them: with it they choose a new password. It works once, for a day, and is not shown again.",
        url,
      };
    },
  };
  for (const [path, act] of Object.entries(acts))
    app.post(path, (request, reply) => carryOut(access, { path, act, request, reply }));
}

async function carryOut(
  access: Access,
  { path, act, request, reply }: { path: string; act: Act; request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  const signedIn = requireAdmin(await getSender(access, request));
  const { session, current } = signedIn;
  const fields = readFields(request, ["id", "role", "email"]);
  const author = { by: createActor({ ...session, id: session.memberId }, current.role), address: request.ip };
  try {
    if (path !== "/members/invite" && !isUuid(fields.id))
      throw new HttpError(404, "There is no such member or invitation.");
    const link = await act(author, current.workspaceId, fields);
    if (!link) return redirect(reply, "/members");
    return sendPage(reply, await renderMembers(access, signedIn, { link }));
  } catch (error) {
    const { fault, status } = explain(error, reply);
    const shown = path === "/members/invite" ? { emailFault: fault, email: fields.email } : { fault };
    return sendPage(reply, await renderMembers(access, signedIn, shown), status);
  }
}

type Admin = SignedIn & { current: NonNullable<SignedIn["current"]> };

function requireAdmin(signedIn: SignedIn): Admin {
  const { current } = signedIn;
  if (current?.role === "admin") return { ...signedIn, current };
  throw new HttpError(403, "Only administrators of the workspace see its members here.");
}

function readRole(text: string): MemberRole {
  if (isRole(text)) return text;
  throw new HttpError(400, "Choose a role.");
}

async function renderMembers(access: Access, signedIn: Admin, shown: Shown = {}): Promise<string> {
  const { workspaceId, name } = signedIn.current;
  const members = await listWorkspaceMembers(access.database, workspaceId);
  const invitations = await listInvitations(access.database, workspaceId, access.clock());
  const body = html`<header><h1>Members</h1><p class="soft">Who sees and changes what in ${name}.</p></header>
${renderFault(shown.fault)}
${shown.link && html`<div class="notice" role="status"><label for="link">${shown.link.what}</label><div class="input"><input id="link" readonly data-select value="${shown.link.url}"><button type="button" class="quiet show" data-copies="link" aria-live="polite" hidden>Copy</button></div></div>`}
<section class="card" aria-labelledby="members"><header><h2 id="members">Members</h2></header>
<ul class="rows">${members.map((one) => renderMember(signedIn, one))}</ul></section>
<section class="card" aria-labelledby="invitations"><header><h2 id="invitations">Invitations</h2></header>
<form class="line" method="post" action="/members/invite">${renderFormToken(signedIn)}
${renderField({ name: "email", label: "E-mail", type: "email", autocomplete: "off", value: shown.email ?? "" }, { email: shown.emailFault })}
<div class="field narrow"><label for="role">Role</label>${renderRoles("member", "role")}</div>
<button>Invite</button></form>
<p class="hint">${allRoles
    .map((role) => `${role}: ${roleMeanings[role]}`)
    .reverse()
    .join(" · ")}</p>
${invitations.length > 0 && html`<ul class="rows">${invitations.map((one) => renderInvitation(signedIn, one))}</ul>`}
</section>`;
  return renderPage({ title: "Members", body, signedIn, open: "/members" });
}

function renderRoles(chosen: MemberRole, id: string | false, label?: string): Html {
  return html`<select name="role"${id !== false && html` id="${id}"`}${label !== undefined && html` aria-label="${label}"`}>${allRoles.map(
    (role) => (role === chosen ? html`<option selected>${role}</option>` : html`<option>${role}</option>`),
  )}</select>`;
}

function renderMember(signedIn: Admin, { id, email, name, role, lastSeenAt }: WorkspaceMember): Html {
  const called = name ?? email;
  const hidden = html`${renderFormToken(signedIn)}<input type="hidden" name="id" value="${id}">`;
  return html`<li><span class="what"><span>${called}${id === signedIn.session.memberId && html`<span class="tag">you</span>`}</span>
<span class="small soft">${email} · ${lastSeenAt ? html`seen ${renderTime(lastSeenAt)}` : "not signed in"}</span></span>
<span class="acts">
<form method="post" action="/members/role">${hidden}${renderRoles(role, false, `Role of ${called}`)}<button class="quiet" aria-label="Save the role of ${called}">Save</button></form>
<form method="post" action="/members/password-link">${hidden}<button class="quiet" aria-label="Make a link to a new password for ${called}">New password</button></form>
<form method="post" action="/members/remove">${hidden}<button class="quiet danger" data-confirm="Remove ${called} from this workspace?" aria-label="Remove ${called}">Remove</button></form>
</span></li>`;
}

function renderInvitation(signedIn: Admin, { id, email, role, madeBy, expiresAt, state }: Invitation): Html {
  return html`<li><span class="what"><span>${email}</span>
<span class="small soft">${role} · invited by ${madeBy} · ${state === "open" ? html`until ${renderTime(expiresAt)}` : "expired"}</span></span>
<form method="post" action="/members/withdraw">${renderFormToken(signedIn)}<input type="hidden" name="id" value="${id}"><button class="quiet danger" aria-label="Withdraw the invitation of ${email}">Withdraw</button></form></li>`;
}
