import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answer, type KnownIdentity, planAnswer } from "./plan-answer.ts";

const now = new Date("2026-03-10T12:00:00.000Z");
const before = new Date("2026-03-01T00:00:00.000Z");
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);

const blank: KnownIdentity = {
  field: "agent.email",
  state: "wanted",
  externalId: null,
  foundIn: null,
  previousExternalId: null,
  changedAt: null,
  askAt: minutes(5),
  asked: 0,
};
const mapped = (externalId: string, given: Partial<KnownIdentity> = {}): KnownIdentity => ({
  ...blank,
  state: "mapped",
  externalId,
  foundIn: "agent.email",
  askAt: null,
  ...given,
});
const says = (externalId: string): Answer => ({ pendoId: "v", state: "mapped", externalId, foundIn: "agent.email" });
const has = (state: "no-value" | "unknown" | "refused"): Answer => ({ pendoId: "v", state });

const plan = (known: KnownIdentity | undefined, answer: Answer, isAsked: boolean) =>
  planAnswer(known, answer, { field: "agent.email", now, isAsked });

describe("asked about one id", () => {
  test("a wanted one becomes what Pendo says", () => {
    expect(plan(blank, says("jo@a"), true)).toEqual({
      ...mapped("jo@a"),
      pendoId: "v",
      isChanged: true,
      isMoved: false,
    });
  });

  test.each(["no-value", "unknown", "refused"] as const)("%s is asked again, later each time", (state) => {
    let known = blank;
    const pauses: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const planned = plan(known, has(state), true)!;
      expect(planned).toMatchObject({ state, externalId: null, isChanged: round === 0, isMoved: false });
      pauses.push((planned.askAt!.getTime() - now.getTime()) / 60_000);
      known = planned;
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
    expect(plan(known, says("jo@a"), true)).toMatchObject({ state: "mapped", askAt: null, asked: 0, isChanged: true });
  });

  test("an answer to a question that nobody asks any more is nothing", () => {
    expect(plan({ ...blank, field: "custom.crm_id" }, says("jo@a"), true)).toBeUndefined();
    expect(plan(undefined, says("jo@a"), true)).toBeUndefined();
  });
});

describe("all are read", () => {
  test("what is known for the first time is written, also what has no value, and nobody asks about that", () => {
    expect(plan(undefined, says("jo@a"), false)).toMatchObject({ state: "mapped", isChanged: true, askAt: null });
    expect(plan(undefined, has("no-value"), false)).toMatchObject({ state: "no-value", isChanged: true, askAt: null });
  });

  test("what is as it was is not written", () => {
    expect(plan(mapped("jo@a"), says("jo@a"), false)).toBeUndefined();
    expect(plan({ ...blank, state: "no-value", askAt: null }, has("no-value"), false)).toBeUndefined();
  });

  test("somebody who waits is asked about again, a while after this", () => {
    expect(plan(blank, has("no-value"), false)).toMatchObject({ askAt: minutes(1), asked: 0, isChanged: true });
    expect(plan({ ...blank, state: "unknown", asked: 4 }, has("no-value"), false)).toMatchObject({
      askAt: minutes(8),
      asked: 4,
      isChanged: true,
    });
  });

  test("what was read by another field says nothing, not even that it changed", () => {
    expect(plan(mapped("old@a", { field: "custom.crm_id" }), says("jo@a"), false)).toMatchObject({
      field: "agent.email",
      previousExternalId: null,
      changedAt: null,
      isChanged: true,
      isMoved: false,
    });
  });
});

describe("a value that changes at Pendo", () => {
  test.each<[string, KnownIdentity, Answer, Partial<ReturnType<typeof plan>>]>([
    [
      "to another",
      mapped("old@a"),
      says("new@a"),
      { externalId: "new@a", previousExternalId: "old@a", changedAt: now, isMoved: true },
    ],
    [
      "once more: the one before counts",
      mapped("old@a", { previousExternalId: "oldest@a", changedAt: before }),
      says("new@a"),
      { previousExternalId: "old@a", changedAt: now, isMoved: true },
    ],
    [
      "and is emptied",
      mapped("old@a"),
      has("no-value"),
      { state: "no-value", externalId: null, previousExternalId: "old@a", changedAt: now, isMoved: false },
    ],
    [
      "is empty and comes back",
      { ...blank, state: "no-value", previousExternalId: "old@a", changedAt: before },
      says("old@a"),
      { externalId: "old@a", previousExternalId: null, changedAt: null, isMoved: false },
    ],
    [
      "is empty and comes back as another",
      { ...blank, state: "no-value", previousExternalId: "old@a", changedAt: before },
      says("new@a"),
      { externalId: "new@a", previousExternalId: "old@a", changedAt: now, isMoved: true },
    ],
    [
      "stays empty",
      { ...blank, state: "no-value", previousExternalId: "old@a", changedAt: before },
      has("unknown"),
      { state: "unknown", previousExternalId: "old@a", changedAt: before, isMoved: false },
    ],
  ])("%s", (_name, known, answer, expected) => {
    expect(plan(known, answer, false)).toMatchObject({ ...expected, isChanged: true });
  });

  test("the last value that was read is never lost, whatever comes", () => {
    const answer = fc.oneof(fc.constantFrom("a", "b", "c").map(says), fc.constantFrom("no-value", "unknown").map(has));
    fc.assert(
      fc.property(fc.array(fc.tuple(answer as fc.Arbitrary<Answer>, fc.boolean())), (answers) => {
        let known: KnownIdentity = blank;
        let last: string | null = null;
        for (const [one, isAsked] of answers) {
          known = plan(known, one, isAsked) ?? known;
          if (one.state === "mapped") last = one.externalId;
          expect(known.externalId ?? known.previousExternalId).toBe(last);
          expect((known.state === "mapped") === (known.externalId !== null)).toBe(true);
          expect(known.previousExternalId === null).toBe(known.changedAt === null);
        }
      }),
    );
  });
});
