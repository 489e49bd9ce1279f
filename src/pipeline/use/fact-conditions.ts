// Conditions on facts `f` that lists and numbers have in common: so a number is always that of its list.
import type { FactsQuery } from "../../contract/api.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import type { Condition } from "../../platform/paging.ts";
import { ofPoll, readPollId } from "./poll-id.ts";
import { belongsTo, findRecordIds } from "./record-ids-queries.ts";

/** Scores of NPS, from and to. */
export const bands = { promoter: [9, 10], passive: [7, 8], detractor: [0, 6] } as const;

/** What of a poll's answer can be read: the label of the choice, or what was typed. */
export const answerText = `coalesce(f.answer_label, case when jsonb_typeof(f.answer) = 'string' then f.answer #>> '{}' else f.answer::text end)`;

/** The column of their time, what people search in, and filters that only they have. */
const lists = {
  events: { time: "f.occurred_at", words: "f.name", own: ["kind", "name"] },
  npsResponses: {
    time: "f.responded_at",
    words: "f.feedback",
    own: ["band", "score"],
  },
  pollResponses: { time: "f.responded_at", words: answerText, own: ["poll"] },
} as const;

export type FactList = keyof typeof lists;

const paging = ["limit", "from", "organization"] as const;
export type FactsFilter = { [Name in keyof Omit<FactsQuery, (typeof paging)[number]>]?: FactsQuery[Name] | undefined };

const nothing: Condition = { sql: "false", values: [] };

/** Not of an organization: its facts are found in another way (organization-facts-queries.ts). */
export async function listFactConditions(
  db: Queryable,
  workspaceId: string,
  list: FactList,
  filter: FactsFilter,
): Promise<Condition[]> {
  const { time, words } = lists[list];
  const conditions: Condition[] = [{ sql: "f.workspace_id = ?", values: [workspaceId] }];
  // A reason that came later is shown with its score.
  if (list === "npsResponses") conditions.push({ sql: "f.part_of is null", values: [] });
  if (filter.guide !== undefined) conditions.push({ sql: "f.guide_id = ?", values: [filter.guide] });
  if (filter.app !== undefined) conditions.push({ sql: "f.app_id = ?", values: [filter.app] });
  if (filter.q !== undefined && filter.q.trim() !== "")
    conditions.push({ sql: `strpos(lower(${words}), lower(?)) > 0`, values: [filter.q.trim()] });
  if (filter.matched !== undefined)
    conditions.push({ sql: `f.user_id is ${filter.matched === "yes" ? "not " : ""}null`, values: [] });
  if (filter.since !== undefined) conditions.push({ sql: `${time} >= ?`, values: [filter.since] });
  if (filter.until !== undefined) conditions.push({ sql: `${time} < ?`, values: [filter.until] });
  conditions.push(...listOwnConditions(list, filter));
  for (const kind of ["user", "account"] as const) {
    const given = filter[kind];
    if (given !== undefined) conditions.push(await belongsTo(db, `f.${kind}_id`, kind, workspaceId, given));
  }
  return conditions;
}

/** No fact of another kind has what these ask for. */
function listOwnConditions(list: FactList, { kind, name, band, score, poll }: FactsFilter): Condition[] {
  const asked = { kind, name, band, score, poll };
  const own: readonly string[] = lists[list].own;
  if (Object.entries(asked).some(([filter, given]) => given !== undefined && !own.includes(filter))) return [nothing];
  const conditions: Condition[] = [];
  if (kind !== undefined) conditions.push({ sql: "f.kind = ?", values: [kind] });
  if (name !== undefined) conditions.push({ sql: "f.name = ?", values: [name] });
  if (band !== undefined) conditions.push({ sql: "f.score between ? and ?", values: [...bands[band]] });
  if (score !== undefined) conditions.push({ sql: "f.score = ?", values: [score] });
  const key = poll === undefined ? undefined : readPollId(poll);
  return poll === undefined ? conditions : [...conditions, ...(key ? ofPoll(key) : [nothing])];
}

/** Facts of an organization: about itself, and about its accounts of today. For numbers, which read all of them anyway. */
async function ofOrganization(db: Queryable, workspaceId: string, given: string): Promise<Condition> {
  const ids = await findRecordIds(db, "organization", workspaceId, given);
  return {
    sql: `(f.account_id in (select a.account_id from accounts a where a.workspace_id = ? and a.organization_id = any(?::uuid[]))
           or (f.account_id is null and f.organization_id = any(?::uuid[])))`,
    values: [workspaceId, ids, ids],
  };
}

/** Everything that a number counts. */
export async function listCountedConditions(
  db: Queryable,
  workspaceId: string,
  list: FactList,
  { organization, ...filter }: FactsFilter & { organization?: string | undefined },
): Promise<Condition[]> {
  const conditions = await listFactConditions(db, workspaceId, list, filter);
  return organization === undefined ? conditions : [...conditions, await ofOrganization(db, workspaceId, organization)];
}
