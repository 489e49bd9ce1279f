// What somebody looks for by typing how it, or one of its words, begins.
import type { Queryable } from "../../platform/database/pool.ts";
import { writeWhere } from "../../platform/paging.ts";
import type { RecordKind } from "../records.ts";
import { isAmongFirst } from "./begins-with.ts";
import { listGuides } from "./facets-queries.ts";
import { recordTables } from "./record-ids-queries.ts";

const mostOfEach = 8;

type Hit = { type: RecordKind | "guide"; id: string; externalId: string | null; name: string | null };

export async function search(db: Queryable, workspaceId: string, typed: string): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const type of ["account", "organization", "user"] as const) {
    const { table, id } = recordTables[type];
    const { where, values } = writeWhere([
      { sql: "r.workspace_id = ?", values: [workspaceId] },
      isAmongFirst(type, workspaceId, typed, mostOfEach),
    ]);
    const { rows } = await db.query(
      `select r.${id} as id, r.external_id as "externalId", r.name from ${table} r where ${where}
       order by starts_with(r.sort_key, lower($${values.length + 1})) desc, r.sort_key, r.${id} limit ${mostOfEach}`,
      [...values, typed.trim()],
    );
    hits.push(...rows.map((row) => ({ type, ...row })));
  }
  return [...hits, ...(await findGuides(db, workspaceId, typed))];
}

/** By how one of the words of their name begins, or by their id: there are few. */
async function findGuides(db: Queryable, workspaceId: string, typed: string): Promise<Hit[]> {
  const wanted = typed.trim().toLowerCase();
  const begins = (name: string) => name.startsWith(wanted) || beginnings(name).some((rest) => rest.startsWith(wanted));
  const guides = (await listGuides(db, workspaceId)).filter(
    ({ id, name }) => id === typed.trim() || (name !== null && begins(name.toLowerCase())),
  );
  return guides.slice(0, mostOfEach).map(({ id, name }) => ({ type: "guide" as const, id, externalId: null, name }));
}

/** What remains from each of its words on. */
function beginnings(name: string): string[] {
  return [...name.matchAll(/[^\p{L}\p{N}]+/gu)].map(({ index, 0: gap }) => name.slice(index + gap.length));
}
