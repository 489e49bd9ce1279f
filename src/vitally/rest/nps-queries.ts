// Reads NPS responses as Vitally shows them. A reason that completes a score is a part of that response; a reason whose score
// has not arrived is no response yet.

import { ownedRows } from "../../pipeline/use/owned-rows.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import type { Condition } from "../../platform/paging.ts";
import { isUuid } from "../../platform/uuid.ts";
import { idAsSql, listIds } from "./list-among.ts";
import { type ListAsked, toVitallyPage } from "./read-list-query.ts";
import { accountsOfOrganization, usersOfAccount, usersOfOrganization, type VitallyPage } from "./record-queries.ts";

const isShown: Condition = { sql: "r.part_of is null and r.score is not null", values: [] };

/** As Vitally shows it. */
export type ShownResponse = {
  id: string;
  createdAt: Date;
  updatedAt: Date;
  externalId: string | null;
  userId: string | null;
  score: number;
  feedback: string | null;
  respondedAt: Date;
};

export type NpsChoice = { among?: string; conditions?: readonly Condition[] };

export async function listNpsResponses(
  db: Queryable,
  workspaceId: string,
  asked: ListAsked,
  { among, conditions = [] }: NpsChoice,
): Promise<VitallyPage> {
  const { items, next } = await listIds(db, workspaceId, { table: "nps_responses", id: "nps_response_id" }, asked, {
    among,
    conditions: [isShown, ...conditions],
  });
  const results = await readResponses(
    db,
    workspaceId,
    items.map((item) => item.id),
  );
  return toVitallyPage(asked.order, results, next);
}

async function readResponses(db: Queryable, workspaceId: string, ids: readonly string[]): Promise<ShownResponse[]> {
  if (ids.length === 0) return [];
  const { rows } = await db.query<ShownResponse>(
    `select r.nps_response_id as id, r.created_at as "createdAt", r.updated_at as "updatedAt", r.external_id as "externalId",
            r.user_id as "userId", r.score, r.feedback, r.responded_at as "respondedAt"
     from unnest($2::uuid[]) with ordinality as w(id, place)
     cross join lateral (select * from nps_responses where workspace_id = $1 and nps_response_id = w.id limit 1) r
     order by w.place`,
    [workspaceId, ids],
  );
  return rows;
}

/** By our id, or by the external ID that its caller gave it; our id comes first. */
export async function findNpsResponse(
  db: Queryable,
  workspaceId: string,
  given: string,
): Promise<ShownResponse | undefined> {
  const { rows } = await db.query(
    `select r.nps_response_id as id from nps_responses r
     where r.workspace_id = $1 and r.nps_response_id = $2 and ${isShown.sql}
     union all
     select r.nps_response_id from nps_responses r where r.workspace_id = $1 and r.external_id = $3 and ${isShown.sql}
     limit 1`,
    [workspaceId, isUuid(given) ? given : null, given],
  );
  const [found] = await readResponses(
    db,
    workspaceId,
    rows.map((row) => row.id),
  );
  return found;
}

/** What is about an organization itself stands apart from all others: each response is in one of the two lists. */
export function chooseByTarget(target: "accounts" | "organization"): NpsChoice {
  const isOfOrganization = "(r.account_id is null and r.organization_id is not null)";
  return {
    conditions: [{ sql: target === "organization" ? isOfOrganization : `not ${isOfOrganization}`, values: [] }],
  };
}

function ofEach(workspaceId: string, owners: string, column: "account_id" | "organization_id" | "user_id"): string {
  const also = {
    account_id: "",
    organization_id: "and account_id is null",
    user_id: "and account_id is null and organization_id is null",
  };
  const responses = ownedRows({
    select: "nps_response_id as id",
    table: "nps_responses",
    by: [column, "responded_at"],
    owner: "o.id",
    workspace: idAsSql(workspaceId),
    also: also[column],
  });
  return `select n.id from (${owners}) o cross join lateral (${responses}) n`;
}

/** Those that name the account, and those that name none, of users who are in it. */
export function responsesOfAccount(workspaceId: string, accountId: string): string {
  return `${ofEach(workspaceId, `select ${idAsSql(accountId)} as id`, "account_id")}
          union all ${ofEach(workspaceId, usersOfAccount(workspaceId, accountId), "user_id")}`;
}

export function responsesOfOrganization(workspaceId: string, organizationId: string): string {
  const itself = `select ${idAsSql(organizationId)} as id`;
  return `${ofEach(workspaceId, accountsOfOrganization(workspaceId, organizationId), "account_id")}
          union all ${ofEach(workspaceId, itself, "organization_id")}
          union all ${ofEach(workspaceId, usersOfOrganization(workspaceId, organizationId), "user_id")}`;
}
