// The Analytics API as its clients know it: the token in the header, the type in the path, {"message":"Success."} or
// {"error":"…"}. Source: Vitally's documentation of its Analytics API.
import type { IncomingMessage } from "node:http";
import type { Answer, Front, Refusal } from "../../pipeline/front.ts";
import { reasons } from "../../pipeline/outcome.ts";
import { judgeMessages } from "./judge-request.ts";
import { readToken } from "./read-token.ts";

const path = "/analytics/v1/";

export const analyticsFront: Front = {
  kind: "analytics",
  path,
  readCaller(request) {
    const header = request.headers.authorization;
    if (header === undefined) return refuseCaller("Authorization header not present.");
    const token = readToken(header);
    return token === null ? wrongToken : { address: token, endpoint: readEndpoint(request) };
  },
  judge: judgeMessages,
  answers: {
    accepted: () => success,
    refused: (refusal) => createError(refusal.reason === "unknown-type" ? 404 : 400, describeRefusal(refusal)),
    // Nothing here is signed: the token is the secret.
    signatureMissing: createError(401, "The signature is missing."),
    signatureWrong: createError(401, "The signature is wrong."),
    get unknownAddress() {
      return wrongToken;
    },
    wrongMethod: createError(405, "Messages are sent with POST.", { allow: "POST" }),
    tooLarge: createError(413, "The body is larger than 1 MiB: send fewer messages at once.", { connection: "close" }),
    slowDown: createError(429, "This token sends faster than its share for the moment; send it again.", {
      "retry-after": "1",
    }),
    overloaded: createError(503, "Too much waits to be written; send it again.", { "retry-after": "1" }),
    databaseAway: createError(503, "The database does not answer; nothing was kept, send it again.", {
      "retry-after": "2",
    }),
  },
};

const success: Answer = { status: 200, body: '{"message":"Success."}' };
const wrongToken = refuseCaller(
  "There is no such token. Copy it again: `Authorization: Basic <token>`, as it was shown when the connection was made.",
);

function refuseCaller(message: string): Answer {
  return createError(401, message, { "www-authenticate": "Basic" });
}

function createError(status: number, message: string, headers?: Record<string, string>): Answer {
  const body = JSON.stringify({ error: message });
  return headers ? { status, body, headers } : { status, body };
}

function describeRefusal({ reason, detail }: Refusal): string {
  return [reasons[reason], detail].filter((part) => part !== null).join(" ");
}

/** What stands behind the path, as far as it can be the name of an endpoint; "" is one that nobody has. */
function readEndpoint(request: IncomingMessage): string {
  const [whole = ""] = (request.url ?? "").split("?");
  const name = whole.slice(path.length).replace(/\/$/, "");
  return /^[a-z]{1,40}$/i.test(name) ? name : "";
}
