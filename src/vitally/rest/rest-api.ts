// The REST API that clients written for Vitally speak: /resources/…, an API key by HTTP Basic, errors as {"error": "…"}, a budget
// of requests in the headers of every answer. docs/vitally-api.md says what is served and how silences of Vitally's page are read.
import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import { HttpError } from "../../platform/http-server.ts";
import type { Log } from "../../platform/log.ts";
import { sayBudget, takeFromBudget } from "../../platform/rate-limit.ts";
import { createRequestBudgets } from "../../platform/request-budget.ts";
import type { Actor } from "../../platform/routes.ts";
import { addNpsRoutes } from "./nps-routes.ts";
import type { FindAdmins } from "./other-queries.ts";
import { addOtherRoutes } from "./other-routes.ts";
import { readCredential } from "./read-credential.ts";
import { readJsonBody } from "./read-json-body.ts";
import { addRecordRoutes } from "./record-routes.ts";

export type RestApiOptions = {
  /** Whose key it is; undefined for one that is not valid. */
  findKey: (key: string) => Promise<(Omit<Actor, "kind"> & { workspaceId: string }) | undefined>;
  findAdmins: FindAdmins;
  /** What an error means that is nobody's mistake here. */
  describeError: (error: Error) => HttpError | undefined;
  clock: () => Date;
  log: Log;
};

/** Serves everything below the prefix that `app` is registered with. */
export function addRestApi(app: FastifyInstance, options: RestApiOptions): void {
  answerErrors(app, options);
  takeAnyBody(app);
  admitKeys(app, options);
  addRecordRoutes(app, options.clock);
  addNpsRoutes(app, options.clock);
  addOtherRoutes(app, options.findAdmins);
}

function answerErrors(app: FastifyInstance, { describeError, log }: RestApiOptions): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = error instanceof HttpError ? error : describeError(error);
    const status = known?.statusCode ?? error.statusCode ?? 500;
    if (status >= 500 && !known)
      log.error(
        { method: request.method, route: request.routeOptions.url, error: error.message, stack: error.stack },
        "a request failed",
      );
    const message = known?.message ?? (status < 500 ? error.message : "Something went wrong here; the log says more.");
    // Vitally documents nothing between 404 and 429.
    return reply.status(!known && status < 500 ? 400 : status).send({ error: message });
  });
  app.setNotFoundHandler((_request, reply) => reply.status(404).send({ error: "There is nothing at this address." }));
}

function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, async (_request: unknown, body: Buffer) => readJsonBody(body));
}

/** As Vitally has it. */
const requestsPerMinute = 1_000;

function admitKeys(app: FastifyInstance, { findKey, clock }: RestApiOptions): void {
  const budgets = createRequestBudgets(clock, requestsPerMinute);
  app.decorateRequest("workspaceId", "");
  app.decorateRequest("by", null as unknown as Actor);
  app.addHook("onRequest", async (request, reply) => {
    sayBudget(reply, budgets.full);
    const { authorization } = request.headers;
    if (authorization === undefined) throw refuse(reply, "Authorization header not present.");
    const found = await findFirst(readCredential(authorization), findKey);
    if (!found)
      throw refuse(
        reply,
        "The API key is not valid: it is sent as the user name of HTTP Basic, with an empty password.",
      );
    const { workspaceId, ...by } = found;
    takeFromBudget(budgets, by.id, reply);
    request.workspaceId = workspaceId;
    request.by = { kind: "api-key", ...by };
  });
}

async function findFirst<T>(
  keys: readonly string[],
  find: (key: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const key of keys) {
    const found = await find(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refuse(reply: FastifyReply, message: string): HttpError {
  reply.header("www-authenticate", 'Basic realm="Plumbline"');
  return new HttpError(401, message);
}
