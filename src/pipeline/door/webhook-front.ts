// Webhooks: the address stands in the path, and a sender is told JSON with a sentence, always.
import type { Answer, Front } from "../front.ts";
import { reasons } from "../outcome.ts";
import { judgeObjects } from "./check-body.ts";

function createAnswer(status: number, outcome: string, message: string, headers?: Record<string, string>): Answer {
  const body = JSON.stringify({ outcome, message });
  return headers ? { status, body, headers } : { status, body };
}

const path = "/hooks/pendo/";
const retryAfter = { "retry-after": "1" };

export const webhookFront: Front = {
  kind: "pendo",
  path,
  readCaller: (request) => ({ address: readAddress(request.url ?? ""), endpoint: null }),
  judge: judgeObjects,
  answers: {
    accepted: (deliveryId) => ({
      status: 200,
      body: `{"outcome":"accepted","message":"Taken in and kept.","deliveryId":"${deliveryId}"}`,
    }),
    refused: ({ reason }, deliveryId) => ({
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
  },
};

/** What stands behind the path, without a query and a slash at the end. */
function readAddress(url: string): string {
  const query = url.indexOf("?");
  const whole = query === -1 ? url : url.slice(0, query);
  const address = whole.slice(path.length);
  return address.endsWith("/") ? address.slice(0, -1) : address;
}
