// NPS in numbers. Every response that the list shows counts, and nothing else: the same conditions choose both.
import type { NpsSummaryQuery } from "../../contract/numbers.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { type Condition, writeWhere } from "../../platform/paging.ts";
import { checkZone } from "../../platform/zones.ts";
import { listCountedConditions } from "./fact-conditions.ts";

type Counted = { answers: number; promoters: number; passives: number; detractors: number };
type Scored = Counted & { score: number | null };
type Step = "day" | "week" | "month";

const counts = `count(*)::int as answers, count(*) filter (where f.score >= 9)::int as promoters,
  count(*) filter (where f.score between 7 and 8)::int as passives, count(*) filter (where f.score <= 6)::int as detractors`;
const mostGuides = 50;
/** Years before this one are not written with four digits. */
const earliest = Date.parse("0001-01-01T00:00:00Z");

/** Promoters less detractors, in hundredths of all. */
function withScore<T extends Counted>(counted: T): T & { score: number | null } {
  const { answers, promoters, detractors } = counted;
  return { ...counted, score: answers === 0 ? null : Math.round((100 * (promoters - detractors)) / answers) };
}

export async function summarizeNps(
  db: Queryable,
  workspaceId: string,
  query: NpsSummaryQuery,
  now: Date,
): Promise<object> {
  const zone = await checkZone(db, query.zone);
  const { where, values } = writeWhere(await listConditions(db, workspaceId, query));
  const { rows: byScore } = await db.query<{ score: number; count: number; first: Date; last: Date }>(
    `select f.score, count(*)::int as count, min(f.responded_at) as first, max(f.responded_at) as last
     from nps_responses f where ${where} group by 1`,
    values,
  );
  const scores = [...Array(11).keys()].map((score) => byScore.find((row) => row.score === score)?.count ?? 0);
  const sum = (from: number, to: number) => scores.slice(from, to + 1).reduce((total, count) => total + count, 0);
  const total = withScore({ answers: sum(0, 10), promoters: sum(9, 10), passives: sum(7, 8), detractors: sum(0, 6) });
  const step = chooseStep(byScore);
  const { rows: buckets } = await db.query<Counted & { at: string }>(
    `select to_char(n.begin, 'YYYY-MM-DD') as at, n.* from (
       select date_trunc('${step}', f.responded_at at time zone $${values.length + 1}) as begin, ${counts}
       from nps_responses f where ${where} group by 1
     ) n order by n.begin`,
    [...values, zone],
  );
  const { rows: guides } = await db.query<Counted & { id: string | null; name: string | null }>(
    `select f.guide_id as id, max(f.guide_name) as name, ${counts} from nps_responses f where ${where}
     group by 1 order by count(*) desc, 1 limit ${mostGuides}`,
    values,
  );
  return {
    ...total,
    scores,
    before: await summarizeBefore(db, workspaceId, query, now),
    step,
    buckets: buckets.map(({ at, answers, promoters, passives, detractors }) =>
      withScore({ at, answers, promoters, passives, detractors }),
    ),
    guides: guides.map(withScore),
  };
}

async function listConditions(db: Queryable, workspaceId: string, query: NpsSummaryQuery): Promise<Condition[]> {
  const { zone: _zone, ...filter } = query;
  const conditions = await listCountedConditions(db, workspaceId, "npsResponses", filter);
  return [...conditions, { sql: "f.score is not null", values: [] }];
}

/** About thirty pictures of a bar: days of a month, weeks of a year, and months beyond. */
function chooseStep(rows: readonly { first: Date; last: Date }[]): Step {
  const first = Math.min(...rows.map((row) => row.first.getTime()));
  const last = Math.max(...rows.map((row) => row.last.getTime()));
  const days = (last - first) / 86_400_000;
  return rows.length === 0 || days <= 45 ? "day" : days <= 400 ? "week" : "month";
}

async function summarizeBefore(
  db: Queryable,
  workspaceId: string,
  query: NpsSummaryQuery,
  now: Date,
): Promise<Scored | null> {
  if (query.since === undefined) return null;
  const since = Date.parse(query.since);
  const until = query.until === undefined ? now.getTime() : Date.parse(query.until);
  const length = Math.max(0, until - since);
  const earlier = { ...query, since: new Date(Math.max(earliest, since - length)).toISOString(), until: query.since };
  const { where, values } = writeWhere(await listConditions(db, workspaceId, earlier));
  const { rows } = await db.query<Counted>(`select ${counts} from nps_responses f where ${where}`, values);
  return withScore(rows[0]!);
}
