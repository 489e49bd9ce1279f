// The pages of those who are not signed in: signing in, the first administrator, an invitation, a new password.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isPagePath } from "../../contract/pages.ts";
import type { Access } from "../access.ts";
import { openPasswordLink, useNewPasswordLink } from "../change-password.ts";
import { isEmail } from "../e-mail.ts";
import { acceptInvitation, type OpenedInvitation, openInvitation, setUp } from "../join.ts";
import { hasMembers } from "../members-table.ts";
import { getLink } from "../one-time-links-table.ts";
import { refuseWeakPassword } from "../passwords.ts";
import { readVisit } from "../session-routes.ts";
import { signIn } from "../sign-in.ts";
import { type Html, html } from "./html.ts";
import { type Faults, type Field, renderFault, renderField, renderPage } from "./layout.ts";
import {
  explain,
  findVisitor,
  hasField,
  readFields,
  redirect,
  refuseForeignSender,
  sendPage,
  welcome,
} from "./page-request.ts";

const newPassword = (label: string): Field => ({
  name: "password",
  label,
  type: "password",
  autocomplete: "new-password",
  hint: "At least 8 characters. A few words that nobody would guess are good; which characters they have does not matter.",
});
const emailField: Field = { name: "email", label: "E-mail", type: "email", autocomplete: "username" };
const nameField: Field = { name: "name", label: "Your name", autocomplete: "name" };

export function addOutsidePages(app: FastifyInstance, access: Access): void {
  addSignInPage(app, access);
  addLinkPage(app, access, { path: "/setup", title: "Set up Plumbline", show: showSetup, take: takeSetup });
  addLinkPage(app, access, { path: "/invitation", title: "Invitation", show: showInvitation, take: takeInvitation });
  addLinkPage(app, access, { path: "/new-password", title: "New password", show: showPassword, take: takePassword });
}

function addSignInPage(app: FastifyInstance, access: Access): void {
  const render = ({ email, to }: { email: string; to: string }, fault?: string, hint?: Html) =>
    renderPage({
      title: "Sign in",
      body: html`<div><h1>Sign in</h1></div>${renderFault(fault)}${hint}
<form class="stack" method="post" action="/sign-in">
${to !== "/" && html`<input type="hidden" name="to" value="${to}">`}
${renderField({ ...emailField, value: email, isFocused: email === "" })}
${renderField({ name: "password", label: "Password", type: "password", autocomplete: "current-password", isFocused: email !== "" })}
<button>Sign in</button>
</form>
${access.oidc && html`<a class="button" href="/sign-in/oidc">Sign in at ${new URL(access.oidc.issuer).hostname}</a>`}
<p class="hint">Forgotten the password? An administrator makes you a link to a new one.</p>`,
    });
  app.get("/sign-in", async (request, reply) => {
    const to = readDestination((request.query as { to?: unknown }).to);
    if (await findVisitor(access, request)) return redirect(reply, to);
    const hint = (await hasMembers(access.database)) ? undefined : nobodyYet;
    return sendPage(reply, render({ email: "", to }, undefined, hint));
  });
  app.post("/sign-in", async (request, reply) => {
    refuseForeignSender(access, request);
    const { email, password, ...fields } = readFields(request, ["email", "password", "to"]);
    const to = readDestination(fields.to);
    try {
      const begun = await signIn(access, { email, password }, readVisit(request), access.cookie.read(request));
      return welcome(access, request, reply, begun, to);
    } catch (error) {
      const { fault, status } = explain(error, reply);
      return sendPage(reply, render({ email, to }, fault), status);
    }
  });
}

/** Only to our own pages: a link that leads to a sign-in must not lead on to another site. */
function readDestination(given: unknown): string {
  if (typeof given !== "string" || given.length > 1_000 || !URL.canParse(given, "http://here")) return "/";
  const { origin, pathname, search } = new URL(given, "http://here");
  return origin === "http://here" && isPagePath(pathname) ? `${pathname}${search}` : "/";
}

const nobodyYet = html`<p class="notice">Nobody has set this Plumbline up yet. Its terminal shows a link for the first administrator; <code>plumbline member invite-first</code> makes a new one.</p>`;

type LinkPage = {
  path: "/setup" | "/invitation" | "/new-password";
  title: string;
  /** The form, once the link has been found good. */
  show: (access: Access, token: string, faults: Faults, values: Record<string, string>) => Promise<Html>;
  take: (access: Access, request: FastifyRequest, reply: FastifyReply, token: string) => Promise<FastifyReply | Faults>;
};

/**
 * In two steps: the script (or a person) puts the token of the address into a form, whose answer is the form proper. So a link
 * that is over says so before anything is typed, and the token is in no address that the server sees.
 */
function addLinkPage(app: FastifyInstance, access: Access, { path, title, show, take }: LinkPage): void {
  const render = (body: Html) => renderPage({ title, body });
  app.get(path, async (_request, reply) => sendPage(reply, render(renderOpener(path, title))));
  app.post(path, async (request, reply) => {
    refuseForeignSender(access, request);
    const given = readFields(request, ["token", "email", "name"]);
    const token = given.token.trim();
    try {
      const faults = hasField(request, "password") ? await take(access, request, reply, token) : {};
      if ("sent" in faults) return faults;
      const isWrong = Object.keys(faults).length > 0;
      return sendPage(reply, render(await show(access, token, faults as Faults, given)), isWrong ? 400 : 200);
    } catch (error) {
      const { fault, status } = explain(error, reply);
      // The link itself is no good any more: there is no form to show.
      if (status === 410 || !hasField(request, "password")) {
        const hint = (await hasMembers(access.database)) ? undefined : nobodyYet;
        return sendPage(
          reply,
          render(html`<div><h1>${title}</h1></div>${renderFault(fault)}${hint}<p><a href="/sign-in">Sign in</a></p>`),
          status,
        );
      }
      return sendPage(reply, render(await show(access, token, { form: fault }, given)), status);
    }
  });
}

function renderOpener(path: string, title: string): Html {
  return html`<div><h1>${title}</h1><p class="soft">Open the whole link as it was given to you, or put here what stands behind its #.</p></div>
<form class="stack" method="post" action="${path}">
<div class="field"><label for="token">What stands behind # in the link</label>
<div class="input"><input id="token" name="token" data-from-address autocomplete="off" required spellcheck="false"></div></div>
<button>Go on</button></form>`;
}

const renderToken = (token: string) => html`<input type="hidden" name="token" value="${token}">`;

async function showSetup(access: Access, token: string, faults: Faults, values: Record<string, string>): Promise<Html> {
  await getLink(access.database, "first-admin", token, access.clock());
  return html`<div><h1>Welcome to Plumbline</h1><p class="soft">You are the first here, and will be its administrator.</p></div>
${renderFault(faults.form)}
<form class="stack" method="post" action="/setup">${renderToken(token)}
${renderField({ ...nameField, value: values.name, isFocused: true }, faults)}
${renderField({ ...emailField, value: values.email, hint: "You sign in with it." }, faults)}
${renderField(newPassword("Password"), faults)}
<button>Create the administrator</button></form>`;
}

async function takeSetup(access: Access, request: FastifyRequest, reply: FastifyReply, token: string) {
  const given = readFields(request, ["email", "name", "password"]);
  const faults = findFaults({
    email: isEmail(given.email) ? undefined : "This is no e-mail address.",
    name: refuseName(given.name),
    password: refuseWeakPassword(given.password, [given.email.trim(), given.name.trim()]),
  });
  return faults ?? welcome(access, request, reply, await setUp(access, token, given, readVisit(request)));
}

async function showInvitation(
  access: Access,
  token: string,
  faults: Faults,
  values: Record<string, string>,
): Promise<Html> {
  const link = await openInvitation(access, token);
  const email = renderField({ ...emailField, value: link.email, isFixed: true });
  return html`<div><h1>Join ${link.workspaceName}</h1><p class="soft">${describeInvitation(link)}</p></div>
${renderFault(faults.form)}
<form class="stack" method="post" action="/invitation">${renderToken(token)}
${email}
${
  link.isMember
    ? renderField(
        {
          name: "password",
          label: "Your password",
          type: "password",
          autocomplete: "current-password",
          isFocused: true,
        },
        faults,
      )
    : [
        renderField({ ...nameField, value: values.name, isFocused: true }, faults),
        renderField(newPassword("Password"), faults),
      ]
}
<button>Join</button></form>`;
}

function describeInvitation({ role, isMember }: OpenedInvitation): string {
  const as = `You are invited as ${role === "admin" ? "an admin" : `a ${role}`}.`;
  return isMember ? `${as} You have a sign-in here already: use its password.` : as;
}

async function takeInvitation(access: Access, request: FastifyRequest, reply: FastifyReply, token: string) {
  const { name, password } = readFields(request, ["name", "password"]);
  const { email, isMember } = await openInvitation(access, token);
  const faults = isMember
    ? undefined
    : findFaults({ name: refuseName(name), password: refuseWeakPassword(password, [email, name.trim()]) });
  if (faults) return faults;
  const cookie = access.cookie.read(request);
  return welcome(
    access,
    request,
    reply,
    await acceptInvitation(access, token, { name, password }, readVisit(request), cookie),
  );
}

async function showPassword(access: Access, token: string, faults: Faults): Promise<Html> {
  const { email } = await openPasswordLink(access, token);
  return html`<div><h1>Choose a new password</h1><p class="soft">Everywhere else you are signed out by it.</p></div>
${renderFault(faults.form)}
<form class="stack" method="post" action="/new-password">${renderToken(token)}
${renderField({ ...emailField, value: email, isFixed: true })}
${renderField({ ...newPassword("New password"), isFocused: true }, faults)}
<button>Save and sign in</button></form>`;
}

async function takePassword(access: Access, request: FastifyRequest, reply: FastifyReply, token: string) {
  const { password } = readFields(request, ["password"]);
  const { email } = await openPasswordLink(access, token);
  const faults = findFaults({ password: refuseWeakPassword(password, [email]) });
  return (
    faults ?? welcome(access, request, reply, await useNewPasswordLink(access, token, password, readVisit(request)))
  );
}

function refuseName(name: string): string | undefined {
  if (name.trim() === "") return "Say what you are called.";
  return name.length > 200 ? "This is too long: 200 characters are the most." : undefined;
}

function findFaults(faults: Faults): Faults | undefined {
  return Object.values(faults).some((fault) => fault !== undefined) ? faults : undefined;
}
