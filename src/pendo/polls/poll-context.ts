// What is known about a poll at some place of a submission: which one, its question, its choices.
import { isJsonObject, type Json, type JsonObject } from "../../platform/json.ts";
import { readText } from "../kinds/guide.ts";
import { findText, type Parts, type Role, sortParts } from "./answer-parts.ts";
import { readChoices } from "./options.ts";

/**
 * Labels of choices by their ids, in layers from the inside out: the first one that knows an id says it. They are shared
 * and never copied: 300 answers under 90,000 choices would otherwise take twenty seconds.
 */
export type Choices = readonly ReadonlyMap<string, string>[];

export type PollContext = {
  pollId: string | null;
  pollType: string | null;
  question: string | null;
  choices: Choices;
};

export const nothingKnown: PollContext = { pollId: null, pollType: null, question: null, choices: [] };
const aPoll: Role = { isPlural: false, isPoll: true };

export function isKnownPoll(context: PollContext): boolean {
  return context.pollId !== null || context.question !== null;
}

/** A poll as a guide describes it. */
export function readPollDescription(poll: JsonObject): PollContext {
  return readContext(sortParts(poll), nothingKnown, aPoll);
}

/** What an object says about its poll, in itself and in a poll or question beside its answer; else what was known before. */
export function readContext(parts: Parts, outer: PollContext, role: Role): PollContext {
  const beside = [...parts.polls, ...parts.questions].map(({ value }) => readBeside(value));
  const first = (name: "pollId" | "pollType" | "question") =>
    beside.map((one) => one[name]).find((text) => text !== null) ?? null;
  const isAnswered = parts.answers.length + parts.choiceIds.length > 0;
  const ownId = role.isPoll || !isKnownPoll(outer) ? findText(parts.plainIds) : null;
  return {
    pollId: findText(parts.ids) ?? first("pollId") ?? ownId ?? outer.pollId,
    pollType: findText(parts.types) ?? first("pollType") ?? readAttributes(parts)?.pollType ?? outer.pollType,
    question:
      findText(parts.questions) ??
      first("question") ??
      outer.question ??
      readQuestionFromWords(parts, role, isAnswered),
    choices: addLayers(readChoices(parts), beside, outer.choices),
  };
}

function addLayers(own: readonly [string, string][], beside: readonly PollContext[], outer: Choices): Choices {
  const inner = [...(own.length > 0 ? [new Map(own)] : []), ...[...beside].reverse().flatMap(({ choices }) => choices)];
  return inner.length > 0 ? [...inner, ...outer] : outer;
}

/** What several places say about one poll; of two that contradict each other, the first counts. */
export function mergeContexts(contexts: readonly PollContext[]): PollContext {
  const first = (name: "pollId" | "pollType" | "question") =>
    contexts.map((one) => one[name]).find((text) => text !== null) ?? null;
  const labels = new Map<string, string>();
  for (const layer of contexts.flatMap(({ choices }) => choices))
    for (const [id, label] of layer) if (!labels.has(id)) labels.set(id, label);
  return { pollId: first("pollId"), pollType: first("pollType"), question: first("question"), choices: [labels] };
}

/** A poll that is described beside its answer, or named: by its id, or by its question. */
function readBeside(value: Json): PollContext {
  if (isJsonObject(value)) {
    const parts = sortParts(value);
    // One that is answered itself has nothing to say about what stands beside it.
    return parts.answers.length > 0 ? nothingKnown : readContext(parts, nothingKnown, aPoll);
  }
  const text = readText(value);
  if (text === null) return nothingKnown;
  return /\s/.test(text) ? { ...nothingKnown, question: text } : { ...nothingKnown, pollId: text };
}

/** Pendo's API puts the type of a poll into its attributes. */
function readAttributes(parts: Parts): PollContext | undefined {
  const attributes = parts.surroundings.map(({ value }) => value).find(isJsonObject);
  return attributes && { ...nothingKnown, pollType: findText(sortParts(attributes).types) };
}

/** A name, or a text, where nothing is called a question: of a poll it is the question, of an answer when it asks. */
function readQuestionFromWords(parts: Parts, role: Role, isAnswered: boolean): string | null {
  const name = role.isPoll || isAnswered ? findText(parts.names) : null;
  if (name !== null) return name;
  if (role.isPoll && !isAnswered) return findText(parts.labels);
  return isAnswered
    ? (parts.labels.map(({ value }) => readText(value)).find((text) => text?.trim().endsWith("?")) ?? null)
    : null;
}
