// What a workspace decides about traits of a name: their type, and which source stands for it where several give it. Values
// that are there stay as they are.
import { writeAudit } from "../access/audit-log-table.ts";
import type { Database, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import { isUuid } from "../platform/uuid.ts";
import {
  findTraitSettings,
  putTraitSettings,
  type TraitSettings,
  type TraitsNamed,
} from "./record/trait-settings-table.ts";
import { customSource, findReportId } from "./trait-sources.ts";
import { traitLimits } from "./trait-values.ts";

export type SavedTraitSettings = { settings: TraitSettings } | { problem: string };

/** What is undefined stays as it is. */
export function saveTraitSettings(
  database: Database,
  { author, ...of }: TraitsNamed & { author: Author },
  change: Partial<TraitSettings>,
  at: Date,
): Promise<SavedTraitSettings> {
  return inTransaction(database, async (tx): Promise<SavedTraitSettings> => {
    if (of.name === "" || of.name.length > traitLimits.nameLength)
      return { problem: `A trait's name has 1 to ${traitLimits.nameLength} characters.` };
    const before = await findTraitSettings(tx, of);
    const { type = before.type, sources = before.sources } = change;
    const chosen = sources === null || sources.length === 0 ? null : sources;
    const problem = chosen && (await findProblem(tx, of, chosen));
    if (problem) return { problem };
    await putTraitSettings(tx, of, { type, sources: chosen }, at);
    const { workspaceId, kind, name } = of;
    const noted = { before: { ...before }, after: { type, sources: chosen } };
    const subject = { type: `trait of ${kind}s`, id: name };
    await writeAudit(tx, { ...author, workspaceId, action: "trait.settings-changed", subject, ...noted }, at);
    return { settings: { type, sources: chosen } };
  });
}

/** A source that is misspelt would silently never count. */
async function findProblem(tx: Tx, of: TraitsNamed, sources: readonly string[]): Promise<string | undefined> {
  const twice = sources.find((source, place) => sources.indexOf(source) !== place);
  if (twice !== undefined) return `The source ${JSON.stringify(twice)} is named twice.`;
  for (const source of sources)
    if (!(await isSource(tx, of, source)))
      return `Nothing here is the source ${JSON.stringify(source)}: it is ${customSource} (people, imports, the API), pendo-report:<id of a report>, or one that ${JSON.stringify(of.name)} has already.`;
  return undefined;
}

/** What no report is any more may still have values. Those are looked for without an index: it happens seldom. */
async function isSource(tx: Tx, of: TraitsNamed, source: string): Promise<boolean> {
  if (source === customSource) return true;
  const reportId = findReportId(source);
  if (reportId !== null && isUuid(reportId)) {
    const { rows } = await tx.query(
      "select from reports where workspace_id = $1 and report_id = $2 and record_type = $3 and report_id::text = $4",
      [of.workspaceId, reportId, of.kind, reportId],
    );
    if (rows.length > 0) return true;
  }
  const { rows } = await tx.query(
    "select from traits where workspace_id = $1 and record_type = $2 and name = $3 and source = $4 limit 1",
    [of.workspaceId, of.kind, of.name, source],
  );
  return rows.length > 0;
}
