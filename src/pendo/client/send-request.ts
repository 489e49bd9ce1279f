// One request to Pendo's API, once: time-outs, a cap on the size of the answer, no redirects. What goes wrong becomes a
// PendoError here, so that nobody above needs to know statuses or the names of socket errors.
import { performance } from "node:perf_hooks";
import { setTimeout as delay, setImmediate as yieldToOthers } from "node:timers/promises";
import { type Dispatcher, errors, request } from "undici";
import { fixSetting, giveUp, type NextStep, PendoError, type PendoTrouble, tryAgain } from "./pendo-error.ts";
import { readRetryAfter } from "./read-retry-after.ts";
import { HalfAnswerError, WrongContentError } from "./split-rows.ts";

/** Milliseconds. Pendo computes an aggregation for up to five minutes before it says anything. */
export type Timeouts = { headers: number; idle: number; total: number };

export const longTimeouts: Timeouts = { headers: 290_000, idle: 60_000, total: 300_000 };
/** A report may have a million rows, and whoever takes them may be slower than Pendo. */
export const reportTimeouts: Timeouts = { headers: 310_000, idle: 120_000, total: 1_800_000 };
export const shortTimeouts: Timeouts = { headers: 20_000, idle: 20_000, total: 30_000 };

export type PendoRequest = {
  /** For the log. */
  name: string;
  method: "GET" | "POST";
  /** Behind /api/v1. */
  path: string;
  body?: unknown;
  /** The type of content that is asked for; JSON without it. */
  accept?: string;
  timeouts: Timeouts;
  /** Bytes of the answer; more is an error. */
  mostBytes: number;
  /** When whoever asked does not want it any more. */
  signal?: AbortSignal | undefined;
};

/**
 * Takes an answer piece by piece. It throws a HalfAnswerError or a WrongContentError where the answer is to blame; what
 * else it throws arrives as it is at whoever asked.
 */
export type Reader<T> = {
  /** A 2xx answer begins. */
  begin?: (answer: { status: number; contentType: string }) => void;
  /** Nothing more is read from the socket until it resolves. */
  push: (chunk: Uint8Array) => void | Promise<void>;
  /** When it knows enough, the rest of the answer is given up. */
  isSatisfied?: () => boolean;
  end: () => T | Promise<T>;
  /** The attempt failed, with a PendoError or an error of its own. */
  fail?: (error: unknown) => void | Promise<void>;
};

export type Sender = {
  origin: string;
  integrationKey: string;
  dispatcher: Dispatcher;
  clock: () => Date;
  /** When the process stops, or nobody wants the answer any more. */
  signal: AbortSignal;
};

const mostErrorBytes = 16 * 1024;
/** Milliseconds of reading before others get their turn: a fast answer is megabytes at a time, and webhooks wait beside it. */
const longestTurn = 5;

/** Resolves to what the reader made of a whole 2xx answer; rejects with a PendoError otherwise. */
export async function sendRequest<T>(sender: Sender, asked: PendoRequest, reader: Reader<T>): Promise<T> {
  if (sender.signal.aborted) throw stopped();
  const ending = new AbortController();
  const state: SendState = { hasAnswer: false, isLate: false };
  const end = () => ending.abort();
  const timer = setTimeout(() => {
    state.isLate = true;
    end();
  }, asked.timeouts.total);
  sender.signal.addEventListener("abort", end);
  try {
    await exchange(sender, asked, reader, ending.signal, state);
    return await guard(() => reader.end());
  } catch (error) {
    const explained = explain(error, state, sender.signal);
    await reader.fail?.(explained);
    throw explained;
  } finally {
    clearTimeout(timer);
    sender.signal.removeEventListener("abort", end);
  }
}

type SendState = { hasAnswer: boolean; isLate: boolean };

/** What a reader throws, so that it is not taken for trouble with the connection. */
class ReaderError extends Error {}

async function guard<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new ReaderError("the reader failed", { cause: error });
  }
}

function explain(error: unknown, state: SendState, signal: AbortSignal): unknown {
  if (signal.aborted) return stopped();
  const thrown = error instanceof ReaderError ? error.cause : error;
  if (thrown instanceof PendoError) return thrown;
  if (thrown instanceof HalfAnswerError || thrown instanceof WrongContentError) return explainContent(thrown);
  return error instanceof ReaderError ? thrown : explainFailure(error, state);
}

async function exchange(
  { origin, integrationKey, dispatcher, clock }: Sender,
  asked: PendoRequest,
  reader: Reader<unknown>,
  signal: AbortSignal,
  state: SendState,
): Promise<void> {
  const { statusCode, headers, body } = await request(`${origin}/api/v1${asked.path}`, {
    method: asked.method,
    headers: {
      "x-pendo-integration-key": integrationKey,
      accept: asked.accept ?? "application/json",
      ...(asked.body !== undefined && { "content-type": "application/json" }),
    },
    body: asked.body === undefined ? null : JSON.stringify(asked.body),
    dispatcher,
    signal,
    headersTimeout: asked.timeouts.headers,
    bodyTimeout: asked.timeouts.idle,
  });
  state.hasAnswer = true;
  if (statusCode < 200 || statusCode >= 300) {
    const detail = await readBeginning(body);
    const retryAfterMs = readRetryAfter(headers["retry-after"], clock());
    throw explainStatus(statusCode, retryAfterMs, detail.replaceAll(integrationKey, "…"));
  }
  await guard(() => reader.begin?.({ status: statusCode, contentType: String(headers["content-type"] ?? "") }));
  let bytes = 0;
  let turnStartedAt = performance.now();
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > asked.mostBytes) throw tooLarge(asked.mostBytes);
    await guard(() => reader.push(chunk));
    if (reader.isSatisfied?.()) return;
    if (performance.now() - turnStartedAt < longestTurn) continue;
    await yieldToOthers();
    turnStartedAt = performance.now();
  }
}

/** What an error says of itself, cut and on one line. A body that breaks off has said enough. */
async function readBeginning(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostErrorBytes) break;
    }
  } catch {
    // The status is known, and that is what counts.
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
    .slice(0, 300);
}

function explainStatus(status: number, retryAfterMs: number | undefined, detail: string): PendoError {
  const of = (trouble: PendoTrouble, message: string, next: NextStep) =>
    new PendoError(trouble, message, { next, status, retryAfterMs, detail: detail || undefined });
  // One customer saw Pendo say 403 for too many requests.
  if (status === 429 || (status === 403 && /rateLimitExceeded/i.test(detail)))
    return of("rate-limited", `Pendo says that it is asked too often (${status}).`, tryAgain(retryAfterMs));
  if (status === 401 || status === 403)
    return of(
      "key-refused",
      `Pendo refuses the integration key (${status}): check that it is still listed in Pendo under Settings → Integrations → Integration Keys and belongs to the connection's region, or set a new one.`,
      fixSetting("integration-key"),
    );
  if (status === 408 || status === 425 || status >= 500)
    return of("server-error", `Pendo has trouble answering (${status}): try again later.`, tryAgain(retryAfterMs));
  if (status < 400)
    return of(
      "wrong-content",
      `Pendo answered with a redirect (${status}), which is not followed: is there a proxy between Plumbline and Pendo that asks for a sign-in?`,
      tryAgain(),
    );
  return of("request-refused", `Pendo refuses the request (${status}): asking the same again is of no use.`, giveUp);
}

function explainContent(error: HalfAnswerError | WrongContentError): PendoError {
  const more = { next: tryAgain(), cause: error };
  if (error instanceof HalfAnswerError)
    return new PendoError(
      "half-answer",
      `Pendo's answer is not whole (${error.message}): nothing of it is used, try again later.`,
      more,
    );
  return new PendoError(
    "wrong-content",
    `The answer is not what Pendo's API gives (${error.message}): is there a proxy between Plumbline and Pendo?`,
    more,
  );
}

function explainFailure(error: unknown, { hasAnswer, isLate }: SendState): PendoError {
  const of = (trouble: PendoTrouble, message: string) =>
    new PendoError(trouble, message, { next: tryAgain(), cause: error });
  const code = readCode(error);
  if (isLate || /TIMEOUT|ETIMEDOUT/.test(code))
    return of("timed-out", "Pendo did not answer in time: try again later.");
  if (error instanceof errors.HTTPParserError)
    return of("wrong-content", "The answer is not HTTP: is it Pendo that answers there?");
  if (hasAnswer) return of("half-answer", "Pendo's answer broke off: nothing of it is used, try again later.");
  return of(
    "not-reachable",
    `Pendo is not reachable (${code || "no connection"}): check that this machine may connect to it, or try again later.`,
  );
}

/** A short name of what happened. Messages of errors may carry addresses and are left out. */
function readCode(error: unknown): string {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    if ("code" in one && typeof one.code === "string") return one.code;
  }
  return "";
}

function tooLarge(mostBytes: number): PendoError {
  return new PendoError(
    "too-large",
    `Pendo's answer is larger than ${mostBytes} bytes: it was given up half-way and nothing of it is used.`,
    { next: giveUp },
  );
}

export function stopped(): PendoError {
  return new PendoError("stopped", "Nobody waits for Pendo's answer any more, or Plumbline is stopping.", {
    next: tryAgain(0),
  });
}

/** Rejects with a PendoError when nobody waits for it any more. */
export async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 && !signal.aborted) return;
  try {
    await delay(milliseconds, undefined, { signal });
  } catch {
    throw stopped();
  }
}
