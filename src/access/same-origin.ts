// Cross-site request forgery: a browser sends the cookie along with what another site makes it send. So whatever changes
// something by a cookie must say that it comes from our own pages, in two ways that do not hang on each other: the browser's
// own word (Sec-Fetch-Site, Origin), which no page can write; and something that a foreign page cannot send, a header of its
// own. Keys need none of this: no browser sends them by itself.
import type { FastifyRequest } from "fastify";
import { HttpError } from "../platform/http-server.ts";

/** Another site cannot send a header like this without asking first, and is never allowed to. */
const requestHeader = "x-requested-with";

/** What the API wants of a change by cookie. */
export function refuseForeignRequest(request: FastifyRequest, publicUrl: string): void {
  if (isSafe(request.method)) return;
  refuseOtherOrigin(request, publicUrl, { mustSay: true });
  if (!request.headers[requestHeader])
    throw new HttpError(403, "With a cookie instead of a key, a change needs the header X-Requested-With: Plumbline.");
}

/**
 * The browser's word. Whoever is no browser says nothing: that is enough where no cookie is believed (`mustSay` false), such
 * as for signing in with JSON.
 */
export function refuseOtherOrigin(
  { headers }: FastifyRequest,
  publicUrl: string,
  { mustSay }: { mustSay: boolean },
): void {
  const site = headers["sec-fetch-site"];
  const { origin } = headers;
  const isForeign =
    (site !== undefined && site !== "same-origin") ||
    (origin !== undefined && !isOurs(origin, headers.host, publicUrl));
  if (isForeign || (mustSay && site === undefined && origin === undefined))
    throw new HttpError(403, "This request did not come from Plumbline's own pages.");
}

/** The address that people use; or, where a proxy keeps it, the one that this request used. */
function isOurs(origin: string, host: string | undefined, publicUrl: string): boolean {
  if (origin === new URL(publicUrl).origin) return true;
  return host !== undefined && /^https?:$/.test(readUrl(origin)?.protocol ?? "") && readUrl(origin)?.host === host;
}

function readUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}
