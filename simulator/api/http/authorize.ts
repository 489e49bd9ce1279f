// Whose key it is. A missing, unknown or foreign key looks the same from outside: an empty body.
import { Refusal } from "../refusal.ts";

export type Keys = {
  /** May only read. */
  integrationKey: string;
  /** May write, too. */
  writeKey: string;
  region: Region;
};

export const regions = ["us", "us1", "eu", "jpn", "au"] as const;
type Region = (typeof regions)[number];

export type KeyRight = { hasWriteAccess: boolean };

/** Keys carry their region as a suffix, or none. Throws a Refusal: 403, or 400 for a key of another region. */
export function authorize(header: string | string[] | undefined, keys: Keys): KeyRight {
  const [, key = "", suffix] = /^(.*?)(?:\.(us|us1|eu|jpn|au))?$/s.exec(String(header ?? "")) ?? [];
  const isKnown = (own: string) => key === own || header === own;
  const hasWriteAccess = isKnown(keys.writeKey);
  if (key === "" || !(hasWriteAccess || isKnown(keys.integrationKey))) throw new Refusal(403, null);
  if (suffix !== undefined && suffix !== keys.region && header !== keys.integrationKey && header !== keys.writeKey)
    throw new Refusal(400, null);
  return { hasWriteAccess };
}
