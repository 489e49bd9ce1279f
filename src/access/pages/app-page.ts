// Serves the application that src/web is built to: its files, and one page for all of its addresses.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { pagePaths } from "../../contract/pages.ts";
import { HttpError } from "../../platform/http-server.ts";
import type { Access } from "../access.ts";
import { html } from "./html.ts";
import { findVisitor, redirect, sendPage } from "./page-request.ts";

/** Seconds: a year. The files' names change with what is in them. */
const forever = 31_536_000;

export type BuiltPages = { folder: string; prefix: string };

export function addApplication(app: FastifyInstance, access: Access, { folder, prefix }: BuiltPages): void {
  app.register(fastifyStatic, {
    root: join(folder, "app"),
    prefix: "/app/",
    cacheControl: false,
    decorateReply: false,
    index: false,
    preCompressed: true,
    setHeaders: (reply) => void reply.header("cache-control", `public, max-age=${forever}, immutable`),
  });
  const readTemplate = createTemplate(join(folder, "index.html"));
  for (const path of pagePaths.flatMap((path) => (path === "/" ? [path] : [path, `${path}/*`])))
    app.get(path, async (request, reply) => {
      if (!(await findVisitor(access, request))) return redirect(reply, nameSignIn(request));
      return sendApplication(reply, readTemplate(), prefix);
    });
}

/** Where somebody wanted to go, they come once they are signed in. */
function nameSignIn(request: FastifyRequest): string {
  return request.url === "/" ? "/sign-in" : `/sign-in?${new URLSearchParams({ to: request.url })}`;
}

function sendApplication(reply: FastifyReply, template: string, prefix: string): FastifyReply {
  const nonce = randomBytes(16).toString("base64url");
  reply.header("content-security-policy", listSources(nonce));
  const page = template
    // Relative, so that parts find each other; here from the root, as the page has many addresses.
    .replaceAll('="./', '="/')
    .replace('data-prefix="" data-nonce=""', html`data-prefix="${prefix}" data-nonce="${nonce}"`.text);
  return sendPage(reply, page);
}

/** Styles that are made while the pages run carry the nonce; scripts never are. */
function listSources(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** Read once; a build that comes later is found, too. */
function createTemplate(path: string): () => string {
  let text: string | undefined;
  return () => {
    if (text === undefined && !existsSync(path))
      throw new HttpError(503, "The pages have not been built: run npm run build, then load this page again.");
    text ??= readFileSync(path, "utf8");
    return text;
  };
}
