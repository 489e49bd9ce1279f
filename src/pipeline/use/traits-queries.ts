// Reads the traits of records: their values, by name; and all that is known of them, with sources and history.
import type { Queryable } from "../../platform/database/pool.ts";
import { type Condition, listPage, type Page } from "../../platform/paging.ts";
import type { RecordKind, TraitType } from "../records.ts";
import { type DescribedSource, readTraitSources } from "./trait-sources-queries.ts";

/**
 * Where several sources give traits `t` of one name, one value stands for it: by the order that the workspace has chosen for
 * the name (`s`); what that does not name comes behind it: custom, then integrations by name, then reports by their ids, the one
 * that was added last first: values that were kept of a report that is gone do not hide those of the report that came for it.
 */
const precedence = `array_position(s.sources, t.source), t.source <> 'custom',
  case when t.source not like 'pendo-report:%' then t.source end collate "C", t.source collate "C" desc`;

/**
 * What was chosen for the names of traits `t`. The lateral's limit keeps it an index's way, or one remembered by name: joined
 * without it, a page of 100 users with 20 traits took 6 ms instead of 3, and 35 where the choice stood in the order itself.
 */
const joinSettings = `left join lateral (
    select sources from trait_settings
    where workspace_id = t.workspace_id and record_type = t.record_type and name = t.name limit 1
  ) s on true`;

/** A column of a list of records `r`: an object of name → value. */
export function selectTraits(kind: RecordKind): string {
  return `coalesce((select jsonb_object_agg(shown.name, shown.value)
                    from (select distinct on (t.name) t.name, t.value from traits t ${joinSettings}
                          where t.workspace_id = r.workspace_id and t.record_type = '${kind}' and t.record_id = r.${kind}_id
                          order by t.name, ${precedence}) shown), '{}') as traits`;
}

/** Records that have the trait, from whichever source: a query of their ids. */
export function selectWithTrait(kind: RecordKind, workspaceId: string, name: string): Condition {
  return {
    sql: `select m.record_id from traits m where m.workspace_id = ? and m.record_type = '${kind}' and m.name = ?`,
    values: [workspaceId, name],
  };
}

/** A number as people type it; PostgreSQL reads others, too, and some of them for minutes. */
const plainNumber = /^[+-]?\d{1,30}(\.\d{1,30})?$/;

/**
 * Records of which this value stands for the name, whatever the case; of a list, one of its values: a query of their ids. Which
 * source stands for a name is only asked where one has the value: asked of each of a million users it took more than a minute.
 */
export function selectShowing(kind: RecordKind, workspaceId: string, name: string, value: string): Condition {
  const named = selectWithTrait(kind, workspaceId, name);
  const number = plainNumber.test(value.trim()) ? value.trim() : null;
  const isValue = `case jsonb_typeof(m.value)
    when 'number' then (m.value #>> '{}')::numeric = ?::numeric
    when 'array' then exists (select from jsonb_array_elements_text(m.value) one(value) where lower(one.value) = lower(?))
    else lower(m.value #>> '{}') = lower(?) end`;
  return {
    sql: `${named.sql} and case when ${isValue} then m.source = (
            select t.source from traits t ${joinSettings}
            where t.workspace_id = m.workspace_id and t.record_type = '${kind}' and t.record_id = m.record_id and t.name = m.name
            order by ${precedence} limit 1) end`,
    values: [...named.values, number, value, value],
  };
}

/** The values that stand for their names. */
export async function readShownTraits(
  db: Queryable,
  { workspaceId, kind, recordId }: TraitsOfRecord,
): Promise<Record<string, unknown>> {
  const { rows } = await db.query(
    `select ${selectTraits(kind)} from (select $1::uuid as workspace_id, $2::uuid as ${kind}_id) r`,
    [workspaceId, recordId],
  );
  return rows[0].traits;
}

export type TraitsOfRecord = { workspaceId: string; kind: RecordKind; recordId: string };

export type ShownTrait = DescribedSource & {
  name: string;
  /** Null: it was cleared. */
  type: TraitType | null;
  value: unknown;
  /** When the source said so last. */
  readAt: Date;
  /** Whether it is the value that stands for its name. */
  shown: boolean;
  history: { oldValue: unknown; newValue: unknown; readAt: Date; reportRunId: string | null }[];
};

const mostHistory = 100;

/** Every trait a record has or had, by name, each source by itself; the newest changes first, a hundred at most of each. */
export async function listTraits(
  db: Queryable,
  { workspaceId, kind, recordId }: TraitsOfRecord,
): Promise<ShownTrait[]> {
  const { rows } = await db.query(
    `with current as (
       select t.name, t.source, t.type, t.value, t.read_at, t.last_read_at,
              row_number() over (partition by t.name order by ${precedence}) = 1 as shown
       from traits t ${joinSettings}
       where t.workspace_id = $1 and t.record_type = $2 and t.record_id = $3
     ), changes as (
       select name, source, old_value, new_value, read_at, report_run_id,
              row_number() over (partition by name, source order by read_at desc, trait_change_id desc) as place
       from trait_changes where workspace_id = $1 and record_type = $2 and record_id = $3
     ), histories as (
       select name, source, max(read_at) as read_at,
              jsonb_agg(jsonb_build_object('oldValue', old_value, 'newValue', new_value, 'readAt', read_at,
                                           'reportRunId', report_run_id) order by place) as history
       from changes where place <= ${mostHistory} group by name, source
     ), known as (
       select $1::uuid as workspace_id, $2 as record_type, name, source, c.type, c.value, coalesce(c.read_at, h.read_at) as read_at, c.last_read_at,
              coalesce(c.shown, false) as shown, coalesce(h.history, '[]') as history
       from current c full join histories h using (name, source)
     )
     select t.name, t.source, t.type, t.value, t.read_at as "readAt", t.last_read_at as "lastReadAt", t.shown, t.history
     from known t ${joinSettings}
     order by t.name, ${precedence}`,
    [workspaceId, kind, recordId],
  );
  const sources = await readTraitSources(db, workspaceId);
  return rows.map(({ source, history, lastReadAt, ...trait }) => ({
    ...trait,
    ...sources.describe(source),
    // Of what is cleared, when that was; of what is kept although its report has it no longer, when it had it last.
    readAt: trait.type === null ? trait.readAt : (lastReadAt ?? latest(trait.readAt, sources.lastReadAt(source))),
    history: history.map((change: { readAt: string }) => ({ ...change, readAt: new Date(change.readAt) })),
  }));
}

function latest(one: Date, other: Date | undefined): Date {
  return other !== undefined && other > one ? other : one;
}

export type TraitHistoryQuery = {
  source?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  limit: number;
  from?: string | undefined;
};

export type TraitPoint = DescribedSource & {
  readAt: Date;
  oldValue: unknown;
  newValue: unknown;
  reportRunId: string | null;
};

/** The changes of one trait in the order of time, so that they can be drawn as they come. */
export async function listTraitHistory(
  db: Queryable,
  { workspaceId, kind, recordId, name }: TraitsOfRecord & { name: string },
  query: TraitHistoryQuery,
): Promise<Page<TraitPoint>> {
  const page = await listPage<Omit<TraitPoint, "sourceName" | "reportId">>(db, {
    select: `select c.source, c.read_at as "readAt", c.old_value as "oldValue", c.new_value as "newValue",
                    c.report_run_id as "reportRunId" from trait_changes c`,
    time: "c.read_at",
    id: "c.trait_change_id",
    order: "oldest-first",
    conditions: [
      {
        sql: "c.workspace_id = ? and c.record_type = ? and c.record_id = ? and c.name = ?",
        values: [workspaceId, kind, recordId, name],
      },
      ...(query.source === undefined ? [] : [{ sql: "c.source = ?", values: [query.source] }]),
      ...(query.since === undefined ? [] : [{ sql: "c.read_at >= ?", values: [query.since] }]),
      ...(query.until === undefined ? [] : [{ sql: "c.read_at < ?", values: [query.until] }]),
    ],
    limit: query.limit,
    from: query.from,
  });
  const sources = await readTraitSources(db, workspaceId);
  return { ...page, items: page.items.map((point) => ({ ...point, ...sources.describe(point.source) })) };
}
