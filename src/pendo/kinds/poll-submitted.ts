import { ok } from "../../pipeline/outcome.ts";
import type { JsonObject } from "../../platform/json.ts";
import { readPollAnswers } from "../poll-answers.ts";
import { createGuideSample, createSample } from "./envelope.ts";
import { readGuide } from "./guide.ts";
import type { PendoKind } from "./kind.ts";

const guideSample = createGuideSample("Poll 1 - Test", ["UgG7AtWEXNuvHBBcTqSQ8NxGvAU"]);

export const pollSubmitted: PendoKind = {
  kind: "pollSubmitted",
  label: "Poll Submitted",
  becomes: "event with readable answers, and a poll response for each answer",
  read({ properties }) {
    const guide = readGuide(properties);
    const polls = readPollAnswers(guide.rest, guide);
    // The event shows the answers readably and keeps what Pendo sent beside them, as it came.
    const answers = polls.map(
      (poll): JsonObject => ({
        ...(poll.question !== null && { question: poll.question }),
        answer: poll.answer,
        ...(poll.answerLabel !== null && { answerLabel: poll.answerLabel }),
        ...(poll.pollId !== null && { pollId: poll.pollId }),
        ...(poll.pollType !== null && { pollType: poll.pollType }),
      }),
    );
    const { answers: sentAnswers, ...sent } = guide.rest;
    const event = {
      name: "Poll Submitted",
      guideId: guide.guideId,
      properties: { ...guide.described, ...sent, ...(sentAnswers !== undefined && { sentAnswers }), answers },
    };
    return ok({ event, nps: null, polls });
  },
  // Invented shapes, on purpose several: see poll-answers.ts.
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
