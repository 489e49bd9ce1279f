// What an answer of Pendo changes in what is known of an id: pure, so that every case can be looked at in a table.
import type { IdentityState } from "./identity-queries.ts";

/** What Pendo said of an id. */
export type Answer =
  | { pendoId: string; state: "mapped"; externalId: string; foundIn: string }
  | { pendoId: string; state: "no-value" | "unknown" | "refused" };

export type KnownIdentity = {
  field: string;
  state: IdentityState;
  externalId: string | null;
  foundIn: string | null;
  previousExternalId: string | null;
  changedAt: Date | null;
  askAt: Date | null;
  asked: number;
};

export type PlannedIdentity = KnownIdentity & {
  pendoId: string;
  /** What waits for this id may go on, or waits for another reason from now on. */
  isChanged: boolean;
  /** It was called something else before. */
  isMoved: boolean;
};

const firstPause = 60_000;
const longestPause = 6 * 60 * 60 * 1000;
const mostAsked = 1_000;

/** The row as it is to be; undefined where it is so already, or where the question has changed since it was asked. */
export function planAnswer(
  known: KnownIdentity | undefined,
  answer: Answer,
  { field, now, isAsked }: { field: string; now: Date; isAsked: boolean },
): PlannedIdentity | undefined {
  if (isAsked && known?.field !== field) return undefined;
  // What was read by another field says nothing about this one.
  const before = known?.field === field ? known : undefined;
  const { externalId, foundIn } = answer.state === "mapped" ? answer : { externalId: null, foundIn: null };
  const last = before?.externalId ?? before?.previousExternalId ?? null;
  const isMoved = last !== null && externalId !== null && externalId !== last;
  const isLost = before?.state === "mapped" && externalId === null;
  const isChanged = before?.state !== answer.state || before.externalId !== externalId;
  const isBack = before?.state !== "mapped" && externalId !== null && externalId === last;
  const asked = answer.state === "mapped" ? 0 : Math.min(mostAsked, (before?.asked ?? 0) + (isAsked ? 1 : 0));
  if (!isChanged && !isAsked && before.foundIn === foundIn) return undefined;
  return {
    pendoId: answer.pendoId,
    field,
    state: answer.state,
    externalId,
    foundIn,
    previousExternalId: isMoved || isLost ? last : isBack ? null : (before?.previousExternalId ?? null),
    changedAt: isMoved || isLost ? now : isBack ? null : (before?.changedAt ?? null),
    askAt: answer.state !== "mapped" && (isAsked || before?.askAt) ? pauseFrom(now, asked) : null,
    asked,
    isChanged,
    isMoved,
  };
}

/** A minute after the first time, then twice as long each time, up to six hours. */
function pauseFrom(now: Date, asked: number): Date {
  return new Date(now.getTime() + Math.min(longestPause, firstPause * 2 ** Math.max(asked - 1, 0)));
}
