// Which facts are a record's own, as a condition: what is about an account of an organization is the account's.
import type { RecordKind } from "../records.ts";

const conditions: Record<RecordKind, string> = {
  user: "user_id = $2",
  account: "account_id = $2",
  organization: "organization_id = $2 and account_id is null",
};

export function isOfRecord(kind: RecordKind): string {
  return conditions[kind];
}
