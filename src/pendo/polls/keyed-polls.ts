// Objects whose names are polls: {"7c0xkcewvju": 9, "How easy was it?": 4}.

import type { Part } from "./answer-parts.ts";
import type { PollContext } from "./poll-context.ts";

const longestId = 64;

/** Whether a name can be nothing but a poll: an id as Pendo makes them, or a question. */
export function isKeyOfPoll({ key }: Part): boolean {
  return isQuestion(key) || (/^[0-9a-z_-]{8,}$/i.test(key) && /\d/.test(key) && key.length <= longestId);
}

export function readKeyOfPoll(key: string): Partial<PollContext> {
  return isQuestion(key) ? { question: key } : { pollId: key };
}

function isQuestion(key: string): boolean {
  return /\s/.test(key.trim()) || key.length > longestId;
}
