// Which facts are a record's own: what is about an account of an organization is the account's.
import type { RecordKind } from "../records.ts";

const also: Record<RecordKind, string> = { user: "", account: "", organization: "and account_id is null" };

/** The rows that belong to the record $2. */
export function isOfRecord(kind: RecordKind): string {
  return `${kind}_id = $2 ${also[kind]}`;
}

/**
 * The places of the rows that belong to the record $2 in the workspace $1, for a delete. As a range of one value in the order of
 * the record's own index: said as an equality, statistics of a young table have the workspace read by time. Only for rows that
 * nobody changes meanwhile: one that is changed is at another place.
 */
export function placesOfRecord(table: string, kind: RecordKind, time: string): string {
  return `array(select ctid from ${table} where workspace_id = $1 and ${kind}_id between $2 and $2 ${also[kind]}
                order by ${kind}_id, ${time} limit 1000000000)`;
}
