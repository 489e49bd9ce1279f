// What the rows of a report become, said once more, row by row and as plainly as can be: what the set-based way is compared with.
import type { Json, JsonObject } from "../../src/platform/json.ts";
import { readCell } from "../../src/reports/read-cell.ts";
import type { Report, ReportColumn } from "../../src/reports/report.ts";

/** By id and name of the trait; undefined: a cell does not fit, and nobody knows what the value is. */
export type Combined = Map<string, Map<string, Json | undefined>>;

export function combineRows(report: Pick<Report, "idColumn" | "columns">, rows: readonly JsonObject[]): Combined {
  const rowsOf = new Map<string, JsonObject[]>();
  for (const row of rows) {
    const id = String(row[report.idColumn]);
    rowsOf.set(id, [...(rowsOf.get(id) ?? []), row]);
  }
  return new Map(
    [...rowsOf].map(([id, own]) => [id, new Map(report.columns.map((one) => [one.trait, combineColumn(one, own)]))]),
  );
}

function combineColumn(
  { column, type, combine, latestBy }: ReportColumn,
  rows: readonly JsonObject[],
): Json | undefined {
  const readings = rows.map((row) => ({ row, reading: readCell(row[column], type) }));
  const fitting = readings.flatMap(({ row, reading }) =>
    reading.outcome === "value" ? [{ row, value: reading.value as Json }] : [],
  );
  if (fitting.length === 0 && readings.some(({ reading }) => reading.outcome === "misfit")) return undefined;
  const values = fitting.map(({ value }) => value);
  if (combine === "count") return values.length;
  if (combine === "distinct") return new Set(values.map((value) => JSON.stringify(value))).size;
  if (values.length === 0) return null;
  switch (combine) {
    case "sum":
      return sumExactly(values as number[]);
    case "average":
      return sumExactly(values as number[]) / values.length;
    case "min":
      return inOrder(values)[0]!;
    case "max":
      return inOrder(values).at(-1)!;
    case "latest": {
      const dateOf = (row: JsonObject): string => {
        const reading = latestBy === null ? undefined : readCell(row[latestBy], "date");
        return reading?.outcome === "value" ? String(reading.value) : "";
      };
      return fitting.reduce((latest, one) => (dateOf(one.row) >= dateOf(latest.row) ? one : latest)).value;
    }
  }
}

const inOrder = (values: readonly Json[]) => [...values].sort((one, other) => (one! < other! ? -1 : 1));

/** Of numbers with at most three decimals. */
function sumExactly(values: readonly number[]): number {
  const thousandths = values.reduce((sum, value) => sum + BigInt(Math.round(value * 1000)), 0n);
  const digits = String(thousandths < 0n ? -thousandths : thousandths).padStart(4, "0");
  return Number(`${thousandths < 0n ? "-" : ""}${digits.slice(0, -3)}.${digits.slice(-3)}`) + 0;
}

export type TraitState = Record<string, Record<string, Json>>;

/** What the traits of a source are after a run, by what they were before. */
export function applyCombined(
  report: Pick<Report, "columns" | "vanished">,
  before: TraitState,
  combined: Combined,
): TraitState {
  const after: TraitState = {};
  for (const id of new Set([...Object.keys(before), ...combined.keys()])) {
    const own = combined.get(id);
    const old = before[id] ?? {};
    const traits: Record<string, Json> = {};
    for (const name of new Set([...Object.keys(old), ...report.columns.map(({ trait }) => trait)])) {
      const said = own?.get(name) ?? null;
      const isUnknown = own?.has(name) === true && own.get(name) === undefined;
      if (said !== null) traits[name] = said;
      else if (old[name] !== undefined && (isUnknown || report.vanished === "keep")) traits[name] = old[name];
    }
    if (Object.keys(traits).length > 0) after[id] = traits;
  }
  return after;
}
