// Workspaces of the sizes that they have in life, filled by SQL: one with 40 % of everything, and the others smaller and smaller.
// Within each a few accounts and users have most of it. Rows lie in the order in which they would have come, all workspaces mixed.
import { createBodyPartitions } from "../../src/pipeline/inbox/delivery-bodies-table.ts";
import type { DatabasePool, Queryable, Tx } from "../../src/platform/database/pool.ts";
import { inTransaction } from "../../src/platform/database/transaction.ts";
import { createPlace, type Place } from "../../test/support/inbox.ts";

export type FilledWorkspace = Place & {
  place: number;
  share: number;
  users: number;
  accounts: number;
  organizations: number;
};

const biggestShare = 0.4;
const days = 365;
/** Rows of one insert: its memory, and how far apart rows of one moment lie. */
const sliceSize = 250_000;

/** Ids of records are made from their number, so that nothing has to be looked up while millions of rows are written. */
const idOf = (kind: string, number: string) => `md5('${kind} ' || w.n || ' ' || ${number})::uuid`;

export type Filled = { workspaces: FilledWorkspace[]; events: number; seconds: number };

type Wanted = { events: number; workspaces: number };
type Progress = { events: number; filled: number; seconds: number; isDone: boolean };

export type FillOptions = {
  say: (line: string) => void;
  /** Seconds after which it is left as it is: the next one that is called with the same database goes on. */
  mostSeconds: number;
};

/** What a database that was kept holds; fills it when it is new. Undefined: it is not full yet. */
export async function findOrFillWorkspaces(
  pool: DatabasePool,
  wanted: Wanted,
  { say, mostSeconds }: FillOptions,
): Promise<Filled | undefined> {
  const { rows } = await pool.query("select to_regclass('bench_progress') is not null as \"isBegun\"");
  if (!rows[0].isBegun) await beginToFill(pool, wanted);
  const workspaces = await listFilled(pool);
  const until = performance.now() + mostSeconds * 1000;
  for (let progress = await readProgress(pool); ; progress = await readProgress(pool)) {
    if (progress.isDone) return { workspaces, events: progress.events, seconds: progress.seconds };
    if (performance.now() > until) return undefined;
    say(`  ${progress.filled} events are there`);
    await fillOn(pool, workspaces, progress);
  }
}

async function listFilled(pool: DatabasePool): Promise<FilledWorkspace[]> {
  const { rows } = await pool.query(
    `select workspace_id as "workspaceId", connection_id as "connectionId", n - 1 as place, share, users, accounts, organizations
     from bench_workspaces order by n`,
  );
  return rows;
}

async function readProgress(pool: DatabasePool): Promise<Progress> {
  const { rows } = await pool.query(
    `select events::float8 as events, filled::float8 as filled, seconds, is_done as "isDone" from bench_progress`,
  );
  return rows[0];
}

/** Records of all workspaces. */
async function beginToFill(pool: DatabasePool, { events, workspaces: count }: Wanted): Promise<void> {
  const begin = performance.now();
  await createBodyPartitions(pool, new Date());
  await pool.query("drop table if exists bench_workspaces");
  await pool.query(
    "create table bench_workspaces (n int, workspace_id uuid, connection_id uuid, share float8, users int, accounts int, organizations int)",
  );
  for (const [place, share] of listShares(count).entries()) {
    const { workspaceId, connectionId } = await createPlace(pool);
    const [users, accounts] = [Math.ceil((events * share) / 20), Math.ceil((events * share) / 500)];
    await pool.query("insert into bench_workspaces values ($1, $2, $3, $4, $5, $6, $7)", [
      place + 1,
      workspaceId,
      connectionId,
      share,
      users,
      accounts,
      Math.ceil(accounts / 10),
    ]);
  }
  await inTransaction(pool, async (tx) => {
    await tx.query("set local statement_timeout = 0");
    await fillRecords(tx);
    await tx.query(
      "create table bench_progress as select $1::bigint as events, 0::bigint as filled, $2::float8 as seconds, false as is_done",
      [events, (performance.now() - begin) / 1000],
    );
  });
}

/** One slice more, and behind the last one what is counted of all. */
async function fillOn(pool: DatabasePool, workspaces: readonly FilledWorkspace[], progress: Progress): Promise<void> {
  const { events, filled: from } = progress;
  const begin = performance.now();
  const to = Math.min(events, from + sliceSize);
  const isLast = from === events;
  await inTransaction(pool, async (tx) => {
    await tx.query("set local statement_timeout = 0");
    // A vacuum that was broken off begins once more, and what is counted is counted anew.
    if (isLast) await fillLedger(tx);
    else await fillSlice(tx, { from, to, events, bounds: listBounds(workspaces) });
    await noteProgress(tx, to, begin);
  });
  if (!isLast) return;
  const vacuumBegin = performance.now();
  await pool.query("set statement_timeout = 0");
  await pool.query("vacuum analyze");
  await noteProgress(pool, to, vacuumBegin);
  await pool.query("update bench_progress set is_done = true");
}

async function noteProgress(db: Queryable, filled: number, begin: number): Promise<void> {
  const seconds = (performance.now() - begin) / 1000;
  await db.query("update bench_progress set filled = $1, seconds = seconds + $2", [filled, seconds]);
}

function listBounds(workspaces: readonly FilledWorkspace[]): number[] {
  let bound = 0;
  return workspaces.map(({ share }) => {
    bound += share;
    return bound - share;
  });
}

/** 40 % for the first, and the rest as 1, 1/2, 1/3 … */
function listShares(count: number): number[] {
  const parts = Array.from({ length: count - 1 }, (_, place) => 1 / (place + 1));
  const all = parts.reduce((sum, part) => sum + part, 0);
  return [biggestShare, ...parts.map((part) => ((1 - biggestShare) * part) / all)];
}

/** The first accounts have the most users: of 800, the first has 3.5 % of them. */
const accountOf = (user: string) => `floor(w.accounts * power(${user}::float8 / w.users, 2))::int`;

async function fillRecords(tx: Tx): Promise<void> {
  const made = "now() - (random() * 400) * interval '1 day'";
  await tx.query(`
    insert into organizations (workspace_id, organization_id, external_id, name, created_at, updated_at)
    select w.workspace_id, ${idOf("organization", "i")}, 'organization-' || i, 'Organization ' || i, t.at, t.at
    from bench_workspaces w cross join lateral generate_series(0, w.organizations - 1) i cross join lateral (select ${made} + i * interval '0' as at) t`);
  await tx.query(`
    insert into accounts (workspace_id, account_id, external_id, name, organization_id, created_at, updated_at)
    select w.workspace_id, ${idOf("account", "i")}, 'account-' || i, 'Account ' || i, ${idOf("organization", "(i % w.organizations)")}, t.at, t.at
    from bench_workspaces w cross join lateral generate_series(0, w.accounts - 1) i cross join lateral (select ${made} + i * interval '0' as at) t`);
  await tx.query(`
    insert into users (workspace_id, user_id, external_id, name, email, created_at, updated_at)
    select w.workspace_id, ${idOf("user", "i")}, 'user-' || i, 'User ' || i, 'user-' || i || '@company-' || i % 500 || '.example', t.at, t.at
    from bench_workspaces w cross join lateral generate_series(0, w.users - 1) i cross join lateral (select ${made} + i * interval '0' as at) t`);
  await tx.query(`
    insert into account_users (workspace_id, account_id, user_id)
    select w.workspace_id, ${idOf("account", accountOf("i"))}, ${idOf("user", "i")}
    from bench_workspaces w cross join lateral generate_series(0, w.users - 1) i`);
  for (const [kind, size, count] of [
    ["user", "users", 5],
    ["account", "accounts", 10],
    ["organization", "organizations", 3],
  ] as const)
    await tx.query(`
      insert into traits (workspace_id, record_type, record_id, name, source, type, value, read_at)
      select w.workspace_id, '${kind}', ${idOf(kind, "i")}, 'trait ' || t, 'custom', 'number', to_jsonb(i * t % 1000), now()
      from bench_workspaces w cross join lateral generate_series(0, w.${size} - 1) i cross join generate_series(1, ${count}) t`);
  await tx.query(`
    insert into traits (workspace_id, record_type, record_id, name, source, type, value, read_at)
    select w.workspace_id, 'account', ${idOf("account", "i")}, 'churnedAt', 'custom', 'date', '"2026-01-01"', now()
    from bench_workspaces w cross join lateral generate_series(0, w.accounts - 1, 20) i`);
}

type Slice = { from: number; to: number; events: number; bounds: number[] };

/** One delivery for each event; one in a hundred is an answer to NPS, of which a tenth names no account, and one a poll's. */
async function fillSlice(tx: Tx, { from, to, events, bounds }: Slice): Promise<void> {
  await tx.query("drop table if exists bench_slice");
  await tx.query(
    `create unlogged table bench_slice as
     select i, w.workspace_id, w.connection_id, t.at, u.number as user_number, ${accountOf("u.number")} as account_number,
            ${idOf("user", "u.number")} as user_id, ${idOf("account", accountOf("u.number"))} as account_id,
            -- As UUIDv7: the time leads.
            (lpad(to_hex((extract(epoch from t.at) * 1000)::bigint), 12, '0') || '7' || substr(md5('delivery ' || i), 1, 3) || '8' ||
             substr(md5('delivery ' || i), 4, 15))::uuid as delivery_id,
            md5('event ' || i)::uuid as event_id,
            case when i % 100 = 1 then 'npsSubmitted' when i % 100 = 2 then 'pollSubmitted' when i % 10 < 4 then 'guideDisplayed'
                 when i % 20011 = 7 then 'visitorCreated' else 'trackEventReceived' end as kind
     -- Thrown here, once for each row: thrown beside the workspace it would be thrown once for each workspace.
     from (select i, random() as thrown, random() as other from generate_series($1::bigint, $2::bigint - 1) i offset 0) s
     cross join lateral (select now() - (1 - i::float8 / $3) * interval '${days} days' as at) t
     join bench_workspaces w on w.n = width_bucket(s.thrown, $4::float8[])
     cross join lateral (select least(w.users - 1, floor(w.users * power(s.other, 2)))::int as number) u
     order by i`,
    [from, to, events, bounds],
  );
  await tx.query(`
    insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state, reason, kind, pendo_visitor_id, pendo_account_id,
                            settled_at, made)
    select workspace_id, delivery_id, connection_id, at, 1500, true, case when i % 5003 = 0 then 'parked' else 'recorded' end,
           case when i % 5003 = 0 then 'no-such-user' end, kind, 'user-' || user_number, 'account-' || account_number, at,
           jsonb_build_array(jsonb_build_object('type', 'event', 'id', event_id))
    from bench_slice order by i`);
  await tx.query(`
    insert into delivery_bodies (workspace_id, delivery_id, headers, body)
    select workspace_id, delivery_id, '{}', convert_to(rpad('{"event":"' || kind || '"}', 1500), 'UTF8')
    from bench_slice where at > now() - interval '1 day' order by i`);
  await tx.query(`
    insert into events (workspace_id, event_id, connection_id, delivery_id, source, kind, name, occurred_at, pendo_visitor_id, pendo_account_id,
                        app_id, guide_id, user_id, account_id, properties)
    select workspace_id, event_id, connection_id, delivery_id, 'pendo', kind, 'Event ' || i % 40, at, 'user-' || user_number,
           'account-' || account_number, '-323232', case when kind like '%isplayed' then 'guide-' || i % 60 end, user_id, account_id,
           jsonb_build_object('plan', 'plan ' || i % 7, 'step', i % 100, 'note', repeat('x', 60))
    from bench_slice order by i`);
  await tx.query(`
    insert into nps_responses (workspace_id, nps_response_id, connection_id, delivery_id, source, score, feedback, responded_at, guide_id, guide_name,
                               pendo_visitor_id, pendo_account_id, user_id, account_id)
    select workspace_id, event_id, connection_id, delivery_id, 'pendo', i / 100 % 11, 'Because of ' || i, at, 'guide-nps', 'NPS', 'user-' || user_number,
           'account-' || account_number, user_id,
           case when i % 1000 <> 1 then account_id end
    from bench_slice where kind = 'npsSubmitted' order by i`);
  await tx.query(`
    insert into poll_responses (workspace_id, poll_response_id, event_id, connection_id, delivery_id, source, poll_id, poll_type, question, answer,
                                answer_label, responded_at, guide_id, guide_name, pendo_visitor_id, pendo_account_id, user_id, account_id)
    select workspace_id, md5('poll ' || i)::uuid, event_id, connection_id, delivery_id, 'pendo', 'poll-' || i % 9, 'NumberScale', 'How was it?',
           to_jsonb(i % 5), i % 5 || '', at, 'guide-' || i % 60, 'Guide', 'user-' || user_number, 'account-' || account_number, user_id, account_id
    from bench_slice where kind = 'pollSubmitted' order by i`);
  await tx.query("drop table bench_slice");
}

async function fillLedger(tx: Tx): Promise<void> {
  await tx.query("delete from ledger_counts");
  await tx.query(`
    insert into ledger_counts (workspace_id, connection_id, hour, slot, received)
    select workspace_id, connection_id, date_trunc('hour', received_at), 0, count(*) from deliveries group by 1, 2, 3`);
}
