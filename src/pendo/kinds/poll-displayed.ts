import { ok } from "../../pipeline/outcome.ts";
import { createGuideSample, createSample } from "./envelope.ts";
import { readGuide } from "./guide.ts";
import type { PendoKind } from "./kind.ts";

export const pollDisplayed: PendoKind = {
  kind: "pollDisplayed",
  label: "Poll Displayed",
  becomes: "event, with guide, step and poll",
  read({ properties }) {
    const guide = readGuide(properties);
    const event = { name: "Poll Displayed", guideId: guide.guideId, properties: { ...guide.described, ...guide.rest } };
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
