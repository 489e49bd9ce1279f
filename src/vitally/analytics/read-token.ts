// The token of a request. Clients write it as they were told: as it is behind Basic, or as the user name of HTTP's Basic
// sign-in (base64 of "<token>:"), or behind Bearer.

const longestHeader = 500;
const token = /^[\w-]{20,200}$/;

/** Null where the header can hold no token of ours. */
export function readToken(header: string): string | null {
  if (header.length > longestHeader) return null;
  const given = header
    .trim()
    .replace(/^(?:basic|bearer)\s+/i, "")
    .trim();
  const colon = Buffer.from(given, "base64").toString("latin1").split(":");
  // A token of ours is 32 characters: read as base64 it is 24 bytes, never a text this long with a colon.
  if (colon.length > 1 && token.test(colon[0]!)) return colon[0]!;
  return token.test(given) ? given : null;
}
