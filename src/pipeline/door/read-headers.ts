// The headers that are kept with a body: none that let somebody in, none that say nothing.
import type { IncomingHttpHeaders } from "node:http";

const left = new Set([
  "host",
  "connection",
  "content-length",
  "accept",
  "accept-encoding",
  "transfer-encoding",
  "keep-alive",
]);
/** Of whatever proxy stands in front: names differ, what they are called after does not. */
const letsIn = /(^|-)auth(?!or)|authoriz|cookie|token|secret|passw|credential|session|jwt|api-?key|integration-key/;
const longest = 4_000;

/**
 * As JSON text. A signature that was right has done its work and is left out; one that was not is kept, to be looked at
 * again once the secret has been mended.
 */
export function readHeaders(
  headers: IncomingHttpHeaders,
  signature: "without-signature" | "with-signature" = "without-signature",
): string {
  const kept: Record<string, string | string[]> = {};
  for (const name in headers) {
    if (left.has(name) || letsIn.test(name)) continue;
    if (name === "x-pendo-signature" && signature === "without-signature") continue;
    kept[name] = headers[name]!;
  }
  const text = JSON.stringify(kept);
  if (text.length <= longest) return text;
  return JSON.stringify({
    "content-type": shorten(kept["content-type"]),
    "x-pendo-signature": shorten(kept["x-pendo-signature"]),
    note: "further headers were too long to keep",
  });
}

function shorten(value: string | string[] | undefined): string | undefined {
  return value?.toString().slice(0, 200);
}
