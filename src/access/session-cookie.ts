// The cookie of a session. Over HTTPS it is `__Host-plumbline`: only this host sets it, and it never goes over plain HTTP. On
// the machine itself (http://localhost, http://127.0.0.1) there is no HTTPS, so there, and only there, it is one without
// Secure and without that prefix. Over plain HTTP from anywhere else nobody can sign in.
import type { FastifyRequest } from "fastify";
import { HttpError } from "../platform/http-server.ts";
import { longestSession } from "./sessions-table.ts";

export type SessionCookie = {
  /** Undefined: there is none, or it is none of ours. */
  read: (request: FastifyRequest) => string | undefined;
  /** The header that sets it. Throws where it would go over plain HTTP. */
  write: (request: FastifyRequest, token: string) => string;
  clear: () => string;
  /** Another cookie under the same rules, for what a sign-in has under way: it lasts ten minutes. */
  readPassing: (request: FastifyRequest) => string | undefined;
  writePassing: (request: FastifyRequest, value: string) => string;
  clearPassing: () => string;
};

/** `publicUrl` says whether people come over HTTPS. */
export function createSessionCookie(publicUrl: string): SessionCookie {
  const isSecure = new URL(publicUrl).protocol === "https:";
  const name = isSecure ? "__Host-plumbline" : "plumbline";
  // Lax: a link to a page from a mail or chat finds people signed in. Nothing is changed without the checks of same-origin.ts.
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
  const passing = `${name}-sign-in`;
  function set(request: FastifyRequest, cookie: string, maxAge: number): string {
    if (!isSecure && !(isLoopback(new URL(publicUrl).hostname) && isLoopback(readHostname(request))))
      throw new HttpError(
        403,
        "People sign in over HTTPS only (or on the machine itself, at http://localhost): put HTTPS in front of Plumbline and set PUBLIC_URL to its https:// address.",
      );
    return `${cookie}${attributes}; Max-Age=${maxAge}`;
  }
  return {
    read: (request) => readCookies(request.headers.cookie).get(name),
    write: (request, token) => set(request, `${name}=${token}`, longestSession / 1000),
    clear: () => `${name}=${attributes}; Max-Age=0`,
    readPassing: (request) => readCookies(request.headers.cookie).get(passing),
    writePassing: (request, value) => set(request, `${passing}=${value}`, 600),
    clearPassing: () => `${passing}=${attributes}; Max-Age=0`,
  };
}

/** By name. Where one comes twice the first counts: browsers send the most specific one first. */
function readCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of header?.split(";") ?? []) {
    const [name = "", ...value] = part.split("=");
    if (!cookies.has(name.trim())) cookies.set(name.trim(), value.join("=").trim());
  }
  return cookies;
}

function readHostname({ headers }: FastifyRequest): string {
  const host = `http://${headers.host ?? ""}`;
  return URL.canParse(host) ? new URL(host).hostname : "";
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
