// How the rows about one record become one value for each trait, in SQL. Whatever the order of the rows, the values are the
// same: sums are exact, and only `latest` without a date asks which row came last.
import type { TraitType } from "../pipeline/records.ts";
import type { StagedColumns, StagedTrait } from "./staged-columns.ts";

/** The type of the trait that comes of it. */
export function typeOfTrait({ combine, type }: Pick<StagedTrait, "combine" | "type">): TraitType {
  return ["sum", "average", "count", "distinct"].includes(combine) ? "number" : type;
}

/**
 * For each trait its value, `v0`, `v1`, … as jsonb, of the rows `r` of one record. Where there is no value although a cell
 * says something that does not fit, `m0`, `m1`, … is true: nobody knows what the value is, so that the one before stays.
 */
export function selectCombined({ traits }: StagedColumns, hasMisfits: boolean): string {
  return traits
    .flatMap((trait, place) => [
      `${writeValue(trait)} as v${place}`,
      ...(hasMisfits ? [`${isUnknown(trait)} as m${place}`] : []),
    ])
    .join(",\n");
}

/** The values in a line each: record_id, place of the trait, value; without those that nobody knows. */
export function selectSaid({ traits }: StagedColumns, hasMisfits: boolean): string {
  const lines = traits.map((_, place) => `(${place}, v.v${place}${hasMisfits ? `, v.m${place}` : ""})`);
  return `select v.record_id, s.place, s.value from pg_temp.report_values v
          cross join lateral (values ${lines.join(", ")}) as s(place, value${hasMisfits ? ", is_unknown" : ""})
          ${hasMisfits ? "where not s.is_unknown" : ""}`;
}

function isUnknown({ place }: StagedTrait): string {
  return `count(r.c${place}) = 0 and coalesce(bool_or(jsonb_exists(r.misfits, '${place}')), false)`;
}

function writeValue(trait: StagedTrait): string {
  const cell = `r.c${trait.place}`;
  switch (trait.combine) {
    case "sum":
      return toDouble(`sum(${cell})`);
    case "average":
      return toDouble(`avg(${cell})`);
    case "count":
      return `to_jsonb(count(${cell}))`;
    case "distinct":
      return `to_jsonb(count(distinct ${cell}))`;
    case "min":
    case "max":
      return `to_jsonb(${trait.combine}(${cell}))`;
    case "latest": {
      const by = trait.latestByPlace === null ? "" : `r.c${trait.latestByPlace} desc nulls last, `;
      return `to_jsonb((array_agg(${cell} order by ${by}r.row_number desc) filter (where ${cell} is not null))[1])`;
    }
  }
}

/** As much of an exact number as a double holds; none where it holds nothing of it. */
function toDouble(exact: string): string {
  return `to_jsonb(case when abs(${exact}) > 1.7976931348623157e308 then null
                        when abs(${exact}) < 4.95e-324 then 0
                        else (${exact})::float8 end)`;
}
