// What runs of reports have left in the tables, and what of it must not be.
import type { Queryable } from "../../../src/platform/database/pool.ts";

/** How many windows of each report must have had their run. */
export type ExpectedWindows = ReadonlyMap<string, { least: number; most: number }>;

export async function findRunProblems(
  db: Queryable,
  expected: ExpectedWindows,
): Promise<{ problems: string[]; windows: number; runs: number }> {
  const { rows } = await db.query(
    `select report_id as "reportId", number, window_at as "windowAt", state, message, started_at as "startedAt", finished_at as "finishedAt",
            lag(finished_at) over (partition by report_id order by number) as "endBefore"
     from report_runs order by report_id, number`,
  );
  const problems: string[] = [];
  for (const { reportId, number, state, message, startedAt, endBefore } of rows) {
    const run = `run ${number} of report ${reportId}`;
    if (state !== "done") problems.push(`${run} is ${state}: ${message}`);
    if (endBefore !== null && startedAt < endBefore) problems.push(`${run} began before the one before it had ended`);
  }
  for (const [reportId, { least, most }] of expected) {
    const windows = rows.filter((run) => run.reportId === reportId && run.windowAt !== null);
    const times = new Set(windows.map(({ windowAt }) => windowAt.getTime()));
    if (times.size !== windows.length) problems.push(`a window of report ${reportId} has had several runs`);
    if (windows.length < least || windows.length > most)
      problems.push(`${windows.length} windows of report ${reportId} have had a run and not ${least} to ${most}`);
  }
  return { problems, windows: rows.filter(({ windowAt }) => windowAt !== null).length, runs: rows.length };
}

export async function describeRuns(db: Queryable): Promise<string[]> {
  const { rows } = await db.query(
    `select p.name, p.record_type as level, count(*) as runs, count(r.window_at) as windows, sum(r.rows_read) as rows,
            round(percentile_cont(0.5) within group (order by extract(epoch from r.finished_at - r.started_at))::numeric, 1) as median,
            round(max(extract(epoch from r.finished_at - r.started_at)), 1) as longest
     from report_runs r join reports p using (workspace_id, report_id) group by 1, 2 order by 1, 2`,
  );
  return rows.map(
    ({ name, level, runs, windows, rows: read, median, longest }) =>
      `${name} (${level}): ${runs} runs, ${windows} of them of windows; ${read} rows; seconds until done: half ${median}, longest ${longest}`,
  );
}

/** Every trait and every change of one, by what they are about: ids are others in another database. */
const traits = `select t.record_type || ' ' || r.external_id || ' ' || t.name || ' ' || p.pendo_report_id || ' ' || t.type || ' ' || t.value::text as line
  from traits t join records r on r.record_type = t.record_type and r.record_id = t.record_id
  join reports p on t.source = 'pendo-report:' || p.report_id`;
const changes = `select t.record_type || ' ' || r.external_id || ' ' || t.name || ' ' || p.pendo_report_id || ' '
         || coalesce(t.old_value::text, 'nothing') || ' → ' || coalesce(t.new_value::text, 'nothing') as line
  from trait_changes t join records r on r.record_type = t.record_type and r.record_id = t.record_id
  join reports p on t.source = 'pendo-report:' || p.report_id`;
const records = `with records as (
    select 'user' as record_type, user_id as record_id, external_id from users
    union all select 'account', account_id, external_id from accounts
    union all select 'organization', organization_id, external_id from organizations)`;

export async function compareTraits(
  disturbed: Queryable,
  calm: Queryable,
): Promise<{ problems: string[]; traits: number; changes: number }> {
  const problems: string[] = [];
  const counts: number[] = [];
  for (const [what, select] of Object.entries({ trait: traits, change: changes })) {
    const [is, shouldBe] = await Promise.all([readLines(disturbed, select), readLines(calm, select)]);
    counts.push([...shouldBe.values()].reduce((sum, count) => sum + count, 0));
    for (const line of new Set([...is.keys(), ...shouldBe.keys()])) {
      const [found = 0, wanted = 0] = [is.get(line), shouldBe.get(line)];
      if (found !== wanted) problems.push(`${what} ${line}: ${found} times, and ${wanted} undisturbed`);
    }
  }
  if (counts[0] === 0) problems.push("there are no traits at all");
  return { problems, traits: counts[0]!, changes: counts[1]! };
}

async function readLines(db: Queryable, select: string): Promise<Map<string, number>> {
  const { rows } = await db.query(`${records} select line, count(*) as count from (${select}) as lines group by line`);
  return new Map(rows.map(({ line, count }) => [line, count]));
}
