// What a sender is told: JSON with a sentence, always.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Reason, reasons } from "../outcome.ts";

export type Answer = {
  status: number;
  /** Text, not bytes: node writes a text in one piece with the head. */
  body: string;
  headers?: Record<string, string>;
};

function createAnswer(status: number, outcome: string, message: string, headers?: Record<string, string>): Answer {
  const body = JSON.stringify({ outcome, message });
  return headers ? { status, body, headers } : { status, body };
}

const retryAfter = { "retry-after": "1" };

export const answers = {
  accepted: (deliveryId: string): Answer => ({
    status: 200,
    body: `{"outcome":"accepted","message":"Taken in and kept.","deliveryId":"${deliveryId}"}`,
  }),
  refused: (reason: Reason, deliveryId: string): Answer => ({
    status: 400,
    body: JSON.stringify({
      outcome: "refused",
      reason,
      message: `${reasons[reason]} It is kept in the delivery log as refused.`,
      deliveryId,
    }),
  }),
  signatureMissing: createAnswer(401, "refused", "This address needs the header X-Pendo-Signature."),
  signatureWrong: createAnswer(
    401,
    "refused",
    "The signature does not belong to this body and the secret of this address.",
  ),
  unknownAddress: createAnswer(
    404,
    "unknown-address",
    "There is no such webhook address. Copy it again from the settings of the connection.",
  ),
  wrongMethod: createAnswer(405, "wrong-method", "Webhooks are sent with POST.", { allow: "POST" }),
  tooLarge: createAnswer(413, "refused", "The body is larger than 1 MiB.", { connection: "close" }),
  slowDown: createAnswer(
    429,
    "not-taken",
    "This connection sends faster than its share for the moment; send it again.",
    retryAfter,
  ),
  overloaded: createAnswer(503, "not-taken", "Too much waits to be written; send it again.", retryAfter),
  databaseAway: createAnswer(503, "not-taken", "The database does not answer; nothing was kept, send it again.", {
    "retry-after": "2",
  }),
} as const;

export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(answer.body),
    ...answer.headers,
  });
  response.end(answer.body);
  // A body that nobody reads would block the connection's next request.
  if (!request.readableEnded) request.resume();
}
