// What pages read from requests, and how they answer.
import type { FastifyReply, FastifyRequest } from "fastify";
import { HttpError } from "../../platform/http-server.ts";
import { isStorableText } from "../../platform/json.ts";
import type { Access } from "../access.ts";
import { TooManyAttemptsError } from "../attempts.ts";
import { findSignedIn, type SignedIn } from "../authenticate.ts";
import { refuseOtherOrigin } from "../same-origin.ts";
import { welcome as giveCookie } from "../session-routes.ts";
import type { Begun } from "../sign-in.ts";

/** The fields of a form, those that are missing as empty texts. */
export function readFields<Name extends string>(
  { body }: FastifyRequest,
  names: readonly Name[],
): Record<Name, string> {
  const given = body instanceof URLSearchParams ? body : new URLSearchParams();
  const fields = Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""])) as Record<Name, string>;
  for (const value of Object.values<string>(fields))
    if (value.length > 1_000 || !isStorableText(value))
      throw new HttpError(400, "This form has a text that cannot be taken.");
  return fields;
}

export function hasField({ body }: FastifyRequest, name: string): boolean {
  return body instanceof URLSearchParams && body.has(name);
}

export async function findVisitor(access: Access, request: FastifyRequest): Promise<SignedIn | undefined> {
  const token = access.cookie.read(request);
  return token === undefined ? undefined : findSignedIn(access, token);
}

/** Of a form for everybody. */
export function refuseForeignSender(access: Access, request: FastifyRequest): void {
  refuseOtherOrigin(request, access.publicUrl, { mustSay: true });
}

export function sendPage(reply: FastifyReply, page: string, status = 200): FastifyReply {
  return reply.status(status).type("text/html; charset=utf-8").send(page);
}

export function redirect(reply: FastifyReply, path: string): FastifyReply {
  return reply.redirect(path, 303);
}

export function welcome(
  access: Access,
  request: FastifyRequest,
  reply: FastifyReply,
  begun: Begun,
  to = "/",
): FastifyReply {
  giveCookie(access, request, reply, begun);
  return redirect(reply, to);
}

/** What a form shows of an error that a person can do something about; everything else goes on. */
export function explain(error: unknown, reply: FastifyReply): { fault: string; status: number } {
  if (!(error instanceof HttpError)) throw error;
  if (error instanceof TooManyAttemptsError) reply.header("retry-after", error.seconds);
  return { fault: error.message, status: error.statusCode };
}
