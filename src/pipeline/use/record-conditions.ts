// Conditions on records `r` by what is shown of them. Each is told from the one record's own rows, so a list is read in its order until
// a page is full: quick where many fit; where hardly any do, a look at each record, some microseconds long.
import type { RecordsQuery } from "../../contract/api.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import type { Condition } from "../../platform/paging.ts";
import type { RecordKind } from "../records.ts";
import { isInBand } from "./band-queries.ts";
import { beginsWith } from "./begins-with.ts";
import { figures } from "./select-figures.ts";
import { hasTrait, showsTrait } from "./traits-queries.ts";

export async function listRecordConditions(
  db: Queryable,
  workspaceId: string,
  kind: RecordKind,
  query: RecordsQuery,
): Promise<Condition[]> {
  const conditions: Condition[] = [{ sql: "r.workspace_id = ?", values: [workspaceId] }];
  if (query.externalId !== undefined) conditions.push({ sql: "r.external_id = ?", values: [query.externalId] });
  if (query.q !== undefined && query.q.trim() !== "") conditions.push(beginsWith(kind, query.q));
  if (query.since !== undefined) conditions.push({ sql: "r.created_at >= ?", values: [query.since] });
  if (query.until !== undefined) conditions.push({ sql: "r.created_at < ?", values: [query.until] });
  if (query.band !== undefined) conditions.push(await isInBand(db, workspaceId, kind, query.band));
  return [...conditions, ...listSeenConditions(kind, query), ...(query.trait ?? []).map((one) => ofTrait(kind, one))];
}

function listSeenConditions(kind: RecordKind, { seen, seenSince, seenBefore }: RecordsQuery): Condition[] {
  const { lastSeenTimestamp } = figures[kind];
  return [
    ...(seenSince === undefined ? [] : [{ sql: `${lastSeenTimestamp} >= ?`, values: [seenSince] }]),
    ...(seenBefore === undefined ? [] : [{ sql: `${lastSeenTimestamp} < ?`, values: [seenBefore] }]),
    ...(seen === undefined
      ? []
      : [{ sql: `${lastSeenTimestamp} is ${seen === "never" ? "" : "not "}null`, values: [] }]),
  ];
}

/** Names and values may have equals signs of their own: whichever way of reading it fits. */
const mostReadings = 5;

/** `name`, or `name=value`. */
function ofTrait(kind: RecordKind, asked: string): Condition {
  const readings = [...asked.matchAll(/=/g)]
    .slice(0, mostReadings)
    .map(({ index }) => showsTrait(kind, asked.slice(0, index), asked.slice(index + 1)));
  const all = [hasTrait(kind, asked), ...readings];
  return { sql: `(${all.map(({ sql }) => sql).join(" or ")})`, values: all.flatMap(({ values }) => values) };
}
