// As much of HTTP/1.1 as a sender needs of an answer: where it ends, its status, and when to come back.

export type Answer = {
  status: number;
  /** Milliseconds the receiver asks to wait; null where it does not say. */
  retryAfter: number | null;
  /** Whether the connection can take another request. */
  isReusable: boolean;
};

/** The answer once it is complete, else undefined. `isEnded`: the receiver has closed its side. Throws on other protocols. */
export function readAnswer(received: Buffer, isEnded: boolean): Answer | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [statusLine = "", ...lines] = received.toString("latin1", 0, headEnd).split("\r\n");
  const match = /^HTTP\/1\.(\d) (\d{3})/.exec(statusLine);
  if (!match) throw new Error("not an HTTP/1.1 answer");
  const status = Number(match[2]);
  const body = received.subarray(headEnd + 4);
  if (status < 200) return readAnswer(body, isEnded);
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const isReusable = !isEnded && match[1] === "1" && headers.get("connection")?.toLowerCase() !== "close";
  const answer = { status, retryAfter: readRetryAfter(headers.get("retry-after")), isReusable };
  if (status === 204 || status === 304) return answer;
  if (headers.get("transfer-encoding")?.toLowerCase().includes("chunked"))
    return isChunkedComplete(body) ? answer : undefined;
  const length = headers.get("content-length");
  if (length !== undefined) return body.length >= Number(length) ? answer : undefined;
  return isEnded ? answer : undefined;
}

function readRetryAfter(value: string | undefined): number | null {
  if (value === undefined) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

function isChunkedComplete(body: Buffer): boolean {
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf("\r\n", at);
    if (lineEnd < 0) return false;
    const size = Number.parseInt(body.toString("latin1", at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error("broken chunk in the answer");
    // Trailers, if any, end with an empty line like the chunks do.
    if (size === 0) return body.indexOf("\r\n\r\n", lineEnd) >= 0;
    at = lineEnd + 2 + size + 2;
  }
}
