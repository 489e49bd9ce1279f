import type { ServerResponse } from "node:http";
import { setTimeout as delay, setImmediate } from "node:timers/promises";
import type { Answer } from "./answer.ts";
import type { FaultRule } from "./faults.ts";

/** Milliseconds. A fast client drains each chunk at once, and then nobody else would be answered until the last row. */
const longestTurn = 5;
/** Milliseconds of a pause, unless the rule says otherwise. */
const defaultPause = 100;

/** Resolves to the number of bytes of the body that were sent. */
export async function sendAnswer(response: ServerResponse, answer: Answer, rule?: FaultRule): Promise<number> {
  if (response.destroyed) return 0;
  response.statusCode = answer.status;
  if (answer.contentType !== null) response.setHeader("content-type", answer.contentType);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  const { body } = answer;
  if (typeof body !== "string") return sendChunks(response, body, rule);
  response.setHeader("content-length", Buffer.byteLength(body));
  return sendChunks(response, [body], rule);
}

async function sendChunks(
  response: ServerResponse,
  chunks: Iterable<string>,
  rule: FaultRule | undefined,
): Promise<number> {
  const isEnding = rule?.fault === "cut" || rule?.fault === "stall";
  let sent = 0;
  let turnStartedAt = performance.now();
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    const allowed = isEnding ? (rule.bytes ?? Math.floor(bytes.length / 2)) - sent : Number.POSITIVE_INFINITY;
    if (bytes.length > allowed) {
      await writeThrough(response, bytes.subarray(0, allowed));
      if (rule?.fault === "cut") response.destroy();
      return sent + allowed;
    }
    sent += bytes.length;
    if (!response.write(bytes)) await waitForDrain(response);
    if (rule?.fault === "trickle") await delay(rule.milliseconds ?? defaultPause);
    if (response.destroyed) return sent;
    if (performance.now() - turnStartedAt < longestTurn) continue;
    await setImmediate();
    turnStartedAt = performance.now();
  }
  response.end();
  return sent;
}

/** What was written reaches the client before the connection breaks, if only the head. */
async function writeThrough(response: ServerResponse, bytes: Buffer): Promise<void> {
  response.flushHeaders();
  await new Promise<void>((resolve) => {
    response.write(bytes, () => resolve());
    response.once("close", () => resolve());
  });
}

function waitForDrain(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      response.off("drain", finish);
      response.off("close", finish);
      resolve();
    };
    response.on("drain", finish);
    response.on("close", finish);
  });
}
