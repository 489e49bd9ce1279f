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

/**
 * A cell of the rows `r`, as its type; null where it is empty or does not fit. All cells of a row are one list: as columns of
 * their own, three hundred texts would be more than a row of PostgreSQL holds. Dates are texts in the order of time, and texts
 * are compared byte by byte, so that every database says the same.
 */
export function readStaged({ columns }: StagedColumns, place: number): string {
  const text = `(r.cells ->> ${place})`;
  switch (columns[place]!.type) {
    case "number":
      return `${text}::numeric`;
    case "yes-no":
      return `${text}::boolean`;
    case "list":
      return readStagedJson(place);
    default:
      return `${text} collate "C"`;
  }
}

/** The same as it stands in a trait. */
export function readStagedJson(place: number): string {
  return `nullif(r.cells -> ${place}, 'null')`;
}
