// What the audit log says of records that somebody makes, changes or deletes: which, and what of them by name. What it was
// and is now stays out: it is about a person, and may have to be erased one day; a trait's history has it.
import type { Queryable } from "../platform/database/pool.ts";
import type { Author } from "../platform/routes.ts";
import { writeAudit } from "./audit-log-table.ts";

export type NotedRecord = {
  type: string;
  id: string;
  done: "made" | "changed" | "deleted";
  /** Names of what was said of it. */
  fields?: readonly string[];
  traits?: readonly string[];
};

export async function noteRecord(
  tx: Queryable,
  { workspaceId, author, at }: { workspaceId: string; author: Author; at: Date },
  { type, id, done, fields = [], traits = [] }: NotedRecord,
): Promise<void> {
  const after = { ...(fields.length > 0 && { fields }), ...(traits.length > 0 && { traits }) };
  const said = Object.keys(after).length > 0 ? { after } : {};
  await writeAudit(tx, { ...author, workspaceId, action: `record.${done}`, subject: { type, id }, ...said }, at);
}
