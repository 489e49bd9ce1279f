// One request's way: key → rate limit → fault → route → answer → log. Requests under /simulator/ steer the simulator
// itself: they need no key, meet no fault and are not logged.
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Json } from "../../world/types.ts";
import { Refusal } from "../refusal.ts";
import { type Answer, answerError } from "./answer.ts";
import { answerBusy, answerFault, breakConnection, waitIfSlow } from "./answer-fault.ts";
import { authorize, type Keys } from "./authorize.ts";
import { parseJson, readBody } from "./exchange.ts";
import { type FaultRule, type Faults, isAboutTheWay } from "./faults.ts";
import { decodeParameters, findRoute, type Route } from "./find-route.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { RequestLog } from "./request-log.ts";
import { sendAnswer } from "./send-answer.ts";

export type ServerParts = {
  apiRoutes: readonly Route[];
  controlRoutes: readonly Route[];
  keys: Keys;
  faults: Faults;
  limitRate: RateLimit;
  log: RequestLog;
};

type Asked = {
  method: string;
  path: string;
  query: URLSearchParams;
  key: string | string[] | undefined;
  body: Buffer;
};

/** `answer` is null where the fault is that there is none. */
type Decision = { answer: Answer | null; fault: FaultRule | undefined };

export function createServer(parts: ServerParts): Server {
  return createHttpServer((request, response) => {
    const answer = request.url?.startsWith("/simulator/") ? answerControl : answerApi;
    void answer(parts, request, response).catch((error: unknown) => {
      const isClientGone = response.destroyed || request.destroyed;
      if (!isClientGone) process.stderr.write(`${request.method} ${request.url}: ${(error as Error).stack}\n`);
      response.destroy();
    });
  });
}

async function answerControl(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await answerRefusals(async () => runRoute(parts.controlRoutes, await read(request), true));
  await sendAnswer(response, answer);
}

async function answerApi(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const at = Date.now();
  const { path } = splitUrl(request);
  const route = findRoute(parts.apiRoutes, request.method ?? "", path)?.route.path ?? "unknown";
  let asked: Asked | undefined;
  let fault: FaultRule | undefined;
  const answer = await answerRefusals(async () => {
    asked = await read(request);
    const decision = await decide(parts, asked, route);
    fault = decision.fault;
    return decision.answer;
  });
  const bytes = answer ? await sendAnswer(response, answer, fault) : breakConnection(response, fault);
  parts.log.add({
    at,
    method: request.method ?? "",
    path: request.url ?? "",
    route,
    status: answer?.status ?? null,
    fault: fault ? String(fault.fault) : null,
    milliseconds: Date.now() - at,
    bytes,
    body: readLoggable(asked?.body),
  });
}

async function decide(parts: ServerParts, asked: Asked, route: string): Promise<Decision> {
  const { hasWriteAccess } = authorize(asked.key, parts.keys);
  const wait = parts.limitRate();
  if (wait > 0) return { answer: answerBusy(429, wait * 1000), fault: undefined };
  const fault = parts.faults.choose(route);
  if (fault && !isAboutTheWay(fault)) return { answer: answerFault(fault), fault };
  await waitIfSlow(fault);
  const answer = await answerRefusals(() => runRoute(parts.apiRoutes, asked, hasWriteAccess));
  return { answer, fault };
}

async function answerRefusals<T>(answer: () => Promise<T>): Promise<T | Answer> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof Refusal) return answerError(error.status, error.text);
    throw error;
  }
}

async function runRoute(routes: readonly Route[], asked: Asked, hasWriteAccess: boolean): Promise<Answer> {
  const { method, path, query, body } = asked;
  const found = findRoute(routes, method, path);
  if (!found) throw new Refusal(404, `there is no ${method} ${path}`);
  // A key without write access looks like no key at all.
  if (found.route.isWriting && !hasWriteAccess) throw new Refusal(403, null);
  const parameters = decodeParameters(found.parameters);
  return found.route.answer({ parameters, query, hasWriteAccess, readJson: () => parseJson(body) });
}

async function read(request: IncomingMessage): Promise<Asked> {
  const body = await readBody(request);
  const key = request.headers["x-pendo-integration-key"];
  return { method: request.method ?? "", ...splitUrl(request), key, body };
}

function splitUrl(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const [path = "", ...query] = (request.url ?? "/").split("?");
  return { path, query: new URLSearchParams(query.join("?")) };
}

function readLoggable(body: Buffer | undefined): Json {
  if (body === undefined || body.length === 0) return null;
  const text = body.toString("utf8");
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
