// Whatever goes wrong with Pendo's API ends in one error that says what should happen next. Its message is for a
// person, and never holds the key, ids or anything that Pendo sent.

export type PendoTrouble =
  /** The connection has no integration key. */
  | "key-missing"
  /** The stored key does not open, or cannot be a key. */
  | "key-unreadable"
  /** Pendo does not take the key (or no longer). */
  | "key-refused"
  /** The key is of another region than the connection's. */
  | "wrong-region"
  /** Too many requests. */
  | "rate-limited"
  /** No connection, or it broke before an answer. */
  | "not-reachable"
  | "timed-out"
  /** 5xx. */
  | "server-error"
  /** The answer broke off. */
  | "half-answer"
  /** An answer that is not what was asked for: no JSON, a page of some proxy, a redirect. */
  | "wrong-content"
  | "too-large"
  /** Pendo takes the key and refuses this very request: trying the same again is of no use. */
  | "request-refused"
  /** This process is stopping, or whoever asked does not want the answer any more. */
  | "stopped";

/** What whoever asked should do. */
export type NextStep =
  | { kind: "try-again"; afterMs: number }
  | { kind: "fix-settings"; setting: "integration-key" | "region" }
  | { kind: "give-up" };

export class PendoError extends Error {
  readonly trouble: PendoTrouble;
  readonly next: NextStep;
  /** Of the answer; undefined where there was none. */
  readonly status: number | undefined;
  /** Milliseconds after which Pendo itself wants to be asked again; undefined where it did not say. */
  readonly retryAfterMs: number | undefined;
  /** The beginning of what Pendo said, for a person who may see it; may name ids, so it is never logged. */
  readonly detail: string | undefined;

  constructor(
    trouble: PendoTrouble,
    message: string,
    more: {
      next: NextStep;
      status?: number | undefined;
      retryAfterMs?: number | undefined;
      detail?: string | undefined;
      cause?: unknown;
    },
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "PendoError";
    this.trouble = trouble;
    this.next = more.next;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
    this.detail = more.detail;
  }
}

/** Milliseconds until whoever met it should ask again, unless it counts its own attempts. */
const defaultRetryMs = 30_000;

export const tryAgain = (afterMs = defaultRetryMs): NextStep => ({ kind: "try-again", afterMs });
export const fixSetting = (setting: "integration-key" | "region"): NextStep => ({ kind: "fix-settings", setting });
export const giveUp: NextStep = { kind: "give-up" };
