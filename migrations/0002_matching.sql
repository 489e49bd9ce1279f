-- Whose is it: mapping by Pendo's metadata, organizations, what Pendo said about its visitors and accounts, and matching
-- again. Traits come along, because an import brings them.

-- Whether the workspace uses organizations above its accounts.
alter table workspaces add column hierarchy boolean not null default false;

alter table connections
  add column region text not null default 'us' check (region in ('us', 'us1', 'eu', 'jpn', 'au')),
  -- The version of connection_mappings that new facts are matched by.
  add column mapping_version integer not null default 1,
  -- A visitor or account whose external ID changes at Pendo: 'stay' leaves what was recorded where it is, 'move' moves it.
  add column changed_identities text not null default 'stay' check (changed_identities in ('stay', 'move')),
  -- When all visitors and accounts were last read from Pendo.
  add column identities_read_at timestamptz,
  -- Why Pendo could not be asked about ids when it was last tried, in words for a person, and when that is tried again; null: it
  -- could. What waits for an answer shows this reason as its own, so that a million rows need no change when a key is refused.
  add column asking_reason text,
  add column asking_detail text,
  add column asking_failures smallint not null default 0,
  add column ask_again_at timestamptz;

-- Every mapping a connection has had; facts name the version they were matched by, so that each can tell its way.
create table connection_mappings (
  workspace_id    uuid not null,
  connection_id   uuid not null,
  version         integer not null,
  -- A field of Pendo's metadata (agent.email, or a bare name); null: Pendo's own id.
  user_id_from    text,
  account_id_from text,
  -- What Pendo's account is here.
  level           text not null default 'account' check (level in ('account', 'organization')),
  created_at      timestamptz not null default now(),
  primary key (workspace_id, connection_id, version),
  foreign key (workspace_id, connection_id) references connections
);
insert into connection_mappings (workspace_id, connection_id, version) select workspace_id, connection_id, 1 from connections;

-- Pendo's integration key, sealed. One per connection.
create table integration_keys (
  workspace_id  uuid not null,
  connection_id uuid not null,
  key_id        text not null,
  sealed        bytea not null,
  last_four     text not null,
  -- What Pendo said of it last: see the outcomes of the test in src/pendo.
  state         text not null default 'untested' check (state in ('untested', 'valid', 'wrong-region', 'refused', 'not-reachable')),
  -- Pendo says that it may write, which is not needed.
  may_write     boolean,
  tested_at     timestamptz,
  created_at    timestamptz not null default now(),
  primary key (workspace_id, connection_id),
  foreign key (workspace_id, connection_id) references connections
);

-- When a connection may ask Pendo next: taken by whichever process asks, so that all together keep the pace.
create table pendo_paces (
  workspace_id  uuid not null,
  connection_id uuid not null,
  next_at       timestamptz not null,
  primary key (workspace_id, connection_id),
  foreign key (workspace_id, connection_id) references connections
);

-- What a visitor or account of Pendo is called here, as Pendo's metadata said last. No foreign key: a million rows are
-- written in one go, and each would look up and lock the same connection.
create table pendo_identities (
  workspace_id         uuid not null,
  connection_id        uuid not null,
  kind                 text not null check (kind in ('visitor', 'account')),
  pendo_id             text not null,
  -- The field that Pendo is asked for, as the mapping names it; what was read by another field counts for nothing. Not the
  -- mapping's version: a new mapping for accounts leaves what is known of visitors as it is.
  field                text not null,
  -- wanted: Pendo is to be asked · mapped: external_id is set · no-value: the field is empty · unknown: Pendo does not know
  -- the id · refused: Pendo takes no question about this id
  state                text not null check (state in ('wanted', 'mapped', 'no-value', 'unknown', 'refused')),
  external_id          text,
  -- The field the value was found in, in full: agent.email.
  found_in             text,
  -- What it was called before, where it is called something else now, or nothing, and since when.
  previous_external_id text,
  changed_at           timestamptz,
  -- When Pendo said so; for a wanted one, when it was first wanted.
  read_at              timestamptz not null,
  -- When Pendo is asked about this id (again); null: not until all are read. Moved ahead while somebody asks: a lease.
  ask_at               timestamptz,
  -- How often Pendo was asked and had no value: each time it is left alone for longer.
  asked                smallint not null default 0,
  primary key (workspace_id, connection_id, kind, pendo_id),
  check ((state = 'mapped') = (external_id is not null))
);
create index pendo_identities_to_ask on pendo_identities (workspace_id, connection_id, kind, ask_at) where ask_at is not null;
create index pendo_identities_of_external_id on pendo_identities (workspace_id, kind, external_id) where external_id is not null;

-- The connection whose matching made a record; null: an import, the API, a person. Only what matching made may be removed by
-- matching again.
alter table organizations add column made_by_connection uuid;
alter table accounts add column made_by_connection uuid;
alter table users add column made_by_connection uuid;

-- How a membership came about: 'pendo' by matching (with Pendo's ids), anything else by hand. By hand stands above matching.
alter table account_users
  add column source text not null default 'pendo' check (source in ('pendo', 'import', 'api', 'person')),
  add column connection_id uuid,
  add column pendo_visitor_id text,
  add column pendo_account_id text,
  add column mapping_version integer;

create table organization_users (
  workspace_id     uuid not null,
  organization_id  uuid not null,
  user_id          uuid not null,
  source           text not null default 'pendo' check (source in ('pendo', 'import', 'api', 'person')),
  connection_id    uuid,
  pendo_visitor_id text,
  pendo_account_id text,
  mapping_version  integer,
  created_at       timestamptz not null default now(),
  primary key (workspace_id, organization_id, user_id),
  foreign key (workspace_id, organization_id) references organizations,
  foreign key (workspace_id, user_id) references users
);
create index organization_users_of_user on organization_users (workspace_id, user_id, organization_id);
create index accounts_of_organization on accounts (workspace_id, organization_id, account_id) where organization_id is not null;
-- Lists of records, newest first: without these a page of 200,000 users sorts all of them (330 ms; with them 5 ms).
create index users_by_time on users (workspace_id, created_at, user_id);
create index accounts_by_time on accounts (workspace_id, created_at, account_id);
create index organizations_by_time on organizations (workspace_id, created_at, organization_id);

-- The mapping a fact was matched by; 0: no mapping fits any more, and the fact has no owner although it names somebody
-- (its raw body is gone, so that it cannot be parked).
alter table events add column mapping_version integer not null default 1;
alter table nps_responses add column mapping_version integer not null default 1;
alter table poll_responses add column mapping_version integer not null default 1;
create index events_of_organization on events (workspace_id, organization_id, occurred_at, event_id) where organization_id is not null;
create index nps_responses_of_organization on nps_responses (workspace_id, organization_id, responded_at) where organization_id is not null;
create index poll_responses_of_organization on poll_responses (workspace_id, organization_id, responded_at) where organization_id is not null;
-- A poll's responses have their event's owner: they move with it.
create index poll_responses_of_event on poll_responses (workspace_id, event_id);

-- Releasing what waited for one visitor or account, and counting by reason.
create index deliveries_parked_of_visitor on deliveries (workspace_id, connection_id, pendo_visitor_id) where state = 'parked';
create index deliveries_parked_of_account on deliveries (workspace_id, connection_id, pendo_account_id) where state = 'parked';

-- Matching again, and reading all identities: one of each at a time per connection, resumable, cancellable.
create table match_jobs (
  workspace_id    uuid not null,
  match_job_id    uuid not null,
  connection_id   uuid not null,
  kind            text not null check (kind in ('read-identities', 'match-again')),
  mapping_version integer not null,
  state           text not null check (state in ('running', 'done', 'cancelled', 'failed')),
  -- Where it is: a step and the last key done; a process that takes it over goes on there.
  step            text,
  cursor          text,
  done            bigint not null default 0,
  total           bigint,
  counts          jsonb not null default '{}',
  -- Why it failed, or what it waits for, in words for a person.
  message         text,
  -- The process that works on it, and until when nobody else may: renewed while it does, moved ahead while the job waits for
  -- Pendo. A job whose time is over is taken by whoever comes first.
  held_by         uuid,
  held_until      timestamptz not null,
  -- How often Pendo failed it since the last step that went well.
  failures        smallint not null default 0,
  started_at      timestamptz not null default now(),
  finished_at     timestamptz,
  primary key (workspace_id, match_job_id),
  foreign key (workspace_id, connection_id) references connections
);
create unique index match_jobs_running on match_jobs (workspace_id, connection_id, kind) where state = 'running';

-- The current value of a trait for each source that gave one.
create table traits (
  workspace_id uuid not null,
  record_type  text not null check (record_type in ('organization', 'account', 'user')),
  record_id    uuid not null,
  name         text not null,
  -- 'custom' for what people, imports and the API set; otherwise the integration: 'pendo'.
  source       text not null,
  type         text not null check (type in ('number', 'text', 'yes-no', 'date', 'list')),
  value        jsonb not null,
  -- When the source said so.
  read_at      timestamptz not null,
  primary key (workspace_id, record_type, record_id, name, source)
);

-- Every change of a trait, so that its history can be drawn. Null: there was no value, or it was cleared.
create table trait_changes (
  workspace_id    uuid not null,
  trait_change_id uuid not null,
  record_type     text not null,
  record_id       uuid not null,
  name            text not null,
  source          text not null,
  old_value       jsonb,
  new_value       jsonb,
  read_at         timestamptz not null,
  primary key (workspace_id, trait_change_id)
);
create index trait_changes_of_record on trait_changes (workspace_id, record_type, record_id, name, read_at);
