// Guides in several languages, with every kind of poll.
import { type GuideDraft, npsQuestions } from "./vocabulary.ts";

export const hostileGuides: readonly GuideDraft[] = [
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
