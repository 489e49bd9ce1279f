// Guides and track events of a product like many others, with every kind of poll.
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
import type { GuideDraft, TrackTypeDraft } from "./vocabulary.ts";

const teams = ["Sales", "Support", "Customer success", "Engineering", "Finance"];

export const everydayGuides: readonly GuideDraft[] = [
  welcomeTour,
  { name: "What's new this month", purpose: "tour", app: 0, steps: 2 },
  { name: "Exports have moved", purpose: "tour", app: 0, steps: 1 },
  { name: "Build your first report", purpose: "tour", app: 0, steps: 3 },
  mobileTour,
  { name: "Two-factor sign-in is on", purpose: "tour", app: 2, steps: 1 },
  { name: "Changes to billing", purpose: "tour", app: 2, steps: 2 },
  effortPoll,
  { name: "Search survey", purpose: "poll", app: 0, questions: searchQuestions },
  helpPoll,
  { name: "Beta programme", purpose: "poll", app: 1, questions: betaQuestions },
  { name: "About you", purpose: "poll", app: 0, questions: askAboutYou(teams) },
  {
    name: "Why are you leaving?",
    purpose: "poll",
    app: 2,
    questions: askWhyLeaving("Something else", "What would have kept you?"),
  },
  { name: "Quarterly NPS", purpose: "nps", app: 0, questions: npsQuestions },
  { name: "Mobile NPS", purpose: "nps", app: 1, questions: npsQuestions },
  { name: "NPS for administrators", purpose: "nps", app: 2, questions: npsQuestions },
];

export const everydayTrackTypes: readonly TrackTypeDraft[] = [
  {
    name: "Account Upgraded",
    app: 0,
    fields: [
      { name: "fromTier", values: ["free", "team"] },
      { name: "toTier", values: ["business", "enterprise"] },
      { name: "seats", from: 1, to: 500 },
    ],
  },
  {
    name: "Report Exported",
    app: 0,
    fields: [
      { name: "format", values: ["csv", "xlsx", "pdf"] },
      { name: "rows", from: 10, to: 250_000 },
      { name: "isScheduled", values: [true, false] },
    ],
  },
  {
    name: "Report Created",
    app: 0,
    fields: [
      { name: "template", values: ["Revenue", "Retention", "Pipeline", "blank"] },
      { name: "charts", from: 1, to: 12 },
    ],
  },
  { name: "Dashboard Shared", app: 0, fields: [{ name: "people", from: 1, to: 40 }] },
  {
    name: "Invoice Paid",
    app: 2,
    fields: [
      { name: "amount", from: 90, to: 4000, decimals: 2 },
      { name: "currency", values: ["EUR", "USD", "GBP"] },
    ],
  },
  {
    name: "Integration Connected",
    app: 2,
    fields: [
      { name: "integration", values: ["Slack", "Jira", "Salesforce"] },
      { name: "scopes", listOf: { name: "scope", values: ["read", "write"] }, upTo: 2 },
    ],
  },
  {
    name: "Search Performed",
    app: 0,
    fields: [
      { name: "query", values: ["revenue by region", "churn", "net retention", "open invoices"] },
      { name: "results", from: 0, to: 90 },
    ],
  },
  {
    name: "Session Started",
    app: 1,
    fields: [
      { name: "build", values: ["7.4.1", "7.5.0"] },
      { name: "offline", values: [true, false, false] },
    ],
  },
  { name: "Member Invited", app: 2, fields: [{ name: "role", values: ["admin", "editor", "viewer"] }] },
];
