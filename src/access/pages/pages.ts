// The pages that are rendered here: everything around signing in. They are plain HTML and work without a script, but for the
// one-time links, whose token a small script takes out of the address. Everybody who is signed in gets the application of src/web.
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import { HttpError } from "../../platform/http-server.ts";
import type { Access } from "../access.ts";
import { addApplication } from "./app-page.ts";
import { addAssets } from "./assets.ts";
import { html } from "./html.ts";
import { renderFault, renderPage } from "./layout.ts";
import { addOidcPages } from "./oidc-pages.ts";
import { addOutsidePages } from "./outside-pages.ts";
import { sendPage } from "./page-request.ts";

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Bytes of a form: all of ours have a few short fields. */
const longestForm = 16 * 1024;

type PagesOptions = {
  /** What a person should know of an error that is nobody's mistake; undefined: the log has to tell. */
  describeError: (error: Error) => HttpError | undefined;
  /** Where the application is built to. */
  folder: string;
};

export function addPages(app: FastifyInstance, access: Access, { describeError, folder }: PagesOptions): void {
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: longestForm },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  );
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("content-security-policy", policy);
    // With no-referrer browsers would not say either which of our own pages a form comes from; other sites are told nothing.
    reply.header("referrer-policy", "same-origin");
  });
  const prefix = readPrefix(access.publicUrl);
  if (prefix !== "") addPrefix(app, prefix);
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const known = error instanceof HttpError ? error : describeError(error);
    const status = known?.statusCode ?? error.statusCode ?? 500;
    if (!known && status >= 500) {
      access.log.error(
        { method: request.method, route: request.routeOptions.url, error: error.message, stack: error.stack },
        "a page failed",
      );
      return sendPage(reply, renderProblem("Something went wrong here; the log says more."), status);
    }
    return sendPage(reply, renderProblem((known ?? error).message), status);
  });
  addAssets(app);
  addOutsidePages(app, access);
  addOidcPages(app, access);
  addApplication(app, access, { folder, prefix });
}

/** Whoever mistypes an address in a browser gets a page, too. */
export function createNotFound(publicUrl: string): (reply: FastifyReply) => FastifyReply {
  const page = writePrefix(renderProblem("There is nothing at this address."), readPrefix(publicUrl));
  return (reply) => {
    reply.header("content-security-policy", policy).header("referrer-policy", "same-origin");
    return sendPage(reply, page, 404);
  };
}

const readPrefix = (publicUrl: string) => new URL(publicUrl).pathname.replace(/\/$/, "");
/** Texts that people wrote have no bare quotes. */
const writePrefix = (page: string, prefix: string) => page.replace(/ (href|src|action)="\//g, ` $1="${prefix}/`);

/** Where a proxy serves Plumbline below a path, browsers need it before ours. */
function addPrefix(app: FastifyInstance, prefix: string): void {
  app.addHook("onSend", async (_request, reply, payload) => {
    const location = reply.getHeader("location");
    if (typeof location === "string" && location.startsWith("/")) reply.header("location", `${prefix}${location}`);
    const isPage = String(reply.getHeader("content-type")).startsWith("text/html");
    if (!isPage || typeof payload !== "string") return payload;
    const page = writePrefix(payload, prefix);
    reply.header("content-length", Buffer.byteLength(page));
    return page;
  });
}

function renderProblem(message: string): string {
  const body = html`<div><h1>That did not work</h1></div>${renderFault(message)}<p><a href="/">Back to the start</a></p>`;
  return renderPage({ title: "That did not work", body });
}
