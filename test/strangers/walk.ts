// What stands in the places of a route's parameters and in its body, so that every route can be walked, also those to come.
import type { Queryable } from "../../src/platform/database/pool.ts";
import type { FurnishedWorkspace } from "./furnish-workspace.ts";
import { inventValue, type ListedRoute, nameRoute } from "./list-routes.ts";

/** Where the id of something of a workspace is found, by what stands before it in the path. */
const idQueries: Record<string, string> = {
  accounts: "select account_id from accounts where workspace_id = $1 order by 1 limit 1",
  "api-keys": "select api_key_id from api_keys where workspace_id = $1 and scopes = '{read}' order by 1 limit 1",
  connections: "select connection_id from connections where workspace_id = $1 and kind = 'pendo' order by 1 limit 1",
  deliveries: "select delivery_id from deliveries where workspace_id = $1 and state = 'recorded' order by 1 limit 1",
  events: "select event_id from events where workspace_id = $1 order by 1 limit 1",
  imports: "select import_id from imports where workspace_id = $1 order by 1 limit 1",
  invitations:
    "select link_id from one_time_links where workspace_id = $1 and purpose = 'invitation' and used_at is null limit 1",
  // They belong to no workspace; the id of anything of one is none of them.
  jobs: "select id::text from graphile_worker.jobs where $1::uuid is not null order by id limit 1",
  members: "select member_id from workspace_members where workspace_id = $1 order by 1 limit 1",
  "nps-responses": "select nps_response_id from nps_responses where workspace_id = $1 order by 1 limit 1",
  npsResponses: "select nps_response_id from nps_responses where workspace_id = $1 and external_id is not null limit 1",
  organizations: "select organization_id from organizations where workspace_id = $1 order by 1 limit 1",
  "poll-responses": "select poll_response_id from poll_responses where workspace_id = $1 order by 1 limit 1",
  polls: `select translate(encode(convert_to(jsonb_build_array(guide_id, poll_id, case when poll_id is null then question end)::text, 'utf8'), 'base64'), E'+/=\\n', '-_')
          from poll_responses where workspace_id = $1 order by poll_response_id limit 1`,
  replays: "select replay_id from replays where workspace_id = $1 order by 1 limit 1",
  "report-runs": "select report_run_id from report_runs where workspace_id = $1 order by 1 limit 1",
  reports: "select report_id from reports where workspace_id = $1 order by 1 limit 1",
  sessions:
    "select session_id from sessions join workspace_members using (member_id) where workspace_id = $1 order by 1 limit 1",
  users: "select user_id from users where workspace_id = $1 order by 1 limit 1",
  workspaces: "select $1::uuid",
};

/** Parameters that are no ids: what is called so may be called so in every workspace. */
export const freeParameters = ["name", "level", "reportId"];

/** Bodies that cannot be invented from their schemas, or whose route says none. */
function knownBodies(
  { mark, pendoReportId }: FurnishedWorkspace,
  ids: Record<string, string>,
): Record<string, unknown> {
  const connectionId = ids.connections!;
  const record = { externalId: `${mark} new`, traits: { [`${mark} said`]: "so" } };
  return {
    "POST /api/v1/imports": `external_id,name\n${mark} imported,Somebody\n`,
    "POST /api/v1/reports": { connectionId, pendoReportId, level: "account", columns: [{ column: "minutes" }] },
    "POST /api/v1/deliveries/replay": { connectionId },
    "POST /api/v1/parked/retry": { connectionId },
    "POST /api/v1/invitations": { email: `${mark}-next@example.com`, role: "viewer" },
    "POST /api/v1/password-links": { memberId: ids.members },
    "POST /api/v1/session": { email: `${mark}-member@example.com`, password: "wrong" },
    "POST /api/v1/me/password": { current: "wrong", next: "another password of nobody" },
    "PUT /api/v1/connections/{id}/integration-key": { key: "another-key" },
    "POST /resources/organizations": { ...record, name: "New" },
    "POST /resources/accounts": { ...record, name: "New", organizationId: ids.organizations },
    "POST /resources/users": { ...record, accountIds: [ids.accounts], organizationIds: [ids.organizations] },
    "PUT /resources/organizations/{id}": { name: "Other" },
    "PUT /resources/accounts/{id}": { name: "Other", organizationId: ids.organizations },
    "PUT /resources/users/{id}": { name: "Other", accountIds: [ids.accounts], organizationIds: [ids.organizations] },
    "POST /resources/npsResponses": { userId: ids.users, score: 8, externalId: `${mark} other response` },
    "PUT /resources/npsResponses/{id}": { score: 8 },
  };
}

/** What a query needs that has to be given. */
const knownQueries: Record<string, string> = {
  "GET /resources/users/search": "externalId=nobody",
  "GET /resources/customFields": "model=accounts",
  "GET /resources/admins/search": "email=nobody@example.com",
};

export type Walk = {
  /** The values of a workspace's own that belong into a path. */
  fill: (route: ListedRoute, foreign?: { name: string; value: string }) => string;
  bodyOf: (route: ListedRoute) => unknown;
};

export async function createWalk(db: Queryable, own: FurnishedWorkspace): Promise<Walk> {
  const ids: Record<string, string> = {};
  for (const [segment, sql] of Object.entries(idQueries)) {
    const { rows } = await db.query(sql, [own.workspaceId]);
    if (!rows[0]) throw new Error(`The workspace has none of ${segment}: let furnishWorkspace make one.`);
    ids[segment] = Object.values(rows[0])[0] as string;
  }
  const others: Record<string, string> = {
    "pendo-reports": own.pendoReportId,
    level: "user",
    name: `${own.mark} trait`,
  };
  const find = (route: ListedRoute, name: string): string => {
    const segments = route.path.split("/");
    const value = others[name] ?? { ...others, ...ids }[segments[segments.indexOf(`{${name}}`) - 1]!];
    if (value === undefined)
      throw new Error(`Nobody knows what {${name}} is in ${nameRoute(route)}: tell idQueries where one is found.`);
    return value;
  };
  const bodies = knownBodies(own, ids);
  return {
    fill(route, foreign) {
      const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(foreign?.name === name ? foreign.value : find(route, name)),
      );
      const needed = Object.entries(route.query).filter(([, schema]) => schema.isNeeded);
      const invented = new URLSearchParams(
        needed.map(([name, schema]): [string, string] => [name, String(inventValue(schema))]),
      );
      const query = knownQueries[nameRoute(route)] ?? String(invented);
      return query ? `${path}?${query}` : path;
    },
    bodyOf: (route) => bodies[nameRoute(route)] ?? (route.body && inventValue(route.body)),
  };
}

export const listParameters = ({ path }: ListedRoute) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

/** Names under which a body may name something: one that is given stands for one of the workspace. */
const namesSomething = /(^|[a-z])(id|ids|connection|account|accounts|user|users|organization|organizations|key)$/i;

/** The body with somebody else's id in each place that may name something, one place at a time. */
export function listForeignBodies(route: ListedRoute, body: unknown, value: string): object[] {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return [];
  const names = new Set([...Object.keys(body), ...Object.keys(route.body?.properties ?? {})]);
  return [...names]
    .filter((name) => namesSomething.test(name))
    .map((name) => ({ ...body, [name]: Array.isArray((body as Record<string, unknown>)[name]) ? [value] : value }));
}
