// Lists of a few among many: the rows are found first, by the index of what they belong to, and then put in order. As a plain
// condition on a list by time the whole workspace would be read by time until a page is full.
import type { Queryable } from "../../platform/database/pool.ts";
import { type Condition, listPage, type Page } from "../../platform/paging.ts";
import { isUuid } from "../../platform/uuid.ts";
import type { ListAsked } from "./read-list-query.ts";

type Listed = {
  table: "organizations" | "accounts" | "users" | "nps_responses";
  /** The column of its id. */
  id: string;
};

/** An id of ours as SQL, to stand in the text of a query. */
export function idAsSql(id: string): string {
  if (!isUuid(id)) throw new Error("Only ids of ours stand in the text of a query.");
  return `'${id}'::uuid`;
}

const columns = { updatedAt: "r.updated_at", createdAt: "r.created_at" } as const;

/**
 * Ids of a workspace's rows `r`, the last changed or made first. `among`: SQL that gives the ids to choose from, each once;
 * without it, all.
 */
export function listIds(
  db: Queryable,
  workspaceId: string,
  { table, id }: Listed,
  { limit, order, from }: ListAsked,
  { among, conditions = [] }: { among?: string | undefined; conditions?: readonly Condition[] },
): Promise<Page<{ id: string }>> {
  const rows =
    among === undefined
      ? `${table} r`
      : `(${among}) w cross join lateral (select * from ${table} where workspace_id = ${idAsSql(workspaceId)} and ${id} = w.id limit 1) r`;
  return listPage(db, {
    select: `select r.${id} as id from ${rows}`,
    time: columns[order],
    id: `r.${id}`,
    conditions: [{ sql: "r.workspace_id = ?", values: [workspaceId] }, ...conditions],
    limit,
    from,
  });
}
