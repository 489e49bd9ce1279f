// A log line for each request that was refused because of who asked, or how often: what somebody looks for who suspects an
// attack. The route is its pattern, so nothing that was asked for is in it.
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Log } from "./log.ts";
import type { Actor } from "./routes.ts";

/** Not signed in, not allowed, too often. */
const refusals: readonly number[] = [401, 403, 429];

export function logRefusals(app: FastifyInstance, log: Log): void {
  app.addHook("onResponse", async (request, { statusCode }) => {
    if (!refusals.includes(statusCode)) return;
    const { method, routeOptions, ip } = request;
    log.info(
      { event: "refused", status: statusCode, method, route: routeOptions.url, address: ip, ...describeAsker(request) },
      "a request was refused",
    );
  });
}

/** Nothing where it is not known who asks; on pages it is not looked up this way. */
function describeAsker({ by, workspaceId }: Partial<Pick<FastifyRequest, "workspaceId">> & { by?: Actor | null }) {
  return by ? { by: { kind: by.kind, id: by.id }, workspace: workspaceId } : {};
}
