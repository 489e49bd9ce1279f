import { ok } from "../../pipeline/outcome.ts";
import { createGuideSample, createSample } from "./envelope.ts";
import { readGuide } from "./guide.ts";
import type { PendoKind } from "./kind.ts";

export const guideDisplayed: PendoKind = {
  kind: "guideDisplayed",
  label: "Guide Displayed",
  becomes: "event, with guide and step",
  read({ properties }) {
    const guide = readGuide(properties);
    const event = {
      name: "Guide Displayed",
      guideId: guide.guideId,
      properties: { ...guide.described, ...guide.rest },
    };
    return ok({ event, nps: null, polls: [] });
  },
  samples: [
    createSample(
      "guideDisplayed",
      "f9610795860d89fe29491846fe297bcc922e460b",
      createGuideSample("Welcome tour", ["UgG7AtWEXNuvHBBcTqSQ8NxGvAU"]),
    ),
  ],
};
