// API keys and the audit log, as the API takes and gives them.
import { Type } from "typebox";
import { Nullable, page, Time, timeRange } from "./api.ts";

const Scopes = Type.Array(
  Type.Union([Type.Literal("read"), Type.Literal("write"), Type.Literal("ingest"), Type.Literal("admin")]),
  {
    minItems: 1,
    maxItems: 4,
    uniqueItems: true,
    description:
      "read: read what there is · write: make and change records and settings · ingest: send to the Analytics API · admin: make and revoke keys, read the audit log, and what only administrators do",
  },
);

export const ApiKey = Type.Object({
  id: Type.String({ format: "uuid" }),
  name: Type.String(),
  prefix: Type.String({ description: "The first characters of the key, to recognise it by" }),
  scopes: Scopes,
  state: Type.Union([Type.Literal("valid"), Type.Literal("expired"), Type.Literal("revoked")]),
  madeBy: Nullable(Type.String({ description: "Who made it, by name" })),
  createdAt: Time,
  expiresAt: Nullable(Time),
  lastUsedAt: Nullable(Type.String({ format: "date-time", description: "To the minute" })),
  revokedAt: Nullable(Time),
});

export const MadeApiKey = Type.Object({
  ...ApiKey.properties,
  key: Type.String({ description: "The key itself. It is shown here and never again" }),
});

export const ApiKeyList = Type.Object({ items: Type.Array(ApiKey) });

export const NewApiKeyBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, pattern: "\\S", description: "What it is for" }),
    scopes: Scopes,
    expiresAt: Type.Optional(
      Nullable(Type.String({ format: "date-time", maxLength: 40, description: "When it ends; null: never" })),
    ),
  },
  { additionalProperties: false },
);

export const AuditQuery = Type.Object({
  action: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: "Only this action (connection.changed), or everything done to one thing (connection)",
    }),
  ),
  by: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: "Only of this key or person (by id or name), or of: member, api-key, command-line, system",
    }),
  ),
  subject: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: "Only about this: its id, or a type such as connection" }),
  ),
  ...timeRange,
  ...page,
});

const AuditLine = Type.Object({
  id: Type.String({ format: "uuid" }),
  at: Time,
  by: Type.Object({
    kind: Type.Union(["member", "api-key", "command-line", "system"].map((kind) => Type.Literal(kind))),
    id: Nullable(Type.String()),
    name: Type.String({ description: "As they were called then" }),
  }),
  address: Nullable(Type.String({ description: "Where the request came from; null: from this machine" })),
  action: Type.String({ description: "Such as connection.changed, api-key.made, secret.used" }),
  subject: Type.Object({ type: Type.String(), id: Nullable(Type.String()) }),
  before: Nullable(Type.Record(Type.String(), Type.Unknown())),
  after: Nullable(Type.Record(Type.String(), Type.Unknown())),
});

export const AuditPage = Type.Object({ items: Type.Array(AuditLine), next: Nullable(Type.String()) });
