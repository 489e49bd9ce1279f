// Runs of reports on the command line: begin one here and now, look at them, and at what they could not use.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { inTransaction } from "../platform/database/transaction.ts";
import { describeProblem, writeProblems } from "../reports/describe-problem.ts";
import { listReportProblems } from "../reports/report-problems-table.ts";
import { listReportRuns, type ReportRun } from "../reports/report-runs-table.ts";
import { cancelRunNow, confirmStoppedRun, startRunNow } from "../reports/start-run.ts";
import { parseCount, parseIdOf } from "./arguments.ts";
import { type CommandContext, commandLine, print, withDatabase } from "./command.ts";
import { describeProblems, describeRun, describeRuns } from "./describe-report.ts";
import { findReportOf, findRunOf } from "./find-report.ts";
import { runReport } from "./run-report.ts";

type Common = { json?: boolean };
type Waiting = Common & { wait: boolean };

const json = ["--json", "print one JSON document"] as const;
const parseReport = parseIdOf("a report");
const parseRun = parseIdOf("a run");

export function addReportRunCommands(report: Command): void {
  report
    .command("sync")
    .description("run a report now, here or where it is running already, and say what came of it")
    .argument("<id>", "the report's id", parseReport)
    .option("--no-wait", "leave the work to a running Plumbline")
    .option(...json)
    .action((id: string, options: Waiting) =>
      withDatabase(async (context) => {
        const { pool } = context.database;
        const { workspaceId } = await findReportOf(pool, id);
        const begun = await inTransaction(pool, (tx) =>
          startRunNow(tx, { workspaceId, id, author: commandLine }, new Date()),
        );
        await runAndShow(context, begun, options);
      }),
    );
  report
    .command("confirm")
    .description("it is right that a report looks so different: run it all the same")
    .argument("<run>", "the id of the run that was stopped", parseRun)
    .option("--no-wait", "leave the work to a running Plumbline")
    .option(...json)
    .action((id: string, options: Waiting) =>
      withDatabase(async (context) => {
        const { pool } = context.database;
        const stopped = await findRunOf(pool, id);
        const begun = await inTransaction(pool, (tx) =>
          confirmStoppedRun(tx, { ...stopped, author: commandLine }, new Date()),
        );
        await runAndShow(context, begun, options);
      }),
    );
  report
    .command("cancel")
    .description("stop a run; no trait is changed by it")
    .argument("<run>", "the run's id", parseRun)
    .option(...json)
    .action((id: string, options: Common) =>
      withDatabase(async ({ database }) => {
        const run = { ...(await findRunOf(database.pool, id)), author: commandLine };
        print(await inTransaction(database.pool, (tx) => cancelRunNow(tx, run, new Date())), options, describeRun);
      }),
    );
  addLookingCommands(report);
}

function addLookingCommands(report: Command): void {
  report
    .command("runs")
    .description("the runs of a report, the newest first")
    .argument("<id>", "the report's id", parseReport)
    .option("--limit <number>", "how many", parseCount, 20)
    .option(...json)
    .action((id: string, options: Common & { limit: number }) =>
      withDatabase(async ({ database }) => {
        const { workspaceId } = await findReportOf(database.pool, id);
        print(await listReportRuns(database.pool, { workspaceId, reportId: id }, options.limit), options, describeRuns);
      }),
    );
  report
    .command("problems")
    .description("what a run could not use: rows that are nobody's, and cells that do not fit their type")
    .argument("<run>", "the run's id", parseRun)
    .option("--csv <file>", "write all of them to a file, or to standard output: -")
    .option("--limit <number>", "how many to show", parseCount, 100)
    .option(...json)
    .action((id: string, options: Common & { csv?: string; limit: number }) =>
      withDatabase(async ({ database }) => {
        const run = await findRunOf(database.pool, id);
        if (options.csv !== undefined) return writeFile(database.pool, run, options.csv, options);
        const problems = await listReportProblems(database.pool, run, { limit: options.limit });
        const told = problems.map((problem) => ({ ...problem, message: describeProblem(problem) }));
        print(told, options, describeProblems);
      }),
    );
}

/** Whatever calls this command has to notice that no trait was changed: only a run that is done ends it with 0. */
async function runAndShow(context: CommandContext, begun: ReportRun, options: Waiting): Promise<void> {
  if (!options.wait) return print(begun, options, describeRun);
  const run = await runReport(context, begun);
  if (run.state !== "done") process.exitCode = 1;
  if (run.state === "failed" && !options.json) throw new Error(run.message ?? "The run failed.");
  print(run, options, describeRun);
}

async function writeFile(
  database: CommandContext["database"]["pool"],
  run: ReportRun,
  file: string,
  options: Common,
): Promise<void> {
  const rows = writeProblems((page) => listReportProblems(database, run, page));
  if (file === "-") {
    if (options.json) throw new Error("--csv - and --json would both write to standard output: choose one.");
    for await (const part of rows) if (!process.stdout.write(part)) await once(process.stdout, "drain");
    return;
  }
  try {
    await pipeline(rows, createWriteStream(file));
  } catch (error) {
    throw new Error(`${file} could not be written: ${(error as Error).message}`, { cause: error });
  }
  print({ file }, options, () => `Written to ${file}.`);
}
