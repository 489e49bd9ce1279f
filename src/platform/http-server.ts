// One port: a few paths that carry the load are served bare, everything else by fastify.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import type { Log } from "./log.ts";
import { logRefusals } from "./log-refusals.ts";
import { isWithin, type Network, parseIpAddress } from "./outgoing/ip-address.ts";
import { createProblem, type Fault, problemType } from "./problem.ts";

export type BareHandler = (request: IncomingMessage, response: ServerResponse) => void;
export type HttpServer = {
  app: FastifyInstance;
  /** What somebody with a browser is shown where there is nothing; programs get a problem. */
  showNotFound: (show: (reply: FastifyReply) => unknown) => void;
  listen: (host: string, port: number) => Promise<string>;
  stop: () => Promise<void>;
};

/** Milliseconds that requests under way get when the server stops. */
const longestGoodbye = 4_000;
/** Milliseconds until all of a request has to be there: a file of 100 MB is, by a line of 3 Mbit/s. */
const longestRequest = 300_000;

/** An error that a caller may see as it is: `message` says what happened and what to do. */
export class HttpError extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
    /** What is wrong with the request, one by one. */
    readonly faults?: readonly Fault[],
  ) {
    super(message);
  }
}

/** The address that was asked for cannot be listened on; the message says what to do. */
class ListenError extends Error {}

/** `bare` maps path prefixes to handlers that are called without fastify. */
export function createHttpServer(options: {
  log: Log;
  bare: Record<string, BareHandler>;
  describeError: (error: Error) => HttpError | undefined;
  /** Their X-Forwarded-For says where a request comes from; everybody else's means nothing. */
  trustedProxies: readonly Network[];
}): HttpServer {
  const prefixes = Object.entries(options.bare);
  let server: Server | undefined;
  const app = fastify({
    logger: false,
    trustProxy: options.trustedProxies.length > 0 && ((address: string) => isAmong(address, options.trustedProxies)),
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2_000 },
    ajv: { customOptions: { coerceTypes: "array", removeAdditional: false, allErrors: false } },
    serverFactory(framework) {
      server = createServer(
        { keepAliveTimeout: 65_000, requestTimeout: longestRequest, headersTimeout: 20_000, noDelay: true },
        (request, response) => {
          const url = request.url ?? "";
          for (const [prefix, handler] of prefixes) if (url.startsWith(prefix)) return handler(request, response);
          framework(request, response);
        },
      );
      return server;
    },
  });
  if (options.trustedProxies.length > 0) app.addHook("onRequest", async ({ raw }) => leavePortsOut(raw));
  logRefusals(app, options.log);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = error instanceof HttpError ? error : options.describeError(error);
    const status = known?.statusCode ?? error.statusCode ?? 500;
    if (status >= 500 && !known)
      options.log.error(
        { method: request.method, route: request.routeOptions.url, error: error.message, stack: error.stack },
        "a request failed",
      );
    const message = known?.message ?? (status < 500 ? error.message : "Something went wrong here; the log says more.");
    return reply
      .status(status)
      .type(problemType)
      .send(createProblem(status, message, known?.faults));
  });
  let showNotFound: ((reply: FastifyReply) => unknown) | undefined;
  app.setNotFoundHandler((request, reply) => {
    reply.status(404);
    if (showNotFound && request.headers.accept?.includes("text/html")) return showNotFound(reply);
    return reply.type(problemType).send(createProblem(404, "There is nothing at this address."));
  });

  return {
    app,
    showNotFound(show) {
      showNotFound = show;
    },
    async listen(host, port) {
      try {
        return await app.listen({ host, port });
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === "EADDRINUSE")
          throw new ListenError(
            `Port ${port} on ${host} is in use: stop the program that has it, or start with another port (PORT=${port < 65_535 ? port + 1 : 4000} npm start).`,
            { cause: error },
          );
        if (code === "EACCES")
          throw new ListenError(
            `Port ${port} may not be opened by this user: choose one above 1023 (PORT=4000 npm start).`,
            { cause: error },
          );
        if (["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN", "EAFNOSUPPORT", "EINVAL"].includes(code ?? ""))
          throw new ListenError(
            `HOST=${host} is no address of this machine: use 127.0.0.1, 0.0.0.0 or one of its own.`,
            { cause: error },
          );
        throw error;
      }
    },
    async stop() {
      server?.closeIdleConnections();
      const force = setTimeout(() => server?.closeAllConnections(), longestGoodbye).unref();
      await app.close();
      clearTimeout(force);
    },
  };
}

/** Some proxies write the port along (1.2.3.4:5678, [2001:db8::7]:443): then each connection would come from an address of its own. */
function leavePortsOut({ headers }: IncomingMessage): void {
  const said = headers["x-forwarded-for"];
  if (typeof said === "string")
    headers["x-forwarded-for"] = said.replace(/((?:\d+\.){3}\d+):\d+|\[([\da-f:.]+)\](?::\d+)?/gi, "$1$2");
}

/** A socket that listens for both kinds shows IPv4 as ::ffff:10.0.0.5. */
function isAmong(address: string, networks: readonly Network[]): boolean {
  const ip = parseIpAddress(address.replace(/^::ffff:(?=\d+\.)/i, ""));
  return ip !== undefined && networks.some((network) => isWithin(ip, network));
}
