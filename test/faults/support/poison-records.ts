// Whether what was recorded of a poisoned delivery is what was sent.
import { isDeepStrictEqual } from "node:util";
import type { Poison } from "./poisons.ts";

export type RecordOf = { poison: Poison; id: string; record: Record<string, any> };

/** A sentence when the record is not what it must be. */
export function checkRecord({ field, json }: Poison, record: Record<string, any>): string | undefined {
  if (!field || json === undefined) return undefined;
  const value = JSON.parse(json);
  if (field.id === "visitor" || field.id === "account") {
    const owner = field.id === "visitor" ? record.user : record.account;
    if (typeof value === "string" && owner !== null && owner.externalId !== value)
      return `another's record (${JSON.stringify(owner.externalId).slice(0, 100)})`;
    if (typeof value === "string" && owner === null && value.trim().length > 24 && !value.startsWith("_PENDO_T_"))
      return "nobody's record";
    return undefined;
  }
  if (field.name.startsWith("eventProperties.value") && isStorable(json)) {
    if (!isDeepStrictEqual(record.properties?.value, value))
      return `another value (${JSON.stringify(record.properties?.value).slice(0, 200)})`;
  }
  if (field.name.startsWith("nps.reason") && typeof value === "string" && value.trim() !== "" && isStorable(json)) {
    if (record.feedback !== value) return `another reason (${JSON.stringify(record.feedback).slice(0, 200)})`;
  }
  return undefined;
}

/** Whether PostgreSQL and JavaScript can hold it exactly, in every part. */
function isStorable(json: string): boolean {
  const text = JSON.stringify(JSON.parse(json));
  const hasUnstorableText = /\\u0000|\\ud[89a-f]/.test(text);
  const hasLongNumber = /\d{16}|\d[eE]|\.\d{15}/.test(json) || /"-?0"|-0\b/.test(json);
  return !hasUnstorableText && !hasLongNumber && !json.includes("__proto__");
}
