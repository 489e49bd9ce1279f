// What the pages show in numbers: NPS, polls, activity, and what has changed.
import { type Static, Type } from "typebox";
import { FactsQuery, NamedRecord, Nullable, Time } from "./api.ts";

const Count = Type.Integer({ minimum: 0 });
const Day = Type.String({ format: "date", description: "The day it begins with, in the zone asked for" });
const Zone = Type.String({
  default: "UTC",
  maxLength: 60,
  pattern: "^[A-Za-z0-9_+/-]+$",
  description: "Whose days are counted: a name such as Europe/Berlin",
});
const about = {
  account: FactsQuery.properties.account,
  user: FactsQuery.properties.user,
  organization: FactsQuery.properties.organization,
};
const range = { since: FactsQuery.properties.since, until: FactsQuery.properties.until };

const Scores = {
  score: Nullable(Type.Integer({ minimum: -100, maximum: 100, description: "Null: nobody answered" })),
  answers: Count,
  promoters: Count,
  passives: Count,
  detractors: Count,
};
export const NpsSummaryQuery = Type.Object({
  ...range,
  ...about,
  guide: FactsQuery.properties.guide,
  band: FactsQuery.properties.band,
  score: FactsQuery.properties.score,
  matched: FactsQuery.properties.matched,
  app: FactsQuery.properties.app,
  q: FactsQuery.properties.q,
  zone: Type.Optional(Zone),
});
export const NpsSummary = Type.Object({
  ...Scores,
  scores: Type.Array(Type.Integer({ minimum: 0 }), { description: "How often each score from 0 to 10 was given" }),
  before: Nullable(
    Type.Object(Scores, { description: "The same length of time before; null: no range was asked for" }),
  ),
  step: Type.Union([Type.Literal("day"), Type.Literal("week"), Type.Literal("month")]),
  buckets: Type.Array(Type.Object({ at: Day, ...Scores }), {
    description: "The oldest first; those without answers are left out",
  }),
  guides: Type.Array(Type.Object({ id: Nullable(Type.String()), name: Nullable(Type.String()), ...Scores }), {
    description: "Most answers first, fifty at most",
  }),
});

const poll = {
  id: Type.String({ description: "What /polls/{id} takes" }),
  question: Nullable(Type.String()),
  pollType: Nullable(Type.String()),
  guide: Type.Object({ id: Nullable(Type.String()), name: Nullable(Type.String()) }),
  answers: Count,
  lastAt: Time,
};
export const PollList = Type.Object({
  items: Type.Array(Type.Object(poll), { description: "The last answered first, two hundred at most" }),
});
export const PollQuery = Type.Object({
  ...range,
  ...about,
  guide: FactsQuery.properties.guide,
  app: FactsQuery.properties.app,
  zone: Type.Optional(Zone),
});
export const PollResults = Type.Object({
  ...poll,
  choices: Type.Array(Type.Object({ label: Type.String(), answers: Count }), {
    description: "Most given first, fifty at most; empty where answers are free text",
  }),
  average: Nullable(Type.Number({ description: "Of answers that are numbers; null: none is" })),
  median: Nullable(Type.Number()),
  least: Nullable(Type.Number()),
  most: Nullable(Type.Number()),
  texts: Type.Boolean({ description: "Whether answers are what people typed" }),
  buckets: Type.Array(Type.Object({ at: Day, answers: Count })),
  accounts: Type.Array(
    Type.Object({
      id: Nullable(Type.String()),
      externalId: Nullable(Type.String()),
      name: Nullable(Type.String()),
      answers: Count,
      last: Nullable(Type.String()),
    }),
    {
      description: "Most answers first, fifty at most",
    },
  ),
});

export const ActivityQuery = Type.Object({
  ...about,
  kind: FactsQuery.properties.kind,
  name: FactsQuery.properties.name,
  guide: FactsQuery.properties.guide,
  app: FactsQuery.properties.app,
  days: Type.Integer({ minimum: 1, maximum: 400, default: 90, description: "How many days back, with today" }),
  zone: Type.Optional(Zone),
});
export const Activity = Type.Object({
  from: Day,
  days: Type.Array(Type.Object({ at: Day, events: Count }), { description: "Those with events, the oldest first" }),
  kinds: Type.Array(Type.Object({ kind: Type.String(), events: Count }), { description: "Most first" }),
});

/** What there is to filter by. */
export const EventKinds = Type.Object({
  items: Type.Array(
    Type.Object({
      kind: Type.String(),
      lastAt: Time,
      names: Type.Array(Type.Object({ name: Type.String(), events: Count }), {
        description: "What the newest thousand of them are called, the most frequent first",
      }),
    }),
    { description: "The last seen first" },
  ),
});
export const Guides = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Nullable(Type.String({ description: "What it was called last" })),
      lastAt: Time,
      events: Type.Boolean({ description: "Whether events name it" }),
      npsResponses: Type.Boolean(),
      pollResponses: Type.Boolean(),
    }),
    { description: "The last seen first, a thousand at most" },
  ),
});
export const Apps = Type.Object({
  items: Type.Array(
    Type.Object({ id: Type.String({ description: "The app's id at Pendo" }), events: Count, lastAt: Time }),
    { description: "Those of the newest 20,000 events, with how many of these they have" },
  ),
});

export const SearchQuery = Type.Object({
  q: Type.String({ minLength: 1, maxLength: 200, description: "How it begins" }),
});
export const SearchResults = Type.Object({
  items: Type.Array(
    Type.Object({
      type: Type.Union([
        Type.Literal("account"),
        Type.Literal("organization"),
        Type.Literal("user"),
        Type.Literal("guide"),
      ]),
      id: Type.String(),
      externalId: Nullable(Type.String()),
      name: Nullable(Type.String()),
    }),
    { description: "Eight of each at most" },
  ),
});

export const Movers = Type.Object({
  silent: Type.Array(Type.Object({ account: NamedRecord, lastSeenAt: Time, events: Count }), {
    description: "Active in the two weeks before, and silent for two weeks now",
  }),
  movers: Type.Array(Type.Object({ account: NamedRecord, thisWeek: Count, weekBefore: Count }), {
    description: "Whose events have changed most from the week before the last seven days to these",
  }),
});

export type NpsSummaryQuery = Static<typeof NpsSummaryQuery>;
export type PollQuery = Static<typeof PollQuery>;
export type ActivityQuery = Static<typeof ActivityQuery>;
