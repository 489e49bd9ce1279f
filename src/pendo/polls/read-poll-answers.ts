// Answers of polls, read from any shape. Pendo does not document the properties of pollSubmitted: the value may be a
// scalar, an object, a list, or an object keyed by poll id, under one of many names, beside its question or far from
// it. What no reading understands becomes one answer that holds the whole structure: nothing is dropped because nobody
// foresaw it.
import type { PollFact } from "../../pipeline/facts.ts";
import { isJsonObject, type Json, type JsonObject } from "../../platform/json.ts";
import { type Guide, readText } from "../kinds/guide.ts";
import {
  isBlank,
  isComposite,
  isDescriptiveName,
  listParts,
  type Part,
  type Parts,
  type Role,
  sortParts,
} from "./answer-parts.ts";
import { isKeyOfPoll, readKeyOfPoll } from "./keyed-polls.ts";
import { listMarkedChoices, type Option, readChosenOptions, readOption } from "./options.ts";
import {
  isKnownPoll,
  mergeContexts,
  nothingKnown,
  type PollContext,
  readContext,
  readPollDescription,
} from "./poll-context.ts";
import { describeStructure, sayAnswer } from "./say-answer.ts";

type Found = {
  context: PollContext;
  value: Json;
  /** In words, where words stood beside it. */
  label: string | null;
  /** The name of what stood beside another answer ("comment"), in words. */
  aspect: string | null;
};

type Reading = { found: Found[]; described: PollContext[] };

const anAnswer: Role = { isPlural: false, isPoll: false };
/** More answers than a person gives: a shape that is misread. It is kept as one. */
const mostAnswers = 100;
const deepestWrapping = 3;

/** All answers in what stands beside the guide. `rest` is pollSubmitted's properties without the guide's own. */
export function readPollAnswers(rest: JsonObject, guide: Guide): PollFact[] {
  // Here `id` and `name` need not be the poll's.
  const parts: Parts = { ...sortParts(rest), plainIds: [], names: [] };
  const context = readContext(parts, nothingKnown, anAnswer);
  const described = guide.polls.map(readPollDescription);
  const reading: Reading = { found: [], described };
  readParts(parts, context, reading, { mayBeWords: true });
  if (reading.found.length === 0) readWrapped(parts.unknown, context, reading, deepestWrapping);
  if (reading.found.length === 0) readKeyed(parts.unknown.filter(isKeyOfPoll), context, reading);
  if (reading.found.length === 0 || reading.found.length > mostAnswers) reading.found = keepWhole(rest, context);
  const complete = createCompletion(reading.described);
  const facts = reading.found.map((found) => createFact(found, complete(found.context), guide));
  return dropRepeated(facts);
}

function readAnswers(value: Json, context: PollContext, role: Role, reading: Reading): void {
  if (isBlank(value)) return;
  if (Array.isArray(value)) readList(value, context, role, reading);
  else if (isJsonObject(value)) readObject(value, context, role, reading);
  else reading.found.push({ context, value, label: null, aspect: null });
}

/** Several choices of one question, or several answers. */
function readList(list: readonly Json[], context: PollContext, role: Role, reading: Reading): void {
  const isOfOnePoll = isKnownPoll(context) && !role.isPoll;
  const chosen = isOfOnePoll ? readChosenOptions(list) : undefined;
  if (chosen) reading.found.push(joinOptions(chosen, context));
  else if (isOfOnePoll && !list.some(isComposite))
    reading.found.push({ context, value: [...list], label: null, aspect: null });
  else readEach(list, (element) => readAnswers(element, context, { ...role, isPlural: false }, reading), reading);
}

function joinOptions(options: readonly Option[], context: PollContext): Found {
  const values = options.map((option) => option.id ?? option.label);
  const words = options.map(({ id, label }) => label ?? sayAnswer(id, context.pollType, context.choices) ?? id);
  return { context, value: values.length === 1 ? values[0]! : values, label: words.join(", "), aspect: null };
}

function readObject(object: JsonObject, outer: PollContext, role: Role, reading: Reading): void {
  const parts = sortParts(object);
  if (isKeyed(parts, role)) {
    readKeyed(listParts(object), outer, reading);
    return;
  }
  const context = readContext(parts, outer, role);
  if (role.isPoll || parts.questions.length > 0 || parts.choices.length > 0) reading.described.push(context);
  const before = reading.found.length;
  const isOption = parts.plainIds.length > 0 && (parts.questions.length === 0 || outer.question !== null);
  readParts(parts, context, reading, { mayBeWords: !role.isPoll && !isOption });
  if (reading.found.length > before || role.isPoll) return;
  const { id, label } = readOption(parts);
  if (isOption && id !== null) reading.found.push({ context: outer, value: id, label, aspect: null });
  else if (parts.unknown.length > 0) reading.found.push({ context, value: object, label: null, aspect: null });
}

/** Answers in an object: those in what it holds, its own (where there is no other, in words), and what stands beside. */
function readParts(
  parts: Parts,
  context: PollContext,
  reading: Reading,
  { mayBeWords }: { mayBeWords: boolean },
): void {
  const before = reading.found.length;
  const isOwn = (part: Part) => isOwnAnswer(part, context);
  const held = [
    ...parts.polls.filter(({ value }) => isComposite(value)),
    ...parts.answers.filter((one) => !isOwn(one)),
  ];
  for (const { value, role } of held) readAnswers(value, context, role, reading);
  const words = listWords(parts, context);
  if (reading.found.length === before) {
    const main = parts.answers.find(isOwn) ?? parts.choiceIds[0] ?? (mayBeWords ? words[0] : undefined);
    const marked = main ? undefined : listMarkedChoices(parts);
    if (main) {
      const label = words.find((word) => toText(word.value) !== toText(main.value));
      reading.found.push({ context, value: main.value, label: label ? toText(label.value) : null, aspect: null });
    } else if (marked) reading.found.push(joinOptions(marked, context));
  }
  const beside = [...parts.answers.filter(isOwn), ...(reading.found.length > before ? words : []), ...parts.comments];
  for (const { key, value } of beside) {
    const said = reading.found.slice(before).flatMap((one) => [toText(one.value), one.label]);
    if (said.includes(toText(value))) continue;
    reading.found.push({ context, value, label: null, aspect: said.length > 0 ? sayName(key) : null });
  }
}

/** To compare by: an object may have a toString of its own, that is none. */
function toText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A value that is an answer as it stands: a scalar, or several choices of one question. */
function isOwnAnswer({ value, role }: Part, context: PollContext): boolean {
  if (!Array.isArray(value)) return !isComposite(value);
  return !value.some(isComposite) && (!role.isPlural || isKnownPoll(context));
}

/** Texts that say an answer in words, and not the question. */
function listWords(parts: Parts, context: PollContext): Part[] {
  const names = parts.questions.length === 0 ? parts.names : [];
  return [...parts.labels, ...names].filter(({ value }) => !isComposite(value) && readText(value) !== context.question);
}

/** "otherText" → "other text". */
function sayName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[\s_.-]+/g, " ")
    .toLowerCase();
}

/** Whether the names in an object are those of polls: in a container of several, or where they look like nothing else. */
function isKeyed(parts: Parts, role: Role): boolean {
  if (parts.unknown.length === 0) return false;
  const { answers, comments, choiceIds, labels, polls, unknown, ...descriptive } = parts;
  if (Object.values(descriptive).some((group) => group.length > 0)) return false;
  if (role.isPlural) return true;
  return (
    [answers, comments, choiceIds, labels, polls].every((group) => group.length === 0) && unknown.every(isKeyOfPoll)
  );
}

function readKeyed(parts: readonly Part[], outer: PollContext, reading: Reading): void {
  readEach(
    parts,
    ({ key, value }) => readAnswers(value, { ...outer, ...readKeyOfPoll(key) }, anAnswer, reading),
    reading,
  );
}

/** Until it is clear that these are more answers than a person gives. */
function readEach<T>(parts: readonly T[], read: (part: T) => void, { found }: Reading): void {
  for (const part of parts) {
    if (found.length > mostAnswers) return;
    read(part);
  }
}

/** Answers that are called so inside of something that is not: {"payload": {"response": 4}}. */
function readWrapped(parts: readonly Part[], context: PollContext, reading: Reading, depth: number): void {
  for (const { value } of parts) {
    for (const object of (Array.isArray(value) ? value : [value]).filter(isJsonObject)) {
      const inner = sortParts(object);
      const isExplicit = inner.polls.length > 0 || inner.answers.some(({ key }) => /response|answer/i.test(key));
      if (isExplicit) readObject(object, context, anAnswer, reading);
      else if (depth > 1) readWrapped(inner.unknown, context, reading, depth - 1);
    }
  }
}

/** Nothing foreseen was found: what is there is one answer, said as well as it can be. */
function keepWhole(rest: JsonObject, context: PollContext): Found[] {
  const left = Object.entries(rest).filter(([name, value]) => !isBlank(value) && !isDescriptiveName(name));
  if (left.length === 0) return [];
  const all = Object.fromEntries(left);
  const value = left.length === 1 ? left[0]![1] : all;
  return [{ context, value, label: describeStructure(all), aspect: null }];
}

function createFact({ value, label, aspect }: Found, context: PollContext, guide: Guide): PollFact {
  const { pollId, pollType, question, choices } = context;
  const { guideId, guideName, guideStepId } = guide;
  const about = { pollId, guideId, guideName, guideStepId, answer: value };
  if (aspect === null)
    return { ...about, pollType, question, answerLabel: label ?? sayAnswer(value, pollType, choices) };
  // Beside an answer, not in its type and not one of its choices.
  return {
    ...about,
    pollType: null,
    question: question === null ? aspect : `${question} – ${aspect}`,
    answerLabel: sayAnswer(value, null, []),
  };
}

/** Fills in what is said elsewhere about the same poll, or about the only poll there is. */
function createCompletion(described: readonly PollContext[]): (context: PollContext) => PollContext {
  const byPoll = new Map<string | null, PollContext[]>();
  for (const one of described) {
    const others = byPoll.get(one.pollId);
    if (others) others.push(one);
    else byPoll.set(one.pollId, [one]);
  }
  const merged = new Map([...byPoll].map(([pollId, contexts]) => [pollId, mergeContexts(contexts)]));
  const onlyOne = merged.size === 1 ? [...merged.values()][0] : undefined;
  return (context) => {
    const known = isKnownPoll(context) ? (context.pollId === null ? undefined : merged.get(context.pollId)) : onlyOne;
    return known
      ? {
          pollId: context.pollId ?? known.pollId,
          pollType: context.pollType ?? known.pollType,
          question: context.question ?? known.question,
          choices: [...context.choices, ...known.choices],
        }
      : context;
  };
}

/** The same poll answered the same, in two places of one submission, is one answer. */
function dropRepeated(facts: readonly PollFact[]): PollFact[] {
  const seen = new Set<string>();
  return facts.filter(({ pollId, question, answer }) => {
    if (pollId === null) return true;
    const said = JSON.stringify([pollId, question, answer]);
    if (seen.has(said)) return false;
    seen.add(said);
    return true;
  });
}
