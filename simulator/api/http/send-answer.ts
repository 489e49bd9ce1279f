import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import type { Answer } from "./answer.ts";

/** Milliseconds. A fast client drains each chunk at once, and then nobody else would be answered until the last row. */
const longestTurn = 5;

/** Resolves to the number of bytes of the body. With `isCut`, the connection breaks in the middle of the answer. */
export async function sendAnswer(response: ServerResponse, answer: Answer, isCut: boolean): Promise<number> {
  if (response.destroyed) return 0;
  response.statusCode = answer.status;
  if (answer.contentType !== null) response.setHeader("content-type", answer.contentType);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (typeof answer.body === "string") return sendWhole(response, Buffer.from(answer.body), isCut);
  return sendChunks(response, answer.body, isCut);
}

async function sendWhole(response: ServerResponse, bytes: Buffer, isCut: boolean): Promise<number> {
  response.setHeader("content-length", bytes.length);
  if (isCut) return breakOff(response, bytes.subarray(0, Math.floor(bytes.length / 2)));
  response.end(bytes);
  return bytes.length;
}

async function sendChunks(response: ServerResponse, chunks: Iterable<string>, isCut: boolean): Promise<number> {
  let sent = 0;
  let turnStartedAt = performance.now();
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    if (isCut) return breakOff(response, bytes.subarray(0, Math.ceil(bytes.length / 2)));
    sent += bytes.length;
    if (!response.write(bytes)) await waitForDrain(response);
    if (response.destroyed) return sent;
    if (performance.now() - turnStartedAt < longestTurn) continue;
    await setImmediate();
    turnStartedAt = performance.now();
  }
  response.end();
  return sent;
}

/** What was written reaches the client before the connection breaks, if only the head. */
async function breakOff(response: ServerResponse, bytes: Buffer): Promise<number> {
  response.flushHeaders();
  await new Promise<void>((resolve) => {
    response.write(bytes, () => resolve());
    response.once("close", () => resolve());
  });
  response.destroy();
  return bytes.length;
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
