// Reads the traits of records: their values, by name; and all that is known of them, with sources and history.
import type { Queryable } from "../../platform/database/pool.ts";
import type { RecordKind, TraitType } from "../records.ts";

/**
 * Where several sources give a trait of one name, one value stands for it: that of people, imports and the API before that of
 * an integration, integrations in the order of their names.
 */
const precedence = "source <> 'custom', source";

/** A column of a list of records `r`: an object of name → value. */
export function selectTraits(kind: RecordKind): string {
  return `coalesce((select jsonb_object_agg(t.name, t.value)
                    from (select distinct on (name) name, value from traits
                          where workspace_id = r.workspace_id and record_type = '${kind}' and record_id = r.${kind}_id
                          order by name, ${precedence}) t), '{}') as traits`;
}

export type ShownTrait = {
  name: string;
  source: string;
  /** Null: it was cleared. */
  type: TraitType | null;
  value: unknown;
  /** When the source said so. */
  readAt: Date;
  /** Whether it is the value that stands for its name. */
  shown: boolean;
  history: { oldValue: unknown; newValue: unknown; readAt: Date }[];
};

const mostHistory = 100;

/** Every trait a record has or had, by name, each source by itself; the newest changes first, a hundred at most of each. */
export async function listTraits(
  db: Queryable,
  workspaceId: string,
  kind: RecordKind,
  recordId: string,
): Promise<ShownTrait[]> {
  const { rows } = await db.query(
    `with current as (
       select name, source, type, value, read_at, row_number() over (partition by name order by ${precedence}) = 1 as shown
       from traits where workspace_id = $1 and record_type = $2 and record_id = $3
     ), changes as (
       select name, source, old_value, new_value, read_at, trait_change_id,
              row_number() over (partition by name, source order by read_at desc, trait_change_id desc) as place
       from trait_changes where workspace_id = $1 and record_type = $2 and record_id = $3
     ), histories as (
       select name, source, max(read_at) as read_at,
              jsonb_agg(jsonb_build_object('oldValue', old_value, 'newValue', new_value, 'readAt', read_at) order by place) as history
       from changes where place <= ${mostHistory} group by name, source
     )
     select name, source, c.type, c.value, coalesce(c.read_at, h.read_at) as "readAt", coalesce(c.shown, false) as shown,
            coalesce(h.history, '[]') as history
     from current c full join histories h using (name, source)
     order by name, ${precedence}`,
    [workspaceId, kind, recordId],
  );
  return rows.map(({ history, ...trait }) => ({
    ...trait,
    history: history.map((change: { readAt: string }) => ({ ...change, readAt: new Date(change.readAt) })),
  }));
}
