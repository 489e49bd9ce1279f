// What the API tells of a connection as it is now: whether it receives, what of which kind, and what is left to set up.
import { type Static, Type } from "typebox";
import { Nullable, Time } from "./api.ts";

const Count = Type.Integer({ minimum: 0 });
const lastAt = Nullable(Type.String({ format: "date-time", description: "The newest of them" }));

const LiveKind = Type.Object({
  kind: Type.String({ description: "Pendo's kind of event" }),
  label: Type.String({ description: "What Pendo calls it" }),
  becomes: Type.String({ description: "What becomes of it here, in a few words" }),
  isOn: Type.Boolean({ description: "false: it is kept and marked filtered" }),
  count: Type.Integer({ minimum: 0, description: "Of the last 24 hours" }),
  lastAt: Nullable(Type.String({ format: "date-time", description: "The newest of the last 24 hours" })),
});
const UnknownKind = Type.Object({
  kind: Type.String(),
  isRecorded: Type.Boolean({ description: "Recorded as plain events from now on" }),
  kept: Type.Integer({ minimum: 0, description: "Deliveries that were kept and not recorded; a replay records them" }),
  lastAt,
});

export const ConnectionLive = Type.Object({
  state: Type.Unsafe<"off" | "waiting" | "receiving" | "quiet">({
    type: "string",
    enum: ["off", "waiting", "receiving", "quiet"],
    description:
      "waiting: nothing has ever arrived but samples and test messages; quiet: nothing for a day where there used to be",
  }),
  lastDeliveryAt: Nullable(
    Type.String({
      format: "date-time",
      description: "The last one that was taken in, samples and test messages apart",
    }),
  ),
  kinds: Type.Array(LiveKind, { description: "Those that Plumbline knows, in the order of Pendo's page" }),
  unknownKinds: Type.Object({
    items: Type.Array(UnknownKind, { description: "Seen, or recorded as events; most first" }),
    isMore: Type.Boolean({ description: "Only the newest ten thousand deliveries of unknown kinds are counted" }),
  }),
  held: Type.Integer({ minimum: 0, description: "Deliveries from a time when the connection was off" }),
  parked: Type.Array(
    Type.Object({
      reason: Type.String(),
      message: Type.String({ description: "The reason in a sentence" }),
      count: Count,
      oldestAt: Time,
      nextTryAt: Nullable(
        Type.String({ format: "date-time", description: "When the next of them is tried again by itself" }),
      ),
    }),
    { description: "Most first" },
  ),
  refused: Type.Object(
    { count: Count, lastAt },
    { description: "Requests of the last 24 hours that the door said no to, such as those with a wrong signature" },
  ),
  steps: Type.Object(
    {
      deliveryArrived: Type.Boolean(),
      mappingChosen: Type.Boolean({ description: "Another one than Pendo's own ids has been saved" }),
      keySet: Type.Boolean(),
      reportAdded: Type.Boolean(),
    },
    { description: "The first steps that are done" },
  ),
  webhookPage: Nullable(Type.String({ description: "Pendo's page of webhooks, in the connection's region" })),
});

export type ConnectionLive = Static<typeof ConnectionLive>;
