// That somebody took a whole list: what it was, and by what it was chosen. Not by whose id: this log holds nothing of persons.
import type { Export } from "../platform/exports.ts";
import { writeAudit } from "./audit-log-table.ts";

export async function noteExport(
  {
    database,
    workspaceId,
    author,
    name,
    filter,
  }: Pick<Export, "database" | "workspaceId" | "author" | "name" | "filter">,
  at: Date,
): Promise<void> {
  const filters = Object.keys(filter).filter((one) => filter[one] !== undefined);
  const subject = { type: "export", id: name };
  await writeAudit(database, { ...author, workspaceId, action: "export.made", subject, after: { filters } }, at);
}
