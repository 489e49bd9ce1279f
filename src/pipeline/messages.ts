// Words about messages of the Analytics API: what one says, about whom, and when. Ids in them are external IDs.
import { deriveUuid } from "../platform/uuid.ts";
import type { EventFact, FactTime } from "./facts.ts";
import type { RecordSaid, TraitSaid } from "./records.ts";

export type MessageType = "organization" | "account" | "user" | "track" | "unlink";

export type Message = {
  /** Its own id, or a hash of it where it has none: the same message again has the same key. */
  key: string;
  type: MessageType;
  userId: string | null;
  accountId: string | null;
  organizationId: string | null;
  time: FactTime;
  /**
   * When it was said, in milliseconds since 1970. Where it does not tell, that is when it arrived, with its place among the
   * others of its request as a fraction.
   */
  saidAt: number;
  /** What it says of its record. What is undefined is not said; null clears. */
  said: Pick<RecordSaid, "name" | "email" | "avatar" | "joinedAt"> & { traits: readonly TraitSaid[] };
  /** Of a track only. */
  event: EventFact | null;
};

export type MessageToSave = {
  message: Message;
  connectionId: string;
  deliveryId: string;
  /** Whether a record may be made for an external ID that has none. */
  mayCreate: boolean;
};

/** Which of two messages of the same time counts hangs on the messages, and not on whom they come through. */
export function spellSayer({ key }: Message, connectionId: string): string {
  return `${deriveUuid("saying", key).slice(0, 18)} ${connectionId.slice(-12)}`;
}
