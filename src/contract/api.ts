// What the API takes and gives: each schema is at once the check, the type and the page in the OpenAPI document.
import { type Static, type TSchema, Type } from "typebox";

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const Time = Type.String({ format: "date-time", description: "ISO 8601, UTC" });
const Id = Type.String({ description: "Plumbline's own id (uuid)" });
const OptionalText = Nullable(Type.String());
/** Any JSON value. */
const AnyJson = Type.Unknown();

const called = {
  id: Id,
  externalId: Type.String(),
  name: Nullable(Type.String({ description: "Null: it has none, and is called by its external ID" })),
};
export const NamedRecord = Type.Object(called);
const Reference = Nullable(NamedRecord);
const owner = { user: Reference, account: Reference, organization: Reference };
const TimeFlag = Nullable(
  Type.String({
    description: "Why the time of arrival stands in for Pendo's own: missing, unreadable, too-old, in-future",
  }),
);
const pendoIds = { visitorId: OptionalText, accountId: OptionalText };
const Pendo = Type.Object(pendoIds, { description: "The ids exactly as Pendo gave them" });
const Guide = Nullable(Type.Object({ id: OptionalText, name: OptionalText }));

export const Event = Type.Object({
  id: Id,
  kind: Type.String({ description: "Pendo's kind of event, such as trackEventReceived; track: of the Analytics API" }),
  name: Type.String(),
  occurredAt: Time,
  timeFlag: TimeFlag,
  properties: AnyJson,
  source: Type.String({ description: "How it came here: pendo-webhook, analytics-api" }),
  ...owner,
  connectionId: Id,
  deliveryId: Id,
  appId: OptionalText,
  guideId: OptionalText,
  pendo: Pendo,
});

export const NpsResponse = Type.Object({
  id: Id,
  score: Nullable(
    Type.Integer({ minimum: 0, maximum: 10, description: "Null only where a reason arrived whose score has not" }),
  ),
  feedback: OptionalText,
  respondedAt: Time,
  timeFlag: TimeFlag,
  ...owner,
  source: Type.String({ description: "pendo-webhook; or api: said through the API, without connection and delivery" }),
  channel: OptionalText,
  guide: Guide,
  connectionId: Nullable(Id),
  deliveryId: Nullable(Id),
  appId: OptionalText,
  pendo: Pendo,
});

export const PollResponse = Type.Object({
  id: Id,
  question: OptionalText,
  answer: AnyJson,
  answerLabel: OptionalText,
  respondedAt: Time,
  timeFlag: TimeFlag,
  ...owner,
  guide: Guide,
  guideStepId: OptionalText,
  pollId: OptionalText,
  pollType: OptionalText,
  source: Type.String(),
  eventId: Id,
  connectionId: Id,
  deliveryId: Id,
  appId: OptionalText,
  pendo: Pendo,
});

const Way = Type.Object({
  text: Type.String({ description: "visitorId u-42 → agent.email u42@acme.example → user u42@acme.example" }),
  pendoId: OptionalText,
  field: Nullable(
    Type.String({ description: "The field of Pendo's metadata in between; null: Pendo's id is the external ID" }),
  ),
  record: Nullable(Type.Object({ type: Type.String(), ...called })),
  mappingVersion: Type.Integer({ description: "Which of the connection's mappings it was matched by" }),
  changed: Nullable(
    Type.Object(
      { externalId: OptionalText, at: Nullable(Time) },
      { description: "What Pendo says by now, where that is something else" },
    ),
  ),
});
const Why = Type.Object({ user: Way, account: Way }, { description: "How it came to its records" });
export const EventDetail = Type.Object({ ...Event.properties, why: Why });
export const NpsResponseDetail = Type.Object({ ...NpsResponse.properties, why: Why });
export const PollResponseDetail = Type.Object({ ...PollResponse.properties, why: Why });

/** No record of text to anything: that one leaves out names with a line feed. */
export const Traits = Type.Object(
  {},
  {
    additionalProperties: true,
    description:
      "Name → value. Where several sources give one name: by the order chosen for it, otherwise what people, imports and the API set, then the others by name; /traits shows all",
  },
);

const seen = { lastSeenAt: Nullable(Type.String({ format: "date-time", description: "Its newest event" })) };
const Nps = Type.Object(
  {
    score: Nullable(Type.Integer({ minimum: -100, maximum: 100 })),
    answers: Type.Integer({ description: "People who have answered" }),
  },
  { description: "Of each of its people the last score counts" },
);

export const User = Type.Object({
  id: Id,
  externalId: Type.String(),
  name: OptionalText,
  email: OptionalText,
  accounts: Type.Array(NamedRecord),
  organizations: Type.Array(NamedRecord, {
    description: "Those it is in itself, and those of its accounts",
  }),
  ...seen,
  lastScore: Nullable(Type.Integer({ description: "Their last NPS score" })),
  traits: Traits,
  createdAt: Time,
  updatedAt: Time,
});
const wayOfRecord = {
  why: Type.Union([Way, Type.Null()], { description: "How its newest event or response came to it" }),
};
export const UserDetail = Type.Object({
  ...User.properties,
  ...wayOfRecord,
  memberships: Type.Array(
    Type.Object({
      account: Reference,
      organization: Reference,
      source: Type.String({ description: "pendo: matching found it; import, api, person: it is said by hand" }),
      since: Time,
      why: Nullable(Why),
    }),
  ),
});

export const Account = Type.Object({
  id: Id,
  externalId: Type.String(),
  name: OptionalText,
  organization: Reference,
  usersCount: Type.Integer(),
  ...seen,
  nps: Nps,
  traits: Traits,
  createdAt: Time,
  updatedAt: Time,
});

export const AccountDetail = Type.Object({ ...Account.properties, ...wayOfRecord });

export const Organization = Type.Object({
  id: Id,
  externalId: Type.String(),
  name: OptionalText,
  accountsCount: Type.Integer(),
  usersCount: Type.Integer({ description: "Its own, and those of its accounts, each once" }),
  ...seen,
  nps: Nps,
  traits: Traits,
  createdAt: Time,
  updatedAt: Time,
});
export const OrganizationDetail = Type.Object({ ...Organization.properties, ...wayOfRecord });

const made = {
  type: Type.String({ description: "event, nps-response, poll-response; or organization, account, user: a record" }),
  id: Id,
};
const delivery = {
  id: Id,
  connectionId: Id,
  receivedAt: Time,
  size: Type.Integer({ description: "Bytes" }),
  signed: Type.Boolean(),
  endpoint: Nullable(Type.String({ description: "The Analytics API's endpoint it was sent to; null: a webhook" })),
  state: Type.String({ description: "waiting, recorded, duplicate, filtered, held, parked, failed or refused" }),
  reason: OptionalText,
  message: Nullable(Type.String({ description: "The reason in a sentence" })),
  kind: OptionalText,
  pendo: Pendo,
  attempts: Type.Integer(),
  tryAt: Nullable(Time),
  settledAt: Nullable(Time),
  made: Type.Array(Type.Object(made)),
};
export const Delivery = Type.Object(delivery);
export const DeliveryDetail = Type.Object({
  ...delivery,
  made: Type.Array(Type.Object({ ...made, ...owner }), {
    description: "With whose it is; a record is its own. What is not there any more is nobody's",
  }),
  headers: Nullable(Type.Record(Type.String(), Type.Unknown())),
  body: Nullable(Type.String({ description: "The raw body as text; null once it has been deleted" })),
  bodyBase64: Nullable(Type.String({ description: "The raw body, where it is not UTF-8" })),
  items: Type.Array(
    Type.Object({
      place: Type.Integer({ description: "In the order of the body, from 1" }),
      state: Type.String({ description: "parked, failed, filtered or held" }),
      reason: Type.String(),
      message: Type.String({ description: "The reason in a sentence" }),
      detail: OptionalText,
      kind: OptionalText,
      pendo: Pendo,
    }),
    { description: "Where the body has several objects: those that did not end well" },
  ),
  steps: Type.Array(Type.Object({ step: Type.String(), at: Nullable(Time), result: Type.String() })),
});

export const ParkedList = Type.Object({
  items: Type.Array(
    Type.Object({
      connectionId: Id,
      connectionName: Type.String(),
      reason: Type.String(),
      message: Type.String({ description: "The reason in a sentence" }),
      count: Type.Integer(),
      oldestAt: Type.String({ format: "date-time", description: "When the oldest of them arrived" }),
      nextTryAt: Nullable(
        Type.String({ format: "date-time", description: "When the next of them is tried again by itself" }),
      ),
      examples: Type.Array(Type.Object({ deliveryId: Id, receivedAt: Time, pendo: Pendo, detail: OptionalText })),
    }),
  ),
});
export const ParkedQuery = Type.Object({
  connection: Type.Optional(Type.String({ description: "A connection's id" })),
});

const counts = {
  received: Type.Integer(),
  recorded: Type.Integer(),
  duplicate: Type.Integer(),
  filtered: Type.Integer(),
  held: Type.Integer(),
  parked: Type.Integer(),
  failed: Type.Integer(),
  waiting: Type.Integer(),
  refused: Type.Integer(),
  difference: Type.Integer({ description: "received less all states: 0, or something was lost" }),
};
export const Ledger = Type.Object({
  ...counts,
  hours: Type.Array(Type.Object({ connectionId: Id, hour: Time, ...counts })),
});

const Fault = Type.Object({
  pointer: Type.Optional(Type.String({ description: "Where in the body: a JSON pointer, as a URI fragment" })),
  parameter: Type.Optional(Type.String({ description: "The parameter of the address, by name" })),
  detail: Type.String({ description: "What is wrong with it" }),
});

/** RFC 9457, application/problem+json. */
export const ErrorAnswer = Type.Object({
  type: Type.String({ description: "about:blank: there is nothing more to say than the status" }),
  title: Type.String({ description: "The status in words" }),
  status: Type.Integer(),
  detail: Type.String({ description: "What happened, to what, and what to do; for a person" }),
  errors: Type.Optional(Type.Array(Fault, { description: "Everything that is wrong with the request, one by one" })),
});

export const PageOf = <T extends TSchema>(item: T) => Type.Object({ items: Type.Array(item), next: OptionalText });

export const page = {
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  from: Type.Optional(Type.String({ description: "The `next` of the page before" })),
};
/**
 * What both PostgreSQL and JavaScript read of ISO 8601: the first has no year 0, and no zone that is 16 hours away; the second no
 * leap seconds, and no zone without minutes.
 */
export const plainTime = {
  format: "date-time",
  pattern: "^(?!0000)[-\\d]+[Tt ][^:]+:\\d\\d:(?!60)[\\d.]+([Zz]|[-+](0\\d|1[0-5]):?\\d\\d)$",
};
export const timeRange = {
  since: Type.Optional(Type.String({ ...plainTime, description: "Not before this time" })),
  until: Type.Optional(Type.String({ ...plainTime, description: "Before this time" })),
};
const about = {
  account: Type.Optional(Type.String({ description: "An account's id or external ID" })),
  user: Type.Optional(Type.String({ description: "A user's id or external ID" })),
  organization: Type.Optional(Type.String({ description: "An organization's id or external ID" })),
};

export const FactsQuery = Type.Object({
  ...page,
  ...timeRange,
  ...about,
  kind: Type.Optional(Type.String()),
  guide: Type.Optional(Type.String({ description: "A guide's id" })),
  name: Type.Optional(Type.String({ description: "Of events: their name, whole" })),
  app: Type.Optional(Type.String({ description: "A Pendo app's id" })),
  poll: Type.Optional(Type.String({ description: "Of poll responses: the id that /polls gives" })),
  q: Type.Optional(
    Type.String({
      description:
        "What is in the event's name, the feedback, or the answer's words, whatever the case. Rows are read until a page is full: of a whole workspace, give a range with it",
    }),
  ),
  band: Type.Optional(
    Type.Union([Type.Literal("promoter"), Type.Literal("passive"), Type.Literal("detractor")], {
      description: "Of NPS responses: 9 and 10, 7 and 8, 0 to 6",
    }),
  ),
  score: Type.Optional(Type.Integer({ minimum: 0, maximum: 10, description: "Of NPS responses" })),
  matched: Type.Optional(
    Type.Union([Type.Literal("yes"), Type.Literal("no")], { description: "Whether it has a user" }),
  ),
});
/** One, or several: the parameter again and again. */
const several = (description: string, maxItems = 50) =>
  Type.Optional(Type.Array(Type.String(), { maxItems, description }));
export const RecordsQuery = Type.Object({
  ...page,
  ...timeRange,
  ...about,
  externalId: Type.Optional(Type.String()),
  q: Type.Optional(
    Type.String({
      description:
        "How the name, its second or last word, the external ID or its second word, or the e-mail begins, whatever the case; or the whole domain of an e-mail",
    }),
  ),
  trait: several(
    "`name`: those that have the trait; `name=value`: those of whom it is shown with this value, whatever the case. All that are given have to fit",
    10,
  ),
  seen: Type.Optional(
    Type.Union([Type.Literal("ever"), Type.Literal("never")], { description: "Whether there is an event of it" }),
  ),
  seenSince: Type.Optional(Type.String({ ...plainTime, description: "Whose newest event is not before this time" })),
  seenBefore: Type.Optional(Type.String({ ...plainTime, description: "Whose newest event is before this time" })),
  band: Type.Optional(
    Type.Union([Type.Literal("promoter"), Type.Literal("passive"), Type.Literal("detractor")], {
      description: "Users whose last NPS score is such a one; accounts and organizations with such people",
    }),
  ),
  sort: Type.Optional(
    Type.Union([Type.Literal("-createdAt"), Type.Literal("createdAt"), Type.Literal("name"), Type.Literal("-name")], {
      description: "The newest first, unless given; by the external ID where there is no name",
    }),
  ),
});
const deliveryFilter = {
  ...timeRange,
  q: Type.Optional(
    Type.String({
      description:
        "Pendo's visitor id or account id, whole; or how the id of a delivery begins, from eight characters on",
    }),
  ),
  state: several("In one of these states"),
  reason: Type.Optional(Type.String()),
  kind: several("Of one of these kinds"),
  connection: Type.Optional(Type.String({ description: "A connection's id" })),
  user: Type.Optional(Type.String({ description: "Pendo's visitor id" })),
  account: Type.Optional(Type.String({ description: "Pendo's account id" })),
};
export const DeliveriesQuery = Type.Object({ ...page, ...deliveryFilter });
export const DeliveriesCountQuery = Type.Object(deliveryFilter);
export const DeliveriesCount = Type.Object({
  count: Type.Integer({ minimum: 0, maximum: 10_000 }),
  isMore: Type.Boolean({ description: "There are more than these: no more are counted" }),
});
export const LedgerQuery = Type.Object({
  ...timeRange,
  connection: Type.Optional(Type.String({ description: "A connection's id" })),
});
export const LedgerDaysQuery = Type.Object({
  ...timeRange,
  connection: Type.Optional(Type.String({ description: "A connection's id" })),
  zone: Type.Optional(
    Type.String({
      default: "UTC",
      maxLength: 60,
      pattern: "^[A-Za-z0-9_+/-]+$",
      description: "Where days begin at midnight: a name such as Europe/Berlin",
    }),
  ),
});
const { difference: _, ...dayCounts } = counts;
export const LedgerDays = Type.Object({
  items: Type.Array(
    Type.Object({ day: Type.String({ format: "date", description: "In the zone asked for" }), ...dayCounts }),
    { description: "Days that have anything, the oldest first" },
  ),
});
export const IdParameter = Type.Object({ id: Type.String() });

export type FactsQuery = Static<typeof FactsQuery>;
export type RecordsQuery = Static<typeof RecordsQuery>;
export type DeliveriesQuery = Static<typeof DeliveriesQuery>;
export type LedgerQuery = Static<typeof LedgerQuery>;
