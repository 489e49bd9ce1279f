-- Reports of Pendo become traits: which, how often, every run of them and what it could not use; and what a workspace has
-- decided about traits of a name.

-- A report of Pendo whose columns become traits.
create table reports (
  workspace_id    uuid not null,
  report_id       uuid not null,
  connection_id   uuid not null,
  pendo_report_id text not null,
  -- What Pendo calls it.
  name            text not null,
  -- Whose traits they become.
  record_type     text not null check (record_type in ('organization', 'account', 'user')),
  -- The column that says whose a row is, and what is in it: a visitor's or account's id at Pendo, which goes the way of the
  -- connection's mapping, or an external ID as it stands.
  id_column       text not null,
  id_kind         text not null check (id_kind in ('visitor', 'account', 'external')),
  -- [{"column", "trait", "type", "combine", "latestBy"}]: see src/reports/report.ts.
  columns         jsonb not null,
  -- What becomes of a value that the report has no longer.
  vanished        text not null default 'keep' check (vanished in ('keep', 'clear')),
  every_hours     smallint not null default 12 check (every_hours in (1, 3, 6, 12, 24)),
  is_on           boolean not null default true,
  -- The beginning of the window whose run is still to come.
  next_at         timestamptz not null,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (workspace_id, report_id),
  foreign key (workspace_id, connection_id) references connections
);
-- The same report twice at one level would be a mistake: its two runs would only differ in when they were.
create unique index reports_of_connection on reports (workspace_id, connection_id, pendo_report_id, record_type);
create index reports_due on reports (workspace_id, next_at) where is_on;

-- Every run of a report. A row with a lease, as match_jobs are: a run whose process died is begun again by another one.
create table report_runs (
  workspace_id  uuid not null,
  report_run_id uuid not null,
  report_id     uuid not null,
  -- The how-manieth of its report: an order that no clock disturbs.
  number        integer not null,
  -- The window it is for; null: somebody asked for it.
  window_at     timestamptz,
  -- stopped: the report looks so different from last time that a person is to say whether that is right.
  state         text not null check (state in ('running', 'done', 'failed', 'stopped', 'cancelled')),
  -- A person has seen how it differs and wants it all the same.
  is_confirmed  boolean not null default false,
  -- Where it is: reading, matching, writing; and how far in that.
  step          text,
  done          bigint not null default 0,
  total         bigint,
  -- Rows that Pendo gave, and the columns they had.
  rows_read     bigint,
  columns_seen  text[],
  -- Records that rows are about, those of them with a changed trait, and the values that changed.
  matched       bigint,
  changed       bigint,
  values_changed bigint,
  -- Rows that are nobody's, and cells that do not fit their type: see report_problems.
  unmatched     bigint,
  type_errors   bigint,
  -- Why it failed or was stopped, or what it waits for, in words for a person.
  message       text,
  -- What Pendo answered: [{"at", "status", "bytes", "rows", "milliseconds", "trouble"}], one for each attempt, the last twenty.
  answers       jsonb not null default '[]',
  held_by       uuid,
  held_until    timestamptz not null,
  failures      smallint not null default 0,
  started_at    timestamptz not null,
  finished_at   timestamptz,
  primary key (workspace_id, report_run_id),
  foreign key (workspace_id, report_id) references reports on delete cascade
);
-- No report runs twice at a time, and none twice for a window.
create unique index report_runs_running on report_runs (workspace_id, report_id) where state = 'running';
create unique index report_runs_of_window on report_runs (workspace_id, report_id, window_at) where window_at is not null;
create unique index report_runs_in_order on report_runs (workspace_id, report_id, number);
create index report_runs_by_time on report_runs (workspace_id, report_id, started_at, report_run_id);

-- What a run could not use, row by row; of very many the first hundred thousand.
create table report_problems (
  workspace_id  uuid not null,
  report_run_id uuid not null,
  -- In the order in which Pendo gave them, from 1.
  row_number    bigint not null,
  -- The column whose cell does not fit; empty: the row is nobody's.
  column_name   text not null default '',
  kind          text not null check (kind in ('unmatched', 'type-error')),
  reason        text not null,
  -- What the id column says.
  row_id        text,
  value         text,
  primary key (workspace_id, report_run_id, row_number, column_name),
  foreign key (workspace_id, report_run_id) references report_runs on delete cascade
);

-- The run that changed a trait; null: an import, the API, a person.
alter table trait_changes add column report_run_id uuid;

-- What people decided about the traits of one name; without a row, everything is as it comes.
create table trait_settings (
  workspace_id uuid not null references workspaces,
  record_type  text not null check (record_type in ('organization', 'account', 'user')),
  name         text not null,
  -- The type that values which people, imports and the API set must have; null: as each value looks.
  type         text check (type in ('number', 'text', 'yes-no', 'date', 'list')),
  -- Where several sources give this name, the first of these that has a value stands for it; then the others in the usual order.
  sources      text[],
  updated_at   timestamptz not null default now(),
  primary key (workspace_id, record_type, name)
);
