import fc from "fast-check";
import { expect, test } from "vitest";
import { createHostileJson, listLeaves } from "../../../test/support/hostile-json.ts";
import type { Json, JsonObject } from "../../platform/json.ts";
import type { Facts } from "./kind.ts";
import { pollSubmitted } from "./poll-submitted.ts";

function read(properties: JsonObject, message: JsonObject = {}): Facts {
  const outcome = pollSubmitted.read({ kind: "pollSubmitted", properties, message: { ...message, properties } });
  if (outcome.outcome !== "ok") throw new Error(`read as ${outcome.outcome}`);
  return outcome.value;
}

const guide = {
  guideId: "g-1",
  guideProperties: { id: "g-1", name: "Welcome", steps: [{ id: "s-1" }, { id: "s-2" }] },
  guideStepId: "s-2",
  language: "en-US",
};

test("an event with its guide and step, with what was sent, and with readable answers", () => {
  const { event, polls, nps } = read({
    ...guide,
    pollId: "p-1",
    question: "How easy was it?",
    pollType: "NumberScale",
    pollResponse: 4,
  });
  expect(nps).toBeNull();
  expect(event).toEqual({
    name: "Poll Submitted",
    guideId: "g-1",
    properties: {
      guideId: "g-1",
      guideName: "Welcome",
      guideStepId: "s-2",
      step: 2,
      steps: 2,
      language: "en-US",
      pollId: "p-1",
      question: "How easy was it?",
      pollType: "NumberScale",
      pollResponse: 4,
      answers: [{ question: "How easy was it?", answer: 4, answerLabel: "4", pollId: "p-1", pollType: "NumberScale" }],
    },
  });
  expect(polls).toEqual([
    {
      pollId: "p-1",
      pollType: "NumberScale",
      question: "How easy was it?",
      answer: 4,
      answerLabel: "4",
      guideId: "g-1",
      guideName: "Welcome",
      guideStepId: "s-2",
    },
  ]);
});

test("answers that were sent under the name of ours move aside, whatever else is there", () => {
  expect(read({ answers: { "7c0xkcewvju": 4 }, sentAnswers: "taken" }).event?.properties).toEqual({
    sentAnswers: "taken",
    sentAnswers_: { "7c0xkcewvju": 4 },
    answers: [{ answer: 4, answerLabel: "4", pollId: "7c0xkcewvju" }],
  });
});

test("an answer beside the properties is found where there is none in them", () => {
  const envelope = {
    app: { id: 1 },
    accountId: "a",
    visitorId: "v",
    event: "pollSubmitted",
    uniqueId: "u",
    timestamp: 1,
  };
  const { event, polls } = read(guide, { ...envelope, pollId: "p-1", pollResponse: 4 });
  expect(polls).toMatchObject([{ pollId: "p-1", answer: 4, guideId: "g-1" }]);
  expect(event?.properties).toMatchObject({ pollId: "p-1", pollResponse: 4, guideName: "Welcome" });
  const inside = read({ ...guide, pollResponse: 5 }, { ...envelope, type: "webhook", pollResponse: 4 });
  expect(inside.polls).toMatchObject([{ answer: 5, pollType: null }]);
  expect(inside.event?.properties).not.toHaveProperty("type");
  expect(read(guide, envelope).polls).toEqual([]);
});

const names = ["answers", "sentAnswers", "pollResponse", "polls", "question", "id", "step", "guideName", "__proto__"];
const anyProperties = fc.dictionary(
  fc.oneof(fc.constantFrom(...names), fc.string()),
  createHostileJson(names),
) as fc.Arbitrary<JsonObject>;

test("nothing that stood beside the guide is missing from the event", () => {
  fc.assert(
    fc.property(anyProperties, (properties) => {
      const { guideId, guideProperties, guideStepId, language, ...beside } = properties;
      const { event } = read({ ...guide, ...beside });
      expect(listMissing(Object.values(beside).flatMap(listLeaves), listLeaves(event!.properties))).toEqual([]);
      for (const [name, value] of Object.entries(beside))
        if (name !== "answers") expect(Object.entries(event!.properties)).toContainEqual([name, value]);
    }),
    { numRuns: 1_000 },
  );
});

/** Leaves of one that the other does not have, or has less often. */
function listMissing(wanted: readonly unknown[], there: readonly unknown[]): unknown[] {
  const left = [...there];
  return wanted.filter((leaf) => {
    const place = left.findIndex((one) => Object.is(one, leaf));
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

test.each<[string, Json]>([
  ["no text", 42],
  ["a list", ["g-1"]],
  ["null", null],
  ["an object", { id: "g-1" }],
])("a guide whose parts are %s breaks nothing, and stays", (_name, wrong) => {
  const { event, polls } = read({
    guideId: wrong,
    guideProperties: wrong,
    guideStepId: wrong,
    language: wrong,
    pollResponse: 1,
  });
  expect(polls).toHaveLength(1);
  expect(listMissing(listLeaves(wrong), [...listLeaves(event!.properties), null, "42"])).toEqual([]);
});
