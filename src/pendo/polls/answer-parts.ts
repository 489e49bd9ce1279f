// The names under which the parts of an answered poll may stand: those of Pendo's API and SDK, and those that anybody
// would use. They are compared without case and separators, so pollId, poll_id and PollID are one name.
import type { Json, JsonObject } from "../../platform/json.ts";
import { readText } from "../kinds/guide.ts";

/** What a name says about what stands under it. */
export type Role = {
  /** Several answers, or several choices of one. */
  isPlural: boolean;
  /** A poll or question that is described, and perhaps answered inside. */
  isPoll: boolean;
};

export type Part = { key: string; value: Json; role: Role };

/** The parts of an object that say something, by what their names mean. */
export type Parts = {
  /** In the order in which they are believed. */
  answers: Part[];
  /** Words beside an answer. */
  comments: Part[];
  /** Ids of a chosen option: the answer where there is no other. */
  choiceIds: Part[];
  /** The answer in words. */
  labels: Part[];
  polls: Part[];
  ids: Part[];
  plainIds: Part[];
  types: Part[];
  questions: Part[];
  names: Part[];
  choices: Part[];
  /** About the request, not the answer. */
  surroundings: Part[];
  unknown: Part[];
};

type Group = keyof Parts;

const single: Role = { isPlural: false, isPoll: false };
const plural: Role = { isPlural: true, isPoll: false };
const poll: Role = { isPlural: false, isPoll: true };
const polls: Role = { isPlural: true, isPoll: true };

const table: [Group, Role, string][] = [
  ["answers", single, "pollResponse pollAnswer response answer userResponse value responseValue answerValue"],
  ["answers", plural, "pollResponses pollAnswers responses answers userResponses values results"],
  ["answers", single, "selectedChoice selectedOption selectedAnswer choice option rating score selected"],
  ["answers", plural, "selectedChoices selectedOptions selectedAnswers selections ratings scores"],
  ["comments", single, "comment comments reason reasons feedback explanation note notes why other otherText"],
  [
    "comments",
    single,
    "otherResponse freeText openText openResponse verbatim followUp followUpResponse message details",
  ],
  ["choiceIds", single, "choiceId optionId selectedId responseId answerId"],
  ["labels", single, "answerLabel responseLabel choiceLabel optionLabel label answerText responseText choiceText"],
  ["labels", single, "displayValue text"],
  ["polls", poll, "poll pollProperties"],
  ["polls", polls, "polls questions"],
  ["ids", single, "pollId questionId"],
  ["plainIds", single, "id"],
  ["types", single, "pollType questionType type"],
  ["questions", poll, "question pollQuestion questionText pollText questionTitle pollTitle pollName prompt title"],
  ["names", single, "name"],
  ["choices", plural, "choices options idResponses possibleResponses numericResponses"],
  ["surroundings", single, "source channel language duration guideName guideId guideStepId attributes"],
];

type Meaning = { group: Group; role: Role; rank: number };

const meanings = new Map<string, Meaning>(
  table.flatMap(([group, role, names], row) =>
    names
      .split(" ")
      .map((name, place): [string, Meaning] => [normalize(name), { group, role, rank: row * 100 + place }]),
  ),
);

function normalize(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]/g, "");
}

/** Whether a name says what a poll is or where it was shown, rather than what somebody answered. */
export function isDescriptiveName(name: string): boolean {
  const group = meanings.get(normalize(name))?.group;
  return group !== undefined && !["answers", "comments", "choiceIds", "labels", "polls"].includes(group);
}

/** Sorts an object into its parts; what is blank is no part. */
export function sortParts(object: JsonObject): Parts {
  const parts: Parts = {
    answers: [],
    comments: [],
    choiceIds: [],
    labels: [],
    polls: [],
    ids: [],
    plainIds: [],
    types: [],
    questions: [],
    names: [],
    choices: [],
    surroundings: [],
    unknown: [],
  };
  const ranks = new Map<Part, number>();
  for (const key of Object.keys(object)) {
    const value = object[key]!;
    if (isBlank(value)) continue;
    const meaning = meanings.get(normalize(key));
    const part = { key, value, role: meaning?.role ?? single };
    ranks.set(part, meaning?.rank ?? 0);
    parts[meaning?.group ?? "unknown"].push(part);
  }
  for (const group of [parts.answers, parts.comments, parts.labels, parts.ids, parts.types, parts.questions])
    group.sort((one, other) => ranks.get(one)! - ranks.get(other)!);
  return parts;
}

/** Everything in an object that says something, by its own names. */
export function listParts(object: JsonObject): Part[] {
  return Object.entries(object)
    .filter(([, value]) => !isBlank(value))
    .map(([key, value]) => ({ key, value, role: single }));
}

/** The first that is a text or a number. */
export function findText(parts: readonly Part[]): string | null {
  for (const { value } of parts) {
    const text = readText(value);
    if (text !== null) return text;
  }
  return null;
}

const blanks = new WeakMap<object, boolean>();

/** Says nothing at all: null, white space, and lists and objects of such. 0 and false say something. */
export function isBlank(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === "string") return value.trim() === "";
  if (typeof value !== "object") return false;
  // Remembered: what lies deep would otherwise be looked through once for each level above it.
  let blank = blanks.get(value);
  if (blank === undefined) {
    blank = Object.values(value).every(isBlank);
    blanks.set(value, blank);
  }
  return blank;
}

export function isComposite(value: Json): value is Json[] | JsonObject {
  return value !== null && typeof value === "object";
}
