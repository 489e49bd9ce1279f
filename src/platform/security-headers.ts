// Headers of every answer: nothing here is guessed at by browsers, kept by caches, framed by others or told to other sites.
import type { FastifyInstance } from "fastify";

/** A page says itself what it may load; everything else may load nothing. */
const nothing = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Seconds that browsers remember to come over HTTPS: two years. */
const strictTransport = "max-age=63072000; includeSubDomains";

export function addSecurityHeaders(app: FastifyInstance, { publicUrl }: { publicUrl: string }): void {
  const headers = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": nothing,
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    ...(publicUrl.startsWith("https:") && { "strict-transport-security": strictTransport }),
  };
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(headers);
  });
}
