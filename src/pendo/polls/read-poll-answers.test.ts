import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareCosts } from "../../../test/support/compare-costs.ts";
import { hasCorpus, listNaughtyStrings } from "../../../test/support/corpora.ts";
import { createHostileJson } from "../../../test/support/hostile-json.ts";
import type { PollFact } from "../../pipeline/facts.ts";
import type { Json, JsonObject } from "../../platform/json.ts";
import { readGuide } from "../kinds/guide.ts";
import { isBlank, isDescriptiveName } from "./answer-parts.ts";
import { readPollAnswers } from "./read-poll-answers.ts";

const noGuide = readGuide({});

/** [question, answer, answerLabel, pollId] of each answer. */
type Short = [question: string | null, answer: Json, label: string | null, pollId: string | null];

const read = (rest: JsonObject): Short[] =>
  readPollAnswers(rest, noGuide).map((poll) => [poll.question, poll.answer, poll.answerLabel, poll.pollId]);

const how = "How easy was it?";
const often = "How often?";
const weekly = "001qkov3r8hsxj";
const daily = "002abcd3r8hsxj";
const choices = [
  { id: weekly, label: "Every week" },
  { id: daily, label: "Every day" },
];

describe("one answer", () => {
  const cases: [string, JsonObject, Short][] = [
    ["a number", { pollId: "p-1", pollResponse: 4 }, [null, 4, "4", "p-1"]],
    ["0", { pollId: "p-1", pollResponse: 0 }, [null, 0, "0", "p-1"]],
    ["false", { pollId: "p-1", pollResponse: false }, [null, false, "No", "p-1"]],
    ["a text", { pollId: "p-1", pollResponse: "Fine 🙌" }, [null, "Fine 🙌", "Fine 🙌", "p-1"]],
    ["as the SDK names it", { poll_id: "p-1", poll_response: 4, poll_type: "NumberScale" }, [null, 4, "4", "p-1"]],
    ["in other notations", { PollID: "p-1", "Poll-Response": 4 }, [null, 4, "4", "p-1"]],
    ["without a poll id", { response: "yes please" }, [null, "yes please", "yes please", null]],
    ["with its question beside it", { pollId: "p-1", question: how, answer: 4 }, [how, 4, "4", "p-1"]],
    ["with its question in an object", { question: { id: "p-1", text: how }, answer: 4 }, [how, 4, "4", "p-1"]],
    ["beside its poll", { poll: { id: "p-1", question: how }, response: 4 }, [how, 4, "4", "p-1"]],
    ["beside its poll's id", { poll: "p-1", response: 4 }, [null, 4, "4", "p-1"]],
    ["beside its poll's question", { poll: how, response: 4 }, [how, 4, "4", null]],
    ["in its poll", { poll: { id: "p-1", question: how, response: 4 } }, [how, 4, "4", "p-1"]],
    ["in its poll, named by name", { poll: { id: "p-1", name: "CSAT", response: 4 } }, ["CSAT", 4, "4", "p-1"]],
    [
      "beside the poll's properties",
      { pollProperties: { id: "p-1", question: how }, pollResponse: 4 },
      [how, 4, "4", "p-1"],
    ],
    ["in the poll's properties", { pollProperties: { poll_id: "p-1", poll_response: 4 } }, [null, 4, "4", "p-1"]],
    ["as an object", { pollId: "p-1", pollResponse: { value: 4 } }, [null, 4, "4", "p-1"]],
    ["as an object with words", { pollId: "p-1", pollResponse: { value: 3, text: "Good" } }, [null, 3, "Good", "p-1"]],
    ["as an object with a label", { pollId: "p-1", response: { value: 3, label: "Good" } }, [null, 3, "Good", "p-1"]],
    [
      "as a chosen option",
      { pollId: "p-1", pollResponse: { id: weekly, label: "Every week" } },
      [null, weekly, "Every week", "p-1"],
    ],
    [
      "as a chosen option, named",
      { pollId: "p-1", choice: { id: weekly, name: "Every week" } },
      [null, weekly, "Every week", "p-1"],
    ],
    [
      "as a chosen option without an id",
      { pollId: "p-1", choice: { label: "Every week" } },
      [null, "Every week", "Every week", "p-1"],
    ],
    [
      "as ids and words",
      { pollId: "p-1", responseId: weekly, responseText: "Every week" },
      [null, weekly, "Every week", "p-1"],
    ],
    ["as words alone", { pollId: "p-1", responseText: "Every week" }, [null, "Every week", "Every week", "p-1"]],
    ["keyed by its poll", { polls: { "7c0xkcewvju": 9 } }, [null, 9, "9", "7c0xkcewvju"]],
    ["keyed by its poll, under a name for one", { pollResponse: { "7c0xkcewvju": 9 } }, [null, 9, "9", "7c0xkcewvju"]],
    ["keyed by its poll, under no name", { "7c0xkcewvju": 9 }, [null, 9, "9", "7c0xkcewvju"]],
    ["keyed by its question", { responses: { [how]: 4 } }, [how, 4, "4", null]],
    [
      "keyed, with its question",
      { polls: { "7c0xkcewvju": { question: how, response: 0 } } },
      [how, 0, "0", "7c0xkcewvju"],
    ],
    [
      "two deep",
      { polls: [{ id: "p-1", poll: { question: how }, responses: [{ value: 4, label: "Easy" }] }] },
      [how, 4, "Easy", "p-1"],
    ],
    [
      "two deep, the poll with an id of its own",
      { responses: [{ id: "r-1", poll: { id: "p-1", question: how }, value: 4 }] },
      [how, 4, "4", "p-1"],
    ],
    [
      "in a wrapping that nobody foresaw",
      { data: { submission: [{ pollId: "p-1", question: how, response: 4 }] } },
      [how, 4, "4", "p-1"],
    ],
    [
      "described far away",
      { polls: [{ id: "p-1", question: how }], responses: [{ pollId: "p-1", value: 4 }] },
      [how, 4, "4", "p-1"],
    ],
    [
      "described far away, keyed",
      { polls: { "7c0xkcewvju": { question: how } }, answers: { "7c0xkcewvju": 4 } },
      [how, 4, "4", "7c0xkcewvju"],
    ],
    ["twice the same", { pollResponse: 4, response: 4, pollId: "p-1" }, [null, 4, "4", "p-1"]],
    [
      "twice the same, once in a list",
      { pollId: "p-1", pollResponse: 4, pollResponses: [{ pollId: "p-1", response: 4 }] },
      [null, 4, "4", "p-1"],
    ],
    [
      "twice the same, in two lists",
      { polls: [{ id: "p-1", response: 4 }], responses: [{ pollId: "p-1", value: 4 }] },
      [null, 4, "4", "p-1"],
    ],
    ["a text that looks like a question", { pollId: "p-1", text: how, response: 4 }, [how, 4, "4", "p-1"]],
    ["beside blanks", { pollId: "p-1", response: "", answer: null, value: [], rating: 4 }, [null, 4, "4", "p-1"]],
  ];
  test.each(cases)("%s", (_name, rest, expected) => {
    expect(read(rest)).toEqual([expected]);
  });
});

describe("choices and types", () => {
  const cases: [string, JsonObject, Json, string | null][] = [
    ["a list of choices", { choices, response: weekly }, weekly, "Every week"],
    ["choices of the poll", { poll: { id: "p-1", type: "PickList", choices }, response: weekly }, weekly, "Every week"],
    [
      "idResponses with objects",
      { idResponses: { [weekly]: { text: "Every week" } }, response: weekly },
      weekly,
      "Every week",
    ],
    ["idResponses with texts", { idResponses: { [weekly]: "Every week" }, response: weekly }, weekly, "Every week"],
    ["idResponses in the poll", { poll: { idResponses: { c1: { text: "Sales" } } }, response: "c1" }, "c1", "Sales"],
    ["choices with numbers as ids", { options: [{ value: 1, label: "One" }], response: 1 }, 1, "One"],
    [
      "several chosen",
      { pollId: "p-1", choices, responses: [weekly, daily] },
      [weekly, daily],
      "Every week, Every day",
    ],
    [
      "several chosen, one unknown",
      { pollId: "p-1", choices, responses: [weekly, "Other"] },
      [weekly, "Other"],
      "Every week, Other",
    ],
    ["several chosen options", { pollId: "p-1", responses: choices }, [weekly, daily], "Every week, Every day"],
    [
      "several chosen options of a question",
      { question: often, selections: [{ label: "A" }, { label: "B" }] },
      ["A", "B"],
      "A, B",
    ],
    [
      "one option chosen of several",
      { pollId: "p-1", selectedOptions: [{ id: weekly, label: "Every week" }] },
      weekly,
      "Every week",
    ],
    [
      "options that are marked",
      {
        pollId: "p-1",
        options: [
          { id: weekly, label: "Every week", selected: true },
          { id: daily, label: "Every day", selected: false },
        ],
      },
      weekly,
      "Every week",
    ],
    [
      "a bare list where the offer would stand",
      { pollId: "p-1", choices: ["Red", "Blue"] },
      ["Red", "Blue"],
      "Red, Blue",
    ],
    ["several chosen, keyed by their poll", { polls: { "7c0xkcewvju": ["a", "b"] } }, ["a", "b"], "a, b"],
    ["an id that cannot be read here", { pollType: "PickList", response: weekly }, weekly, null],
    ["an id that cannot be read here, without a type", { response: weekly }, weekly, null],
    ["an id that has no choice any more", { choices, response: "003isdx53ctwpf" }, "003isdx53ctwpf", null],
    [
      "words that are none of the choices",
      { choices, pollType: "PickList", response: "Once a year" },
      "Once a year",
      "Once a year",
    ],
    ["a long number is no id", { response: "00420123456789" }, "00420123456789", "00420123456789"],
    ["yes", { pollType: "YesNo", response: 1 }, 1, "Yes"],
    ["no", { pollType: "Yes/No", response: 0 }, 0, "No"],
    ["no, as text", { type: "boolean", response: "false" }, "false", "No"],
    ["positive", { attributes: { type: "PositiveNegative" }, response: 1 }, 1, "Positive"],
    ["negative", { poll: { attributes: { type: "PositiveNegative" } }, response: 0 }, 0, "Negative"],
    ["true", { response: true }, true, "Yes"],
    ["a number of a scale", { pollType: "NumberScale", response: 1 }, 1, "1"],
    [
      "digits that no number holds",
      { response: "12345678901234567890" },
      "12345678901234567890",
      "12345678901234567890",
    ],
  ];
  test.each(cases)("%s", (_name, rest, answer, label) => {
    expect(read(rest).map(([, value, words]) => [value, words])).toEqual([[answer, label]]);
  });

  test("a poll described by the guide gives its question and choices", () => {
    const guide = readGuide({
      guideProperties: {
        polls: [
          { id: "p-1", question: how, attributes: { type: "NumberScale" }, numericResponses: [0, 1, 2] },
          {
            id: "p-2",
            question: often,
            attributes: { type: "PickList" },
            idResponses: { [weekly]: { text: "Every week" } },
          },
        ],
      },
    });
    expect(readPollAnswers({ pollResponses: [{ pollId: "p-2", response: weekly }] }, guide)).toMatchObject([
      { pollId: "p-2", pollType: "PickList", question: often, answer: weekly, answerLabel: "Every week" },
    ]);
    // Which of the two is meant cannot be known.
    expect(readPollAnswers({ pollResponse: 1 }, guide)).toMatchObject([{ pollId: null, question: null, answer: 1 }]);
    const single = { ...guide, polls: guide.polls.slice(0, 1) };
    expect(readPollAnswers({ pollResponse: 1 }, single)).toMatchObject([{ pollId: "p-1", question: how, answer: 1 }]);
  });
});

describe("several answers", () => {
  const cases: [string, JsonObject, Short[]][] = [
    [
      "a list",
      {
        pollResponses: [
          { pollId: "p-1", question: how, response: 0 },
          { pollId: "p-2", question: "What is missing?", response: "Nothing" },
        ],
      },
      [
        [how, 0, "0", "p-1"],
        ["What is missing?", "Nothing", "Nothing", "p-2"],
      ],
    ],
    [
      "a list of bare values",
      { pollResponses: [4, "fine"] },
      [
        [null, 4, "4", null],
        [null, "fine", "fine", null],
      ],
    ],
    [
      "equal values of unknown polls are two answers",
      { pollResponses: [5, 5] },
      [
        [null, 5, "5", null],
        [null, 5, "5", null],
      ],
    ],
    [
      "an object keyed by poll",
      { responses: { "7c0xkcewvju": 4, p19hs7l8ah8: { value: "fine" } } },
      [
        [null, 4, "4", "7c0xkcewvju"],
        [null, "fine", "fine", "p19hs7l8ah8"],
      ],
    ],
    [
      "an object keyed by names of one's own",
      { answers: { rating: 4, comment: "fine", easeOfUse: 5 } },
      [
        [null, 4, "4", "rating"],
        [null, "fine", "fine", "comment"],
        [null, 5, "5", "easeOfUse"],
      ],
    ],
    [
      "an unanswered one produces nothing",
      {
        polls: [
          { id: "p-1", response: null },
          { id: "p-2", response: " " },
          { id: "p-3", response: 0 },
        ],
      },
      [[null, 0, "0", "p-3"]],
    ],
    [
      "polls with their own lists",
      {
        polls: [
          { id: "p-1", responses: [1] },
          { id: "p-2", responses: ["a", "b"] },
        ],
      },
      [
        [null, [1], "1", "p-1"],
        [null, ["a", "b"], "a, b", "p-2"],
      ],
    ],
    [
      "each with a poll of its own",
      {
        responses: [
          { poll: { id: "p-1", question: how }, value: 1 },
          { poll: { id: "p-2", question: often }, value: 2 },
        ],
      },
      [
        [how, 1, "1", "p-1"],
        [often, 2, "2", "p-2"],
      ],
    ],
    [
      "lists in lists",
      { responses: [[{ pollId: "p-1", value: 1 }], [{ pollId: "p-2", value: 2 }]] },
      [
        [null, 1, "1", "p-1"],
        [null, 2, "2", "p-2"],
      ],
    ],
  ];
  test.each(cases)("%s", (_name, rest, expected) => {
    expect(read(rest)).toEqual(expected);
  });
});

describe("words beside an answer are answers of their own", () => {
  const cases: [string, JsonObject, Short[]][] = [
    [
      "a choice and a comment",
      { pollId: "p-1", question: often, choices, choice: weekly, comment: "on Mondays" },
      [
        [often, weekly, "Every week", "p-1"],
        [`${often} – comment`, "on Mondays", "on Mondays", "p-1"],
      ],
    ],
    [
      "in an object",
      { pollId: "p-1", pollResponse: { response: 4, reason: "quick" } },
      [
        [null, 4, "4", "p-1"],
        ["reason", "quick", "quick", "p-1"],
      ],
    ],
    [
      "in a list",
      { pollResponses: [{ pollId: "p-1", question: how, value: 4, otherText: "quick" }] },
      [
        [how, 4, "4", "p-1"],
        [`${how} – other text`, "quick", "quick", "p-1"],
      ],
    ],
    [
      "beside a poll that holds its answer",
      { poll: { id: "p-1", question: how, response: 4 }, comment: "quick" },
      [
        [how, 4, "4", "p-1"],
        [`${how} – comment`, "quick", "quick", "p-1"],
      ],
    ],
    [
      "beside several choices",
      { pollId: "p-1", selected: ["a", "b"], other: "c" },
      [
        [null, ["a", "b"], "a, b", "p-1"],
        ["other", "c", "c", "p-1"],
      ],
    ],
    [
      "beside a bare offer",
      { pollId: "p-1", choices: ["Red", "Blue"], comment: "both" },
      [
        [null, ["Red", "Blue"], "Red, Blue", "p-1"],
        ["comment", "both", "both", "p-1"],
      ],
    ],
    [
      "two values",
      { pollId: "p-1", rating: 4, score: 5 },
      [
        [null, 4, "4", "p-1"],
        ["score", 5, "5", "p-1"],
      ],
    ],
    [
      "a label and more words",
      { pollId: "p-1", value: 4, label: "Four", text: "because" },
      [
        [null, 4, "Four", "p-1"],
        ["text", "because", "because", "p-1"],
      ],
    ],
    [
      "a comment that is structured",
      { pollId: "p-1", response: 4, details: { likes: ["speed"], dislikes: "" } },
      [
        [null, 4, "4", "p-1"],
        ["details", { likes: ["speed"], dislikes: "" }, "likes: speed", "p-1"],
      ],
    ],
    ["a comment alone", { pollId: "p-1", question: how, comment: "quick" }, [[how, "quick", "quick", "p-1"]]],
    [
      "two comments alone",
      { pollId: "p-1", comment: "quick", reason: "cache" },
      [
        [null, "quick", "quick", "p-1"],
        ["reason", "cache", "cache", "p-1"],
      ],
    ],
    [
      "the same words again are nothing new",
      { pollId: "p-1", response: weekly, responseText: "Every week", text: "Every week" },
      [[null, weekly, "Every week", "p-1"]],
    ],
  ];
  test.each(cases)("%s", (_name, rest, expected) => {
    expect(read(rest)).toEqual(expected);
  });
});

describe("what nobody foresaw is kept whole", () => {
  const cases: [string, JsonObject, Short[]][] = [
    [
      "one name",
      { surprise: { mood: ["good", { why: "sun" }] } },
      [[null, { mood: ["good", { why: "sun" }] }, "surprise: mood: good, why: sun", null]],
    ],
    [
      "several names",
      { mood: "good", energy: 3 },
      [[null, { mood: "good", energy: 3 }, "mood: good; energy: 3", null]],
    ],
    ["beside a question", { pollId: "p-1", question: how, mood: "good" }, [[how, "good", "mood: good", "p-1"]]],
    [
      "under a name for an answer",
      { pollId: "p-1", pollResponse: { mood: "good", energy: 3 } },
      [[null, { mood: "good", energy: 3 }, "mood: good; energy: 3", "p-1"]],
    ],
    [
      "a described poll with something more",
      { poll: { id: "p-1", question: how, mood: "good" } },
      [
        [
          how,
          { id: "p-1", question: how, mood: "good" },
          "poll: id: p-1; question: How easy was it?; mood: good",
          "p-1",
        ],
      ],
    ],
    ["nothing", {}, []],
    ["blanks", { pollId: "p-1", pollResponse: null, answers: ["", {}, [null]], comment: "  " }, []],
    ["nothing but descriptions", { pollId: "p-1", question: how, type: "YesNo", duration: 1200, source: "web" }, []],
  ];
  test.each(cases)("%s", (_name, rest, expected) => {
    expect(read(rest)).toEqual(expected);
  });

  test("more answers than a person gives are one, so that a body of numbers does not become a million rows", () => {
    const answers = read({ pollResponses: Array.from({ length: 100_000 }, (_, index) => index) });
    expect(answers).toHaveLength(1);
    expect(answers[0]![1]).toHaveLength(100_000);
    expect(answers[0]![2]!.length).toBeLessThan(2_100);
  });

  test("a long text is kept and said whole", () => {
    const text = "long ".repeat(100_000);
    expect(read({ pollResponse: text })).toEqual([[null, text, text, null]]);
  });

  test("takes as much longer as a body that was made to be slow is longer", () => {
    const nest = (leaves: number) => {
      let nested: Json = Array.from({ length: leaves }, (_, index) => (index % 2 === 0 ? null : { x: "" }));
      for (let depth = 0; depth < 90; depth += 1)
        nested = depth % 2 === 0 ? [nested] : { responses: nested, poll: nested };
      return { pollResponses: nested, polls: nested };
    };
    const [short, long] = [nest(12_500), nest(100_000)];
    expect(
      compareCosts(
        () => read(short),
        () => read(long),
      ),
    ).toBeLessThan(notSquared);
  });

  const makeChoices = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, `Choice ${index}`]));

  test("reads many choices once, not for each answer", () => {
    const ask = (answers: number) => ({
      choices: makeChoices(60_000),
      pollResponses: Array.from({ length: answers }, (_, index) => ({ pollId: `p${index}`, value: `c${index}` })),
    });
    const [few, many] = [ask(9), ask(90)];
    expect(read(many).slice(0, 2)).toEqual([
      [null, "c0", "Choice 0", "p0"],
      [null, "c1", "Choice 1", "p1"],
    ]);
    expect(
      compareCosts(
        () => read(few),
        () => read(many),
      ),
    ).toBeLessThan(3);
  });

  test("takes as much longer as there are more answers and choices, or more descriptions of one poll", () => {
    const ask = (count: number) => ({
      choices: makeChoices(count * 3),
      pollResponses: Array.from({ length: count * 2 }, () => ({ value: 1 })),
    });
    const describePoll = (count: number) => ({
      polls: Array.from({ length: count }, (_, index) => ({ id: "p1", choices: { [`d${index}`]: "D" } })),
      pollResponses: Array.from({ length: 90 }, (_, index) => ({ pollId: "p1", value: `c${index}` })),
    });
    for (const [short, long] of [
      [ask(2_500), ask(20_000)],
      [describePoll(1_250), describePoll(10_000)],
    ] as const)
      expect(
        compareCosts(
          () => read(short),
          () => read(long),
        ),
      ).toBeLessThan(notSquared);
  });
});

/** For eight times as much: what is squared takes 64 times as long, what is not up to 16, as more of it fits no cache. */
const notSquared = 30;

const knownNames = [
  ...[
    "pollResponse",
    "pollResponses",
    "poll",
    "polls",
    "response",
    "responses",
    "answer",
    "answers",
    "value",
    "values",
  ],
  ...[
    "pollProperties",
    "question",
    "questions",
    "id",
    "pollId",
    "type",
    "pollType",
    "label",
    "text",
    "name",
    "comment",
  ],
  ...["choices", "options", "idResponses", "selected", "rating", "reason", "choiceId", "attributes", "source", "title"],
  ...["7c0xkcewvju", "sentAnswers", "results", "duration", "language"],
];

/** Any object with hostile and with known names in any place. */
const anyRest = fc.dictionary(fc.oneof(fc.constantFrom(...knownNames), fc.string()), createHostileJson(knownNames), {
  maxKeys: 6,
}) as fc.Arbitrary<JsonObject>;

const saysSomething = (rest: JsonObject) =>
  Object.entries(rest).some(([name, value]) => !isBlank(value) && !isDescriptiveName(name));

test("anything that says more than what a poll is has an answer, and its words are readable", () => {
  fc.assert(
    fc.property(anyRest, (rest) => {
      const before = JSON.stringify(rest);
      const answers = readPollAnswers(rest, noGuide);
      expect(JSON.stringify(rest)).toBe(before);
      if (saysSomething(rest)) expect(answers.length).toBeGreaterThan(0);
      const isSent = before.includes("[object Object]");
      for (const answer of answers) {
        if (!isSent) expect(listWords(answer).filter((text) => text.includes("[object"))).toEqual([]);
        expect(isBlank(answer.answer)).toBe(false);
      }
    }),
    { numRuns: 2_000 },
  );
});

function listWords({ question, answerLabel, pollId, pollType }: PollFact): string[] {
  return [question, answerLabel, pollId, pollType].filter((text) => text !== null);
}

test("an answer under any name for one is found, with what is put beside it", () => {
  const scalar = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.string().filter((text) => text.trim() !== ""),
  );
  const name = fc.constantFrom("pollResponse", "response", "answer", "value", "rating", "choice", "poll_response");
  const comment = fc.constantFrom("comment", "reason", "otherText", "feedback");
  const words = fc.string().filter((text) => text.trim() !== "");
  const wrap = fc.constantFrom<(inner: JsonObject) => JsonObject>(
    (inner) => inner,
    (inner) => ({ poll: inner }),
    (inner) => ({ pollResponse: inner }),
    (inner) => ({ pollResponses: [inner] }),
    (inner) => ({ polls: { "7c0xkcewvju": inner } }),
    (inner) => ({ polls: [{ id: "p-0", poll: { question: "Which?" }, responses: [inner] }] }),
    (inner) => ({ nobody: { foresaw: [{ this: { pollResponse: inner } }] } }),
  );
  fc.assert(
    fc.property(name, scalar, comment, words, wrap, (valueName, value, commentName, text, put) => {
      const answers = readPollAnswers(put({ pollId: "p-1", [valueName]: value, [commentName]: text }), noGuide);
      expect(answers.map((one) => one.answer)).toContainEqual(value);
      expect(answers.some((one) => one.answer === text || String(one.answer) === text)).toBe(true);
      expect(answers.every((one) => one.pollId === "p-1")).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.skipIf(!hasCorpus("naughty-strings"))(
  "naughty strings are answers, questions, ids and choices like any other",
  () => {
    for (const text of listNaughtyStrings().filter((one) => one.trim() !== "")) {
      expect(read({ pollId: text, question: text, response: text })).toMatchObject([
        [text, text, expect.anything(), text],
      ]);
      expect(read({ choices: [{ id: text, label: text }], response: text })[0]![2]).toBe(text);
      expect(read({ surprise: { [text]: text } })).toMatchObject([[null, { [text]: text }, expect.any(String), null]]);
    }
  },
);
