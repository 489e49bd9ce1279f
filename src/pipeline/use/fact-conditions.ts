// Conditions on facts `f` that lists and numbers have in common: so a number is always that of its list.
import type { FactsQuery } from "../../contract/api.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import type { Condition } from "../../platform/paging.ts";
import { belongsTo, findRecordIds } from "./record-ids-queries.ts";

const bands = { promoter: [9, 10], passive: [7, 8], detractor: [0, 6] } as const;

type Filters = "since" | "until" | "account" | "user" | "guide" | "band" | "score" | "matched";
export type FactsFilter = { [Name in Filters]?: FactsQuery[Name] | undefined };

/** `time` is the column of their time. Not of an organization: its facts are found in another way (organization-facts-queries.ts). */
export async function listFactConditions(
  db: Queryable,
  workspaceId: string,
  time: string,
  filter: FactsFilter,
): Promise<Condition[]> {
  const conditions: Condition[] = [{ sql: "f.workspace_id = ?", values: [workspaceId] }];
  if (filter.guide !== undefined) conditions.push({ sql: "f.guide_id = ?", values: [filter.guide] });
  if (filter.band !== undefined) conditions.push({ sql: "f.score between ? and ?", values: [...bands[filter.band]] });
  if (filter.score !== undefined) conditions.push({ sql: "f.score = ?", values: [filter.score] });
  if (filter.matched !== undefined)
    conditions.push({ sql: `f.user_id is ${filter.matched === "yes" ? "not " : ""}null`, values: [] });
  if (filter.since !== undefined) conditions.push({ sql: `${time} >= ?`, values: [filter.since] });
  if (filter.until !== undefined) conditions.push({ sql: `${time} < ?`, values: [filter.until] });
  for (const kind of ["user", "account"] as const) {
    const given = filter[kind];
    if (given !== undefined) conditions.push(await belongsTo(db, `f.${kind}_id`, kind, workspaceId, given));
  }
  return conditions;
}

/** Facts of an organization: about itself, and about its accounts of today. For numbers, which read all of them anyway. */
export async function ofOrganization(db: Queryable, workspaceId: string, given: string): Promise<Condition> {
  const ids = await findRecordIds(db, "organization", workspaceId, given);
  return {
    sql: `(f.account_id in (select a.account_id from accounts a where a.workspace_id = ? and a.organization_id = any(?::uuid[]))
           or (f.account_id is null and f.organization_id = any(?::uuid[])))`,
    values: [workspaceId, ids, ids],
  };
}
