// Figures of records `r` that are computed from what was recorded. Every look-up goes through an index of the one record,
// whatever PostgreSQL knows of the tables (owned-rows.ts).
import type { RecordKind } from "../records.ts";
import { selectReference } from "../references.ts";
import { ownedRows } from "./owned-rows.ts";
import { countedResponse } from "./people-queries.ts";

/** Columns by name: SQL that gives one value each. */
type Figures = Record<string, string>;

/** The first or last moment of events `e` that belong to `owner`, from the index that leads with `column`. */
function findMoment(column: string, owner: string, which: "first" | "last", also = ""): string {
  const direction = which === "first" ? "asc" : "desc";
  return `(select e.occurred_at from events e
           where e.workspace_id = r.workspace_id and e.${column} between ${owner} and ${owner} ${also}
           order by e.${column} ${direction}, e.occurred_at ${direction}, e.event_id ${direction} limit 1)`;
}

const accountsOfOrganization = ownedRows({
  select: "account_id",
  table: "accounts",
  by: ["organization_id", "account_id"],
  owner: "r.organization_id",
});
const ofAccount: Figures = {
  organizationId: "r.organization_id",
  firstSeenTimestamp: findMoment("account_id", "r.account_id", "first"),
  lastSeenTimestamp: findMoment("account_id", "r.account_id", "last"),
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
};

const ofUser: Figures = {
  email: "r.email",
  avatar: "r.avatar",
  joinDate: "r.joined_at",
  deactivatedAt: "r.deactivated_at",
  unsubscribedFromConversations: "coalesce(r.unsubscribed_from_conversations, false)",
  firstKnown: `least(r.created_at, ${findMoment("user_id", "r.user_id", "first")})`,
  lastSeenTimestamp: findMoment("user_id", "r.user_id", "last"),
  lastResponse: `(select jsonb_build_object('score', n.score, 'feedback', n.feedback, 'respondedAt', n.responded_at) from nps_responses n
                  where n.workspace_id = r.workspace_id and n.user_id between r.user_id and r.user_id and ${countedResponse}
                  order by n.user_id desc, n.responded_at desc, n.nps_response_id desc limit 1)`,
  accounts: `coalesce((select jsonb_agg(${selectReference("a", "account")} order by a.created_at, a.account_id)
                       from account_users m
                       cross join lateral (
                         select account_id, external_id, name, created_at from accounts
                         where workspace_id = r.workspace_id and account_id = m.account_id limit 1
                       ) a
                       where m.workspace_id = r.workspace_id and m.user_id = r.user_id), '[]')`,
  organizations: `coalesce((select jsonb_agg(${selectReference("o", "organization")} order by o.created_at, o.organization_id)
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
