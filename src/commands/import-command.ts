import { basename } from "node:path";
import { Argument, type Command } from "commander";
import { writeAudit } from "../access/audit-log-table.ts";
import { type ImportReport, importFile } from "../import/import-file.ts";
import { listTraitTypes } from "../pipeline/record/trait-settings-table.ts";
import type { RecordKind } from "../pipeline/records.ts";
import { saveRecords } from "../pipeline/save-records.ts";
import { getWorkspace } from "../settings/workspaces-table.ts";
import { parseIdOf, parseList } from "./arguments.ts";
import { commandLine, findWorkspaceId, print, wakeWorkers, withDatabase } from "./command.ts";
import { explainFileError } from "./explain-file-error.ts";

const kinds: Record<string, RecordKind> = { organizations: "organization", accounts: "account", users: "user" };

type Options = { dryRun?: boolean; encoding?: string; text?: string[]; workspace?: string; json?: boolean };

export function addImportCommand(program: Command): void {
  program
    .command("import")
    .description("bring in organizations, accounts or users that exist elsewhere, from a CSV file")
    .addArgument(new Argument("<kind>", "what the rows are").choices(Object.keys(kinds)))
    .argument("<file>", "the file; separated by commas, semicolons or tabs; UTF-8, or UTF-16 with its mark")
    .option("--dry-run", "say what would become of it, and change nothing")
    .option("--text <columns>", "columns whose values stay text, with commas: those of codes such as 1.10", parseList)
    .option("--encoding <name>", "what the file is, where it is neither UTF-8 nor marked: windows-1252")
    .option("--workspace <id>", "the workspace (default: the first one)", parseIdOf("a workspace"))
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
The first row names the columns, in any case and order:
  external_id     the one id that the record has everywhere (or: id); taken exactly as it stands
  name            what people call it
  email           users
  organization    accounts: the external ID of the organization they are in, or null for none
                  users: organizations they are in themselves
  account         users: the external IDs of their accounts
A user's accounts and organizations are separated by semicolons, or written as a JSON list: ["a;1","b"]. They are only
ever added to those there are. An account or organization that is named and does not exist is made.
Every other column is a trait. Numbers, yes and no (true, false), dates (2026-03-31, 2026-03-31T14:00:00Z) and JSON
lists of texts are recognised; anything else is text; a trait whose type is set (plumbline trait set) has that one, and a row
with another value is rejected. An empty cell changes nothing, null takes the value away.
Rows about one record count together, a later row over an earlier one. A row that cannot be taken is rejected with its
reason: those rows are written to <file>.rejected.csv, which can be mended and imported.`,
    )
    .action((kind: string, file: string, options: Options) => runImport(kinds[kind]!, file, options));
}

function runImport(kind: RecordKind, file: string, options: Options): Promise<void> {
  return withDatabase(async ({ database }) => {
    const workspaceId = await findWorkspaceId(database.pool, options.workspace);
    const { hierarchy } = await getWorkspace(database.pool, workspaceId);
    if (kind === "organization" && !hierarchy)
      throw new Error(
        "This workspace has no organizations: `plumbline workspace set --hierarchy on` switches them on.",
      );
    const isRehearsal = options.dryRun === true;
    const at = new Date();
    const note = async (action: "import.begun" | "import.finished", after: object) => {
      const subject = { type: `${kind}s`, id: null };
      if (!isRehearsal)
        await writeAudit(
          database.pool,
          { ...commandLine, workspaceId, action, subject, after: { ...after } },
          new Date(),
        );
    };
    await note("import.begun", { file: basename(file) });
    const report = await importFile({
      database: database.pool,
      file,
      kind,
      hierarchy,
      isRehearsal,
      encoding: options.encoding,
      textColumns: options.text ?? [],
      types: await listTraitTypes(database.pool, workspaceId, kind),
      async save(records) {
        const to = { workspaceId, kind, source: "import" as const, at, isRehearsal };
        const saved = await saveRecords(database.pool, to, records);
        if (saved.released > 0 && !isRehearsal) await wakeWorkers(database.pool);
        return saved;
      },
      onProgress: ({ read, saved }) => {
        if (process.stderr.isTTY)
          process.stderr.write(saved === 0 ? `\r${read} rows read\r` : `\r${saved} of ${read}\r`);
      },
    }).catch((error: NodeJS.ErrnoException) => {
      const { path = file } = error;
      return explainFileError(path, path === file ? "read" : "written")(error);
    });
    const { read, created, updated, rejected } = report;
    await note("import.finished", { file: basename(file), read, created, updated, rejected });
    print({ dryRun: isRehearsal, ...report }, options, (one) => describeImport(one, isRehearsal));
  });
}

function describeImport(report: ImportReport, isRehearsal: boolean): string {
  const would = isRehearsal ? "would be " : "";
  const { made } = report;
  return [
    `${report.read} rows: ${report.created} ${would}created, ${report.updated} ${would}updated, ${report.unchanged} unchanged, ${report.rejected} rejected.`,
    `${report.traits} values of traits ${would}written.`,
    ...(report.repeated > 0 ? [`${report.repeated} rows are about a record of another row; they count together.`] : []),
    ...(made.organizations + made.accounts > 0
      ? [`Named and not there, so ${would}made: ${made.organizations} organizations, ${made.accounts} accounts.`]
      : []),
    ...(report.released > 0
      ? [
          `${report.released} parked deliveries waited for these records and ${isRehearsal ? "would go" : "go"} through now.`,
        ]
      : []),
    ...report.rejections.map(({ row, reason }) => `row ${row}: ${reason}`),
    ...(report.rejected > report.rejections.length ? [`and ${report.rejected - report.rejections.length} more.`] : []),
    ...(report.rejectedFile === null ? [] : [`The rejected rows are in ${report.rejectedFile}.`]),
  ].join("\n");
}
