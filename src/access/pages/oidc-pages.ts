// The way to the issuer of OpenID Connect and back.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpError } from "../../platform/http-server.ts";
import type { Access } from "../access.ts";
import { callbackPath, createOidc, type OidcAttempt } from "../oidc.ts";
import { readVisit } from "../session-routes.ts";
import { redirect, welcome } from "./page-request.ts";

export function addOidcPages(app: FastifyInstance, access: Access): void {
  if (!access.oidc) return;
  const oidc = createOidc(access, access.oidc);
  app.get("/sign-in/oidc", async (request, reply) => {
    const { url, attempt } = await oidc.begin();
    // Not sealed: it is the browser's own attempt, and nothing but it can be finished with it.
    const value = Buffer.from(JSON.stringify(attempt)).toString("base64url");
    return redirect(reply.header("set-cookie", access.cookie.writePassing(request, value)), url);
  });
  app.get(callbackPath, async (request, reply) => {
    reply.header("set-cookie", access.cookie.clearPassing());
    const attempt = readAttempt(access, request);
    const query = new URL(request.url, "http://localhost").search;
    const begun = await oidc.finish(attempt, query, readVisit(request), access.cookie.read(request));
    return welcome(access, request, reply, begun);
  });
}

function readAttempt(access: Access, request: FastifyRequest): OidcAttempt {
  const kept = access.cookie.readPassing(request);
  try {
    const { state, nonce, verifier } = JSON.parse(Buffer.from(kept ?? "", "base64url").toString());
    if ([state, nonce, verifier].every((one) => typeof one === "string" && one.length >= 20))
      return { state, nonce, verifier };
  } catch {
    // As if there were none.
  }
  throw new HttpError(400, "This browser did not begin to sign in here, or more than ten minutes ago: begin again.");
}
