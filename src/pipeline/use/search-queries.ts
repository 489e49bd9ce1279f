// What somebody looks for by typing how it begins.
import type { Queryable } from "../../platform/database/pool.ts";
import { writeWhere } from "../../platform/paging.ts";
import type { RecordKind } from "../records.ts";
import { beginsWith } from "./begins-with.ts";
import { recordTables } from "./record-ids-queries.ts";

const mostOfEach = 8;

type Hit = { type: RecordKind | "guide"; id: string; externalId: string | null; name: string | null };

export async function search(db: Queryable, workspaceId: string, typed: string): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const type of ["account", "organization", "user"] as const) {
    const { table, id } = recordTables[type];
    const { where, values } = writeWhere([
      { sql: "r.workspace_id = ?", values: [workspaceId] },
      beginsWith(type, workspaceId, typed),
    ]);
    const { rows } = await db.query(
      `select r.${id} as id, r.external_id as "externalId", r.name from ${table} r where ${where}
       order by lower(coalesce(r.name, r.external_id)), r.${id} limit ${mostOfEach}`,
      values,
    );
    hits.push(...rows.map((row) => ({ type, ...row })));
  }
  return [...hits, ...(await findGuides(db, workspaceId, typed))];
}

/** Guides that NPS responses name: there are few. */
async function findGuides(db: Queryable, workspaceId: string, typed: string): Promise<Hit[]> {
  const { rows } = await db.query(
    `select f.guide_id as id, max(f.guide_name) as name from nps_responses f
     where f.workspace_id = $1 and f.guide_id is not null and starts_with(lower(f.guide_name), lower($2)) group by 1 order by 2 limit ${mostOfEach}`,
    [workspaceId, typed.trim()],
  );
  return rows.map(({ id, name }) => ({ type: "guide" as const, id, externalId: null, name }));
}
