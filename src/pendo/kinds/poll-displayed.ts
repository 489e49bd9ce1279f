import { ok } from "../../pipeline/outcome.ts";
import type { JsonObject } from "../../platform/json.ts";
import { readPollDescription } from "../polls/poll-context.ts";
import { createGuideSample, createSample } from "./envelope.ts";
import { readGuide } from "./guide.ts";
import type { PendoKind } from "./kind.ts";

export const pollDisplayed: PendoKind = {
  kind: "pollDisplayed",
  label: "Poll Displayed",
  becomes: "event, with guide, poll and question",
  read({ properties }) {
    const guide = readGuide(properties);
    const polls = guide.polls.map(describePoll);
    const event = {
      name: "Poll Displayed",
      guideId: guide.guideId,
      properties: { ...guide.described, ...(polls.length > 0 && { polls }), ...guide.rest },
    };
    return ok({ event, nps: null, polls: [] });
  },
  samples: [
    createSample(
      "pollDisplayed",
      "0000000000000000000000000000000000000001",
      createGuideSample("Poll 1 - Test", ["UgG7AtWEXNuvHBBcTqSQ8NxGvAU"]),
    ),
  ],
};

function describePoll(poll: JsonObject): JsonObject {
  const { pollId, question, pollType } = readPollDescription(poll);
  return {
    ...(pollId !== null && { pollId }),
    ...(question !== null && { question }),
    ...(pollType !== null && { pollType }),
  };
}
