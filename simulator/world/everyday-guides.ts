// Guides and track events of a product like many others, with every kind of poll.
import { type GuideDraft, npsQuestions, type TrackTypeDraft } from "./vocabulary.ts";

export const everydayGuides: readonly GuideDraft[] = [
  { name: "Welcome tour", purpose: "tour", app: 0, steps: 4 },
  { name: "What's new this month", purpose: "tour", app: 0, steps: 2 },
  { name: "Exports have moved", purpose: "tour", app: 0, steps: 1 },
  { name: "Build your first report", purpose: "tour", app: 0, steps: 3 },
  { name: "Mobile onboarding", purpose: "tour", app: 1, steps: 5 },
  { name: "Two-factor sign-in is on", purpose: "tour", app: 2, steps: 1 },
  { name: "Changes to billing", purpose: "tour", app: 2, steps: 2 },
  {
    name: "Effort: reports",
    purpose: "poll",
    app: 0,
    questions: [{ type: "NumberScale", question: "How easy was it to build your report?", highest: 5 }],
  },
  {
    name: "Search survey",
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
    name: "Beta programme",
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
        choices: ["Sales", "Support", "Customer success", "Engineering", "Finance"],
      },
      { type: "PickList", question: "How many people work with you?", choices: ["1", "2–10", "11–50", "More than 50"] },
      { type: "YesNo", question: "May we contact you?" },
    ],
  },
  {
    name: "Why are you leaving?",
    purpose: "poll",
    app: 2,
    questions: [
      {
        type: "PickList",
        question: "Why are you leaving?",
        choices: ["Too expensive", "Missing features", "Switched to a competitor", "Something else"],
      },
      { type: "NumberScale", question: "How was our support?", highest: 5 },
      { type: "FreeForm", question: "What would have kept you?" },
    ],
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
