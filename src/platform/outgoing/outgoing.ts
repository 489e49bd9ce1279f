// The only way out to an address that a person typed (a webhook's receiver, a CRM, an identity provider). It follows no
// redirect: that would be an address that nobody typed. What is behind the limits is nobody's answer.
import { setMaxListeners } from "node:events";
import { type Agent, errors, request } from "undici";
import { createGuardedAgent, type GuardOptions } from "./guarded-agent.ts";
import { OutgoingError, type OutgoingTrouble } from "./outgoing-error.ts";
import { acceptedEncodings, readOutgoingBody } from "./read-outgoing-body.ts";
import { isUsualPort, readOutgoingUrl } from "./read-outgoing-url.ts";

export type OutgoingLimits = {
  /** Milliseconds until a name must have its addresses. */
  resolveMs: number;
  /** Milliseconds until a connection must stand, TLS included. */
  connectMs: number;
  /** Milliseconds without a byte of the answer. */
  idleMs: number;
  /** Milliseconds for everything, unless a request says otherwise. */
  totalMs: number;
  /** Bytes of an answer, packed and unpacked, unless a request says otherwise. */
  bytes: number;
  /** To one origin at once. */
  connections: number;
};

const defaultLimits: OutgoingLimits = {
  resolveMs: 5_000,
  connectMs: 5_000,
  idleMs: 10_000,
  totalMs: 15_000,
  bytes: 1024 * 1024,
  connections: 8,
};

export type OutgoingOptions = Pick<
  GuardOptions,
  "log" | "allowed" | "resolve" | "isPortAllowed" | "listOwnAddresses"
> & { limits?: Partial<OutgoingLimits> | undefined };

export type OutgoingRequest = {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | Uint8Array | undefined;
  /** Milliseconds for everything: name, connection, answer. */
  timeoutMs?: number | undefined;
  mostBytes?: number | undefined;
};

type OutgoingAnswer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Unpacked. */
  body: Buffer;
  /** Where a redirect leads, as the answer says it; nobody has gone there. */
  redirectsTo: string | undefined;
};

export type Outgoing = {
  /** For undici's own functions and for libraries that take a dispatcher. It guards connections; the rest is up to them. */
  dispatcher: Agent;
  /** Resolves to any whole answer, whatever its status. Rejects with an OutgoingError. */
  request: (address: string, asked: OutgoingRequest) => Promise<OutgoingAnswer>;
  /** Ends requests under way. */
  stop: () => Promise<void>;
};

/** Where a message ends and who it is for is not up to callers. */
const ownHeaders: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "upgrade",
  "expect",
  "te",
  "trailer",
  "proxy-authorization",
  "proxy-connection",
]);

export function createOutgoing(options: OutgoingOptions): Outgoing {
  const limits = { ...defaultLimits, ...options.limits };
  const { isPortAllowed = isUsualPort } = options;
  const dispatcher = createGuardedAgent({ ...options, ...limits });
  const stopping = new AbortController();
  // Every request listens, and there may be many at once.
  setMaxListeners(0, stopping.signal);

  return {
    dispatcher,
    async request(address, asked) {
      if (stopping.signal.aborted) throw stopped();
      const url = readOutgoingUrl(address, isPortAllowed);
      checkHeaders(asked.headers ?? {});
      const state = { status: undefined, isLate: false };
      const ending = new AbortController();
      const end = () => ending.abort();
      const timer = setTimeout(() => {
        state.isLate = true;
        end();
      }, asked.timeoutMs ?? limits.totalMs);
      stopping.signal.addEventListener("abort", end);
      try {
        const work = exchange({ url, asked, dispatcher, limits, signal: ending.signal, state });
        return await Promise.race([work, rejectOnEnd(ending.signal)]);
      } catch (error) {
        if (stopping.signal.aborted) throw stopped();
        throw error instanceof OutgoingError ? error : explainFailure(error, state);
      } finally {
        clearTimeout(timer);
        stopping.signal.removeEventListener("abort", end);
      }
    },
    async stop() {
      stopping.abort();
      await dispatcher.destroy();
    },
  };
}

/** Undici looks at its signal once there is a connection; who waits for a name or a handshake would wait on. */
function rejectOnEnd(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

type State = { status: number | undefined; isLate: boolean };

type Exchange = {
  url: URL;
  asked: OutgoingRequest;
  dispatcher: Agent;
  limits: OutgoingLimits;
  signal: AbortSignal;
  state: State;
};

async function exchange({ url, asked, dispatcher, limits, signal, state }: Exchange): Promise<OutgoingAnswer> {
  const { statusCode, headers, body } = await request(url, {
    method: asked.method,
    headers: { "accept-encoding": acceptedEncodings, "user-agent": "Plumbline", ...lowerNames(asked.headers ?? {}) },
    body: asked.body ?? null,
    dispatcher,
    signal,
    // How long an answer may take to begin is bounded by the time for everything.
    headersTimeout: 0,
    bodyTimeout: limits.idleMs,
  });
  state.status = statusCode;
  const hasBody = asked.method !== "HEAD" && statusCode !== 204 && statusCode !== 304;
  return {
    status: statusCode,
    headers,
    body: await readOutgoingBody({
      body,
      encoding: hasBody ? readHeader(headers["content-encoding"]) : undefined,
      mostBytes: asked.mostBytes ?? limits.bytes,
      status: statusCode,
    }),
    redirectsTo: statusCode >= 300 && statusCode < 400 ? readHeader(headers.location) : undefined,
  };
}

/** Several lines of a header count as one. */
const readHeader = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(", ") : value);

function lowerNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    const isPlain = /^[a-z0-9!#$%&'*+.^_`|~-]+$/i.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
    if (!isPlain) throw new OutgoingError("request-invalid", "A header has characters that no header can have.");
    if (ownHeaders.has(name.toLowerCase()))
      throw new OutgoingError("request-invalid", `The header ${name} cannot be set: leave it out.`);
  }
}

function explainFailure(error: unknown, { status, isLate }: State): OutgoingError {
  const of = (trouble: OutgoingTrouble, message: string) =>
    new OutgoingError(trouble, message, { status, cause: error });
  const code = readCode(error);
  if (isLate || /TIMEOUT|ETIMEDOUT/.test(code)) return of("timed-out", "There was no answer in time: try again later.");
  if (error instanceof errors.HTTPParserError || code === "UND_ERR_HEADERS_OVERFLOW")
    return of("wrong-content", "The answer is not HTTP, or its headers are too long: is it a web server?");
  if (status !== undefined) return of("half-answer", "The answer broke off: try again later.");
  if (/CERT|^ERR_TLS|^ERR_SSL|^UNABLE_TO|^EPROTO/.test(code))
    return of(
      "certificate-refused",
      `There is no secure connection (${code}): check that the host's certificate is valid for this name.`,
    );
  return of("not-reachable", `The host is not reachable (${code || "no connection"}): check it, or try again later.`);
}

/** A short name of what happened. Messages of errors carry addresses and are left out. */
function readCode(error: unknown): string {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    if ("code" in one && typeof one.code === "string") return one.code;
  }
  return "";
}

function stopped(): OutgoingError {
  return new OutgoingError("stopped", "Plumbline is stopping: it is tried again after the start.");
}
