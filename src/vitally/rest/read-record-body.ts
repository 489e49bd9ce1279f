// What a body says of a record. Fields that are not named here are left alone, also those that Vitally computes: clients send
// back what they have read.
import { longestName, type RecordKind, type RecordSaid } from "../../pipeline/records.ts";
import { readTraits, type TraitTypes } from "../../pipeline/trait-values.ts";
import { HttpError } from "../../platform/http-server.ts";
import type { JsonObject } from "../../platform/json.ts";
import { readBoolean, readId, readIds, readObject, readText, readTime, requireId, requireText } from "./read-fields.ts";

const longestAddress = 2_000;

/** Other records as they are named: by our ids or external IDs. */
export type NamedInBody = { organizationId?: string | null; accountIds?: string[]; organizationIds?: string[] };

export type RecordBody = {
  said: Omit<RecordSaid, "externalId" | "organization" | "accounts" | "organizations">;
  named: NamedInBody;
};

export function readRecordBody(kind: RecordKind, body: JsonObject, types: TraitTypes): RecordBody {
  const reading = readTraits(readObject(body, "traits") ?? {}, types);
  if ("problems" in reading) throw new HttpError(400, reading.problems.join(" "));
  return {
    said: {
      ...defined({ name: readText(body, "name", longestName) }),
      ...(kind === "user" && readUser(body)),
      traits: reading.traits,
    },
    named: {
      ...(kind === "account" && defined({ organizationId: readId(body, "organizationId") })),
      ...(kind === "user" &&
        defined({ accountIds: readIds(body, "accountIds"), organizationIds: readIds(body, "organizationIds") })),
    },
  };
}

function readUser(body: JsonObject) {
  return defined({
    email: readText(body, "email", longestName),
    avatar: readText(body, "avatar", longestAddress),
    joinedAt: readTime(body, "joinDate"),
    deactivatedAt: readTime(body, "deactivatedAt"),
    unsubscribedFromConversations: readBoolean(body, "unsubscribedFromConversations"),
  });
}

/** What a new record must have; resolves to its external ID. */
export function readNewRecord(kind: RecordKind, body: JsonObject, { named }: RecordBody): string {
  const externalId = requireId(body, "externalId");
  if (kind !== "user") requireText(body, "name", longestName);
  else if (!named.accountIds?.length && !named.organizationIds?.length)
    throw new HttpError(400, "A user needs at least one id in `accountIds` or `organizationIds`.");
  return externalId;
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
