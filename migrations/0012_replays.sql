-- What becomes of events of visitors who have not signed in, at one connection.
alter table connections
  add column anonymous_visitors text not null default 'record' check (anonymous_visitors in ('record', 'filter'));

-- Many deliveries that somebody sends through once more. A replay is a row with a lease, as match_jobs are: the process that
-- holds it renews it; when that process dies, another one goes on behind the last delivery that was looked at.
create table replays (
  workspace_id uuid not null references workspaces,
  replay_id    uuid not null,
  state        text not null check (state in ('running', 'done', 'failed', 'cancelled')),
  -- Which deliveries, as the API takes it.
  filter       jsonb not null,
  -- Those that had come when it was asked for have ids before this one.
  before_id    uuid not null,
  -- The last delivery that was looked at.
  reached      uuid,
  -- How many match; null until they are counted.
  total        bigint,
  matched      bigint not null default 0,
  replayed     bigint not null default 0,
  -- The first of those that could not go through: [{"id", "why"}].
  left_out     jsonb not null default '[]',
  message      text,
  -- Who asked for it, as the audit log names them.
  made_by      text not null,
  held_by      uuid,
  held_until   timestamptz not null,
  failures     smallint not null default 0,
  created_at   timestamptz not null,
  finished_at  timestamptz,
  primary key (workspace_id, replay_id)
);
create index replays_running on replays (workspace_id, held_until) where state = 'running';
