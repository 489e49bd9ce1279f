// Whatever goes wrong with a request to an address that a person typed. The message is for that person; it says nothing
// about what is in our own network, and holds nothing that the other side sent.
import type { AddressKind } from "./special-addresses.ts";

export type OutgoingTrouble =
  /** Not an http or https URL that may be called at all. */
  | "address-invalid"
  /** It leads to where nobody but an administrator may send us. */
  | "address-refused"
  /** There is no such name. */
  | "name-not-found"
  /** The name servers did not answer. */
  | "name-not-resolved"
  | "not-reachable"
  /** No secure connection: the certificate is not the name's, or out of date, or nobody vouches for it. */
  | "certificate-refused"
  | "timed-out"
  /** The answer broke off. */
  | "half-answer"
  /** An answer that is not HTTP, or not packed as it says. */
  | "wrong-content"
  | "too-large"
  /** A header that a caller may not set. */
  | "request-invalid"
  /** This process is stopping. */
  | "stopped";

/** What whoever asked should do. */
export type OutgoingNext = "try-again" | "fix-address" | "give-up";

const nextOf: Readonly<Record<OutgoingTrouble, OutgoingNext>> = {
  "address-invalid": "fix-address",
  "address-refused": "fix-address",
  "name-not-found": "fix-address",
  "name-not-resolved": "try-again",
  "not-reachable": "try-again",
  "certificate-refused": "fix-address",
  "timed-out": "try-again",
  "half-answer": "try-again",
  "wrong-content": "give-up",
  "too-large": "give-up",
  "request-invalid": "give-up",
  stopped: "try-again",
};

export class OutgoingError extends Error {
  readonly trouble: OutgoingTrouble;
  readonly next: OutgoingNext;
  /** As errors of sockets have one: ADDRESS_REFUSED. */
  readonly code: string;
  /** What was refused. For tests and the log: to a stranger it would be a map of the network. */
  readonly kind: AddressKind | undefined;
  /** Of an answer that began. */
  readonly status: number | undefined;

  constructor(
    trouble: OutgoingTrouble,
    message: string,
    more: { kind?: AddressKind | undefined; status?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "OutgoingError";
    this.trouble = trouble;
    this.next = nextOf[trouble];
    this.code = trouble.toUpperCase().replaceAll("-", "_");
    this.kind = more.kind;
    this.status = more.status;
  }
}
