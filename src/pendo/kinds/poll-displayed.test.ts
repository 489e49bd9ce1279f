import { expect, test } from "vitest";
import type { JsonObject } from "../../platform/json.ts";
import { pollDisplayed } from "./poll-displayed.ts";

function read(properties: JsonObject): JsonObject {
  const outcome = pollDisplayed.read({ kind: "pollDisplayed", properties, message: { properties } });
  if (outcome.outcome !== "ok" || !outcome.value.event) throw new Error(`read as ${JSON.stringify(outcome)}`);
  expect(outcome.value).toMatchObject({ nps: null, polls: [], event: { name: "Poll Displayed" } });
  return outcome.value.event.properties;
}

test("poll and question are shown where Pendo sends them, in the guide or beside it", () => {
  const polls = [
    { id: "p-1", question: "How easy was it?", attributes: { type: "NumberScale" }, numericResponses: [0, 1] },
    { id: "p-2" },
  ];
  expect(read({ guideId: "g-1", guideProperties: { name: "Tour", polls } })).toEqual({
    guideId: "g-1",
    guideName: "Tour",
    polls: [{ pollId: "p-1", question: "How easy was it?", pollType: "NumberScale" }, { pollId: "p-2" }],
  });
  expect(read({ guideId: "g-1", pollId: "p-1", question: "How?", polls: "theirs" })).toEqual({
    guideId: "g-1",
    pollId: "p-1",
    question: "How?",
    polls: "theirs",
  });
});
