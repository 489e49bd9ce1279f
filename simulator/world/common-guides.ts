// Guides and polls that a product has whatever its words are.
import type { GuideDraft, Question } from "./vocabulary.ts";

export const welcomeTour: GuideDraft = { name: "Welcome tour", purpose: "tour", app: 0, steps: 4 };
export const mobileTour: GuideDraft = { name: "Mobile onboarding", purpose: "tour", app: 1, steps: 5 };
export const effortPoll: GuideDraft = {
  name: "Effort: reports",
  purpose: "poll",
  app: 0,
  questions: [{ type: "NumberScale", question: "How easy was it to build your report?", highest: 5 }],
};
export const helpPoll: GuideDraft = {
  name: "Did this help?",
  purpose: "poll",
  app: 0,
  questions: [{ type: "PositiveNegative", question: "Was this article helpful?" }],
};

export const searchQuestions: readonly Question[] = [
  { type: "NumberScale", question: "How satisfied are you with search?", highest: 7 },
  { type: "FreeForm", question: "What should search do better?" },
];
export const betaQuestions: readonly Question[] = [{ type: "YesNo", question: "Would you like to try the beta?" }];
/** `teams` are what somebody's own can be. */
export const askAboutYou = (teams: readonly string[]): readonly Question[] => [
  { type: "PickList", question: "Which team are you in?", choices: teams },
  { type: "PickList", question: "How many people work with you?", choices: ["1", "2–10", "11–50", "More than 50"] },
  { type: "YesNo", question: "May we contact you?" },
];
export const askWhyLeaving = (otherReason: string, lastQuestion: string): readonly Question[] => [
  {
    type: "PickList",
    question: "Why are you leaving?",
    choices: ["Too expensive", "Missing features", "Switched to a competitor", otherReason],
  },
  { type: "NumberScale", question: "How was our support?", highest: 5 },
  { type: "FreeForm", question: lastQuestion },
];
export const npsQuestions: readonly Question[] = [
  { type: "NPSRating", question: "How likely are you to recommend us to a friend or coworker?", highest: 10 },
  { type: "NPSReason", question: "What is the main reason for your score?" },
];
