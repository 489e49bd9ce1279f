import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer } from "../front.ts";

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
