// What was recorded, read from the tables themselves, against what must have been.
import type { Queryable } from "../../../src/platform/database/pool.ts";
import type { Effect, MarkedDelivery } from "./deliveries.ts";

/** All that was recorded, by marker. */
export async function readEffects(db: Queryable): Promise<Map<string, Effect[]>> {
  const { rows } = await db.query(
    `select f.app_id as marker, f.type, f.name, f.at, u.external_id as user, a.external_id as account, f.score, f.feedback,
            case when f.type = 'event' then coalesce(p.n, 0) else 0 end as "pollResponses"
     from (select workspace_id, app_id, 'event' as type, name, occurred_at as at, user_id, account_id, null::smallint as score, null as feedback from events
           union all
           select workspace_id, app_id, 'nps-response', '', responded_at, user_id, account_id, score, feedback from nps_responses) f
     left join users u using (workspace_id, user_id)
     left join accounts a using (workspace_id, account_id)
     left join (select app_id, count(*) as n from poll_responses group by 1) p on p.app_id = f.app_id`,
  );
  const effects = new Map<string, Effect[]>();
  for (const { marker, at, ...row } of rows) {
    const effect: Effect = { ...row, at: at.toISOString() };
    effects.set(marker, [...(effects.get(marker) ?? []), effect]);
  }
  return effects;
}

/** One sentence for each delivery whose effect is not exactly what it must be; empty: nothing lost, doubled or wrong. */
export function compareEffects(
  sent: readonly MarkedDelivery[],
  found: ReadonlyMap<string, readonly Effect[]>,
): string[] {
  const problems: string[] = [];
  for (const { marker, effect } of sent) {
    const effects = found.get(marker) ?? [];
    if (effects.length === 0) problems.push(`lost: ${marker} was acknowledged, and nothing was recorded of it`);
    else if (effects.length > 1) problems.push(`doubled: ${marker} was recorded ${effects.length} times`);
    else if (write(effects[0]!) !== write(effect))
      problems.push(`wrong: of ${marker} was recorded ${write(effects[0]!)}, not ${write(effect)}`);
  }
  const known = new Set(sent.map(({ marker }) => marker));
  for (const marker of found.keys())
    if (!known.has(marker)) problems.push(`unexpected: ${marker} was recorded and never sent`);
  return problems;
}

/** Always in the same order of names. */
function write(effect: Effect): string {
  return JSON.stringify(effect, Object.keys(effect).sort());
}

/** Acknowledged ids of deliveries that are not in the inbox with their body: a 200 that was not on disk. */
export async function findUnkept(db: Queryable, deliveryIds: readonly string[]): Promise<string[]> {
  const { rows } = await db.query(
    "select d.delivery_id as id from deliveries d join delivery_bodies b using (workspace_id, delivery_id)",
  );
  const kept = new Set(rows.map(({ id }) => id as string));
  return deliveryIds
    .filter((id) => !kept.has(id))
    .map((id) => `not on disk: the acknowledged delivery ${id} is not in the inbox`);
}

/** Memberships that are missing, doubled, or nobody's, given what was sent. */
export async function compareMemberships(db: Queryable, sent: readonly MarkedDelivery[]): Promise<string[]> {
  const { rows } = await db.query(
    `select u.external_id || ' in ' || a.external_id as pair from account_users m
     join users u using (workspace_id, user_id) join accounts a using (workspace_id, account_id)`,
  );
  const found = rows.map(({ pair }) => pair as string);
  const expected = new Set(
    sent.flatMap(({ effect: { user, account } }) => (user && account ? [`${user} in ${account}`] : [])),
  );
  const problems = [...expected].filter((pair) => !found.includes(pair)).map((pair) => `no membership: ${pair}`);
  problems.push(...found.filter((pair) => !expected.has(pair)).map((pair) => `a membership nobody sent: ${pair}`));
  if (new Set(found).size < found.length)
    problems.push(`doubled: ${found.length - new Set(found).size} memberships stand there twice`);
  return problems;
}

const readable = 10;

/** At most ten of each kind of problem, and how many there are. */
export function shorten(problems: readonly string[]): string[] {
  const byKind = new Map<string, string[]>();
  for (const problem of problems) {
    const kind = problem.split(":")[0]!;
    byKind.set(kind, [...(byKind.get(kind) ?? []), problem]);
  }
  return [...byKind].flatMap(([kind, group]) =>
    group.length <= readable ? group : [...group.slice(0, readable), `${kind}: … and ${group.length - readable} more`],
  );
}
