// What people and programs ask of the API in a workspace: each kind with other records, moments and pages every time.
import { writePollId } from "../../src/pipeline/use/poll-id.ts";
import type { Queryable } from "../../src/platform/database/pool.ts";
import { lowestUuid } from "../../src/platform/uuid.ts";
import type { FilledWorkspace } from "./fill-workspaces.ts";

export type Asked = {
  name: string;
  /** Of the how-manieth request; several are asked at once, as a page does. */
  paths: (number: number) => string[];
};

const day = 86_400_000;

/** Numbers that seem to be thrown, and are the same in each run. */
const spread = (number: number, among: number) => Math.floor((((number * 0.618034) % 1) + 1) * among) % among;

const pastTime = (number: number) => new Date(Date.now() - (1 + spread(number, 360)) * day).toISOString();

/** A cursor somewhere in the past: a page deep in a list. */
const deepPage = (number: number, id = "80000000-0000-4000-8000-000000000000") =>
  Buffer.from(JSON.stringify([pastTime(number).replace("Z", "000Z"), id])).toString("base64url");

const ago = (days: number) => new Date(Date.now() - days * day).toISOString();

export async function listAsked(db: Queryable, workspace: FilledWorkspace): Promise<Asked[]> {
  const { workspaceId, accounts, users, organizations } = workspace;
  const ids = async (table: string, column: string) =>
    (
      await db.query(
        `select ${column} as id from ${table} where workspace_id = $1 order by md5(${column}::text) limit 200`,
        [workspaceId],
      )
    ).rows.map((row) => row.id as string);
  const [eventIds, deliveryIds, accountIds, userIds] = await Promise.all([
    ids("events", "event_id"),
    ids("deliveries", "delivery_id"),
    ids("accounts", "account_id"),
    ids("users", "user_id"),
  ]);
  const polls = await listPollIds(db, workspaceId);
  const own = (name: string, path: (number: number) => string): Asked => ({
    name,
    paths: (number) => [`/api/v1${path(number)}`],
  });
  const rest = (name: string, path: (number: number) => string): Asked => ({
    name: `Vitally's: ${name}`,
    paths: (number) => [`/resources${path(number)}`],
  });
  const account = (number: number) => `account-${spread(number, accounts)}`;
  const user = (number: number) => `user-${spread(number, users)}`;
  const organization = (number: number) => `organization-${spread(number, organizations)}`;
  const one = (list: readonly string[], number: number) => list[number % list.length]!;
  return [
    own("events", () => "/events"),
    own("events, deep pages", (n) => `/events?from=${deepPage(n)}`),
    own(
      "events of a week",
      (n) => `/events?since=${pastTime(n)}&until=${new Date(Date.parse(pastTime(n)) + 7 * day).toISOString()}`,
    ),
    own("events of a kind", () => "/events?kind=guideDisplayed"),
    own("events of a rare kind", () => "/events?kind=visitorCreated"),
    own("events of a kind that there is not", () => "/events?kind=nothing"),
    own("events of a guide", (n) => `/events?guide=guide-${n % 60}`),
    own("events of a guide that there is not", () => "/events?guide=nothing"),
    own("timeline of the biggest account", () => "/events?account=account-0"),
    own("timeline of the biggest account, deep pages", (n) => `/events?account=account-0&from=${deepPage(n)}`),
    own("timeline of the biggest account, a rare kind", () => "/events?account=account-0&kind=visitorCreated"),
    own("timelines of accounts", (n) => `/events?account=${account(n)}`),
    own("timelines of users", (n) => `/events?user=${user(n)}`),
    own("timeline of the biggest organization", () => "/events?organization=organization-0"),
    own("timelines of organizations", (n) => `/events?organization=${organization(n)}`),
    own("an event", (n) => `/events/${one(eventIds, n)}`),
    own("NPS responses", () => "/nps-responses"),
    own("NPS responses of the biggest account", () => "/nps-responses?account=account-0"),
    own("NPS responses of accounts", (n) => `/nps-responses?account=${account(n)}`),
    own("NPS responses of organizations", (n) => `/nps-responses?organization=${organization(n)}`),
    own("NPS responses of a guide that there is not", () => "/nps-responses?guide=nothing"),
    own("poll responses", () => "/poll-responses"),
    own("poll responses of a guide", (n) => `/poll-responses?guide=guide-${n % 60}`),
    own("users", () => "/users"),
    own("users, deep pages", (n) => `/users?from=${deepPage(n)}`),
    own("users of the biggest account", () => "/users?account=account-0"),
    own("users of accounts", (n) => `/users?account=${account(n)}`),
    own("users of organizations", (n) => `/users?organization=${organization(n)}`),
    own("users by name", () => "/users?sort=name"),
    own("users that begin so", (n) => `/users?q=user-${spread(n, users)}`),
    own("users that begin as nearly all do", () => "/users?q=user"),
    own("users with a value of a trait", (n) => `/users?trait=${encodeURIComponent(`trait 3=${n * 3}`)}`),
    own("users seen since", (n) => `/users?seenSince=${pastTime(n)}`),
    own("users not seen since", (n) => `/users?seenBefore=${pastTime(n)}`),
    own("users whose last score is low", () => "/users?band=detractor"),
    own("accounts not seen since", (n) => `/accounts?seenBefore=${pastTime(n)}`),
    own("accounts with people whose last score is low", () => "/accounts?band=detractor"),
    own("search over everything", (n) => `/search?q=${["user", "acc", user(n), "event"][n % 4]}`),
    own("a user", (n) => `/users/${user(n)}`),
    own("accounts", () => "/accounts"),
    own("accounts of organizations", (n) => `/accounts?organization=${organization(n)}`),
    own("organizations", () => "/organizations"),
    own("an organization", (n) => `/organizations/${organization(n)}`),
    {
      name: "account page: record, traits, timeline, answers, users",
      paths: (n) => {
        const id = n % 4 === 0 ? "account-0" : account(n);
        const lists = [`events?account=${id}`, `nps-responses?account=${id}`, `users?account=${id}`];
        return [`accounts/${id}`, `accounts/${id}/traits`, ...lists].map((path) => `/api/v1/${path}`);
      },
    },
    {
      name: "start page: ledger of a day, what waits, newest of all",
      paths: () =>
        [
          `ledger?since=${new Date(Date.now() - day).toISOString()}`,
          "parked",
          "events?limit=20",
          "deliveries?limit=20",
        ].map((path) => `/api/v1/${path}`),
    },
    {
      name: "home page: ledger of a day, what waits, detractors of a week, movers",
      paths: () =>
        [`ledger?since=${ago(1)}`, "parked", `nps-responses?band=detractor&since=${ago(7)}&limit=5`, "movers"].map(
          (path) => `/api/v1/${path}`,
        ),
    },
    own("movers", () => "/movers"),
    own("activity of the workspace, a month", () => "/activity?days=30"),
    own("activity of the workspace, a year", () => "/activity?days=365"),
    own("activity of the biggest account, 90 days", () => "/activity?account=account-0&days=90"),
    own("activity of accounts, 90 days", (n) => `/activity?account=${account(n)}&days=90`),
    own("NPS in numbers, 90 days", () => `/nps-summary?since=${ago(90)}`),
    own("NPS in numbers, all time", () => "/nps-summary"),
    own("NPS in numbers of the biggest account", () => "/nps-summary?account=account-0"),
    own("polls of 90 days", () => `/polls?since=${ago(90)}`),
    own("polls of all time", () => "/polls"),
    own("a poll, all time", (n) => `/polls/${encodeURIComponent(one(polls, n))}`),
    own("kinds of events", () => "/event-kinds"),
    own("guides", () => "/guides"),
    own("apps", () => "/apps"),
    own("deliveries", () => "/deliveries"),
    own("deliveries found by an id of Pendo's", (n) => `/deliveries?q=${user(n)}`),
    own("deliveries, counted", () => "/deliveries/count"),
    own("deliveries of two kinds", () => "/deliveries?kind=npsSubmitted&kind=pollSubmitted"),
    own("deliveries, deep pages", (n) => `/deliveries?from=${deepPage(n, lowestUuid(Date.parse(pastTime(n))))}`),
    own("deliveries, parked", () => "/deliveries?state=parked"),
    own("deliveries of a user", (n) => `/deliveries?user=${user(n)}`),
    own("deliveries of a rare kind", () => "/deliveries?kind=visitorCreated"),
    own("deliveries of a reason that there is not", () => "/deliveries?reason=no-such-account"),
    own("a delivery", (n) => `/deliveries/${one(deliveryIds, n)}`),
    own("what waits", () => "/parked"),
    own(
      "ledger of a day",
      (n) => `/ledger?since=${pastTime(n)}&until=${new Date(Date.parse(pastTime(n)) + day).toISOString()}`,
    ),
    own("ledger of all time, which counts every row", () => "/ledger"),
    own("traits of accounts", () => "/traits?level=account"),
    own("traits of users", () => "/traits?level=user"),
    own("connections", () => "/connections"),
    own("audit log", () => "/audit-log"),
    rest("organizations", () => "/organizations"),
    rest("accounts", () => "/accounts"),
    rest("accounts that churned", () => "/accounts?status=churned"),
    rest("users", () => "/users"),
    rest("NPS responses", () => "/npsResponses"),
    rest("an organization", (n) => `/organizations/${organization(n)}`),
    rest("the biggest account", () => "/accounts/account-0"),
    rest("an account", (n) => `/accounts/${one(accountIds, n)}`),
    rest("a user", (n) => `/users/${one(userIds, n)}`),
    rest("users of the biggest account", () => "/accounts/account-0/users"),
    rest("users of an organization", (n) => `/organizations/${organization(n)}/users`),
    rest("NPS responses of the biggest account", () => "/accounts/account-0/npsResponses"),
    rest("NPS responses of an organization", (n) => `/organizations/${organization(n)}/npsResponses`),
    rest("users by address", (n) => `/users/search?email=user-${n % users}%40company-${(n % users) % 500}.example`),
    rest("custom fields", () => "/customFields?model=users"),
  ];
}

async function listPollIds(db: Queryable, workspaceId: string): Promise<string[]> {
  const { rows } = await db.query(
    "select distinct guide_id, poll_id from poll_responses where workspace_id = $1 order by 1, 2 limit 50",
    [workspaceId],
  );
  return rows.map((row) => writePollId([row.guide_id, row.poll_id, null]));
}
