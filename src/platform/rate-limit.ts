// Says in the headers of every answer what is left of a caller's budget of requests, and turns away whoever has spent it.
import type { FastifyInstance, FastifyReply } from "fastify";
import { HttpError } from "./http-server.ts";
import type { Budget, RequestBudgets } from "./request-budget.ts";

/** `signIn` adds the hook that finds out who asks; whoever it turns away is told of a full budget. */
export function limitRequests(app: FastifyInstance, budgets: RequestBudgets, signIn: () => void): void {
  app.addHook("onRequest", async (_request, reply) => sayBudget(reply, budgets.full));
  signIn();
  app.addHook("onRequest", async (request, reply) => takeFromBudget(budgets, request.by.id, reply));
}

/** Throws a 429 where nothing is left. */
export function takeFromBudget(budgets: RequestBudgets, callerId: string, reply: FastifyReply): void {
  const budget = budgets.take(callerId);
  sayBudget(reply, budget);
  if (!budget.isSpent) return;
  reply.header("retry-after", budget.resetSeconds);
  throw new HttpError(429, `More than ${budget.limit} requests in a minute: try again in ${budget.resetSeconds} s.`);
}

/** `window` in seconds. */
export function sayBudget(reply: FastifyReply, { limit, remaining, resetSeconds }: Budget, window = 60): void {
  reply.header("ratelimit-limit", `${limit}, ${limit};window=${window}`);
  reply.header("ratelimit-remaining", remaining);
  reply.header("ratelimit-reset", resetSeconds);
}
