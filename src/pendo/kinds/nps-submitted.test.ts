import { describe, expect, test } from "vitest";
import type { NpsFact } from "../../pipeline/facts.ts";
import type { JsonObject } from "../../platform/json.ts";
import { npsSubmitted } from "./nps-submitted.ts";

const read = (properties: JsonObject) =>
  npsSubmitted.read({ kind: "npsSubmitted", properties, message: { properties } });

function readNps(properties: JsonObject): NpsFact {
  const outcome = read(properties);
  if (outcome.outcome !== "ok" || !outcome.value.nps) throw new Error(`read as ${JSON.stringify(outcome)}`);
  expect(outcome.value).toMatchObject({ event: null, polls: [] });
  return outcome.value.nps;
}

describe("scores", () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("%i is a score, as a number and as text", (rating) => {
    for (const given of [rating, String(rating), ` ${rating} `, `0${rating}`.slice(-2)])
      expect(readNps({ nps: { rating: given } })).toMatchObject({ score: rating, feedback: null });
  });

  test("-0 is 0", () => {
    expect(Object.is(readNps({ nps: { rating: -0 } }).score, 0)).toBe(true);
  });

  test.each([11, -1, 9.5, 1e21, "11", "9.5", "ten", "1e1", "0x5", "९", true, false, [9], { value: 9 }])(
    "%j is none, and says so",
    (rating) => {
      expect(read({ nps: { rating, reason: "x" } })).toEqual({
        outcome: "fail",
        reason: "score-unreadable",
        detail: `The score given is ${JSON.stringify(rating)}.`,
      });
    },
  );

  test("a long one is not repeated whole", () => {
    expect(JSON.stringify(read({ nps: { rating: "9".repeat(5_000) } })).length).toBeLessThan(300);
  });

  test.each<[string, JsonObject]>([
    ["in a frame", { nps: { rating: 0, reason: "why", source: "web" } }],
    ["by another name", { nps: { score: 0, feedback: "why", source: "web" } }],
    ["without a frame", { rating: 0, reason: "why", source: "web" }],
    ["without a frame, with whole names", { npsRating: 0, npsReason: "why", source: "web" }],
    ["the first name being empty", { nps: { rating: null, score: 0, reason: "", comment: "why", source: "web" } }],
  ])("0 with a reason, %s", (_name, properties) => {
    expect(readNps(properties)).toEqual({ score: 0, feedback: "why", channel: "web", guideId: null, guideName: null });
  });

  test("a bare score in place of the frame", () => {
    expect(readNps({ nps: 0 })).toMatchObject({ score: 0 });
    expect(readNps({ nps: "7" })).toMatchObject({ score: 7 });
  });
});

describe("reasons", () => {
  test.each([undefined, null, "", " \n"])("%j is none", (reason) => {
    expect(readNps({ nps: { rating: 9, ...(reason !== undefined && { reason }) } }).feedback).toBeNull();
  });

  test.each(["Great", " Great ", "0", "null", "Ça va 🙌\nzwei", "x".repeat(100_000), "<b>", "[object Object]"])(
    "%j is kept as it was typed",
    (reason) => {
      expect(readNps({ nps: { rating: 9, reason } }).feedback).toBe(reason);
    },
  );

  test.each<[unknown, string]>([
    [0, "0"],
    [false, "false"],
    [{ text: "Great", tags: ["a", "b"], none: null }, "text: Great; tags: a, b"],
    [["a", { b: 1 }], "a, b: 1"],
  ])("%j, which is no text, is said as one", (reason, text) => {
    expect(readNps({ nps: { rating: 9, reason } } as JsonObject).feedback).toBe(text);
  });

  test("one without a score is a response that waits for its score", () => {
    expect(readNps({ guideId: "g", nps: { rating: null, reason: "late" } })).toMatchObject({
      score: null,
      feedback: "late",
      guideId: "g",
    });
  });
});

test.each<[string, JsonObject]>([
  ["no properties", {}],
  ["an empty frame", { nps: {} }],
  ["nothing in the frame", { nps: { rating: null, reason: "" } }],
  ["blanks", { nps: { rating: " ", reason: "  " } }],
  ["null as the frame", { nps: null }],
])("%s is no answer, and kept as failed", (_name, properties) => {
  expect(read(properties)).toEqual({ outcome: "fail", reason: "nothing-answered" });
});
