import type { ServerResponse } from "node:http";
import { type Answer, answerError } from "./answer.ts";
import type { FaultRule } from "./faults.ts";

/** Milliseconds of a slow answer, and until a client may come back, unless the rule says otherwise. */
const defaultDelay = 5000;
const defaultRetryAfter = 1000;

/** The answer instead of the right one; null for none at all. */
export function answerFault({ fault, milliseconds }: FaultRule): Answer | null {
  if (fault === "reset" || fault === "hang") return null;
  if (fault === 429 || fault === 503) return answerBusy(fault, milliseconds ?? defaultRetryAfter);
  if (typeof fault === "number") return answerError(fault, fault < 500 ? null : "this failure was asked for");
  if (fault === "html")
    return { status: 200, contentType: "text/html", body: "<!doctype html><title>Please wait</title>" };
  return { status: 200, contentType: "application/json; charset=utf-8", body: "" };
}

/** With 0 milliseconds, it is not said when to come back. */
export function answerBusy(status: 429 | 503, milliseconds: number): Answer {
  const answer = answerError(status, status === 429 ? "Too Many Requests" : "Service Unavailable");
  if (milliseconds === 0) return answer;
  return { ...answer, headers: { "retry-after": String(Math.ceil(milliseconds / 1000)) } };
}

export async function waitIfSlow(rule: FaultRule | undefined): Promise<void> {
  if (rule?.fault !== "slow") return;
  await new Promise((resolve) => setTimeout(resolve, rule.milliseconds ?? defaultDelay));
}

/** A connection that hangs is left to the client's patience, or to the end of the simulator. */
export function breakConnection(response: ServerResponse, rule: FaultRule | undefined): number {
  if (rule?.fault === "reset") response.socket?.resetAndDestroy();
  return 0;
}
