// An NPS answer. Score and reason come together as `properties.nps`; whether a reason can come later in a request of
// its own is not documented, so either may be missing. A score of 0 is a score.
import { fail, ok } from "../../pipeline/outcome.ts";
import { isJsonObject, type Json, type JsonObject } from "../../platform/json.ts";
import { isBlank } from "../polls/answer-parts.ts";
import { describeStructure } from "../polls/say-answer.ts";
import { createGuideSample, createSample } from "./envelope.ts";
import { readGuide, readText } from "./guide.ts";
import type { PendoKind } from "./kind.ts";

export const npsSubmitted: PendoKind = {
  kind: "npsSubmitted",
  label: "NPS Submitted",
  becomes: "NPS response",
  read({ properties }) {
    const guide = readGuide(properties);
    const { nps: sent } = properties;
    // In e-mails and on telephones the shape may be another: the score bare, or without a frame.
    const nps = isJsonObject(sent) ? sent : isBlank(sent) ? properties : { rating: sent! };
    const given = findFirst(nps, scoreNames);
    const score = readScore(given);
    if (score === "unreadable")
      return fail("score-unreadable", `The score given is ${JSON.stringify(given).slice(0, 100)}.`);
    const feedback = readFeedback(findFirst(nps, feedbackNames));
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

const scoreNames = ["rating", "score", "npsRating", "npsScore"];
const feedbackNames = ["reason", "feedback", "comment", "npsReason"];

function findFirst(nps: JsonObject, names: readonly string[]): Json | undefined {
  return names.map((name) => nps[name]).find((value) => !isBlank(value));
}

function readScore(value: Json | undefined): number | null | "unreadable" {
  if (value === undefined) return null;
  const score = typeof value === "string" && /^\d{1,2}$/.test(value.trim()) ? Number(value) : value;
  return typeof score === "number" && Number.isInteger(score) && score >= 0 && score <= 10
    ? Math.abs(score)
    : "unreadable";
}

/** The words as they were typed. */
function readFeedback(value: Json | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : describeStructure(value);
}
