// Whose the rows of a report are, all at once. The ids of its rows stand in a temporary table of the session
// (src/reports/staged-report.ts), and go the way that ids of webhooks go: what Pendo's ids are called here
// (identify-claims.ts), and which record has that external ID (match-claims.ts).
//
// Every look-up goes id by id through an index, whatever PostgreSQL knows of the tables (see record-queries.ts): 2 to 3 s for a
// million ids, where a plan for a table that was small a minute ago takes hours.
import type { Queryable } from "../../platform/database/pool.ts";
import type { RecordKind } from "../records.ts";
import type { IdentityKey, IdentityKind } from "./identity-queries.ts";

/** What the ids are: Pendo's, by this field of its metadata; null: external IDs as they stand. */
export type IdsOf = {
  workspaceId: string;
  kind: RecordKind;
  pendo: Omit<IdentityKey, "pendoId"> | null;
  /** They are ids of accounts, and the organizations are meant that these are in today. */
  isOfAccounts: boolean;
};

const tables: Record<RecordKind, { table: string; id: string }> = {
  user: { table: "users", id: "user_id" },
  account: { table: "accounts", id: "account_id" },
  organization: { table: "organizations", id: "organization_id" },
};

/** Makes report_ids of report_rows: each id with its external ID and its record, or with the reason why there is none. */
export async function stageIds(session: Queryable, of: IdsOf): Promise<void> {
  await session.query(
    "create temporary table report_ids (id text not null, external_id text, record_id uuid, reason text)",
  );
  const { table, id } = of.isOfAccounts ? tables.account : tables[of.kind];
  await session.query(
    `insert into pg_temp.report_ids (id, external_id, record_id, reason)
     select i.id, i.external_id, ${of.isOfAccounts ? "r.organization_id" : "r.id"}, coalesce(i.reason${of.isOfAccounts ? `, ${whyNoOrganization}` : ""})
     from (${of.pendo ? selectCalled(of.pendo.kind) : selectDistinct}) i
     left join lateral (
       select ${id} as id${of.isOfAccounts ? ", organization_id" : ""} from ${table}
       where workspace_id = $1 and external_id = i.external_id limit 1
     ) r on true`,
    [of.workspaceId, ...(of.pendo ? [of.pendo.connectionId, of.pendo.kind, of.pendo.field] : [])],
  );
  await session.query("analyze pg_temp.report_ids");
}

const selectDistinct =
  "select distinct id, id as external_id, null as reason from pg_temp.report_rows where reason is null";

function selectCalled(kind: IdentityKind): string {
  return `select d.id, a.external_id,
                 case when a.state = 'mapped' then null
                      when a.state = 'no-value' then 'field-empty-for-${kind}'
                      when a.state = 'unknown' then '${kind}-unknown-to-pendo'
                      when a.state = 'refused' then '${kind}-refused-by-pendo'
                      else 'identity-wanted' end as reason
          from (${selectDistinct}) d
          left join lateral (
            select state, external_id from pendo_identities
            where workspace_id = $1 and connection_id = $2 and kind = $3 and pendo_id = d.id and field = $4 limit 1
          ) a on true`;
}

/** No account is made on the way: one made now would be in no organization. */
const whyNoOrganization =
  "case when r.id is null then 'no-such-account' when r.organization_id is null then 'no-organization' end";

/** Ids without an answer; of very many the first. */
export async function listStagedWanted(session: Queryable, limit: number): Promise<string[]> {
  const { rows } = await session.query<{ id: string }>(
    "select id from pg_temp.report_ids where reason = 'identity-wanted' order by id limit $1",
    [limit],
  );
  return rows.map(({ id }) => id);
}

export async function countStagedMissing(session: Queryable): Promise<number> {
  const { rows } = await session.query<{ count: number }>(
    "select count(*) as count from pg_temp.report_ids where record_id is null and reason is null",
  );
  return rows[0]!.count;
}

/** Finds the records that have been made since. */
export async function findStagedMade(session: Queryable, workspaceId: string, kind: RecordKind): Promise<void> {
  const { table, id } = tables[kind];
  await session.query(
    `update pg_temp.report_ids i
     set record_id = (select ${id} from ${table} where workspace_id = $1 and external_id = i.external_id limit 1)
     where i.record_id is null and i.reason is null`,
    [workspaceId],
  );
}

/** The external IDs that no record has, in slices. */
export async function* listStagedMissing(session: Queryable, size: number): AsyncGenerator<string[]> {
  await session.query(
    `declare missing_ids no scroll cursor with hold for
     select distinct external_id from pg_temp.report_ids where record_id is null and reason is null order by external_id`,
  );
  for (;;) {
    const { rows } = await session.query<{ external_id: string }>(`fetch ${size} from missing_ids`);
    if (rows.length > 0) yield rows.map((row) => row.external_id);
    if (rows.length < size) break;
  }
  await session.query("close missing_ids");
}

/** What has no record by now has none. */
export async function refuseStagedMissing(session: Queryable, kind: RecordKind): Promise<void> {
  await session.query("update pg_temp.report_ids set reason = $1 where record_id is null and reason is null", [
    `no-such-${kind}`,
  ]);
}

export type StagedMatch = { unmatchedRows: number; reasons: Record<string, number> };

/** Rows that are nobody's, by reason. */
export async function countStagedUnmatched(session: Queryable): Promise<StagedMatch> {
  const { rows } = await session.query<{ reason: string; count: number }>(
    `select coalesce(r.reason, i.reason) as reason, count(*) as count
     from pg_temp.report_rows r left join pg_temp.report_ids i on i.id = r.id and r.reason is null
     where coalesce(r.reason, i.reason) is not null group by 1 order by 1`,
  );
  const reasons = Object.fromEntries(rows.map(({ reason, count }) => [reason, count]));
  return { unmatchedRows: rows.reduce((sum, { count }) => sum + count, 0), reasons };
}
