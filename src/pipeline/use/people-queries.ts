// How many people accounts and organizations have, and what these say: for all records of a page at once. Each person of a page is
// looked at once for both; as columns of each row an organization's people were put together twice, and asked for answers one by one.
import type { Queryable } from "../../platform/database/pool.ts";
import type { RecordKind } from "../records.ts";
import { ownedRows } from "./owned-rows.ts";

type Scores = { promoters: number; passives: number; detractors: number };
export type People = { usersCount: number; scores: Scores };

type Company = Exclude<RecordKind, "user">;

/**
 * People who answered for nobody are known by name up to this many: then only they are asked for their answer, and not each person of
 * the page. 20,000 people of 80 organizations: 49 ms asked one by one, 25 with this; finding 5,000 names costs 3 ms.
 */
const mostKnown = 5_000;
/** Of fewer records than this it is not worth it: one account has some tens of people. */
const fewRecords = 5;

/** Said so that no index of only those is taken for it: with statistics of an empty table, all of one was read. */
export const countedResponse = "coalesce(n.score, -1) >= 0 and n.part_of is null";

const response = "n.user_id, n.score, n.responded_at, n.nps_response_id";
const newestFirst = "responded_at desc, nps_response_id desc";

const owned = (table: string, by: readonly [string, string], owner: string) =>
  ownedRows({ select: by[1], table, by, owner, workspace: "$1" });
const accountsOf = (organization: string) => owned("accounts", ["organization_id", "account_id"], organization);
const usersOf: Record<Company, string> = {
  account: owned("account_users", ["account_id", "user_id"], "w.id"),
  organization: `${owned("organization_users", ["organization_id", "user_id"], "w.id")} union
    select u.user_id from (${accountsOf("w.id")}) a
    cross join lateral (${owned("account_users", ["account_id", "user_id"], "a.account_id")}) u`,
};

/** Responses that name the record `owner` itself. */
const responsesNaming = (column: "account_id" | "organization_id", owner: string) =>
  ownedRows({
    select: response,
    table: "nps_responses n",
    by: [`n.${column}`, "n.responded_at"],
    owner,
    workspace: "$1",
    also: `and n.user_id is not null and ${countedResponse} ${column === "organization_id" ? "and n.account_id is null" : ""}`,
  });
const responsesOf: Record<Company, string> = {
  account: responsesNaming("account_id", "w.id"),
  organization: `select l.* from (${accountsOf("w.id")}) a cross join lateral (${responsesNaming("account_id", "a.account_id")}) l
    union all ${responsesNaming("organization_id", "w.id")}`,
};

/** Of each person the last score counts; an answer that names neither account nor organization counts for all that the person is in. */
const readAll = (kind: Company) => `
  with members as materialized (
    select w.id as record_id, u.user_id from unnest($2::uuid[]) as w(id) cross join lateral (${usersOf[kind]}) u
  ), responses as (
    select w.id as record_id, l.* from unnest($2::uuid[]) as w(id) cross join lateral (${responsesOf[kind]}) l
    union all
    select m.record_id, l.* from members m cross join lateral (
      select ${response} from nps_responses n
      where n.workspace_id = $1 and n.user_id between m.user_id and m.user_id and n.account_id is null and n.organization_id is null
        and ${countedResponse}
      order by n.user_id desc, n.responded_at desc, n.nps_response_id desc limit 1
    ) l where $3::uuid[] is null or m.user_id = any($3)
  )
  select w.id, coalesce(m.users, 0) as "usersCount", coalesce(s.promoters, 0) as promoters, coalesce(s.passives, 0) as passives,
         coalesce(s.detractors, 0) as detractors
  from unnest($2::uuid[]) as w(id)
  left join (select record_id, count(*) as users from members group by 1) m on m.record_id = w.id
  left join (
    select record_id, count(*) filter (where score >= 9) as promoters, count(*) filter (where score between 7 and 8) as passives,
           count(*) filter (where score <= 6) as detractors
    from (select distinct on (record_id, user_id) record_id, score from responses order by record_id, user_id, ${newestFirst}) last
    group by 1
  ) s on s.record_id = w.id`;

/** Of each of `ids`, which are records of the workspace. */
export async function readPeople(
  db: Queryable,
  workspaceId: string,
  kind: Company,
  ids: readonly string[],
): Promise<Map<string, People>> {
  const known = ids.length < fewRecords ? null : await listWhoNameNobody(db, workspaceId);
  const { rows } = await db.query<Scores & { id: string; usersCount: number }>(readAll(kind), [
    workspaceId,
    ids,
    known,
  ]);
  return new Map(rows.map(({ id, usersCount, ...scores }) => [id, { usersCount, scores }]));
}

/** People with an answer that names neither account nor organization; null: they are too many. */
async function listWhoNameNobody(db: Queryable, workspaceId: string): Promise<string[] | null> {
  const { rows } = await db.query<{ id: string }>(
    `select n.user_id as id from nps_responses n
     where n.workspace_id = $1 and n.account_id is null and n.organization_id is null and n.user_id is not null
     order by n.user_id, n.responded_at, n.nps_response_id limit ${mostKnown + 1}`,
    [workspaceId],
  );
  return rows.length > mostKnown ? null : [...new Set(rows.map(({ id }) => id))];
}
