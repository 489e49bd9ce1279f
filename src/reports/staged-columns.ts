// Which cells of a report are put down, and as what: each column once for each type that it is read as, however many traits
// are made of it.
import type { TraitType } from "../pipeline/records.ts";
import type { ReportColumn } from "./report.ts";

export type StagedColumn = { column: string; type: TraitType };

/** A trait, with the places of the cells that it is made of. */
export type StagedTrait = ReportColumn & { place: number; latestByPlace: number | null };

export type StagedColumns = { columns: readonly StagedColumn[]; traits: readonly StagedTrait[] };

export function planStagedColumns(mapped: readonly ReportColumn[]): StagedColumns {
  const places = new Map<string, number>();
  const columns: StagedColumn[] = [];
  const placeOf = (column: string, type: TraitType): number => {
    const key = JSON.stringify([column, type]);
    const place = places.get(key) ?? columns.push({ column, type }) - 1;
    places.set(key, place);
    return place;
  };
  const traits = mapped.map((one) => ({
    ...one,
    place: placeOf(one.column, one.type),
    latestByPlace: one.combine === "latest" && one.latestBy !== null ? placeOf(one.latestBy, "date") : null,
  }));
  return { columns, traits };
}

/** Dates are texts that stand in the order of time; values are compared byte by byte, so that every database says the same. */
export const staged: Record<TraitType, string> = {
  number: "numeric",
  text: 'text collate "C"',
  "yes-no": "boolean",
  date: 'text collate "C"',
  list: "jsonb",
};
