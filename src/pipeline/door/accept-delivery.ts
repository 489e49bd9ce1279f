// A request knocks. Everything that can be told without the database is told first; what is taken in is answered only
// after it is on disk. Works on bare requests: this path carries the load, and needs nothing of a framework.
import type { IncomingMessage, ServerResponse } from "node:http";
import { isDatabaseAway } from "../../platform/database/errors.ts";
import type { Log } from "../../platform/log.ts";
import { createUuid } from "../../platform/uuid.ts";
import type { Answer, Front } from "../front.ts";
import type { Reason } from "../outcome.ts";
import { checkBody, limits } from "./check-body.ts";
import { checkSignature } from "./check-signature.ts";
import type { DoorConnection } from "./connection-queries.ts";
import type { FindConnection } from "./find-connection.ts";
import { createBodyReader } from "./read-body.ts";
import { readHeaders } from "./read-headers.ts";
import { createRefusalBudget } from "./refusal-budget.ts";
import { sendAnswer } from "./send-answer.ts";

/** What the door hands on; the inbox takes it in (see inbox/append-deliveries.ts). */
type ArrivedDelivery = {
  workspaceId: string;
  deliveryId: string;
  connectionId: string;
  receivedAt: Date;
  headers: string;
  body: Buffer;
  size: number;
  signed: boolean;
  state: "waiting" | "refused";
  reason: Reason | null;
  detail: string | null;
  endpoint: string | null;
  isKept: boolean;
};

type Excess = "all" | "connection";

export type DoorOptions = {
  /** Who knocks, and how they are spoken to. */
  front: Front;
  connections: FindConnection;
  append: (arrival: ArrivedDelivery) => Promise<void>;
  /** Whether so many bytes more would be too much for the moment, of this connection or of all together. */
  findExcess: (connectionId: string, bytes: number) => Excess | undefined;
  /** Whether an error of `append` says the same. */
  isFull: (error: unknown) => Excess | undefined;
  clock: () => Date;
  log: Log;
  onAnswer: (status: number, milliseconds: number) => void;
};

export type Door = (request: IncomingMessage, response: ServerResponse) => void;

export function createDoor(options: DoorOptions): Door {
  const { front } = options;
  const { answers } = front;
  const takeRefusal = createRefusalBudget();
  const readBody = createBodyReader({ largest: limits.bytes });

  async function accept(request: IncomingMessage): Promise<Answer> {
    if (request.method !== "POST") return answers.wrongMethod;
    const caller = front.readCaller(request);
    if ("status" in caller) return caller;
    const { address, endpoint } = caller;
    if (address === "") return answers.unknownAddress;
    const found = options.connections.find(address);
    const connection = found instanceof Promise ? await found : found;
    if (connection?.kind !== front.kind) return answers.unknownAddress;
    // Before anything is read or reckoned: else a flood takes the processor for requests that are not taken in.
    const excess = options.findExcess(connection.connectionId, Number(request.headers["content-length"] ?? 0));
    if (excess) return answerExcess(excess);
    const { body, size, end } = await readBody(request);
    if (end === "no-room") return answers.overloaded;
    const arrival = createArrival(connection, { body, size, endpoint });
    if (end === "too-large") return refuse(request, arrival, "too-large", answers.tooLarge);

    const signature = await verify(connection, address, request, body);
    if (signature.outcome === "unknown") return answers.unknownAddress;
    if (signature.outcome !== "right" && signature.outcome !== "not-asked") {
      const isMissing = signature.outcome === "missing";
      return refuse(
        request,
        arrival,
        isMissing ? "signature-missing" : "signature-wrong",
        isMissing ? answers.signatureMissing : answers.signatureWrong,
      );
    }
    arrival.signed = signature.outcome === "right";
    arrival.headers = readHeaders(request.headers);

    const refusal = checkBody(body, (value) => front.judge(value, endpoint, connection));
    if (refusal !== null) {
      await options.append({ ...arrival, state: "refused", ...refusal });
      return answers.refused(refusal, arrival.deliveryId);
    }
    await options.append(arrival);
    return answers.accepted(arrival.deliveryId);
  }

  /** Requests that anybody could send are kept in limited number, so that they cannot fill the disk; all are counted. */
  async function refuse(
    request: IncomingMessage,
    arrival: ArrivedDelivery,
    reason: Reason,
    answer: Answer,
  ): Promise<Answer> {
    const isKept = takeRefusal(arrival.connectionId);
    const kept = isKept
      ? { headers: readHeaders(request.headers, "with-signature"), body: arrival.body }
      : { body: Buffer.alloc(0) };
    await options.append({ ...arrival, ...kept, state: "refused", reason, isKept });
    return answer;
  }

  async function verify(connection: DoorConnection, address: string, request: IncomingMessage, body: Buffer) {
    const header = request.headers["x-pendo-signature"];
    const given = Array.isArray(header) ? header[0] : header;
    if (connection.secrets.length === 0) return { outcome: "not-asked" as const };
    const check = checkSignature(body, given, connection.secrets);
    if (check === "right") return { outcome: check };
    // The secret may have been changed a moment ago by another process.
    const fresh = await options.connections.findAnew(address);
    if (!fresh) return { outcome: "unknown" as const };
    return {
      outcome: fresh.secrets.length === 0 ? ("not-asked" as const) : checkSignature(body, given, fresh.secrets),
    };
  }

  function createArrival(
    connection: DoorConnection,
    request: Pick<ArrivedDelivery, "body" | "size" | "endpoint">,
  ): ArrivedDelivery {
    const receivedAt = options.clock();
    return {
      workspaceId: connection.workspaceId,
      connectionId: connection.connectionId,
      deliveryId: createUuid(receivedAt.getTime()),
      receivedAt,
      headers: "{}",
      ...request,
      signed: false,
      state: "waiting",
      reason: null,
      detail: null,
      isKept: true,
    };
  }

  function answerExcess(excess: Excess): Answer {
    return excess === "connection" ? answers.slowDown : answers.overloaded;
  }

  function answerError(error: unknown): Answer {
    const excess = options.isFull(error);
    if (excess) return answerExcess(excess);
    if (isDatabaseAway(error) || isTimeout(error)) return answers.databaseAway;
    options.log.error({ error: (error as Error).message }, "a request could not be taken in");
    return answers.databaseAway;
  }

  return function door(request, response) {
    const start = performance.now();
    accept(request)
      .catch((error) => (response.destroyed ? undefined : answerError(error)))
      .then((answer) => {
        if (!answer || response.destroyed) return;
        sendAnswer(request, response, answer);
        options.onAnswer(answer.status, performance.now() - start);
      })
      .catch((error) => options.log.error({ error: (error as Error).message }, "an answer could not be sent"));
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timeout/i.test(error.message);
}
