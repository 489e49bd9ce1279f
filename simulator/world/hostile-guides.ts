// Guides in several languages, with every kind of poll.
import {
  askAboutYou,
  askWhyLeaving,
  betaQuestions,
  effortPoll,
  helpPoll,
  mobileTour,
  npsQuestions,
  searchQuestions,
  welcomeTour,
} from "./common-guides.ts";
import type { GuideDraft } from "./vocabulary.ts";

const teams = ["Sales", "Support", "Customer Success", "Entwicklung & Test", "その他"];

export const hostileGuides: readonly GuideDraft[] = [
  welcomeTour,
  { name: "What's new in November", purpose: "tour", app: 0, steps: 2 },
  { name: "新機能のご案内", purpose: "tour", app: 0, steps: 3 },
  { name: "Export moved ⚠️", purpose: "tour", app: 0, steps: 1 },
  mobileTour,
  { name: 'Admins: "two-factor" is on', purpose: "tour", app: 2, steps: 1 },
  { name: "Billing changes", purpose: "tour", app: 2, steps: 2 },
  effortPoll,
  { name: "Effort and words", purpose: "poll", app: 0, questions: searchQuestions },
  helpPoll,
  { name: "Beta interest", purpose: "poll", app: 1, questions: betaQuestions },
  { name: "About you", purpose: "poll", app: 0, questions: askAboutYou(teams) },
  {
    name: "Was fehlt?",
    purpose: "poll",
    app: 2,
    questions: [{ type: "FreeForm", question: "Was fehlt Ihnen am meisten?" }],
  },
  { name: "Cancellation survey", purpose: "poll", app: 2, questions: askWhyLeaving("Other", "Anything else?") },
  { name: "Quarterly NPS", purpose: "nps", app: 0, questions: npsQuestions },
  { name: "Mobile NPS", purpose: "nps", app: 1, questions: npsQuestions },
  { name: "NPS – administrators", purpose: "nps", app: 2, questions: npsQuestions },
];
