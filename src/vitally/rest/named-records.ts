// What the routes of the compatible API share.
import type { RecordKind } from "../../pipeline/records.ts";
import { findNamedRecords, type NamedRecord } from "../../pipeline/use/record-ids-queries.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { HttpError } from "../../platform/http-server.ts";
import { isJsonObject, type JsonObject } from "../../platform/json.ts";

export const tag = "Vitally";

/** By our id or by external ID; our id comes first. */
export async function findNamed(
  db: Queryable,
  kind: RecordKind,
  workspaceId: string,
  given: string,
): Promise<NamedRecord | undefined> {
  return (await findNamedRecords(db, kind, workspaceId, given))[0];
}

export async function requireNamed(
  db: Queryable,
  kind: RecordKind,
  workspaceId: string,
  given: string,
): Promise<NamedRecord> {
  const record = await findNamed(db, kind, workspaceId, given);
  if (!record) throw new HttpError(404, `There is no such ${kind}.`);
  return record;
}

export function requireBody(body: unknown): JsonObject {
  if (!isJsonObject(body)) throw new HttpError(400, "The request needs a body: one JSON object.");
  return body;
}
