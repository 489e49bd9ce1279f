import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pairSubmissions, type Submission } from "./pair-submissions.ts";

const start = Date.UTC(2026, 2, 10, 12);
const minute = 60_000;
const day = 24 * 60 * minute;

/** As it arrives: nothing completed yet. */
function submit(id: string, minutes: number, score: number | null, reason: string | null = null): Submission {
  const at = new Date(start + minutes * minute);
  return { id, score, submittedFeedback: reason, feedback: reason, partOf: null, at };
}

/** Rows with their changes applied. */
function settle(submissions: readonly Submission[]): Submission[] {
  const changes = new Map(pairSubmissions(submissions).map((change) => [change.id, change]));
  return submissions.map((one) => ({ ...one, ...changes.get(one.id) }));
}

/** What people see: [score, feedback] of each response, in the order of time. */
function show(submissions: readonly Submission[]): [number | null, string | null][] {
  return settle(submissions)
    .filter((one) => one.partOf === null)
    .sort((one, other) => one.at.getTime() - other.at.getTime() || (one.id < other.id ? -1 : 1))
    .map((one) => [one.score, one.feedback]);
}

describe("what becomes of submissions", () => {
  const cases: [string, Submission[], [number | null, string | null][]][] = [
    ["nothing", [], []],
    ["a score", [submit("a", 0, 0)], [[0, null]]],
    ["a score with its reason", [submit("a", 0, 9, "Great")], [[9, "Great"]]],
    ["a reason without a score", [submit("a", 0, null, "Great")], [[null, "Great"]]],
    ["a reason after its score", [submit("a", 0, 0), submit("b", 1, null, "Slow")], [[0, "Slow"]]],
    ["a reason that repeats its score", [submit("a", 0, 0), submit("b", 1, 0, "Slow")], [[0, "Slow"]]],
    ["both at the same moment", [submit("b", 0, 9), submit("a", 0, 9, "Great")], [[9, "Great"]]],
    ["a reason a moment before its score", [submit("a", 0, null, "Great"), submit("b", 1, 9)], [[9, "Great"]]],
    [
      "another score",
      [submit("a", 0, 9), submit("b", 1, 4, "No")],
      [
        [9, null],
        [4, "No"],
      ],
    ],
    [
      "a score that has its reason",
      [submit("a", 0, 9, "Great"), submit("b", 1, null, "More")],
      [
        [9, "Great"],
        [null, "More"],
      ],
    ],
    [
      "two reasons",
      [submit("a", 0, 9), submit("b", 1, 9, "One"), submit("c", 2, 9, "Two")],
      [
        [9, "One"],
        [9, "Two"],
      ],
    ],
    ["a reason a day later", [submit("a", 0, 9), submit("b", 24 * 60, null, "Great")], [[9, "Great"]]],
    [
      "a reason more than a day later",
      [submit("a", 0, 9), submit("b", 24 * 60 + 1, null, "Great")],
      [
        [9, null],
        [null, "Great"],
      ],
    ],
    [
      "the next wave",
      [
        submit("a", 0, 9),
        submit("b", 1, 9, "Great"),
        submit("c", 90 * 24 * 60, 9),
        submit("d", 90 * 24 * 60 + 1, null, "Still"),
      ],
      [
        [9, "Great"],
        [9, "Still"],
      ],
    ],
    [
      "two scores, the nearer one",
      [submit("a", 0, 9), submit("b", 10, 9), submit("c", 11, null, "Great")],
      [
        [9, null],
        [9, "Great"],
      ],
    ],
    [
      "two scores, the one that is named",
      [submit("a", 0, 4), submit("b", 10, 9), submit("c", 11, 4, "Slow")],
      [
        [4, "Slow"],
        [9, null],
      ],
    ],
    [
      "a reason that names its score goes before one that does not",
      [submit("a", 0, 9), submit("b", 10, 4), submit("c", 11, null, "Great"), submit("d", 12, 4, "Slow")],
      [
        [9, "Great"],
        [4, "Slow"],
      ],
    ],
    [
      "a named score that comes later",
      [submit("a", 0, 9, "Great"), submit("b", 1, 9)],
      [
        [9, "Great"],
        [9, null],
      ],
    ],
    [
      "two early reasons",
      [submit("a", 0, null, "One"), submit("b", 1, null, "Two"), submit("c", 2, 9)],
      [
        [null, "Two"],
        [9, "One"],
      ],
    ],
    [
      "neither score nor reason",
      [submit("a", 0, null), submit("b", 1, null, "Great")],
      [
        [null, null],
        [null, "Great"],
      ],
    ],
    ["an empty reason is a reason", [submit("a", 0, 9), submit("b", 1, null, "")], [[9, ""]]],
  ];
  test.each(cases)("%s", (_name, submissions, expected) => {
    expect(show(submissions)).toEqual(expected);
    expect(show([...submissions].reverse())).toEqual(expected);
  });
});

/** Submissions that lie close enough to meet, often at the same minute. */
const anySubmissions = fc
  .array(
    fc.record({
      minutes: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 4 * 24 * 60 })),
      score: fc.option(fc.constantFrom(0, 0, 9, 10)),
      reason: fc.option(fc.constantFrom("x", "y", "z")),
    }),
    { maxLength: 9 },
  )
  .map((parts) =>
    parts.map(({ minutes, score, reason }, place) =>
      submit(`${place}`, minutes, score, reason === null ? null : `${reason}${place}`),
    ),
  );
const shuffled = anySubmissions.chain((submissions) =>
  fc.tuple(
    fc.constant(submissions),
    fc.shuffledSubarray(submissions, { minLength: submissions.length, maxLength: submissions.length }),
  ),
);
const byId = (submissions: readonly Submission[]) =>
  [...submissions].sort((one, other) => (one.id < other.id ? -1 : 1));

test("the order of arrival does not matter", () => {
  fc.assert(
    fc.property(shuffled, ([submissions, order]) => {
      expect(byId(settle(order))).toEqual(byId(settle(submissions)));
    }),
    { numRuns: 1_000 },
  );
});

test("one by one, in any order, gives what all at once give", () => {
  fc.assert(
    fc.property(shuffled, ([submissions, order]) => {
      let oneByOne: Submission[] = [];
      for (const one of order) oneByOne = settle([...oneByOne, one]);
      expect(byId(oneByOne)).toEqual(byId(settle(submissions)));
    }),
    { numRuns: 1_000 },
  );
});

test("nothing is lost, doubled or overwritten", () => {
  fc.assert(
    fc.property(anySubmissions, (submissions) => {
      const settled = new Map(settle(submissions).map((one) => [one.id, one]));
      const parts = [...settled.values()].filter((one) => one.partOf !== null);
      const targets = parts.map((part) => part.partOf!);
      expect(new Set(targets).size).toBe(targets.length);
      for (const part of parts) {
        const target = settled.get(part.partOf!)!;
        expect(target).toMatchObject({ partOf: null, submittedFeedback: null, feedback: part.submittedFeedback });
        expect([null, target.score]).toContain(part.score);
        expect(target.score).not.toBeNull();
        expect(Math.abs(target.at.getTime() - part.at.getTime())).toBeLessThanOrEqual(day);
      }
      for (const one of settled.values())
        if (!targets.includes(one.id)) expect(one.feedback).toBe(one.submittedFeedback);
      const shown = [...settled.values()].filter((one) => one.partOf === null).map((one) => one.feedback);
      expect(shown.filter((reason) => reason !== null).sort()).toEqual(
        submissions.flatMap((one) => one.submittedFeedback ?? []).sort(),
      );
    }),
    { numRuns: 1_000 },
  );
});

test("what is settled stays as it is", () => {
  fc.assert(
    fc.property(anySubmissions, (submissions) => {
      expect(pairSubmissions(settle(submissions))).toEqual([]);
    }),
  );
});

test.each([
  ["scores and reasons in turn", (n: number) => submit(`${n}`, 0, (n >> 1) % 11, n % 2 === 0 ? null : `reason ${n}`)],
  ["all scores first", (n: number) => submit(`${n}`, n, 9, n < 10_000 ? null : `reason ${n}`)],
  [
    "all reasons first",
    (n: number) => submit(`${n}`, n / 1_000, n < 10_000 ? null : 9, n < 10_000 ? `reason ${n}` : null),
  ],
])("a visitor who answers twenty thousand times costs no more than a moment: %s", (_name, create) => {
  const many = Array.from({ length: 20_000 }, (_, n) => create(n));
  const begin = performance.now();
  const shown = show(many);
  expect(performance.now() - begin).toBeLessThan(1_000);
  expect(shown.length).toBeGreaterThanOrEqual(10_000);
});
