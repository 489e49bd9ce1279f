import { lowerAndDigits, type Random, urlSafe } from "../random.ts";
import type { App, Guide, Period, Poll, PollType } from "./types.ts";

const day = 24 * 3600 * 1000;

type Question = { type: PollType; question: string; choices?: readonly string[]; highest?: number };
type Draft = { name: string; purpose: Guide["purpose"]; app: number; steps?: number; questions?: readonly Question[] };

const npsQuestions: readonly Question[] = [
  { type: "NPSRating", question: "How likely are you to recommend us to a friend or coworker?", highest: 10 },
  { type: "NPSReason", question: "What is the main reason for your score?" },
];

const drafts: readonly Draft[] = [
  { name: "Welcome tour", purpose: "tour", app: 0, steps: 4 },
  { name: "What's new in November", purpose: "tour", app: 0, steps: 2 },
  { name: "新機能のご案内", purpose: "tour", app: 0, steps: 3 },
  { name: "Export moved ⚠️", purpose: "tour", app: 0, steps: 1 },
  { name: "Mobile onboarding", purpose: "tour", app: 1, steps: 5 },
  { name: 'Admins: "two-factor" is on', purpose: "tour", app: 2, steps: 1 },
  { name: "Billing changes", purpose: "tour", app: 2, steps: 2 },
  {
    name: "Effort: reports",
    purpose: "poll",
    app: 0,
    questions: [{ type: "NumberScale", question: "How easy was it to build your report?", highest: 5 }],
  },
  {
    name: "Effort and words",
    purpose: "poll",
    app: 0,
    questions: [
      { type: "NumberScale", question: "How satisfied are you with search?", highest: 7 },
      { type: "FreeForm", question: "What should search do better?" },
    ],
  },
  {
    name: "Did this help?",
    purpose: "poll",
    app: 0,
    questions: [{ type: "PositiveNegative", question: "Was this article helpful?" }],
  },
  {
    name: "Beta interest",
    purpose: "poll",
    app: 1,
    questions: [{ type: "YesNo", question: "Would you like to try the beta?" }],
  },
  {
    name: "About you",
    purpose: "poll",
    app: 0,
    questions: [
      {
        type: "PickList",
        question: "Which team are you in?",
        choices: ["Sales", "Support", "Customer Success", "Entwicklung & Test", "その他"],
      },
      { type: "PickList", question: "How many people work with you?", choices: ["1", "2–10", "11–50", "More than 50"] },
      { type: "YesNo", question: "May we contact you?" },
    ],
  },
  {
    name: "Was fehlt?",
    purpose: "poll",
    app: 2,
    questions: [{ type: "FreeForm", question: "Was fehlt Ihnen am meisten?" }],
  },
  {
    name: "Cancellation survey",
    purpose: "poll",
    app: 2,
    questions: [
      {
        type: "PickList",
        question: "Why are you leaving?",
        choices: ["Too expensive", "Missing features", "Switched to a competitor", "Other"],
      },
      { type: "NumberScale", question: "How was our support?", highest: 5 },
      { type: "FreeForm", question: "Anything else?" },
    ],
  },
  { name: "Quarterly NPS", purpose: "nps", app: 0, questions: npsQuestions },
  { name: "Mobile NPS", purpose: "nps", app: 1, questions: npsQuestions },
  { name: "NPS – administrators", purpose: "nps", app: 2, questions: npsQuestions },
];

export function createGuides(random: Random, apps: readonly App[], period: Period): Guide[] {
  return drafts.map((draft) => createGuide(random, draft, apps[draft.app] ?? apps[0]!, period));
}

function createGuide(random: Random, draft: Draft, app: App, period: Period): Guide {
  const createdAt = period.from * 1000 - random.int(40 * day, 700 * day);
  const lastUpdatedAt = createdAt + random.int(day, 30 * day);
  const polls = (draft.questions ?? []).map((question) => createPoll(random, question));
  if (polls[0]?.attributes.type === "NPSRating") polls[0].attributes.followUp = polls[1]!.id;
  // NPS asks for score and reason on steps of their own; other polls of a guide share one.
  const pollIdsOfSteps =
    draft.purpose === "nps"
      ? polls.map(({ id }) => [id])
      : draft.purpose === "poll"
        ? [polls.map(({ id }) => id)]
        : Array.from({ length: draft.steps ?? 1 }, () => []);
  return {
    id: random.text(urlSafe, 27),
    name: draft.name,
    purpose: draft.purpose,
    state: "public",
    app,
    createdAt,
    createdByUser: { username: "pendo-user@example.com" },
    lastUpdatedAt,
    lastUpdatedByUser: { username: random.pick(["pendo-user@example.com", "product.team@example.com"]) },
    resetAt: createdAt + random.int(1000, day),
    steps: pollIdsOfSteps.map((pollIds) => ({
      id: random.text(urlSafe, 27),
      type: draft.purpose === "nps" ? "" : "building-block",
      lastUpdatedAt: lastUpdatedAt - random.int(500, 5000),
      resetAt: createdAt + random.int(1000, day),
      pollIds,
    })),
    polls,
  };
}

function createPoll(random: Random, { type, question, choices, highest }: Question): Poll {
  const poll: Poll = { id: `p${random.text(lowerAndDigits, 10)}`, question, resetAt: 0, attributes: { type } };
  if (type === "NPSRating") poll.attributes = { type, leftLabel: "Not likely", rightLabel: "Very likely" };
  if (type === "NPSReason") poll.attributes = { type, maxLength: 1000 };
  if (type === "NPSRating") poll.numericResponses = Array.from({ length: 11 }, (_, value) => value);
  if (type === "NumberScale") poll.numericResponses = Array.from({ length: highest ?? 5 }, (_, value) => value + 1);
  if (type === "YesNo" || type === "PositiveNegative") poll.numericResponses = [0, 1];
  if (choices) {
    poll.idResponses = Object.fromEntries(
      choices.map((text, place) => [`${String(place).padStart(3, "0")}${random.text(lowerAndDigits, 11)}`, { text }]),
    );
  }
  return poll;
}
