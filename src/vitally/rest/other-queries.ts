// Reads which traits are in use.
import type { RecordKind, TraitType } from "../../pipeline/records.ts";
import type { Queryable } from "../../platform/database/pool.ts";

type Admin = { id: string; name: string | null; email: string; licenseStatus: string };
/** Members of a workspace whose address this is. */
export type FindAdmins = (workspaceId: string, email: string) => Promise<Admin[]>;

const typeNames: Record<TraitType, string> = {
  number: "number",
  text: "string",
  "yes-no": "boolean",
  date: "datetime",
  list: "multiselect",
};

export type CustomField = { label: string; type: string; path: string; createdAt: Date | null };

/** In the order of their names. `path` is the name under which the `traits` of a record have it. */
export async function listCustomFields(
  db: Queryable,
  workspaceId: string,
  kinds: readonly RecordKind[],
): Promise<CustomField[]> {
  if (kinds.length === 0) return [];
  // The type that most values have. Counted when it is asked for, as trait-names-queries.ts explains.
  const { rows } = await db.query<{ name: string; type: TraitType; at: Date }>(
    `select distinct on (name collate "C", record_type) name, type, min(at) over (partition by record_type, name) as at
     from (
       select record_type, name, type, count(*) as count, min(read_at) as at from traits
       where workspace_id = $1 and record_type = any($2) group by 1, 2, 3
     ) t
     order by name collate "C", record_type, count desc, type`,
    [workspaceId, kinds],
  );
  return rows.map(({ name, type, at }) => ({ label: name, type: typeNames[type], path: name, createdAt: at }));
}
