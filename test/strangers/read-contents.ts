// All that is in a workspace, read from the catalogue: a table that is new is read by itself.
import type { Queryable } from "../../src/platform/database/pool.ts";

export type Contents = {
  /** Every uuid that any of its rows has. */
  ids: string[];
  /** Texts with its mark, one of each column. */
  texts: string[];
  /** Of the ids, one of each column. */
  someIds: string[];
  /** Tables of workspaces in which it has nothing. */
  emptyTables: string[];
};

/** Tables that have a workspace, partitions apart. */
async function listTables(db: Queryable): Promise<string[]> {
  const { rows } = await db.query(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  return rows.map((row) => row.name);
}

/** `notOf`: another workspace; what both have is nobody's own. */
export async function readContents(
  db: Queryable,
  { workspaceId, mark, notOf }: { workspaceId: string; mark: string; notOf: string },
): Promise<Contents> {
  const { rows: columns } = await db.query(
    `select a.attrelid::regclass::text as table, quote_ident(a.attname) as column, t.typname as type
     from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'public'::regnamespace and c.relname = any ($1) and a.attnum > 0 and not a.attisdropped
       and t.typname in ('uuid', 'text') order by 1, 2`,
    [await listTables(db)],
  );
  const contents: Contents = { ids: [], texts: [], someIds: [], emptyTables: [] };
  for (const { table, column, type } of columns) {
    const { rows } = await db.query(
      `select distinct ${column}::text as value from ${table} where workspace_id = $1 and ${column} is not null
         and not exists (select from ${table} o where o.workspace_id = $2 and o.${column} = ${table}.${column})`,
      [workspaceId, notOf],
    );
    const values = rows.map((row) => row.value as string);
    if (type === "uuid") {
      contents.ids.push(...values);
      contents.someIds.push(...values.slice(0, 1));
    } else contents.texts.push(...values.filter((value) => value.includes(mark) && value.length < 200).slice(0, 1));
  }
  contents.ids = [...new Set(contents.ids)];
  contents.someIds = [...new Set(contents.someIds)];
  contents.texts = [...new Set(contents.texts)];
  for (const table of await listTables(db)) {
    const { rows } = await db.query(`select exists (select from ${table} where workspace_id = $1) as is_there`, [
      workspaceId,
    ]);
    if (!rows[0].is_there) contents.emptyTables.push(table);
  }
  return contents;
}

/** What changes because somebody looks, and says nothing of what is there. */
const restless: Record<string, string> = { api_keys: "- 'last_used_at'" };

/** By table: a sum over all rows of the workspace, which differs when any of them does. */
export async function sumUp(db: Queryable, workspaceId: string): Promise<Record<string, string>> {
  const sums: Record<string, string> = {};
  for (const table of await listTables(db)) {
    const { rows } = await db.query(
      `select md5(string_agg(row, ',' order by row)) as sum
       from (select (to_jsonb(t) ${restless[table] ?? ""})::text as row from ${table} t where workspace_id = $1) r`,
      [workspaceId],
    );
    sums[table] = rows[0].sum ?? "nothing";
  }
  return sums;
}
