// Figures of records `r` that are computed from what was recorded. Every look-up goes through an index of the one record,
// whatever PostgreSQL knows of the tables (owned-rows.ts).
import type { RecordKind } from "../records.ts";
import { ownedRows } from "./owned-rows.ts";

/** Columns by name: SQL that gives one value each. */
type Figures = Record<string, string>;

/** The first or last moment of events `e` that belong to `owner`, from the index that leads with `column`. */
function findMoment(column: string, owner: string, which: "first" | "last", also = ""): string {
  const direction = which === "first" ? "asc" : "desc";
  return `(select e.occurred_at from events e
           where e.workspace_id = r.workspace_id and e.${column} between ${owner} and ${owner} ${also}
           order by e.${column} ${direction}, e.occurred_at ${direction}, e.event_id ${direction} limit 1)`;
}

const response = "n.user_id, n.score, n.feedback, n.responded_at, n.nps_response_id";
/** Said so that no index of only those is taken for it: with statistics of an empty table, all of one was read. */
const counts = "coalesce(n.score, -1) >= 0 and n.part_of is null";
const newestFirst = "responded_at desc, nps_response_id desc";

/** Responses that name the record `owner` itself. */
const responsesNaming = (column: "account_id" | "organization_id", owner: string) =>
  ownedRows({
    select: response,
    table: "nps_responses n",
    by: [`n.${column}`, "n.responded_at"],
    owner,
    also: `and n.user_id is not null and ${counts} ${column === "organization_id" ? "and n.account_id is null" : ""}`,
  });

/** The newest response of each user in `users` that names neither account nor organization: it counts for all that they are in. */
const responsesNamingNobody = (users: string) => `
  select l.* from (${users}) m
  cross join lateral (
    select ${response} from nps_responses n
    where n.workspace_id = r.workspace_id and n.user_id between m.user_id and m.user_id
      and n.account_id is null and n.organization_id is null and ${counts}
    order by n.user_id desc, n.responded_at desc, n.nps_response_id desc limit 1
  ) l`;

const usersIn = (account: string) =>
  ownedRows({ select: "user_id", table: "account_users", by: ["account_id", "user_id"], owner: account });
const usersOfAccount = usersIn("r.account_id");
const accountsOfOrganization = ownedRows({
  select: "account_id",
  table: "accounts",
  by: ["organization_id", "account_id"],
  owner: "r.organization_id",
});
const usersOfOrganization = `
  ${ownedRows({ select: "user_id", table: "organization_users", by: ["organization_id", "user_id"], owner: "r.organization_id" })}
  union
  select u.user_id from (${accountsOfOrganization}) a cross join lateral (${usersIn("a.account_id")}) u`;

/** Of each user the last score counts. */
function countScores(responses: string): string {
  return `(select jsonb_build_object('promoters', count(*) filter (where score >= 9), 'detractors', count(*) filter (where score <= 6),
                                     'passives', count(*) filter (where score between 7 and 8))
           from (select distinct on (user_id) score from (${responses}) each order by user_id, ${newestFirst}) last)`;
}

const ofAccount: Figures = {
  organizationId: "r.organization_id",
  firstSeenTimestamp: findMoment("account_id", "r.account_id", "first"),
  lastSeenTimestamp: findMoment("account_id", "r.account_id", "last"),
  usersCount: `(select count(*) from (${usersOfAccount}) m)`,
  scores: countScores(
    `${responsesNaming("account_id", "r.account_id")} union all ${responsesNamingNobody(usersOfAccount)}`,
  ),
};

/** What is an account's is its organization's, and what is about the organization itself. */
function findMomentOfOrganization(which: "first" | "last"): string {
  const best = which === "first" ? "least" : "greatest";
  const aggregate = which === "first" ? "min" : "max";
  return `${best}((select ${aggregate}(${findMoment("account_id", "a.account_id", which)}) from (${accountsOfOrganization}) a),
                  ${findMoment("organization_id", "r.organization_id", which, "and e.account_id is null")})`;
}

const ofOrganization: Figures = {
  firstSeenTimestamp: findMomentOfOrganization("first"),
  lastSeenTimestamp: findMomentOfOrganization("last"),
  accountsCount: `(select count(*) from (${accountsOfOrganization}) a)`,
  usersCount: `(select count(*) from (${usersOfOrganization}) m)`,
  scores: countScores(
    `select l.* from (${accountsOfOrganization}) a
     cross join lateral (${responsesNaming("account_id", "a.account_id")}) l
     union all ${responsesNaming("organization_id", "r.organization_id")}
     union all ${responsesNamingNobody(usersOfOrganization)}`,
  ),
};

const named = (alias: string, id: string) =>
  `jsonb_build_object('id', ${alias}.${id}, 'externalId', ${alias}.external_id, 'name', ${alias}.name)`;

const ofUser: Figures = {
  email: "r.email",
  avatar: "r.avatar",
  joinDate: "r.joined_at",
  deactivatedAt: "r.deactivated_at",
  unsubscribedFromConversations: "coalesce(r.unsubscribed_from_conversations, false)",
  firstKnown: `least(r.created_at, ${findMoment("user_id", "r.user_id", "first")})`,
  lastSeenTimestamp: findMoment("user_id", "r.user_id", "last"),
  lastResponse: `(select jsonb_build_object('score', n.score, 'feedback', n.feedback, 'respondedAt', n.responded_at) from nps_responses n
                  where n.workspace_id = r.workspace_id and n.user_id between r.user_id and r.user_id and ${counts}
                  order by n.user_id desc, n.responded_at desc, n.nps_response_id desc limit 1)`,
  accounts: `coalesce((select jsonb_agg(${named("a", "account_id")} order by a.created_at, a.account_id)
                       from account_users m
                       cross join lateral (
                         select account_id, external_id, name, created_at from accounts
                         where workspace_id = r.workspace_id and account_id = m.account_id limit 1
                       ) a
                       where m.workspace_id = r.workspace_id and m.user_id = r.user_id), '[]')`,
  organizations: `coalesce((select jsonb_agg(${named("o", "organization_id")} order by o.created_at, o.organization_id)
                            from (
                              select organization_id from organization_users where workspace_id = r.workspace_id and user_id = r.user_id
                              union
                              select a.organization_id from account_users m
                              cross join lateral (
                                select organization_id from accounts where workspace_id = r.workspace_id and account_id = m.account_id limit 1
                              ) a
                              where m.workspace_id = r.workspace_id and m.user_id = r.user_id and a.organization_id is not null
                            ) m
                            cross join lateral (
                              select organization_id, external_id, name, created_at from organizations
                              where workspace_id = r.workspace_id and organization_id = m.organization_id limit 1
                            ) o), '[]')`,
};

export const figures: Record<RecordKind, Figures> = { account: ofAccount, organization: ofOrganization, user: ofUser };
