// Writes `report_problems`: what a run could not use, for people who look for it.
import type { Queryable, Tx } from "../platform/database/pool.ts";
import type { ReportProblem } from "./report.ts";
import type { StagedColumn } from "./staged-columns.ts";

/** Of each run; the run itself counts all of them. */
export const mostProblems = 100_000;

type RunName = { workspaceId: string; id: string };

const misfitReasons: Record<StagedColumn["type"], string> = {
  number: "not-a-number",
  text: "not-a-text",
  "yes-no": "not-a-yes-or-no",
  date: "not-a-date",
  list: "not-a-list",
};
/** Characters of an id that are shown. */
const mostShown = 200;

/**
 * Keeps the first of them, in the order of rows, from the rows and ids that are staged in this session; what an earlier attempt
 * of the run kept goes.
 */
export async function keepStagedProblems(
  tx: Tx,
  run: RunName,
  { columns }: { columns: readonly StagedColumn[] },
): Promise<void> {
  await tx.query("delete from report_problems where workspace_id = $1 and report_run_id = $2", [
    run.workspaceId,
    run.id,
  ]);
  await tx.query(
    `insert into report_problems (workspace_id, report_run_id, row_number, column_name, kind, reason, row_id, value)
     select $1, $2, row_number, column_name, kind, reason, left(row_id, ${mostShown}), value
     from (
       select r.row_number, '' as column_name, 'unmatched' as kind, coalesce(r.reason, i.reason) as reason, r.id as row_id, null as value
       from pg_temp.report_rows r left join pg_temp.report_ids i on i.id = r.id and r.reason is null
       where coalesce(r.reason, i.reason) is not null
       union all
       select r.row_number, c.name, 'type-error', case jsonb_typeof(m.value) when 'array' then 'too-long' else c.reason end, r.id,
              coalesce(m.value ->> 0, m.value #>> '{}')
       from pg_temp.report_rows r
       cross join lateral jsonb_each(r.misfits) as m(place, value)
       join unnest($3::text[], $4::text[]) with ordinality as c(name, reason, place) on c.place = m.place::int + 1
       where r.misfits is not null
     ) as problem
     order by row_number, column_name limit ${mostProblems}
     on conflict do nothing`,
    [run.workspaceId, run.id, columns.map(({ column }) => column), columns.map(({ type }) => misfitReasons[type])],
  );
}

export type ProblemPlace = { rowNumber: number; column: string };

/** In the order of rows, behind `after`. */
export async function listReportProblems(
  db: Queryable,
  run: RunName,
  page: { after?: ProblemPlace | undefined; limit: number },
): Promise<ReportProblem[]> {
  const { rows } = await db.query<ReportProblem>(
    `select row_number as "rowNumber", column_name as "column", kind, reason, row_id as "rowId", value
     from report_problems
     where workspace_id = $1 and report_run_id = $2 and (row_number, column_name) > ($3, $4)
     order by row_number, column_name limit $5`,
    [run.workspaceId, run.id, page.after?.rowNumber ?? 0, page.after?.column ?? "", page.limit],
  );
  return rows;
}

/** Of all but the last `kept` runs of each report. */
export async function deleteOldProblems(db: Queryable, kept: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from report_problems p
     using (select workspace_id, report_run_id, row_number() over (partition by workspace_id, report_id order by number desc) as place
            from report_runs) as r
     where r.workspace_id = p.workspace_id and r.report_run_id = p.report_run_id and r.place > $1`,
    [kept],
  );
  return rowCount ?? 0;
}
