// E-mail addresses, as far as they must be understood here: nothing is sent to them yet.
import { HttpError } from "../platform/http-server.ts";
import { isStorableText } from "../platform/json.ts";

/** 254 characters are the most that can be delivered to. */
export function parseEmail(text: string): string {
  const email = text.trim();
  if (isEmail(email)) return email;
  throw new HttpError(400, `${JSON.stringify(email.slice(0, 100))} is no e-mail address.`);
}

export function isEmail(given: string): boolean {
  const text = given.trim();
  return text.length <= 254 && /^[^\s@<>"]+@[^\s@<>"]+$/.test(text) && isStorableText(text);
}
