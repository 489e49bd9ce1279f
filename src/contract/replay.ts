// What the API takes and gives of deliveries that are sent through once more.
import { type Static, type TSchema, Type } from "typebox";
import { Nullable, plainTime, Time } from "./api.ts";

const Id = Type.String({ format: "uuid" });
const states = ["recorded", "duplicate", "filtered", "held", "parked", "failed", "refused"] as const;

export const DeliveryParameter = Type.Object({
  id: Type.String({ format: "uuid", description: "The delivery's id; the answer to a webhook names it" }),
});

const text = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, description }));

const State = Type.Unsafe<(typeof states)[number]>({ type: "string", enum: [...states] });
const Kind = Type.String({ minLength: 1, maxLength: 1_000 });
const oneOrSeveral = <T extends TSchema>(one: T, description: string) =>
  Type.Optional(Type.Union([one, Type.Array(one, { minItems: 1, maxItems: 50 })], { description }));

export const ReplayBody = Type.Object(
  {
    state: oneOrSeveral(
      State,
      "One state or several. Refused deliveries only go through where this says so, and their signature is right by now",
    ),
    reason: text("Why they are in their state, such as no-such-user"),
    kind: oneOrSeveral(Kind, "A kind of event, or several"),
    q: text("As at GET /deliveries: a visitor, an account, or how the id of a delivery begins"),
    connectionId: Type.Optional(Type.String({ format: "uuid", description: "A connection's id" })),
    user: text("Pendo's visitor id"),
    account: text("Pendo's account id"),
    since: Type.Optional(
      Type.String({ ...plainTime, description: "Those that arrived not before this time", maxLength: 40 }),
    ),
    until: Type.Optional(
      Type.String({ ...plainTime, description: "Those that arrived before this time", maxLength: 40 }),
    ),
    all: Type.Optional(Type.Boolean({ description: "Everything that is kept, but what was refused" })),
    dryRun: Type.Optional(Type.Boolean({ default: false, description: "Count, and change nothing" })),
  },
  { additionalProperties: false, minProperties: 1 },
);
export const RetryBody = Type.Object(
  {
    reason: text("Only those that are parked for this reason"),
    connectionId: Type.Optional(Type.String({ format: "uuid", description: "Only those of this connection" })),
    all: Type.Optional(Type.Boolean({ description: "Everything that is parked" })),
  },
  { additionalProperties: false, minProperties: 1 },
);
const counts = {
  matched: Type.Integer({ minimum: 0, description: "Deliveries that were looked at" }),
  replayed: Type.Integer({ minimum: 0, description: "Those that go through once more; nothing is recorded twice" }),
  leftOut: Type.Array(Type.Object({ id: Id, why: Type.String() }), {
    maxItems: 20,
    description: "The first of those that cannot",
  }),
};

export const Replay = Type.Object({
  id: Id,
  state: Type.Unsafe<"running" | "done" | "failed" | "cancelled">({
    type: "string",
    enum: ["running", "done", "failed", "cancelled"],
  }),
  filter: Type.Object(
    {
      state: oneOrSeveral(State, "In one of these states"),
      reason: text("Why they are in their state"),
      kind: oneOrSeveral(Kind, "Of one of these kinds"),
      q: text("A visitor, an account, or how the id of a delivery begins"),
      connection: Type.Optional(Id),
      user: text("Pendo's visitor id"),
      account: text("Pendo's account id"),
      since: Type.Optional(Time),
      until: Type.Optional(Time),
    },
    { description: "Which deliveries" },
  ),
  total: Nullable(Type.Integer({ minimum: 0, description: "How many match; null: they are being counted" })),
  ...counts,
  message: Nullable(Type.String({ description: "Why it failed, or what it waits for" })),
  madeBy: Type.String({ description: "Who asked for it" }),
  createdAt: Time,
  finishedAt: Nullable(Time),
});
export const ReplayList = Type.Object({
  items: Type.Array(Replay, { description: "The newest first, twenty at most" }),
});
export const ReplayParameter = Type.Object({ id: Type.String({ format: "uuid", description: "The replay's id" }) });

export const GoesOn = Type.Union([Replay, Type.Null()], {
  description: "There are so many that the rest is done in the background: see /replays; null: that was all",
});
export const Replayed = Type.Object({
  ...counts,
  isMore: Type.Boolean({ description: "There are more than were looked at; a rehearsal counts ten thousand" }),
  goesOn: GoesOn,
});

export type ReplayBody = Static<typeof ReplayBody>;
