import { ok } from "../../pipeline/outcome.ts";
import { createGuideSample, createSample } from "./envelope.ts";
import { readGuide } from "./guide.ts";
import type { PendoKind } from "./kind.ts";

export const npsDisplayed: PendoKind = {
  kind: "npsDisplayed",
  label: "NPS Displayed",
  becomes: "event, with guide and step",
  read({ properties }) {
    const guide = readGuide(properties);
    const event = { name: "NPS Displayed", guideId: guide.guideId, properties: { ...guide.described, ...guide.rest } };
    return ok({ event, nps: null, polls: [] });
  },
  samples: [
    createSample(
      "npsDisplayed",
      "b1f15067d47df50a1207dc2d0ce6171a40f8304e",
      createGuideSample("Quarterly NPS", ["WkaB4F2droQ5sSqd-FvC7H9coJQ", "oFs_eA1lF61Ywsg0js945UcG798"]),
    ),
  ],
};
