// Answers of polls, read from any shape. Pendo does not document the properties of pollSubmitted: the value may be a
// scalar, an object, a list, or an object keyed by poll id, under one of many names. What none of these readings
// understands becomes one answer that holds the whole structure: nothing is dropped because nobody foresaw it.
import type { PollFact } from "../pipeline/facts.ts";
import { isJsonObject, type Json, type JsonObject } from "../platform/json.ts";
import type { Guide } from "./kinds/guide.ts";
import { readText } from "./kinds/guide.ts";

type Context = {
  pollId: string | null;
  pollType: string | null;
  question: string | null;
  choices: Map<string, string>;
};
type Answer = Pick<PollFact, "pollId" | "pollType" | "question" | "answer" | "answerLabel">;

const containerNames = [
  "pollResponse",
  "pollResponses",
  "poll_response",
  "poll_responses",
  "poll",
  "polls",
  "pollAnswer",
  "pollAnswers",
  "response",
  "responses",
  "answer",
  "answers",
  "pollProperties",
  "questions",
  "results",
];
const valueNames = [
  "pollResponse",
  "poll_response",
  "response",
  "answer",
  "value",
  "selected",
  "selectedChoice",
  "choice",
  "rating",
  "score",
  "responseValue",
  "answerValue",
  "pollResponses",
  "responses",
  "answers",
  "values",
  "responseText",
  "answerText",
  "comment",
];
const idNames = ["pollId", "poll_id", "questionId", "id"];
const typeNames = ["pollType", "poll_type", "type"];
const questionNames = ["question", "pollQuestion", "questionText", "pollText", "prompt", "title"];
const labelNames = [
  "answerLabel",
  "responseLabel",
  "choiceLabel",
  "label",
  "responseText",
  "answerText",
  "displayValue",
  "text",
  "name",
];
const choiceNames = ["choices", "options", "idResponses", "possibleResponses"];

/** All answers in what stands beside the guide. `rest` is pollSubmitted's properties without the guide's own. */
export function readPollAnswers(rest: JsonObject, guide: Guide): PollFact[] {
  const context = readContext(rest, { pollId: null, pollType: null, question: null, choices: new Map() }, [
    "pollId",
    "poll_id",
    "questionId",
  ]);
  const containers = containerNames.filter((name) => isAnswered(rest[name]));
  const used = new Set<string>();
  const answers = containers.flatMap((name) => {
    const found = readAnswers(rest[name]!, context, name.endsWith("s"));
    if (found.length > 0) used.add(name);
    return found;
  });
  // A poll described in one place and answered in another ({poll: {id, question}, response: 4}).
  const described = containers
    .map((name) => rest[name])
    .find((value) => isJsonObject(value) && !hasValue(value) && isDescription(value));
  const joined = described === undefined ? answers : joinDescription(answers, described as JsonObject);
  const found = joined.length > 0 ? joined : readLooseAnswer(rest, context);
  return found.map((answer) => ({
    ...answer,
    guideId: guide.guideId,
    guideName: guide.guideName,
    guideStepId: guide.guideStepId,
  }));
}

function readAnswers(value: Json, context: Context, isPlural: boolean): Answer[] {
  if (!isAnswered(value)) return [];
  if (Array.isArray(value)) {
    // Choices of one question, unless a list of answers was announced and no question is named.
    const areScalars = value.every((element) => element === null || typeof element !== "object");
    if (areScalars && !(isPlural && context.pollId === null)) return [createAnswer(value, context, null)];
    return value.flatMap((element) => readAnswers(element, context, false));
  }
  if (!isJsonObject(value)) return [createAnswer(value, context, null)];
  if (hasValue(value)) return readAnswerObject(value, context);
  if (isDescription(value)) return [];
  // Keyed by poll id: {"7c0xkcewvju": 9, …}; the value may again be anything.
  return Object.entries(value).flatMap(([pollId, inner]) => readAnswers(inner, { ...context, pollId }, false));
}

function readAnswerObject(value: JsonObject, outer: Context): Answer[] {
  const context = readContext(value, outer, idNames);
  const name = valueNames.find((candidate) => isAnswered(value[candidate]));
  if (name === undefined) return [];
  const given = value[name]!;
  const label = readFirst(
    value,
    labelNames.filter((candidate) => candidate !== name),
  );
  if (isJsonObject(given)) {
    // A chosen option: {"id": "001…", "label": "Every day"}.
    const chosen = readFirst(given, labelNames);
    const id = ["id", "value", "choiceId"].map((key) => given[key]).find((key) => key !== undefined && key !== null);
    if (id !== undefined && !isComposite(id)) return [createAnswer(id, context, chosen ?? label)];
    if (chosen !== null && Object.keys(given).length === 1) return [createAnswer(chosen, context, label)];
    return readAnswers(given, context, false);
  }
  if (Array.isArray(given) && given.some(isComposite)) return readAnswers(given, context, name.endsWith("s"));
  return [createAnswer(given, context, label)];
}

/** Nothing foreseen was found: what is there is kept as one answer, said as well as it can be. */
function readLooseAnswer(rest: JsonObject, context: Context): Answer[] {
  const known = new Set<string>([
    ...idNames,
    ...typeNames,
    ...questionNames,
    ...choiceNames,
    "source",
    "language",
    "duration",
    "guideName",
  ]);
  const left = Object.entries(rest).filter(([name, value]) => !known.has(name) && isAnswered(value));
  const direct = valueNames.find((name) => isAnswered(rest[name]) && !isComposite(rest[name]!));
  if (direct !== undefined)
    return [
      createAnswer(rest[direct]!, context, readFirst(rest, ["answerLabel", "responseLabel", "choiceLabel", "label"])),
    ];
  if (left.length === 0) return [];
  const answer: JsonObject = Object.fromEntries(left);
  return [createAnswer(left.length === 1 ? left[0]![1] : answer, context, describe(answer))];
}

function createAnswer(value: Json, context: Context, label: string | null): Answer {
  const { pollId, pollType, question } = context;
  return { pollId, pollType, question, answer: value, answerLabel: label ?? sayAnswer(value, context) };
}

/** The answer in words: a choice's label, yes or no, a number, the text itself; null for an id nobody can read here. */
function sayAnswer(value: Json, context: Context): string | null {
  if (Array.isArray(value)) return value.map((element) => sayAnswer(element, context) ?? String(element)).join(", ");
  if (isJsonObject(value)) return describe(value);
  const type = context.pollType ?? "";
  const choice = context.choices.get(String(value));
  if (choice !== undefined) return choice;
  if (/yes.?no|bool/i.test(type) || typeof value === "boolean") {
    if (["1", "true", "yes"].includes(String(value).toLowerCase())) return "Yes";
    if (["0", "false", "no"].includes(String(value).toLowerCase())) return "No";
  }
  if (typeof value === "string" && /pick|choice|select|radio|dropdown/i.test(type))
    return context.choices.size > 0 || looksLikeId(value) ? null : value;
  return value === null ? null : String(value);
}

/** Choice ids as seen: 14 characters, digits first ("001qkov3r8hsxj"). */
function looksLikeId(value: string): boolean {
  return /^\d{3}[0-9a-z]{8,}$/.test(value);
}

function describe(value: Json): string {
  if (Array.isArray(value)) return value.map(describe).join(", ");
  if (!isJsonObject(value)) return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name}: ${describe(inner)}`)
    .join("; ");
}

function readContext(value: JsonObject, outer: Context, ids: readonly string[]): Context {
  const poll = isJsonObject(value.poll) ? value.poll : {};
  return {
    pollId: readFirst(value, ids) ?? readFirst(poll, idNames) ?? outer.pollId,
    pollType: readFirst(value, typeNames) ?? readFirst(poll, typeNames) ?? outer.pollType,
    question: readFirst(value, questionNames) ?? readFirst(poll, questionNames) ?? outer.question,
    choices: new Map([...outer.choices, ...readChoices(poll), ...readChoices(value)]),
  };
}

/** Choices as a list of {id, label} or as an object id → label. */
function readChoices(value: JsonObject): [string, string][] {
  return choiceNames.flatMap((name): [string, string][] => {
    const choices = value[name];
    if (Array.isArray(choices)) {
      return choices.filter(isJsonObject).flatMap((choice): [string, string][] => {
        const id = readFirst(choice, ["id", "value", "key"]);
        const label = readFirst(choice, labelNames);
        return id !== null && label !== null ? [[id, label]] : [];
      });
    }
    if (!isJsonObject(choices)) return [];
    return Object.entries(choices).flatMap(([id, choice]): [string, string][] => {
      const label = isJsonObject(choice) ? readFirst(choice, labelNames) : readText(choice);
      return label === null ? [] : [[id, label]];
    });
  });
}

function joinDescription(answers: Answer[], description: JsonObject): Answer[] {
  const context = readContext(
    description,
    { pollId: null, pollType: null, question: null, choices: new Map() },
    idNames,
  );
  return answers.map((answer) => {
    if (answer.pollId !== null && context.pollId !== null && answer.pollId !== context.pollId) return answer;
    const joined = {
      ...context,
      pollId: answer.pollId ?? context.pollId,
      pollType: answer.pollType ?? context.pollType,
      question: answer.question ?? context.question,
    };
    const label = context.choices.get(String(answer.answer)) ?? sayAnswer(answer.answer, joined);
    const { pollId, pollType, question } = joined;
    return {
      ...answer,
      pollId,
      pollType,
      question,
      answerLabel: answer.answerLabel === String(answer.answer) ? label : (answer.answerLabel ?? label),
    };
  });
}

function readFirst(value: JsonObject, names: readonly string[]): string | null {
  for (const name of names) {
    const text = readText(value[name]);
    if (text !== null) return text;
  }
  return null;
}

function hasValue(value: JsonObject): boolean {
  return valueNames.some((name) => isAnswered(value[name]));
}

/** Describes a poll without answering it. */
function isDescription(value: JsonObject): boolean {
  const names = [...idNames, ...typeNames, ...questionNames, ...choiceNames];
  return (
    Object.keys(value).some((name) => names.includes(name)) && Object.values(value).some((inner) => inner !== null)
  );
}

function isComposite(value: Json): value is Json[] | JsonObject {
  return value !== null && typeof value === "object";
}

/** Blank answers are no answers; 0 and false are. */
function isAnswered(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "string") return value.trim() !== "";
  if (Array.isArray(value)) return value.some(isAnswered);
  return typeof value !== "object" || Object.keys(value).length > 0;
}
