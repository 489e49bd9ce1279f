// Reports of Pendo that become traits, on the command line: what there is, and setting it up.

import { type Command, Option } from "commander";
import { createPendoReports } from "../pendo/client/ask-for-reports.ts";
import { clearSource } from "../pipeline/record/clear-source.ts";
import type { RecordKind } from "../pipeline/records.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { ColumnChoice } from "../reports/choose-columns.ts";
import { listPendoReports } from "../reports/list-reports.ts";
import { combines, type EveryHours, type Report, type ReportIdKind, sourceOfReport } from "../reports/report.ts";
import {
  addReport,
  type ClearTraits,
  changeReport,
  previewReport,
  type ReportChange,
  removeReport,
  type SaveReportOptions,
} from "../reports/save-report.ts";
import { getConnection } from "../settings/connection-queries.ts";
import { parseCount, parseIdOf } from "./arguments.ts";
import { type CommandContext, commandLine, print, withDatabase } from "./command.ts";
import { describeAdded, describeChanged, describeListed, describePreview } from "./describe-report.ts";
import { findReportOf } from "./find-report.ts";
import { parseColumns, parseEvery } from "./report-choices.ts";
import { addReportRunCommands } from "./report-run-commands.ts";
import { withPendo } from "./with-pendo.ts";

type Common = { json?: boolean };
type Choices = Common & {
  idColumn?: string;
  idKind?: ReportIdKind;
  columns?: ColumnChoice[];
  combine?: Report["columns"][number]["combine"];
  latestBy?: string;
  every?: EveryHours;
  vanished?: Report["vanished"];
};

export function addReportCommand(program: Command): void {
  const report = program
    .command("report")
    .description("reports of Pendo that become traits of accounts, organizations and users");
  addListCommand(report);
  addPreviewCommand(report);
  addAddCommand(report);
  addSetCommand(report);
  addSwitchCommands(report);
  addRemoveCommand(report);
  addReportRunCommands(report);
}

const json = ["--json", "print one JSON document"] as const;
const parseConnection = parseIdOf("a connection");
const parseReport = parseIdOf("a report");

function addListCommand(report: Command): void {
  report
    .command("list")
    .description("the reports that are shared in Pendo, and what is synced of them")
    .argument("<connection>", "the connection's id", parseConnection)
    .option("--all", "also those that cannot be synced, and why")
    .option(...json)
    .action((id: string, options: Common & { all?: boolean }) =>
      withReports(async (parts, { database }) => {
        const { workspaceId } = await getConnection(database.pool, id);
        const listed = await listPendoReports(parts, { workspaceId, connectionId: id });
        const shown = listed.filter(({ isSyncable, reports }) => options.all || isSyncable || reports.length > 0);
        print(shown, options, (all) => describeListed(all, listed.length - shown.length));
      }),
    );
}

function addPreviewCommand(report: Command): void {
  report
    .command("preview")
    .description("the first rows of a report, and what its columns would become; runs the report at Pendo")
    .argument("<connection>", "the connection's id", parseConnection)
    .requiredOption("--report <id>", "Pendo's id of the report")
    .option("--rows <number>", "how many rows to show", parseCount, 10)
    .option(...json)
    .action((id: string, options: Common & { report: string; rows: number }) =>
      withReports(async (parts, { database }) => {
        const { workspaceId } = await getConnection(database.pool, id);
        const {
          report: found,
          proposal,
          first,
        } = await previewReport(parts, { workspaceId, connectionId: id }, options.report);
        const rows = first.rows.slice(0, options.rows);
        const preview = { id: found.id, name: found.name, ...proposal, rowsLookedAt: first.rows.length, rows };
        print(preview, options, describePreview);
      }),
    );
}

function withChoices(command: Command): Command {
  return command
    .option("--id-column <column>", "says whose a row is (default: the one named like visitorId or accountId)")
    .addOption(
      new Option(
        "--id-kind <kind>",
        "what it holds: Pendo's ids, or external IDs (default: Pendo's where it is named so)",
      ).choices(["visitor", "account", "external"]),
    )
    .option(
      "--columns <columns>",
      "those that become traits, with commas: a,b:name,c:name:number:average (default: all)",
      parseColumns,
    )
    .addOption(
      new Option(
        "--combine <way>",
        "how values of several rows about one record become one, where they can (default: sum of numbers, latest of others)",
      ).choices(combines),
    )
    .option("--latest-by <column>", "the column of dates that says which row is the latest (default: the last row is)")
    .option("--every <hours>", "1h, 3h, 6h, 12h or 24h (default: 12h)", parseEvery)
    .addOption(
      new Option("--vanished <what>", "what becomes of a value that the report has no longer (default: keep)").choices([
        "keep",
        "clear",
      ]),
    );
}

function addAddCommand(report: Command): void {
  withChoices(
    report
      .command("add")
      .description("sync a report: its columns become traits; the first run is due at once")
      .argument("<connection>", "the connection's id", parseConnection)
      .requiredOption("--report <id>", "Pendo's id of the report")
      .addOption(
        new Option("--level <level>", "whose traits its columns become")
          .choices(["account", "organization", "user"])
          .makeOptionMandatory(),
      ),
  )
    .option(...json)
    .action((id: string, options: Choices & { report: string; level: RecordKind }) =>
      withReports(async (parts, { database }) => {
        const { workspaceId } = await getConnection(database.pool, id);
        const wanted = { ...readChange(options), pendoReportId: options.report, level: options.level };
        print(await addReport(parts, { workspaceId, connectionId: id }, wanted), options, describeAdded);
      }),
    );
}

function addSetCommand(report: Command): void {
  withChoices(
    report
      .command("set")
      .description("change how a report is synced; what is not given stays")
      .argument("<id>", "the report's id", parseReport),
  )
    .option(...json)
    .action((id: string, options: Choices) => {
      const change = readChange(options);
      if (Object.keys(change).length === 0)
        throw new Error(
          "There is nothing to change: say --id-column, --id-kind, --columns, --combine, --latest-by, --every or --vanished.",
        );
      return changeAndShow(id, change, options);
    });
}

function addSwitchCommands(report: Command): void {
  report
    .command("pause")
    .description("run a report no longer by itself; a run that has begun goes on")
    .argument("<id>", "the report's id", parseReport)
    .option(...json)
    .action((id: string, options: Common) => changeAndShow(id, { isOn: false }, options));
  report
    .command("resume")
    .description("run a report by itself again; windows that were missed are made up for by one run")
    .argument("<id>", "the report's id", parseReport)
    .option(...json)
    .action((id: string, options: Common) => changeAndShow(id, { isOn: true }, options));
}

function addRemoveCommand(report: Command): void {
  report
    .command("remove")
    .description("sync a report no longer; its runs go, and the traits it has given stay")
    .argument("<id>", "the report's id", parseReport)
    .option("--clear", "take the traits away as well")
    .option(...json)
    .action((id: string, options: Common & { clear?: boolean }) =>
      withDatabase(async ({ database, settings }) => {
        const { workspaceId } = await findReportOf(database.pool, id);
        const clearTraits: ClearTraits = (tx, of, readAt) =>
          clearSource(tx, { workspaceId, recordType: of.level, source: sourceOfReport(of.id), readAt });
        const removal = { workspaceId, id, author: commandLine, clearTraits: options.clear ? clearTraits : undefined };
        const removed = await inTransaction(database.pool, (tx) => removeReport(tx, removal, settings().clock()));
        print({ id, cleared: removed.cleared }, options, ({ cleared }) =>
          options.clear
            ? `${removed.report.name} is synced no longer; values taken away: ${cleared}.`
            : `${removed.report.name} is synced no longer; the traits it has given stay.`,
        );
      }),
    );
}

/** Only what was given. */
function readChange({ every, idColumn, idKind, columns, combine, latestBy, vanished }: Choices): ReportChange {
  const given = { idColumn, idKind, columns, combine, latestBy, vanished, everyHours: every };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function changeAndShow(id: string, change: ReportChange, options: Common): Promise<void> {
  return withReports(async (parts, { database }) => {
    const { workspaceId } = await findReportOf(database.pool, id);
    print(await changeReport(parts, { workspaceId, id }, change), options, describeChanged);
  });
}

function withReports(work: (parts: SaveReportOptions, context: CommandContext) => Promise<void>): Promise<void> {
  return withDatabase((context) =>
    withPendo(context, (clients) => {
      const { clock, author } = context.settings();
      const database = context.database.pool;
      const save: SaveReportOptions["save"] = (change) => inTransaction(database, change);
      return work({ database, pendo: createPendoReports(clients), clock, author, save }, context);
    }),
  );
}
