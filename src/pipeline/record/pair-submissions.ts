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
  const inOrder = [...submissions].sort(
    (one, other) => one.at.getTime() - other.at.getTime() || (one.id < other.id ? -1 : 1),
  );
  const scores = inOrder.filter((one) => one.score !== null && one.submittedFeedback === null);
  const reasons = inOrder.filter((one) => one.submittedFeedback !== null);
  const completedBy = new Map<string, Submission>();
  const partOf = new Map<string, string>();
  for (const reason of reasons) {
    const open = scores.filter((score) => !completedBy.has(score.id) && completes(reason, score));
    // The nearest score before it; a reason that came without its score may also belong to one a moment later.
    const score = open.filter((one) => one.at <= reason.at).at(-1) ?? (reason.score === null ? open[0] : undefined);
    if (!score) continue;
    completedBy.set(score.id, reason);
    partOf.set(reason.id, score.id);
  }
  return inOrder
    .map((one) => ({
      id: one.id,
      feedback: completedBy.get(one.id)?.submittedFeedback ?? one.submittedFeedback,
      partOf: partOf.get(one.id) ?? null,
      before: one,
    }))
    .filter(({ before, feedback, partOf: part }) => before.feedback !== feedback || before.partOf !== part)
    .map(({ id, feedback, partOf: part }) => ({ id, feedback, partOf: part }));
}

/** Two different scores are two answers, however near: nothing is overwritten. */
function completes(reason: Submission, score: Submission): boolean {
  if (Math.abs(reason.at.getTime() - score.at.getTime()) > window) return false;
  return reason.score === null || reason.score === score.score;
}
