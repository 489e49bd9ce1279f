// What there is to filter by: kinds of events, guides and apps that were seen. Values are found by walking an index from one to
// the next, so it costs as many steps as there are values, however many events have them.
import type { Queryable } from "../../platform/database/pool.ts";

/** The newest events that are looked at where no index knows the values. */
const newestOfKind = 1_000;
const newestOfAll = 20_000;
const mostGuides = 1_000;

type EventKind = { kind: string; lastAt: Date; names: { name: string; events: number }[] };
type Guide = {
  id: string;
  name: string | null;
  lastAt: Date;
  events: boolean;
  npsResponses: boolean;
  pollResponses: boolean;
};
type App = { id: string; events: number; lastAt: Date };

/** The distinct values of `column`, which an index of `table` leads with behind the workspace: a query with the column `value`. */
function walkValues(table: string, column: string): string {
  const next = (than: string) =>
    `(select f.${column} as value from ${table} f where f.workspace_id = $1 and f.${column} > ${than} order by f.${column} limit 1)`;
  return `with recursive w as (
    ${next("''")} union all select n.value from w cross join lateral ${next("w.value")} n
  ) select value from w`;
}

export async function listEventKindNames(db: Queryable, workspaceId: string): Promise<string[]> {
  const { rows } = await db.query<{ value: string }>(walkValues("events", "kind"), [workspaceId]);
  return rows.map(({ value }) => value);
}

/** With the names that their newest events have: of most kinds it is one. */
export async function listEventKinds(db: Queryable, workspaceId: string): Promise<EventKind[]> {
  const { rows } = await db.query<EventKind>(
    `select k.value as kind, n."lastAt", n.names from (${walkValues("events", "kind")}) k
     cross join lateral (
       select max(c.last) as "lastAt", jsonb_agg(jsonb_build_object('name', c.name, 'events', c.events) order by c.events desc, c.name) as names
       from (
         select l.name, count(*) as events, max(l.occurred_at) as last from (
           select f.name, f.occurred_at from events f where f.workspace_id = $1 and f.kind between k.value and k.value
           order by f.kind desc, f.occurred_at desc limit ${newestOfKind}
         ) l group by 1
       ) c
     ) n order by n."lastAt" desc`,
    [workspaceId],
  );
  return rows;
}

/** Called what they were called last. */
export async function listGuides(db: Queryable, workspaceId: string): Promise<Guide[]> {
  const newest = (table: string, time: string, name: string, order: string) =>
    `select f.guide_id as id, ${name} as name, f.${time} as at from ${table} f
     where f.workspace_id = $1 and f.guide_id between g.value and g.value order by ${order} limit 1`;
  const { rows } = await db.query<Guide>(
    `select g.id, (array_agg(g.name order by g.at desc) filter (where g.name is not null))[1] as name, max(g.at) as "lastAt",
            bool_or(g.of = 'events') as events, bool_or(g.of = 'nps') as "npsResponses", bool_or(g.of = 'polls') as "pollResponses"
     from (
       select 'events' as of, n.* from (${walkValues("events", "guide_id")}) g cross join lateral (
         ${newest("events", "occurred_at", "f.properties ->> 'guideName'", "f.guide_id desc, f.occurred_at desc")}) n
       union all
       select 'polls', n.* from (${walkValues("poll_responses", "guide_id")}) g cross join lateral (
         ${newest("poll_responses", "responded_at", "f.guide_name", "f.guide_id desc, f.poll_id desc")}) n
       union all
       select 'nps', f.guide_id, (array_agg(f.guide_name order by f.responded_at desc) filter (where f.guide_name is not null))[1], max(f.responded_at)
       from nps_responses f where f.workspace_id = $1 and f.guide_id is not null and f.part_of is null group by 2
     ) g group by g.id order by max(g.at) desc limit ${mostGuides}`,
    [workspaceId],
  );
  return rows;
}

/** Of the newest events: no index knows apps, and every event would pay for one. */
export async function listApps(db: Queryable, workspaceId: string): Promise<App[]> {
  const { rows } = await db.query<App>(
    `select n.app_id as id, count(*)::int as events, max(n.occurred_at) as "lastAt" from (
       select f.app_id, f.occurred_at from events f where f.workspace_id = $1 order by f.occurred_at desc, f.event_id desc limit ${newestOfAll}
     ) n where n.app_id is not null group by 1 order by 2 desc, 1`,
    [workspaceId],
  );
  return rows;
}
