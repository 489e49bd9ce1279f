// What Pendo puts into pollSubmitted beside the guide is not published. These shapes are invented, several on purpose:
// a receiver that reads only one of them would lose answers. Known is what an answer is: a number for numeric and
// yes/no polls, the id of a choice for pick-lists, text for the rest. Unanswered polls leave nothing.
import type { Random } from "../random.ts";
import type { Guide, Json, JsonObject, Poll } from "../world/types.ts";
import type { Vocabulary } from "../world/vocabulary.ts";
import type { ExpectedPollAnswer } from "./expectation.ts";

export type PollSubmission = {
  properties: JsonObject;
  expected: readonly ExpectedPollAnswer[];
  answers: readonly PollAnswer[];
};

export type PollAnswer = { poll: Poll; value: Json };
/** What else a body tells about a poll it carries an answer to. */
type Detail = "bare" | "question" | "label" | "choices" | "idResponses";
type Shape = (random: Random, answers: readonly PollAnswer[]) => Omit<PollSubmission, "answers">;

export function createPollSubmission(random: Random, guide: Guide, vocabulary: Vocabulary): PollSubmission {
  const answered = guide.polls.filter(() => random.chance(0.8));
  const polls = answered.length > 0 ? answered : [random.pick(guide.polls)];
  const answers = polls.map((poll): PollAnswer => ({ poll, value: createAnswer(random, poll, vocabulary) }));
  if (vocabulary.areAnswersDescribed) return { ...createDescribed(answers), answers };
  const shapes: readonly Shape[] = answers.length > 1 ? listShapes : [...singleShapes, ...listShapes];
  return { ...random.pick(shapes)(random, answers), answers };
}

/** Everything a receiver may wish for. */
function createDescribed(answers: readonly PollAnswer[]): Omit<PollSubmission, "answers"> {
  const detailOf = ({ poll }: PollAnswer): Detail => (poll.idResponses ? "choices" : "question");
  return {
    properties: {
      pollResponses: answers.map((answer) => ({
        pollId: answer.poll.id,
        ...describe(answer, detailOf(answer)),
        response: answer.value,
      })),
    },
    expected: answers.map((answer) => expect(answer, detailOf(answer))),
  };
}

function createAnswer(random: Random, poll: Poll, { pollTexts }: Vocabulary): Json {
  if (poll.numericResponses) return random.pick(poll.numericResponses);
  if (poll.idResponses) return random.pick(Object.keys(poll.idResponses));
  return random.pick(pollTexts);
}

const singleShapes: readonly Shape[] = [
  function asPoll(random, [only]) {
    const detail = pickDetail(random, only!.poll);
    return {
      properties: { poll: { id: only!.poll.id, ...describe(only!, detail), response: only!.value } },
      expected: [expect(only!, detail)],
    };
  },
  function asScalar(_random, [only]) {
    const { poll, value } = only!;
    return {
      properties: { pollId: poll.id, pollType: poll.attributes.type, pollResponse: value },
      expected: [expect(only!, "bare")],
    };
  },
  function asResponse(random, [only]) {
    const { poll, value } = only!;
    const isNamed = random.chance(0.6);
    const answer = expect(only!, "bare");
    return {
      properties: { ...(isNamed && { pollId: poll.id }), response: value },
      expected: [isNamed ? answer : { ...answer, pollId: null }],
    };
  },
];

const listShapes: readonly Shape[] = [
  function asPollResponses(random, answers) {
    return createList(random, answers, (answer, detail) => [
      "pollResponses",
      { pollId: answer.poll.id, ...describe(answer, detail), response: answer.value },
    ]);
  },
  function asResponses(random, answers) {
    return createList(random, answers, (answer, detail) => [
      "responses",
      { id: answer.poll.id, ...describe(answer, detail), value: answer.value },
    ]);
  },
  function asPollsById(random, answers) {
    const details = answers.map(({ poll }) => pickDetail(random, poll));
    const isScalar = random.chance(0.25);
    const polls = answers.map((answer, at): [string, Json] => [
      answer.poll.id,
      isScalar ? answer.value : { ...describe(answer, details[at]!), response: answer.value },
    ]);
    return {
      properties: { polls: Object.fromEntries(polls) },
      expected: answers.map((answer, at) => expect(answer, isScalar ? "bare" : details[at]!)),
    };
  },
];

function createList(
  random: Random,
  answers: readonly PollAnswer[],
  create: (answer: PollAnswer, detail: Detail) => [string, JsonObject],
): Omit<PollSubmission, "answers"> {
  const details = answers.map(({ poll }) => pickDetail(random, poll));
  const entries = answers.map((answer, at) => create(answer, details[at]!));
  return {
    properties: { [entries[0]![0]]: entries.map(([, entry]) => entry) },
    expected: answers.map((answer, at) => expect(answer, details[at]!)),
  };
}

function pickDetail(random: Random, poll: Poll): Detail {
  return random.pick(poll.idResponses ? ["bare", "question", "label", "choices", "idResponses"] : ["bare", "question"]);
}

function describe({ poll, value }: PollAnswer, detail: Detail): JsonObject {
  if (detail === "bare") return {};
  const described: JsonObject = { question: poll.question, type: poll.attributes.type };
  const choices = poll.idResponses ?? {};
  if (detail === "label") described.label = choices[String(value)]!.text;
  if (detail === "choices") described.choices = Object.entries(choices).map(([id, { text }]) => ({ id, label: text }));
  if (detail === "idResponses") described.idResponses = choices as JsonObject;
  return described;
}

function expect({ poll, value }: PollAnswer, detail: Detail): ExpectedPollAnswer {
  const isLabelled = detail === "label" || detail === "choices" || detail === "idResponses";
  return {
    pollId: poll.id,
    question: detail === "bare" ? null : poll.question,
    answer: value,
    label: isLabelled ? poll.idResponses![String(value)]!.text : null,
  };
}
