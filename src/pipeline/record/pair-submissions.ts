// Which reason completes which score. A person rates, and writes the reason on the next step of the survey: if Pendo
// sends that as two webhooks, they are one response. The pairing is computed from all submissions of the survey by
// their own times, so it comes out the same in whatever order they arrived.

export type Submission = {
  id: string;
  score: number | null;
  /** As it was submitted. */
  submittedFeedback: string | null;
  /** As it is shown now, completed or not. */
  feedback: string | null;
  partOf: string | null;
  at: Date;
};

/** A survey is never put twice to the same person within a day, so what belongs together lies closer. */
const window = 24 * 60 * 60 * 1000;

export type Completion = { id: string; feedback: string | null; partOf: string | null };

/** Takes the submissions of one visitor to one guide; gives the rows whose feedback or partOf must change. */
export function pairSubmissions(submissions: readonly Submission[]): Completion[] {
  const inOrder = [...submissions].sort(compareByTime);
  const reasonOf = new Map<string, Submission>();
  // Reasons that name their score are sure of it; those that do not take what is left.
  pairReasons(inOrder, (reason) => reason.score !== null, reasonOf);
  pairReasons(inOrder, (reason) => reason.score === null, reasonOf);
  const partOf = new Map([...reasonOf].map(([scoreId, reason]) => [reason.id, scoreId]));
  return inOrder
    .map((before) => ({
      before,
      after: {
        id: before.id,
        feedback: reasonOf.get(before.id)?.submittedFeedback ?? before.submittedFeedback,
        partOf: partOf.get(before.id) ?? null,
      },
    }))
    .filter(({ before, after }) => before.feedback !== after.feedback || before.partOf !== after.partOf)
    .map(({ after }) => after);
}

/** At the same time, scores before reasons: the other way round a reason would not find the score it came with. */
function compareByTime(one: Submission, other: Submission): number {
  const byTime = one.at.getTime() - other.at.getTime();
  const byRole = Number(one.submittedFeedback !== null) - Number(other.submittedFeedback !== null);
  return byTime || byRole || (one.id < other.id ? -1 : 1);
}

/**
 * Goes through the submissions once. A reason completes the nearest open score before it; one that came without a score
 * may also belong to a score a moment later. Two different scores are two answers, however near: nothing is overwritten.
 */
function pairReasons(
  inOrder: readonly Submission[],
  takesPart: (reason: Submission) => boolean,
  reasonOf: Map<string, Submission>,
): void {
  const open = new Map<number, Submission[]>();
  const early: Submission[] = [];
  for (const one of inOrder) {
    if (one.submittedFeedback === null) {
      if (one.score === null || reasonOf.has(one.id)) continue;
      while (early.length > 0 && !isNear(early[0]!, one)) early.shift();
      const reason = early.shift();
      if (reason) reasonOf.set(one.id, reason);
      else pushTo(open, one.score, one);
    } else if (takesPart(one)) {
      const score = takeNearest(open, one);
      if (score) reasonOf.set(score.id, one);
      else if (one.score === null) early.push(one);
    }
  }
}

function pushTo(open: Map<number, Submission[]>, score: number, one: Submission): void {
  const scores = open.get(score);
  if (scores) scores.push(one);
  else open.set(score, [one]);
}

/** Takes the latest open score that a reason can complete. */
function takeNearest(open: ReadonlyMap<number, Submission[]>, reason: Submission): Submission | undefined {
  const candidates = reason.score === null ? [...open.values()] : [open.get(reason.score) ?? []];
  const [nearest] = candidates
    .filter((scores) => scores.length > 0)
    .sort((one, other) => compareByTime(other.at(-1)!, one.at(-1)!));
  return nearest && isNear(nearest.at(-1)!, reason) ? nearest.pop() : undefined;
}

function isNear(one: Submission, other: Submission): boolean {
  return Math.abs(one.at.getTime() - other.at.getTime()) <= window;
}
