// How one kind of sender speaks to the door: where a request says which connection it is for, what a body must be, and in
// which words it is answered. What the door promises is the same for all of them.
import type { IncomingMessage } from "node:http";
import type { Json } from "../platform/json.ts";
import type { ConnectionKind } from "./facts.ts";
import type { Reason } from "./outcome.ts";

export type Answer = {
  status: number;
  /** Text, not bytes: node writes a text in one piece with the head. */
  body: string;
  headers?: Record<string, string>;
};

/** Which connection a request is for, by what only its sender knows, and what it is about where its path says that. */
type Caller = { address: string; endpoint: string | null };

/** Why a body is not taken in. */
export type Refusal = { reason: Reason; detail: string | null };

export type Front = {
  kind: ConnectionKind;
  /** What all paths begin with. */
  path: string;
  /** An answer where the request does not even say who it is. */
  readCaller: (request: IncomingMessage) => Caller | Answer;
  /** Null: it can be taken in. `body` was read as JSON, within the limits of depth. */
  judge: (body: Json, endpoint: string | null, rules: { filteredKinds: readonly string[] }) => Refusal | null;
  answers: {
    accepted: (deliveryId: string) => Answer;
    refused: (refusal: Refusal, deliveryId: string) => Answer;
    signatureMissing: Answer;
    signatureWrong: Answer;
    unknownAddress: Answer;
    wrongMethod: Answer;
    tooLarge: Answer;
    slowDown: Answer;
    overloaded: Answer;
    databaseAway: Answer;
  };
};
