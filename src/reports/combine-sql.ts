// How the rows about one record become one value for each trait, in SQL. Whatever the order of the rows, the values are the
// same: sums are exact, and only `latest` without a date asks which row came last.
import type { TraitType } from "../pipeline/records.ts";
import { readStaged, readStagedJson, type StagedColumns, type StagedTrait } from "./staged-columns.ts";

/** The type of the trait that comes of it. */
export function typeOfTrait({ combine, type }: Pick<StagedTrait, "combine" | "type">): TraitType {
  return ["sum", "average", "count", "distinct"].includes(combine) ? "number" : type;
}

/**
 * Of the rows `r` of one record: `said`, the values of the traits in a list, and `unknown`, whether nobody knows a value, because
 * there is none and a cell says something that does not fit. Then the one before stays.
 */
export function selectCombined(plan: StagedColumns): string {
  const values = plan.traits.map((trait) => writeValue(plan, trait));
  const unknowns = plan.traits.map(({ place }) => writeUnknown(place));
  return `array[${values.join(",\n")}]::jsonb[] as said, array[${unknowns.join(", ")}] as unknown`;
}

/** The values in a line each: record_id, place of the trait, value; without those that nobody knows. */
export const selectSaid = `
  select v.record_id, s.number::int - 1 as place, s.value
  from pg_temp.report_values v cross join lateral unnest(v.said, v.unknown) with ordinality as s(value, is_unknown, number)
  where not s.is_unknown`;

/** Which traits have a value in the report, in a line for each record: record_id, their places. */
export const selectRead = `
  select v.record_id, array(
    select s.number::int - 1 from unnest(v.said, v.unknown) with ordinality as s(value, is_unknown, number)
    where s.value is not null and not s.is_unknown) as places
  from pg_temp.report_values v`;

function writeUnknown(place: number): string {
  return `count(r.cells ->> ${place}) = 0 and coalesce(bool_or(jsonb_exists(r.misfits, '${place}')), false)`;
}

function writeValue(plan: StagedColumns, { place, combine, latestByPlace }: StagedTrait): string {
  const cell = readStaged(plan, place);
  switch (combine) {
    case "sum":
      return toDouble(`sum(${cell})`);
    case "average":
      return toDouble(`avg(${cell})`);
    case "count":
      return `to_jsonb(count(r.cells ->> ${place}))`;
    case "distinct":
      return `to_jsonb(count(distinct r.cells ->> ${place}))`;
    case "min":
    case "max":
      return `to_jsonb(${combine}(${cell}))`;
    case "latest": {
      const by = latestByPlace === null ? "" : `${readStaged(plan, latestByPlace)} desc nulls last, `;
      const json = readStagedJson(place);
      return `(array_agg(${json} order by ${by}r.row_number desc) filter (where r.cells ->> ${place} is not null))[1]`;
    }
  }
}

/** As much of an exact number as a double holds; none where it holds nothing of it. */
function toDouble(exact: string): string {
  return `to_jsonb(case when abs(${exact}) > 1.7976931348623157e308 then null
                        when abs(${exact}) < 4.95e-324 then 0
                        else (${exact})::float8 end)`;
}
