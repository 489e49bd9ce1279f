// Which field of Pendo's metadata would be the external ID: those that are filled, tell people apart, and meet the records
// that exist. Every value of the first people is put in a temporary table and counted by PostgreSQL.
import type { Queryable } from "../../../platform/database/pool.ts";
import { toStorableJson } from "../../../platform/json.ts";
import type { IdentityKind } from "../identity-queries.ts";
import type { RecordTable } from "./staged-identities.ts";

type FieldAdvice = {
  /** As a mapping names it; visitorId and accountId stand for Pendo's own ids. */
  field: string;
  /** Shares from 0 to 1: of the people looked at those with a value, of the values the different ones, … */
  filled: number;
  distinct: number;
  /** … and of the people those whose value is the external ID of a record. */
  matched: number;
  examples: string[];
};

export type Advice = {
  lookedAt: number;
  /** The best first. */
  fields: FieldAdvice[];
  /** Null: none tells people apart well enough to be an id. */
  suggested: string | null;
};

/** An id that a tenth of its holders share is none. */
const leastDistinct = 0.9;
const leastFilled = 0.5;
const mostExamples = 3;

export async function createStagedValues(db: Queryable): Promise<void> {
  await db.query(
    "create temporary table plumbline_values (kind text not null, field text not null, value text not null)",
  );
}

export type FieldValueOf = { field: string; value: string };

export async function stageValues(db: Queryable, kind: IdentityKind, values: readonly FieldValueOf[]): Promise<void> {
  if (values.length === 0) return;
  await db.query({
    name: "stage-values",
    text: "insert into pg_temp.plumbline_values select $1, field, value from json_to_recordset($2) as r(field text, value text)",
    values: [kind, toStorableJson(values)],
  });
}

export async function adviseFields(
  db: Queryable,
  of: { workspaceId: string; kind: IdentityKind; lookedAt: number },
  { table }: RecordTable,
): Promise<Advice> {
  const { rows } = await db.query(
    `select field, sum(count)::float as filled, count(*)::float as distinct,
            coalesce(sum(count) filter (where exists (select from ${table} where workspace_id = $1 and external_id = value)), 0)::float as matched,
            (array_agg(value order by count desc, value))[1:${mostExamples}] as examples
     from (select field, value, count(*) as count from pg_temp.plumbline_values where kind = $2 group by 1, 2) as v
     group by field`,
    [of.workspaceId, of.kind],
  );
  const people = Math.max(of.lookedAt, 1);
  const fields = rows
    .map(
      (row): FieldAdvice => ({
        field: row.field,
        filled: round(row.filled / people),
        distinct: round(row.distinct / row.filled),
        matched: round(row.matched / people),
        examples: row.examples,
      }),
    )
    .sort(compareFields);
  const best = fields.find(({ distinct, filled }) => distinct >= leastDistinct && filled >= leastFilled);
  return { lookedAt: of.lookedAt, fields, suggested: best?.field ?? null };
}

/** What meets the records that exist, weighed by how well it tells people apart; without records, what could be an id at all. */
function compareFields(one: FieldAdvice, other: FieldAdvice): number {
  const meets = (field: FieldAdvice) => field.matched * field.distinct;
  const tells = (field: FieldAdvice) => field.filled * field.distinct;
  return meets(other) - meets(one) || tells(other) - tells(one) || (one.field < other.field ? -1 : 1);
}

const round = (share: number) => Math.round(share * 10_000) / 10_000;
