// Records `r` whose name or external ID begins with what somebody types, or whose e-mail it is, whatever the case: found by index, one column
// after another, a thousand of each at most.
import type { Condition } from "../../platform/paging.ts";
import type { RecordKind } from "../records.ts";
import { recordTables } from "./record-ids-queries.ts";

const mostFound = 1_000;
/** Behind every text that begins with another one, in the order of bytes. */
const last = "\u{10ffff}";

/** An e-mail has to be whole. */
export function beginsWith(kind: RecordKind, workspaceId: string, typed: string): Condition {
  const { table, id } = recordTables[kind];
  const text = typed.trim();
  const found = ["name_key", "external_key"].map(
    (column) =>
      `(select ${id} from ${table} where workspace_id = ? and ${column} >= lower(?) collate "C" and ${column} < (lower(?) || '${last}') collate "C"
        order by ${column} limit ${mostFound})`,
  );
  const values = [workspaceId, text, text, workspaceId, text, text];
  if (kind !== "user") return { sql: `r.${id} in (${found.join(" union ")})`, values };
  const byEmail = "select user_id from users where workspace_id = ? and email_key = lower(?)";
  return { sql: `r.${id} in (${[...found, byEmail].join(" union ")})`, values: [...values, workspaceId, text] };
}
