// What the Vitally-compatible REST API gives: the objects as Vitally documents them, null where there is nothing here.
import { type TSchema, Type } from "typebox";

const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ format: "date-time" });
const OptionalText = Nullable(Type.String());
const OptionalTime = Nullable(Time);
const Count = Type.Integer();
const Traits = Type.Object({}, { additionalProperties: true });
/** Nothing here fills it yet. */
const Nothing = Type.Null();
const NoneYet = Type.Array(Type.Object({}, { additionalProperties: true }));

const record = { id: Type.String(), createdAt: Time, updatedAt: Time, externalId: Type.String(), name: OptionalText };

const company = {
  traits: Traits,
  // Read from the traits of these names, whatever they hold.
  mrr: Type.Unknown(),
  nextRenewalDate: Type.Unknown(),
  churnedAt: Type.Unknown(),
  trialEndDate: Type.Unknown(),
  firstSeenTimestamp: OptionalTime,
  lastSeenTimestamp: OptionalTime,
  lastInboundMessageTimestamp: Nothing,
  lastOutboundMessageTimestamp: Nothing,
  usersCount: Count,
  npsDetractorCount: Count,
  npsPassiveCount: Count,
  npsPromoterCount: Count,
  npsScore: Nullable(Type.Number()),
  healthScore: Nothing,
  csmId: Nothing,
  accountExecutiveId: Nothing,
  keyRoles: NoneYet,
  segments: NoneYet,
};

export const VitallyOrganization = Type.Object({
  ...record,
  ...company,
  accountsCount: Type.Integer(),
  organizationOwnerId: Nothing,
});

export const VitallyAccount = Type.Object({
  ...record,
  ...company,
  organizationId: OptionalText,
  accountOwnerId: Nothing,
});

const Named = Type.Object({ id: Type.String(), externalId: Type.String(), name: OptionalText });

export const VitallyUser = Type.Object({
  ...record,
  email: OptionalText,
  avatar: OptionalText,
  traits: Traits,
  firstKnown: Time,
  joinDate: OptionalTime,
  lastSeenTimestamp: OptionalTime,
  lastInboundMessageTimestamp: Nothing,
  lastOutboundMessageTimestamp: Nothing,
  npsLastScore: Nullable(Type.Integer()),
  npsLastFeedback: OptionalText,
  npsLastRespondedAt: OptionalTime,
  unsubscribedFromConversations: Type.Boolean(),
  deactivatedAt: OptionalTime,
  segments: NoneYet,
  accountIds: Type.Array(Type.String()),
  organizationIds: Type.Array(Type.String()),
  accounts: Type.Array(Named),
  organizations: Type.Array(Named),
});

export const VitallyNpsResponse = Type.Object({
  id: Type.String(),
  createdAt: Time,
  updatedAt: Time,
  externalId: OptionalText,
  userId: OptionalText,
  score: Type.Integer(),
  feedback: OptionalText,
  respondedAt: Time,
});

export const VitallyAdmin = Type.Object({
  id: Type.String(),
  name: OptionalText,
  email: Type.String(),
  licenseStatus: Type.String(),
});

/** A bare array, unlike every other list. */
export const VitallyCustomFields = Type.Array(
  Type.Object({ label: Type.String(), type: Type.String(), path: Type.String(), createdAt: OptionalTime }),
);

export const VitallyPageOf = <T extends TSchema>(item: T) =>
  Type.Object({ results: Type.Array(item), next: OptionalText });
export const VitallyDeleted = Type.Object({ id: Type.String() });
export const VitallyError = Type.Object({ error: Type.String() });

export const VitallyId = Type.Object({ id: Type.String() });
export const VitallyListQuery = Type.Object({
  limit: Type.Optional(Type.String()),
  from: Type.Optional(Type.String()),
  sortBy: Type.Optional(Type.String()),
  /** Of accounts: active, churned, activeOrChurned. */
  status: Type.Optional(Type.String()),
  /** Of NPS responses: accounts, organization. */
  target: Type.Optional(Type.String()),
});
export const VitallyUserSearch = Type.Object({
  limit: Type.Optional(Type.String()),
  from: Type.Optional(Type.String()),
  sortBy: Type.Optional(Type.String()),
  externalId: Type.Optional(Type.String()),
  email: Type.Optional(Type.String()),
  emailSubdomain: Type.Optional(Type.String()),
});
export const VitallyDeleteQuery = Type.Object({ deleteOn: Type.Optional(Type.String()) });
export const VitallyModelQuery = Type.Object({ model: Type.Optional(Type.String()) });
export const VitallyAdminSearch = Type.Object({ email: Type.Optional(Type.String()) });
