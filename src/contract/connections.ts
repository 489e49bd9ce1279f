// What the API takes and gives of connections: what an administrator sets, and what is shown once.
import { type Static, Type } from "typebox";
import { Nullable, Time } from "./api.ts";
import { GoesOn } from "./replay.ts";

const Id = Type.String({ format: "uuid", description: "Plumbline's own id" });
const OneOf = <T extends string>(values: readonly T[], description: string) =>
  Type.Unsafe<T>({ type: "string", enum: values, description });

export const ConnectionParameter = Type.Object({
  id: Type.String({ format: "uuid", description: "The connection's id" }),
});

const Name = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S", description: "What people call it" });
const Kind = OneOf(["pendo", "analytics"], "Who sends: Pendo's webhooks, or a client of the Analytics API");
const Region = OneOf(["us", "us1", "eu", "jpn", "au"], "Where Pendo keeps the subscription");
const MissingRecords = OneOf(
  ["create", "link"],
  "What happens to ids without a record: one is made, or what comes is parked",
);
const Level = OneOf(["account", "organization"], "What Pendo's account is here");
const ChangedIdentities = OneOf(
  ["stay", "move"],
  "What becomes of the facts of somebody whose external ID changes at Pendo",
);
const AnonymousVisitors = OneOf(
  ["record", "filter"],
  "What visitors do who are not signed in: record: it counts for their account; filter: it is kept, and not recorded",
);
const Secret = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: "^[^\\r\\n]+$",
  writeOnly: true,
  description: "The webhook's secret: requests must be signed with it",
});
const kinds = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 200, description });
const FilteredKinds = kinds("Kinds of events (of the Analytics API: types of messages) that are not recorded");
const RecordedKinds = kinds("Kinds that Plumbline does not know and records as plain events");

const Mapping = Type.Object({
  version: Type.Integer({ minimum: 1, description: "The how-manieth of the connection" }),
  userIdFrom: Nullable(
    Type.String({ description: "The field of Pendo's metadata that holds a user's external ID; null: Pendo's own id" }),
  ),
  accountIdFrom: Nullable(Type.String({ description: "The same for accounts" })),
  level: Level,
});

const ShownKey = Type.Object(
  {
    key: Type.String({ description: "Its last characters, behind an ellipsis" }),
    state: OneOf(["untested", "valid", "wrong-region", "refused", "not-reachable"], "What Pendo said of it last"),
    mayWrite: Type.Union([Type.Boolean(), Type.Null()], {
      description: "Whether Pendo lets it write; null: not known",
    }),
    testedAt: Nullable(Time),
    setAt: Time,
  },
  { description: "Pendo's integration key, as much as is shown of it" },
);

export const Connection = Type.Object({
  id: Id,
  name: Type.String({ description: "What people call it" }),
  kind: Kind,
  state: OneOf(["on", "off"], "off: what arrives is kept as held, and nothing recorded"),
  missingRecords: MissingRecords,
  filteredKinds: FilteredKinds,
  recordedKinds: RecordedKinds,
  anonymousVisitors: AnonymousVisitors,
  secrets: Type.Array(Type.String(), {
    description: "The last four characters of each valid secret; empty where signatures are not asked for",
  }),
  region: Region,
  integrationKey: Nullable(ShownKey),
  mapping: Mapping,
  changedIdentities: ChangedIdentities,
  identitiesReadAt: Nullable(
    Type.String({ format: "date-time", description: "When all visitors and accounts were last read from Pendo" }),
  ),
  asking: Nullable(
    Type.Object(
      { reason: Type.String(), message: Type.String(), againAt: Nullable(Time) },
      { description: "Why Pendo cannot be asked whose it is; null: it can, or need not be" },
    ),
  ),
  held: Type.Integer({ minimum: 0, description: "Deliveries that are held from a time when it was off" }),
  lastDeliveryAt: Nullable(Time),
  createdAt: Time,
});
export const ConnectionList = Type.Object({ items: Type.Array(Connection, { description: "The oldest first" }) });

export const NewConnectionBody = Type.Object(
  { name: Name, kind: Type.Optional(Kind), secret: Type.Optional(Secret) },
  { additionalProperties: false },
);
const address = {
  url: Type.String({ description: "The webhook's address; of the Analytics API, what its endpoints stand behind" }),
  token: Nullable(
    Type.String({ description: "What a client of the Analytics API signs in with; null: the address is the secret" }),
  ),
};
export const NewConnection = Type.Object(
  { connection: Connection, ...address },
  { description: "Administrators see address and token again at /connections/{id}/addresses" },
);

export const Addresses = Type.Object({
  items: Type.Array(
    Type.Object({
      ...address,
      worksUntil: Nullable(Type.String({ format: "date-time", description: "Null: until it is replaced" })),
    }),
    { description: "Those that work, the newest first" },
  ),
  hidden: Type.Integer({
    minimum: 0,
    description: "How many work beside these that cannot be shown: they were made before addresses were kept",
  }),
});

const Sample = Type.Object({
  kind: Type.String({ description: "Pendo's kind of event" }),
  label: Type.String({ description: "What people call it" }),
  becomes: Type.String({ description: "What becomes of it, in a few words" }),
  status: Type.Integer({ description: "What the connection's address answered" }),
  deliveryId: Nullable(Type.String({ description: "The delivery that it is; null: it was not kept" })),
  message: Nullable(Type.String({ description: "Why it was not taken" })),
});
export const SentSamples = Type.Object({
  items: Type.Array(Sample),
  visitorId: Type.String({ description: "Pendo's visitor in all of them" }),
  accountId: Type.String({ description: "Pendo's account in all of them" }),
});
export const RemovedSamples = Type.Object({
  removed: Type.Integer({ minimum: 0, description: "Records that the samples had made, with all that was theirs" }),
  discarded: Type.Integer({ minimum: 0, description: "Samples that were held or parked, and will not be recorded" }),
});

export const ConnectionChangeBody = Type.Object(
  {
    name: Type.Optional(Name),
    isOn: Type.Optional(Type.Boolean({ description: "false: keep what arrives as held, record nothing" })),
    missingRecords: Type.Optional(MissingRecords),
    filteredKinds: Type.Optional(FilteredKinds),
    recordedKinds: Type.Optional(RecordedKinds),
    anonymousVisitors: Type.Optional(AnonymousVisitors),
    changedIdentities: Type.Optional(ChangedIdentities),
    region: Type.Optional(Region),
  },
  { additionalProperties: false, minProperties: 1, description: "What is left out stays" },
);

export const RotateBody = Type.Object(
  {
    address: Type.Optional(Type.Boolean({ default: true, description: "Make a new address, or token" })),
    secret: Type.Optional(
      Type.Union([Type.Null(), Secret], { description: "A new secret; null: ask for no signature any more" }),
    ),
    graceMinutes: Type.Optional(
      Type.Integer({
        format: "int32",
        minimum: 0,
        maximum: 525_600,
        default: 1_440,
        description: "How long what is replaced goes on working",
      }),
    ),
  },
  { additionalProperties: false },
);
export const RotatedConnection = Type.Object(
  {
    connection: Connection,
    url: Nullable(Type.String({ description: "The new address; null: it stays" })),
    token: Nullable(Type.String({ description: "The new token of the Analytics API" })),
    oldWorksUntil: Nullable(
      Type.String({ format: "date-time", description: "Null: there was nothing before that goes on working" }),
    ),
  },
  { description: "Administrators see address and token again at /connections/{id}/addresses" },
);

export const IntegrationKeyBody = Type.Object(
  {
    key: Type.String({
      minLength: 1,
      maxLength: 1_000,
      writeOnly: true,
      description: "Pendo's integration key, as it was copied; one that only reads is enough",
    }),
    region: Type.Optional(Region),
  },
  { additionalProperties: false },
);
export const KeyTested = Type.Object({
  state: OneOf(["valid", "wrong-region", "refused", "not-reachable"], "What Pendo says of the key"),
  mayWrite: Nullable(Type.Boolean()),
  rightRegion: Nullable(Region),
  message: Type.String({ description: "The same in a sentence" }),
  connection: Connection,
});

export const HeldBody = Type.Object(
  {
    action: OneOf(
      ["process", "discard"],
      "process: they go through now, as if they had just arrived; discard: they are given up",
    ),
  },
  { additionalProperties: false },
);
export const HeldDone = Type.Object({
  processed: Type.Integer({ minimum: 0 }),
  discarded: Type.Integer({ minimum: 0 }),
  goesOn: GoesOn,
  connection: Connection,
});

/** Null stands first: the check of bodies would otherwise make a text of it. */
const Field = (own: string) =>
  Type.Optional(
    Type.Union([Type.Null(), Type.String({ minLength: 1, maxLength: 200 })], {
      description: `A field of Pendo's metadata, such as agent.email; null: Pendo's own ${own}`,
    }),
  );
export const MappingBody = Type.Object(
  { userIdFrom: Field("visitorId"), accountIdFrom: Field("accountId"), level: Type.Optional(Level) },
  { additionalProperties: false, minProperties: 1, description: "What is left out stays" },
);
const Job = Type.Object({
  id: Id,
  kind: Type.String({ description: "match-again or read-identities" }),
  state: Type.String({ description: "running, done, cancelled or failed" }),
  startedAt: Time,
});
export const MappingList = Type.Object({
  items: Type.Array(
    Type.Object({
      ...Mapping.properties,
      savedAt: Time,
      isCurrent: Type.Boolean({ description: "It is the one in force" }),
      appliedAt: Nullable(
        Type.String({ format: "date-time", description: "When everything was matched again by it, to the end" }),
      ),
    }),
    { description: "The newest first, a hundred at most" },
  ),
});
export const CurrentMapping = Type.Object({ mapping: Mapping });
export const SavedMapping = Type.Object({
  mapping: Mapping,
  isChanged: Type.Boolean(),
  released: Type.Integer({ minimum: 0, description: "Parked deliveries that go through once more" }),
  job: Nullable(Job),
  warnings: Type.Array(Type.String(), { description: "What a person should look at, though it is saved" }),
});
export const MatchAgainStarted = Type.Object({
  mapping: Mapping,
  job: Job,
  warnings: Type.Array(Type.String()),
});
export const MatchAgainCancelled = Type.Object({
  cancelled: Type.Boolean({ description: "false: nothing was being matched again" }),
});
export const IdentitiesReading = Type.Object({ job: Job });

export type ConnectionChangeBody = Static<typeof ConnectionChangeBody>;
export type MappingBody = Static<typeof MappingBody>;
