-- Files of organizations, accounts and users that came over HTTP, and what became of them.

-- An import is a row with a lease, as match_jobs are: the process that holds it renews it; when that process dies, another one
-- reads the file again and goes on behind the last record that was saved.
create table imports (
  workspace_id uuid not null references workspaces,
  import_id    uuid not null,
  kind         text not null check (kind in ('organization', 'account', 'user')),
  -- uploading: the file is still coming; waiting: somebody is to say what its columns are.
  state        text not null check (state in ('uploading', 'waiting', 'running', 'done', 'failed', 'cancelled')),
  -- Said what would become of it, and changed nothing.
  is_rehearsal boolean not null,
  -- What the file is, where it is neither UTF-8 nor marked.
  encoding     text,
  -- Bytes.
  size         bigint not null default 0,
  -- The names of its columns, as they stand there.
  columns      text[] not null default '{}',
  -- What people chose of them: [{"column", "becomes", "trait"}]; null: what their names say.
  choices      jsonb,
  -- reading: rows are checked and put down; writing: records are saved in the order of their external IDs.
  step         text check (step in ('reading', 'writing')),
  done         bigint not null default 0,
  total        bigint,
  -- The external ID of the last record that was saved: behind it the next process goes on.
  saved_to     text collate "C",
  counts       jsonb not null default '{}',
  message      text,
  -- Who brought it, as the audit log names them.
  made_by      text not null,
  held_by      uuid,
  held_until   timestamptz not null,
  failures     smallint not null default 0,
  created_at   timestamptz not null,
  started_at   timestamptz,
  finished_at  timestamptz,
  primary key (workspace_id, import_id)
);
create index imports_by_time on imports (workspace_id, created_at, import_id);
create index imports_running on imports (workspace_id, held_until) where state = 'running';

-- The file, in pieces, so that whichever process has the import can read it. Deleted some days after the import.
create table import_pieces (
  workspace_id uuid not null,
  import_id    uuid not null,
  place        integer not null,
  bytes        bytea not null,
  primary key (workspace_id, import_id, place),
  foreign key (workspace_id, import_id) references imports on delete cascade
);

-- Rows that were not taken, as they came, and why; of very many the first hundred thousand.
create table import_rejections (
  workspace_id uuid not null,
  import_id    uuid not null,
  -- The number that a spreadsheet shows.
  row_number   integer not null,
  reason       text not null,
  cells        text[] not null,
  primary key (workspace_id, import_id, row_number),
  foreign key (workspace_id, import_id) references imports on delete cascade
);
