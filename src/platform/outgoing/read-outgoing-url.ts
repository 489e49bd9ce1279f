// Reads an address that a person typed, as browsers do: odd numbers, other alphabets' digits and full stops become the
// host that is really called. Only what is read here is ever used; the text is not looked at again.
import { isIP } from "node:net";
import { OutgoingError } from "./outgoing-error.ts";

export type IsPortAllowed = (port: number) => boolean;

/** The web's own, and what is no system service. */
export const isUsualPort: IsPortAllowed = (port) => port === 80 || port === 443 || port >= 1024;

const mostCharacters = 4_000;

/** Throws an OutgoingError. The URL has no user info, no fragment, and no dot at the end of its host. */
export function readOutgoingUrl(text: string, isPortAllowed: IsPortAllowed = isUsualPort): URL {
  const trimmed = text.trim();
  if (trimmed.length > mostCharacters) throw invalid(`is longer than ${mostCharacters} characters`);
  // Left out by the URL standard, so that what one reads is not what is called.
  if (/[\p{Cc}\p{Cf}\p{Z}]/u.test(trimmed)) throw invalid("has spaces or invisible characters in it");
  if (!/^https?:\/\//i.test(trimmed)) throw invalid("does not start with https:// or http://");
  if (!URL.canParse(trimmed)) throw invalid("is not a URL");
  const url = new URL(trimmed);
  // Also an empty one (`http://@host`): whoever writes it wants to look like something else.
  if (url.username || url.password || /^https?:[/\\]+[^/?#\\]*@/i.test(trimmed))
    throw invalid("has a user name or a password in it");
  url.hash = "";
  url.hostname = readHost(url.hostname);
  if (!isPortAllowed(readPort(url))) throw invalid(`names port ${readPort(url)}, which is not called`);
  return url;
}

export function readPort({ port, protocol }: Pick<URL, "port" | "protocol">): number {
  if (port === "") return protocol === "https:" ? 443 : 80;
  return Number(port);
}

/** A name in lower case or an address; IPv6 without its brackets. */
export const hostOf = (hostname: string) => hostname.replace(/^\[|\]$/g, "");

function readHost(hostname: string): string {
  const host = hostname.replace(/\.$/, "");
  if (isIP(hostOf(host)) === 0) checkName(host);
  return host;
}

/** What DNS can carry. Throws an OutgoingError. */
export function checkName(name: string): void {
  const labels = name.split(".");
  if (name.length > 253 || !labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label)))
    throw invalid("has a host that cannot be a name");
}

function invalid(what: string): OutgoingError {
  return new OutgoingError(
    "address-invalid",
    `The address ${what}: give one like https://example.com/path, without user name and password.`,
  );
}
