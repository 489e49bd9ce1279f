// Reports and their runs as a person at a terminal reads them.

import { describeProblem } from "../reports/describe-problem.ts";
import type { ListedReport } from "../reports/list-reports.ts";
import type { FirstRows } from "../reports/pendo-reports.ts";
import type { ReportProposal } from "../reports/propose-columns.ts";
import { showCell } from "../reports/read-cell.ts";
import type { Report, ReportProblem } from "../reports/report.ts";
import type { ReportRun } from "../reports/report-runs-table.ts";
import { cleanText, formatTable } from "./command.ts";

export function describeListed(listed: readonly ListedReport[], hidden: number): string {
  const rows = listed.flatMap((pendo): Record<string, unknown>[] => {
    const { id, name, type, lastRunAt, whyNot } = pendo;
    const at = { id, name, type, "ran at Pendo": lastRunAt };
    if (pendo.reports.length === 0)
      return [{ ...at, synced: whyNot ?? "no", level: null, every: null, "last run": null }];
    return pendo.reports.map(({ id: own, isOn, level, everyHours, lastRun }) => ({
      ...at,
      synced: whyNot === null ? `${own}${isOn ? "" : " (paused)"}` : `${own}: ${whyNot}`,
      level,
      every: `${everyHours} h`,
      "last run": lastRun && `${lastRun.state} ${(lastRun.finishedAt ?? lastRun.startedAt).toISOString()}`,
    }));
  });
  const more = hidden === 0 ? [] : [`${hidden} more cannot be synced: --all says why.`];
  return [formatTable(rows, "No visitor or account report is shared in Pendo."), ...more].join("\n");
}

type Preview = ReportProposal & { id: string; name: string; rowsLookedAt: number; rows: FirstRows["rows"] };

export function describePreview(preview: Preview): string {
  const { idColumn, idKind, level, columns, rows, rowsLookedAt } = preview;
  const whose =
    idColumn === null
      ? "No column is named like Pendo's ids: --id-column says which one holds external IDs."
      : `${cleanText(idColumn)} holds Pendo's ids of ${idKind}s, so level ${level} is likely.`;
  const more = columns.length - mostColumns;
  return [
    cleanText(preview.name),
    whose,
    formatTable(
      columns.map(({ column, trait, type, combine, filled, examples }) => ({
        column: column === idColumn ? `${column} (id)` : column,
        trait: column === idColumn ? null : trait,
        type,
        combine,
        filled: `${filled} of ${rowsLookedAt}`,
        examples: examples.join(" · "),
      })),
      "The report has no rows at the moment, so its columns are not known.",
    ),
    ...(rows.length === 0
      ? []
      : [
          "",
          formatTable(
            rows.map((row) => showRow(row, columns.slice(0, mostColumns))),
            "",
          ),
        ]),
    ...(rows.length > 0 && more > 0 ? [`… and ${more} more columns.`] : []),
  ].join("\n");
}

/** Wider than any terminal otherwise. */
const mostColumns = 10;

function showRow(row: FirstRows["rows"][number], columns: ReportProposal["columns"]): Record<string, unknown> {
  return Object.fromEntries(
    columns.map(({ column }) => {
      const cell = Object.hasOwn(row, column) ? row[column] : null;
      return [column, cell === null || cell === undefined ? null : showCell(cell)];
    }),
  );
}

export function describeAdded(report: Report): string {
  return [
    describeChanged(report),
    `The first run is due at once; \`plumbline report sync ${report.id}\` runs it here and now.`,
  ].join("\n");
}

export function describeChanged(report: Report): string {
  const { id, name, level, idColumn, idKind, columns, vanished, everyHours, isOn, nextAt } = report;
  return [
    `${cleanText(name)} (${id}): ${isOn ? `every ${everyHours} h, next ${nextAt.toISOString()}` : "paused"}`,
    `${cleanText(idColumn)} says which ${level} a row is about (${idKind === "external" ? "an external ID" : `Pendo's id of ${idKind === "visitor" ? "a visitor" : "an account"}`}); a value that is no longer there is ${vanished === "keep" ? "kept" : "cleared"}.`,
    formatTable(
      columns.map(({ column, trait, type, combine, latestBy }) => ({
        column,
        trait,
        type,
        combine: latestBy === null ? combine : `${combine} by ${latestBy}`,
      })),
      "",
    ),
  ].join("\n");
}

export function describeRun(run: ReportRun): string {
  const { number, state, rowsRead, matched, changed, valuesChanged, unmatched, typeErrors, message } = run;
  return [
    `Run ${number}: ${state}${message === null ? "" : ` – ${message}`}`,
    ...(rowsRead === null
      ? []
      : [`Rows ${count(rowsRead)}, of nobody ${count(unmatched)}, cells that do not fit ${count(typeErrors)}.`]),
    ...(matched === null
      ? []
      : [`Records ${count(matched)}, changed ${count(changed)}; values changed ${count(valuesChanged)}.`]),
    ...((unmatched ?? 0) + (typeErrors ?? 0) > 0 && state === "done"
      ? [`\`plumbline report problems ${run.id}\` says which.`]
      : []),
    ...(state === "stopped" ? [`\`plumbline report confirm ${run.id}\` runs it all the same.`] : []),
  ].join("\n");
}

const count = (number: number | null) => (number === null ? "–" : number.toLocaleString("en-US"));

export function describeRuns(runs: readonly ReportRun[]): string {
  return formatTable(
    runs.map((run) => ({
      run: run.number,
      id: run.id,
      state: run.state,
      because: run.windowAt === null ? (run.isConfirmed ? "confirmed" : "asked for") : "due",
      started: run.startedAt,
      seconds: run.finishedAt && Math.round((run.finishedAt.getTime() - run.startedAt.getTime()) / 1000),
      rows: run.rowsRead,
      matched: run.matched,
      changed: run.changed,
      unmatched: run.unmatched,
      "type errors": run.typeErrors,
      message: run.message,
    })),
    "The report has not run yet.",
  );
}

export function describeProblems(problems: readonly ReportProblem[]): string {
  return formatTable(
    problems.map((problem) => ({
      row: problem.rowNumber,
      id: problem.rowId,
      column: problem.kind === "unmatched" ? null : problem.column,
      value: problem.value,
      what: describeProblem(problem),
    })),
    "There was nothing that the run could not use.",
  );
}
