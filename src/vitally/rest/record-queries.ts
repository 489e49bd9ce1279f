// Reads organizations, accounts and users as Vitally shows them: first which, then all about each of them.
import type { RecordKind } from "../../pipeline/records.ts";
import { ownedRows } from "../../pipeline/use/owned-rows.ts";
import { readPeople } from "../../pipeline/use/people-queries.ts";
import { recordTables } from "../../pipeline/use/record-ids-queries.ts";
import { figures } from "../../pipeline/use/select-figures.ts";
import { selectTraits } from "../../pipeline/use/traits-queries.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import type { Condition, Page } from "../../platform/paging.ts";
import { idAsSql, listIds } from "./list-among.ts";
import { type ListAsked, toVitallyPage } from "./read-list-query.ts";
import { showRecord } from "./show-record.ts";

export type VitallyPage = { results: object[]; next: string | null };

/** Which records are listed: all of the workspace, or those that `among` (SQL) gives the ids of. */
export type Choice = { among?: string | undefined; conditions?: readonly Condition[] };

export async function listRecords(
  db: Queryable,
  workspaceId: string,
  kind: RecordKind,
  asked: ListAsked,
  choice: Choice = {},
): Promise<VitallyPage> {
  const { items, next }: Page<{ id: string }> = await listIds(db, workspaceId, recordTables[kind], asked, choice);
  const results = await readRecords(
    db,
    workspaceId,
    kind,
    items.map((item) => item.id),
  );
  return toVitallyPage(asked.order, results, next);
}

/** One for each id that there is, in their order. */
export async function readRecords(
  db: Queryable,
  workspaceId: string,
  kind: RecordKind,
  ids: readonly string[],
): Promise<object[]> {
  if (ids.length === 0) return [];
  const { table, id } = recordTables[kind];
  const columns = Object.entries(figures[kind]).map(([name, sql]) => `${sql} as "${name}"`);
  const { rows } = await db.query(
    `select r.${id} as id, r.created_at as "createdAt", r.updated_at as "updatedAt", r.external_id as "externalId", r.name,
            ${columns.join(", ")}, ${selectTraits(kind)}
     from unnest($2::uuid[]) with ordinality as w(id, place)
     cross join lateral (select * from ${table} where workspace_id = $1 and ${id} = w.id limit 1) r
     order by w.place`,
    [workspaceId, ids],
  );
  if (kind === "user") return rows.map((row) => showRecord(kind, row));
  const people = await readPeople(db, workspaceId, kind, ids);
  return rows.map((row) => showRecord(kind, { ...row, ...people.get(row.id) }));
}

/** Accounts of one organization. */
export function accountsOfOrganization(workspaceId: string, organizationId: string): string {
  return ownedRows({
    select: "account_id as id",
    table: "accounts",
    by: ["organization_id", "account_id"],
    owner: idAsSql(organizationId),
    workspace: idAsSql(workspaceId),
  });
}

export function usersOfAccount(workspaceId: string, accountId: string): string {
  return usersIn(workspaceId, idAsSql(accountId));
}

/** Its own, and those of its accounts, each once. */
export function usersOfOrganization(workspaceId: string, organizationId: string): string {
  const own = ownedRows({
    select: "user_id as id",
    table: "organization_users",
    by: ["organization_id", "user_id"],
    owner: idAsSql(organizationId),
    workspace: idAsSql(workspaceId),
  });
  return `${own} union
          select u.id from (${accountsOfOrganization(workspaceId, organizationId)}) a
          cross join lateral (${usersIn(workspaceId, "a.id")}) u`;
}

const usersIn = (workspaceId: string, account: string) =>
  ownedRows({
    select: "user_id as id",
    table: "account_users",
    by: ["account_id", "user_id"],
    owner: account,
    workspace: idAsSql(workspaceId),
  });

const mostChurned = 2_000;

const churned =
  "select t.record_id as id from traits t where t.workspace_id = $1 and t.record_type = 'account' and t.name = 'churnedAt'";
const isChurned =
  "exists (select from traits t where t.workspace_id = r.workspace_id and t.record_type = 'account' and t.record_id = r.account_id and t.name = 'churnedAt')";

/**
 * Accounts by whether they have a churn date. Where few have one they are looked up one by one; where many have, a list by time
 * meets enough of them.
 */
export async function chooseByStatus(
  db: Queryable,
  workspaceId: string,
  status: "active" | "churned",
): Promise<Choice> {
  if (status === "active") return { conditions: [{ sql: `not ${isChurned}`, values: [] }] };
  const { rowCount } = await db.query(`${churned} limit ${mostChurned + 1}`, [workspaceId]);
  if ((rowCount ?? 0) > mostChurned) return { conditions: [{ sql: isChurned, values: [] }] };
  return { among: `select distinct on (c.id) c.id from (${churned.replace("$1", idAsSql(workspaceId))}) c` };
}

/** People by address, without regard to case. */
export function chooseByEmail(email: string): Choice {
  return { conditions: [{ sql: 'r.email_key = lower(?) collate "C"', values: [email] }] };
}

/**
 * People by what is behind the @ of their address: the whole of it (acme.example), or, without a dot, its beginning up to the
 * first (acme).
 */
export function chooseByEmailDomain(given: string): Choice {
  const domain = given.replace(/^.*@/s, "").toLowerCase();
  if (domain.includes(".")) return { conditions: [{ sql: "r.email_domain = ?", values: [domain] }] };
  // "/" comes right behind "." in the order of bytes.
  return { conditions: [{ sql: "r.email_domain >= ? and r.email_domain < ?", values: [`${domain}.`, `${domain}/`] }] };
}
