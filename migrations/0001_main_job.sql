-- The main job: a webhook from Pendo becomes a record.
--
-- Rules for every table: workspace_id leads each key and index, so that the schema can be distributed by workspace.
-- The exceptions are the four small global tables that are read before the workspace is known:
-- workspaces, connection_addresses, api_keys, schema_migrations.

create table workspaces (
  workspace_id uuid primary key,
  name         text not null,
  created_at   timestamptz not null default now()
);

-- One Pendo subscription connected to a workspace.
create table connections (
  workspace_id    uuid not null references workspaces,
  connection_id   uuid not null,
  name            text not null,
  -- Off: deliveries are kept as held, nothing is recorded.
  is_on           boolean not null default true,
  -- What happens to an id without a record: 'create' makes one, 'link' parks the delivery.
  missing_records text not null default 'create' check (missing_records in ('create', 'link')),
  -- Kinds of Pendo event that are kept but not recorded.
  filtered_kinds  text[] not null default '{}',
  -- Kinds that Plumbline does not know and that are recorded as plain events all the same.
  recorded_kinds  text[] not null default '{}',
  created_at      timestamptz not null default now(),
  primary key (workspace_id, connection_id)
);

-- Webhook addresses: only their SHA-256 is kept. Global, because the address is all that a request brings.
create table connection_addresses (
  address_hash  bytea primary key,
  workspace_id  uuid not null,
  connection_id uuid not null,
  created_at    timestamptz not null default now(),
  -- Set by a rotation: until then the old address goes on working.
  expires_at    timestamptz,
  foreign key (workspace_id, connection_id) references connections
);

create table connection_secrets (
  workspace_id  uuid not null,
  connection_id uuid not null,
  secret_id     uuid not null,
  key_id        text not null,
  sealed        bytea not null,
  last_four     text not null,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz,
  primary key (workspace_id, connection_id, secret_id),
  foreign key (workspace_id, connection_id) references connections
);

create table api_keys (
  key_hash     bytea primary key,
  workspace_id uuid not null references workspaces,
  api_key_id   uuid not null,
  name         text not null,
  -- The first characters of the key, by which people recognise it.
  prefix       text not null,
  created_at   timestamptz not null default now(),
  revoked_at   timestamptz,
  unique (workspace_id, api_key_id)
);

-- One row for each HTTP request to a connection's address. The body lies apart (delivery_bodies), so that settling a
-- delivery rewrites 200 bytes and not 1,700.
create table deliveries (
  workspace_id     uuid not null,
  -- Version 7: made when the request arrived, so the primary key is also the order of arrival.
  delivery_id      uuid not null,
  connection_id    uuid not null,
  received_at      timestamptz not null,
  size             integer not null,
  signed           boolean not null,
  state            text not null check (state in ('waiting', 'recorded', 'duplicate', 'filtered', 'held', 'parked', 'failed', 'refused')),
  reason           text,
  -- What the reason means for this delivery, in a sentence; only where the reason alone does not tell.
  detail           text,
  kind             text,
  pendo_visitor_id text,
  pendo_account_id text,
  attempts         smallint not null default 0,
  -- Waiting: not before. Parked: tried again by itself at this time.
  try_at           timestamptz,
  settled_at       timestamptz,
  -- What became of it: [{"type": "event" | "nps-response" | "poll-response", "id": …}].
  made             jsonb,
  primary key (workspace_id, delivery_id)
);

-- The queue. It holds only what waits, so it stays small however many deliveries there are.
create index deliveries_waiting on deliveries (workspace_id, delivery_id) where state = 'waiting';
-- What people look for: everything but the ordinary.
create index deliveries_to_look_at on deliveries (workspace_id, state, delivery_id) where state not in ('waiting', 'recorded');
create index deliveries_to_try_again on deliveries (workspace_id, try_at) where state = 'parked' and try_at is not null;

-- Raw bodies exactly as they came, partitioned by day of arrival (a version 7 uuid starts with its time), so that a day
-- goes in one drop and leaves no bloat. The default partition is a net: it takes what no day was prepared for.
create table delivery_bodies (
  workspace_id uuid not null,
  delivery_id  uuid not null,
  headers      text not null,
  body         bytea not null,
  primary key (workspace_id, delivery_id)
) partition by range (delivery_id);
create table delivery_bodies_default partition of delivery_bodies default;

-- The door's own count, kept apart from the rows it counts: per connection and hour of arrival. Several slots share an
-- hour, so that writers of the inbox do not wait for each other's row.
create table ledger_counts (
  workspace_id     uuid not null,
  connection_id    uuid not null,
  hour             timestamptz not null,
  slot             smallint not null,
  received         bigint not null default 0,
  -- Refused at the door and counted without a row of its own (floods of wrong signatures).
  refused_unkept   bigint not null default 0,
  primary key (workspace_id, connection_id, hour, slot)
) with (fillfactor = 50);

create table organizations (
  workspace_id    uuid not null references workspaces,
  organization_id uuid not null,
  external_id     text not null,
  name            text,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (workspace_id, organization_id),
  unique (workspace_id, external_id)
);

create table accounts (
  workspace_id    uuid not null references workspaces,
  account_id      uuid not null,
  -- Matched exactly: case and spaces count.
  external_id     text not null,
  name            text,
  organization_id uuid,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  primary key (workspace_id, account_id),
  unique (workspace_id, external_id),
  foreign key (workspace_id, organization_id) references organizations
);

create table users (
  workspace_id uuid not null references workspaces,
  user_id      uuid not null,
  external_id  text not null,
  name         text,
  email        text,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  primary key (workspace_id, user_id),
  unique (workspace_id, external_id)
);

create table account_users (
  workspace_id uuid not null,
  account_id   uuid not null,
  user_id      uuid not null,
  created_at   timestamptz not null default now(),
  primary key (workspace_id, account_id, user_id),
  foreign key (workspace_id, account_id) references accounts,
  foreign key (workspace_id, user_id) references users
);
create index account_users_of_user on account_users (workspace_id, user_id, account_id);

-- What happened. The id is derived from the connection and Pendo's uniqueId: the primary key is what makes a second
-- recording impossible. No foreign keys here: two look-ups per row would cost a fifth of the recording rate, and the
-- rows are written in the same transaction that finds or makes the records they name.
create table events (
  workspace_id     uuid not null,
  event_id         uuid not null,
  connection_id    uuid not null,
  delivery_id      uuid not null,
  source           text not null,
  kind             text not null,
  name             text not null,
  occurred_at      timestamptz not null,
  -- Why occurred_at is the time of arrival, where Pendo's own time was missing or could not be right.
  time_flag        text check (time_flag in ('missing', 'unreadable', 'too-old', 'in-future')),
  pendo_visitor_id text,
  pendo_account_id text,
  app_id           text,
  guide_id         text,
  user_id          uuid,
  account_id       uuid,
  organization_id  uuid,
  properties       jsonb not null,
  primary key (workspace_id, event_id)
);
create index events_by_time on events (workspace_id, occurred_at, event_id);
create index events_of_account on events (workspace_id, account_id, occurred_at, event_id) where account_id is not null;
create index events_of_user on events (workspace_id, user_id, occurred_at, event_id) where user_id is not null;

-- One row per submission. A reason that comes after its score is a row of its own with part_of set: the response it
-- completes shows its words (feedback), and lists leave the part out. So nothing is overwritten, and the result does
-- not depend on the order of arrival.
create table nps_responses (
  workspace_id       uuid not null,
  nps_response_id    uuid not null,
  connection_id      uuid not null,
  delivery_id        uuid not null,
  source             text not null,
  score              smallint check (score between 0 and 10),
  feedback           text,
  submitted_feedback text,
  part_of            uuid,
  responded_at       timestamptz not null,
  time_flag          text check (time_flag in ('missing', 'unreadable', 'too-old', 'in-future')),
  channel            text,
  guide_id           text,
  guide_name         text,
  app_id             text,
  pendo_visitor_id   text,
  pendo_account_id   text,
  user_id            uuid,
  account_id         uuid,
  organization_id    uuid,
  primary key (workspace_id, nps_response_id),
  foreign key (workspace_id, user_id) references users,
  foreign key (workspace_id, account_id) references accounts
);
create index nps_responses_by_time on nps_responses (workspace_id, responded_at, nps_response_id);
create index nps_responses_of_account on nps_responses (workspace_id, account_id, responded_at) where account_id is not null;
create index nps_responses_of_user on nps_responses (workspace_id, user_id, responded_at) where user_id is not null;
-- Finding the submissions of one visitor to one guide, to complete a score by its reason.
create index nps_responses_of_survey on nps_responses (workspace_id, connection_id, pendo_visitor_id, guide_id, responded_at);

create table poll_responses (
  workspace_id     uuid not null,
  poll_response_id uuid not null,
  event_id         uuid not null,
  connection_id    uuid not null,
  delivery_id      uuid not null,
  source           text not null,
  poll_id          text,
  poll_type        text,
  question         text,
  -- The answer as Pendo gave it: number, text, choice id, or whatever structure came.
  answer           jsonb,
  -- The answer in words, where it can be said.
  answer_label     text,
  responded_at     timestamptz not null,
  time_flag        text check (time_flag in ('missing', 'unreadable', 'too-old', 'in-future')),
  guide_id         text,
  guide_name       text,
  guide_step_id    text,
  app_id           text,
  pendo_visitor_id text,
  pendo_account_id text,
  user_id          uuid,
  account_id       uuid,
  organization_id  uuid,
  primary key (workspace_id, poll_response_id),
  foreign key (workspace_id, user_id) references users,
  foreign key (workspace_id, account_id) references accounts
);
create index poll_responses_by_time on poll_responses (workspace_id, responded_at, poll_response_id);
create index poll_responses_of_account on poll_responses (workspace_id, account_id, responded_at) where account_id is not null;
create index poll_responses_of_user on poll_responses (workspace_id, user_id, responded_at) where user_id is not null;
create index poll_responses_of_poll on poll_responses (workspace_id, guide_id, poll_id, responded_at);
