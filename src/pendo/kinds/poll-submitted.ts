import type { PollFact } from "../../pipeline/facts.ts";
import { ok } from "../../pipeline/outcome.ts";
import type { JsonObject } from "../../platform/json.ts";
import { readPollAnswers } from "../polls/read-poll-answers.ts";
import { createGuideSample, createSample } from "./envelope.ts";
import { readGuide } from "./guide.ts";
import type { PendoKind } from "./kind.ts";

const guideSample = createGuideSample("Poll 1 - Test", ["UgG7AtWEXNuvHBBcTqSQ8NxGvAU"]);

export const pollSubmitted: PendoKind = {
  kind: "pollSubmitted",
  label: "Poll Submitted",
  becomes: "event with readable answers, and a poll response for each answer",
  read({ properties, message }) {
    const guide = readGuide(properties);
    const inside = readPollAnswers(guide.rest, guide);
    const beside = inside.length > 0 ? {} : listUnknown(message);
    const polls = inside.length > 0 ? inside : readPollAnswers(beside, guide);
    const event = {
      name: "Poll Submitted",
      guideId: guide.guideId,
      properties: showAnswers({ ...guide.described, ...beside, ...guide.rest }, polls),
    };
    return ok({ event, nps: null, polls });
  },
  // Invented shapes, on purpose several: see polls/read-poll-answers.ts.
  samples: [
    createSample("pollSubmitted", "1000000000000000000000000000000000000001", {
      ...guideSample,
      pollId: "7c0xkcewvju",
      pollType: "NumberScale",
      pollResponse: 4,
    }),
    createSample("pollSubmitted", "1000000000000000000000000000000000000002", {
      ...guideSample,
      poll: {
        id: "kk2jf8s0x1a",
        question: "How often do you export?",
        type: "PickList",
        response: "001qkov3r8hsxj",
        choices: [{ id: "001qkov3r8hsxj", label: "Every week" }],
      },
    }),
    createSample("pollSubmitted", "1000000000000000000000000000000000000003", {
      ...guideSample,
      pollResponses: [
        { pollId: "7c0xkcewvju", question: "How easy was it?", response: 0 },
        { pollId: "9zz0aa81xk2", question: "What is missing?", response: "Nothing, thanks 🙌" },
      ],
    }),
    createSample("pollSubmitted", "1000000000000000000000000000000000000004", {
      ...guideSample,
      polls: { "7c0xkcewvju": { response: 1, type: "YesNo" } },
    }),
  ],
};

/** What Pendo sent stays as it came; `answers` shows it readably. An `answers` that was sent moves aside. */
function showAnswers(sent: JsonObject, polls: readonly PollFact[]): JsonObject {
  const { answers: sentAnswers, ...properties } = sent;
  if (sentAnswers !== undefined) {
    let name = "sentAnswers";
    while (Object.hasOwn(properties, name)) name = `${name}_`;
    properties[name] = sentAnswers;
  }
  const answers = polls.map(
    (poll): JsonObject => ({
      ...(poll.question !== null && { question: poll.question }),
      answer: poll.answer,
      ...(poll.answerLabel !== null && { answerLabel: poll.answerLabel }),
      ...(poll.pollId !== null && { pollId: poll.pollId }),
      ...(poll.pollType !== null && { pollType: poll.pollType }),
    }),
  );
  return { ...properties, answers };
}

/** What the envelope holds besides its own fields: an answer may stand there. */
function listUnknown(message: JsonObject): JsonObject {
  const { app, accountId, subscription, userAgent, event, properties, timestamp, visitorId, uniqueId, ...unknown } =
    message;
  return unknown;
}
