// The API key in a request's Authorization header, in each of the ways that clients send it.

const longestHeader = 2_000;

/**
 * The keys that the header may hold, the likeliest first. Documented is Basic with the key as user name and an empty password;
 * clients also send the key as it is, or put the ready-made header where the key belongs.
 */
export function readCredential(header: string | undefined): string[] {
  if (header === undefined || header.length > longestHeader) return [];
  const [, scheme, credential] = /^\s*(Basic|Bearer)\s+(\S(?:.*\S)?)\s*$/i.exec(header) ?? [];
  if (scheme === undefined || credential === undefined) return [];
  const keys = scheme.toLowerCase() === "bearer" ? [credential] : [readUserName(credential), credential];
  return [...new Set(keys.flatMap((key) => (/^Basic\s/i.test(key) ? readCredential(key) : [key])))];
}

/** Without the colon, too: some encode nothing but the key. */
function readUserName(credential: string): string {
  return Buffer.from(credential, "base64").toString("utf8").replace(/:.*$/s, "");
}
