// What a person chose of a report's columns, completed by what is proposed; refused where it could not work, in words that say
// what to do.
import type { RecordKind, TraitType } from "../pipeline/records.ts";
import { HttpError } from "../platform/http-server.ts";
import { isStorableText } from "../platform/json.ts";
import { findIdKind, proposeCombine, proposeTrait } from "./propose-columns.ts";
import { type Combine, longestTraitName, type ReportColumn, type ReportIdKind } from "./report.ts";

/** What is not said is as it was, or as it is proposed. */
export type ColumnChoice = {
  column: string;
  trait?: string | undefined;
  type?: TraitType | undefined;
  combine?: Combine | undefined;
  latestBy?: string | null | undefined;
};

export type Choices = {
  idColumn?: string | undefined;
  idKind?: ReportIdKind | undefined;
  /** Undefined: all but the id column. */
  columns?: readonly ColumnChoice[] | undefined;
  /** For every column whose values can be combined so, and that does not say otherwise itself. */
  combine?: Combine | undefined;
  /** For every column whose latest value counts. */
  latestBy?: string | undefined;
};

export type ChosenColumns = { idColumn: string; idKind: ReportIdKind; columns: ReportColumn[] };

/** What is known of the report: the columns of its rows (none: it has no rows), and what is proposed for them or was chosen before. */
export type KnownColumns = {
  seen: readonly string[];
  /** Whether there are no rows beyond those looked at, which may have more columns. */
  isWhole: boolean;
  columns: readonly ReportColumn[];
};

const mostColumns = 500;

export function chooseColumns(choices: Choices, level: RecordKind, known: KnownColumns): ChosenColumns {
  const idColumn = choices.idColumn ?? findIdColumn(known.seen, level);
  const idKind = choices.idKind ?? findIdKind(idColumn) ?? "external";
  refuseUnseen(idColumn, known.seen);
  const columns = chooseAll(choices, idColumn, known).map((choice) => complete(choice, choices, known));
  refuseUselessChoice(choices, columns);
  for (const column of columns) refuseColumn(column, known.seen);
  refuseSharedTraits(columns);
  return { idColumn, idKind, columns };
}

function findIdColumn(seen: readonly string[], level: RecordKind): string {
  const wanted = level === "user" ? "visitor" : "account";
  const found = seen.find((column) => findIdKind(column) === wanted);
  if (found !== undefined) return found;
  throw new HttpError(
    400,
    seen.length === 0
      ? "Pendo has no rows for this report at the moment, so its columns are not known: say which one holds the ids, and name those that become traits with their types (--id-column, --columns a:name:number)."
      : `No column is named like Pendo's id of ${wanted === "visitor" ? "a visitor" : "an account"}, which level ${level} needs: say which one holds the ids (--id-column). ${listColumns(seen)}`,
  );
}

function chooseAll(choices: Choices, idColumn: string, { seen, columns }: KnownColumns): readonly ColumnChoice[] {
  const chosen = choices.columns ?? columns.filter(({ column }) => column !== idColumn);
  if (chosen.length === 0)
    throw new HttpError(
      400,
      seen.length === 0
        ? "Pendo has no rows for this report at the moment, so its columns are not known: name those that become traits with their types (--columns a:name:number)."
        : `There is no column to make a trait of beside ${quote(idColumn)}. ${listColumns(seen)}`,
    );
  if (chosen.length > mostColumns)
    throw new HttpError(
      400,
      `A report can become ${mostColumns} traits, and these are ${chosen.length}: choose fewer columns.`,
    );
  return chosen;
}

function complete(choice: ColumnChoice, choices: Choices, { seen, isWhole, columns }: KnownColumns): ReportColumn {
  const { column } = choice;
  const known = columns.find((one) => one.column === column);
  const type = choice.type ?? known?.type;
  // One that only later rows have is found by the run, which stops where no row has it.
  if (isWhole) refuseUnseen(column, seen);
  if (type === undefined)
    throw new HttpError(
      400,
      seen.length === 0
        ? `Pendo has no rows for this report at the moment, so the type of ${quote(column)} is not known: say it (--columns a:name:number).`
        : `The rows that were looked at have no column ${quote(column)}. If later ones have it, say its type as well (--columns a:name:number). ${listColumns(seen)}`,
    );
  const said = choice.combine ?? (choices.combine && fits(choices.combine, type) ? choices.combine : undefined);
  const before = known?.type === type ? known.combine : undefined;
  const combine = said ?? before ?? proposeCombine(type);
  const latestBy = choice.latestBy !== undefined ? choice.latestBy : (choices.latestBy ?? known?.latestBy ?? null);
  return {
    column,
    trait: choice.trait ?? known?.trait ?? proposeTrait(column, seen.indexOf(column)),
    type,
    combine,
    latestBy: combine === "latest" ? latestBy : null,
  };
}

/** The columns of before, with what is chosen for all of them at once. */
export function keepColumns(columns: readonly ReportColumn[], { combine, latestBy }: Choices): ColumnChoice[] {
  return columns.map((column) => ({
    ...column,
    combine: combine && fits(combine, column.type) ? combine : column.combine,
    latestBy: latestBy ?? column.latestBy,
  }));
}

/** Whether values of a type can be combined so. */
function fits(combine: Combine, type: TraitType): boolean {
  if (combine === "sum" || combine === "average") return type === "number";
  if (combine === "min" || combine === "max") return type === "number" || type === "date";
  return true;
}

function refuseColumn({ column, trait, type, combine, latestBy }: ReportColumn, seen: readonly string[]): void {
  if (latestBy !== null) refuseUnseen(latestBy, seen);
  if (!fits(combine, type))
    throw new HttpError(
      400,
      `There is no ${combine} of ${quote(column)}, which is of type ${type}: ${type === "date" ? "min, max, count, distinct or latest" : "count, distinct or latest"} there is.`,
    );
  if (trait.trim() === "" || trait !== trait.trim())
    throw new HttpError(
      400,
      `The trait of ${quote(column)} needs a name, without blanks at its ends: it is ${quote(trait)}.`,
    );
  if (trait.length > longestTraitName || !isStorableText(trait))
    throw new HttpError(
      400,
      `The trait of ${quote(column)} needs a name of at most ${longestTraitName} characters that can be kept.`,
    );
}

/** A mapping that names a column which is not there would be stopped at its first run. */
function refuseUnseen(column: string, seen: readonly string[]): void {
  if (seen.length > 0 && !seen.includes(column))
    throw new HttpError(400, `The report has no column ${quote(column)}. ${listColumns(seen)}`);
}

function refuseUselessChoice({ combine, latestBy }: Choices, columns: readonly ReportColumn[]): void {
  if (combine !== undefined && !columns.some((column) => column.combine === combine))
    throw new HttpError(400, `None of these columns can be combined by ${combine}: it needs numbers.`);
  if (latestBy !== undefined && !columns.some((column) => column.combine === "latest"))
    throw new HttpError(
      400,
      `Of none of these columns the latest value counts, so ${quote(latestBy)} would say nothing: leave it out (--latest-by).`,
    );
}

function refuseSharedTraits(columns: readonly ReportColumn[]): void {
  const seen = new Map<string, string>();
  for (const { column, trait } of columns) {
    const other = seen.get(trait);
    if (other !== undefined)
      throw new HttpError(
        400,
        `${quote(other)} and ${quote(column)} would both become the trait ${quote(trait)}: give one of them another name (--columns a:name).`,
      );
    seen.set(trait, column);
  }
}

const quote = (text: string) => JSON.stringify(text);
const mostListed = 30;

function listColumns(columns: readonly string[]): string {
  const more = columns.length > mostListed ? ` and ${columns.length - mostListed} more` : "";
  return `Its columns: ${columns.slice(0, mostListed).map(quote).join(", ")}${more}.`;
}
