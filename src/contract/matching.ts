// What the API tells of mappings that are only looked at, and of jobs of matching.
import { type Static, type TSchema, Type } from "typebox";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const OptionalText = Nullable(Type.String());
const Count = Type.Integer();
const Share = Type.Number({ minimum: 0, description: "From 0 to 1" });

const Level = Type.Union([Type.Literal("account"), Type.Literal("organization")]);
const Counted = Type.Object({
  count: Count,
  examples: Type.Array(
    Type.Object({
      pendoId: Type.String(),
      externalId: OptionalText,
      record: Nullable(Type.String({ description: "The id of the record that has this external ID" })),
    }),
  ),
});
const People = Type.Object({
  known: Count,
  linked: Counted,
  withoutRecord: Type.Object(Counted.properties, {
    description:
      "No record has their external ID: one would be made, or, with missingRecords link, what comes is parked",
  }),
  noValue: Counted,
  nobody: Counted,
  unknown: Type.Object(Counted.properties, { description: "Seen in deliveries and not in Pendo's list" }),
  collide: Type.Object(
    {
      count: Count,
      externalIds: Count,
      examples: Type.Array(
        Type.Object({ externalId: Type.String(), count: Count, pendoIds: Type.Array(Type.String()) }),
      ),
    },
    { description: "Those that share their external ID with another; they are counted above as well" },
  ),
});
const Facts = Type.Object({
  total: Count,
  move: Type.Integer({ description: "Would get another owner" }),
  park: Type.Integer({ description: "Could not be matched, and would be parked until they can" }),
});
const Records = Type.Object({
  created: Count,
  removed: Type.Object(
    { count: Count, externalIds: Type.Array(Type.String({ description: "The first hundred" })) },
    { description: "Made by matching, and used by nothing else then" },
  ),
});
const Advice = Type.Object({
  lookedAt: Count,
  fields: Type.Array(
    Type.Object({
      field: Type.String({ description: "As a mapping names it; visitorId and accountId are Pendo's own ids" }),
      filled: Share,
      distinct: Share,
      matched: Share,
      examples: Type.Array(Type.String()),
    }),
    { description: "The best first" },
  ),
  suggested: OptionalText,
});

export const MatchPreview = Type.Object({
  mapping: Type.Object({ userIdFrom: OptionalText, accountIdFrom: OptionalText, level: Level }),
  missingRecords: Type.String(),
  visitors: People,
  accounts: People,
  facts: Type.Object({ events: Facts, npsResponses: Facts, pollResponses: Facts, parkedDeliveries: Facts }),
  records: Type.Object({ users: Records, accounts: Records, organizations: Records }),
  fields: Nullable(Type.Object({ visitors: Advice, accounts: Advice })),
  trouble: Nullable(Type.String({ description: "Why Pendo was not asked" })),
});

const Field = (own: string) =>
  Type.Optional(
    Type.String({ description: `A field of Pendo's metadata, such as agent.email; ${own}: Pendo's own id` }),
  );
export const MatchPreviewQuery = Type.Object({
  userIdFrom: Field("visitorId"),
  accountIdFrom: Field("accountId"),
  level: Type.Optional(Level),
  hierarchy: Type.Optional(Type.Union([Type.Literal("on"), Type.Literal("off")])),
});
export type MatchPreviewQuery = Static<typeof MatchPreviewQuery>;

const Time = Type.String({ format: "date-time", description: "ISO 8601, UTC" });
export const MatchJobs = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      kind: Type.String({ description: "match-again or read-identities" }),
      state: Type.String({ description: "running, done, cancelled or failed" }),
      mappingVersion: Count,
      step: OptionalText,
      done: Count,
      total: Nullable(Count),
      counts: Type.Record(Type.String(), Type.Integer()),
      message: Nullable(Type.String({ description: "Why it failed, or what it waits for" })),
      startedAt: Time,
      finishedAt: Nullable(Time),
    }),
    { description: "The newest first, twenty at most" },
  ),
});
