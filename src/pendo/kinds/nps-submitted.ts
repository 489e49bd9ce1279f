// An NPS answer. Score and reason come together as `properties.nps`; whether a reason can come later in a request of
// its own is not documented, so either may be missing. A score of 0 is a score.
import { fail, ok } from "../../pipeline/outcome.ts";
import { isJsonObject, type Json } from "../../platform/json.ts";
import { createGuideSample, createSample } from "./envelope.ts";
import { readGuide, readText } from "./guide.ts";
import type { PendoKind } from "./kind.ts";

export const npsSubmitted: PendoKind = {
  kind: "npsSubmitted",
  label: "NPS Submitted",
  becomes: "NPS response",
  read({ properties }) {
    const guide = readGuide(properties);
    const nps = isJsonObject(properties.nps) ? properties.nps : properties;
    const score = readScore(nps.rating ?? nps.score);
    if (score === "unreadable")
      return fail("score-unreadable", `The score given is ${JSON.stringify(nps.rating ?? nps.score).slice(0, 100)}.`);
    const feedback = readFeedback(nps.reason ?? nps.feedback ?? nps.comment);
    if (score === null && feedback === null) return fail("nothing-answered");
    const channel = readText(nps.source);
    return ok({
      event: null,
      nps: { score, feedback, channel, guideId: guide.guideId, guideName: guide.guideName },
      polls: [],
    });
  },
  samples: [
    createSample("npsSubmitted", "ccb0f95474ae8b630ede92f8f8dbac03cddfc1c3", {
      ...createGuideSample("Quarterly NPS", ["WkaB4F2droQ5sSqd-FvC7H9coJQ", "oFs_eA1lF61Ywsg0js945UcG798"]),
      nps: { rating: 9, reason: "Keep up the great work!", source: "web" },
    }),
  ],
};

function readScore(value: Json | undefined): number | null | "unreadable" {
  if (value === undefined || value === null || value === "") return null;
  const score = typeof value === "string" && /^\s*\d{1,2}\s*$/.test(value) ? Number(value) : value;
  return typeof score === "number" && Number.isInteger(score) && score >= 0 && score <= 10
    ? Math.abs(score)
    : "unreadable";
}

/** The words as they were typed; white space alone says nothing. */
function readFeedback(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.trim() === "" ? null : text;
}
