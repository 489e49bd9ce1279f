// What a poll is called: Pendo has no one id for it. A poll is a question of a guide, by Pendo's ids of both; by its words where it
// has no id of its own.
import type { Condition } from "../../platform/paging.ts";

export type PollKey = { guide: string | null; poll: string | null; question: string | null };

/** Of poll responses `f`. With an id of Pendo's own, the words do not matter: they change with the language. */
export const pollKey = "f.guide_id, f.poll_id, case when f.poll_id is null then f.question end";

export function ofPoll({ guide, poll, question }: PollKey): Condition[] {
  const same = (column: string, value: string | null): Condition =>
    value === null ? { sql: `${column} is null`, values: [] } : { sql: `${column} = ?`, values: [value] };
  const conditions = [same("f.guide_id", guide), same("f.poll_id", poll)];
  return poll === null ? [...conditions, same("f.question", question)] : conditions;
}

export function writePollId(parts: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** Undefined: no poll can be called that. */
export function readPollId(id: string): PollKey | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(id, "base64url").toString("utf8"));
    if (!Array.isArray(parts) || parts.length !== 3) return undefined;
    const isText = (part: unknown) => part === null || (typeof part === "string" && !part.includes("\0"));
    if (!parts.every(isText)) return undefined;
    const [guide, poll, question] = parts as [string | null, string | null, string | null];
    return { guide, poll, question };
  } catch {
    return undefined;
  }
}
