import { expect, test } from "vitest";
import type { Json, JsonObject } from "../../platform/json.ts";
import { readGuide, readText } from "./guide.ts";

const details = {
  id: "g-1",
  name: "Tour",
  createdByUser: { username: "admin@example.com" },
  steps: [{ id: "s-1" }, { id: "s-2" }, { id: "s-3" }],
};

test.each<[string, JsonObject, JsonObject]>([
  ["nothing", {}, {}],
  [
    "everything",
    { guideId: "g-1", guideProperties: details, guideStepId: "s-2", language: "en-US" },
    { guideId: "g-1", guideName: "Tour", guideStepId: "s-2", step: 2, steps: 3, language: "en-US" },
  ],
  ["the id only in the details", { guideProperties: details }, { guideId: "g-1", guideName: "Tour", steps: 3 }],
  [
    "a step that is not among them",
    { guideProperties: details, guideStepId: "x" },
    { guideId: "g-1", guideName: "Tour", guideStepId: "x", steps: 3 },
  ],
  ["a name beside the details", { guideId: "g-1", guideName: "Beside" }, { guideId: "g-1", guideName: "Beside" }],
  [
    "numbers as ids",
    { guideId: 0, guideProperties: { steps: [{ id: 7 }] }, guideStepId: 7 },
    { guideId: "0", guideStepId: "7", step: 1, steps: 1 },
  ],
  ["details that are none", { guideId: "g-1", guideProperties: "Tour" }, { guideId: "g-1", guideProperties: "Tour" }],
  ["steps that are none", { guideProperties: { steps: "s-1" }, guideStepId: "s-1" }, { guideStepId: "s-1" }],
  ["steps without ids are no step", { guideProperties: { steps: [{}, null, 1] } }, { steps: 1 }],
  [
    "blank parts",
    { guideId: "", guideProperties: null, guideStepId: " ", language: null },
    { guideStepId: " ", language: null },
  ],
])("%s", (_name, properties, described) => {
  expect(readGuide(properties).described).toEqual(described);
});

test("what stands beside is the rest, and who made the guide is nowhere", () => {
  const guide = readGuide({ guideId: "g-1", guideProperties: details, mood: "good", list: [1] });
  expect(guide.rest).toEqual({ mood: "good", list: [1] });
  expect(JSON.stringify(guide)).not.toContain("admin@example.com");
});

test("polls that the guide describes are found in it and in its steps", () => {
  const polls = [{ id: "p-1" }, null, "p-2"] as Json[];
  const guide = readGuide({ guideProperties: { polls, steps: [{ polls: [{ id: "p-3" }] }, { polls: "none" }] } });
  expect(guide.polls).toEqual([{ id: "p-1" }, { id: "p-3" }]);
});

test.each([
  ["x", "x"],
  [" x ", " x "],
  [0, "0"],
  [1.5, "1.5"],
  ["", null],
  [" ", null],
  [null, null],
  [true, null],
  [["x"], null],
  [{}, null],
])("as a text %j is %j", (value, text) => {
  expect(readText(value)).toBe(text);
});
