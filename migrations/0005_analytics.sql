-- The Analytics API: messages of the customer's own systems, about records and what happened, through the same inbox as
-- webhooks.

-- Who sends to a connection: Pendo's webhooks, or somebody who speaks the Analytics API.
alter table connections add column kind text not null default 'pendo' check (kind in ('pendo', 'analytics'));

-- What a request to the Analytics API was about, as its path says it (track, batch, …); null: a webhook.
alter table deliveries add column endpoint text;

-- The objects of deliveries that have several, as far as they did not end well: which, why, and whom they wait for. Nearly all
-- deliveries have one object, which their own row tells everything about; these have no line here.
create table delivery_items (
  workspace_id     uuid not null,
  delivery_id      uuid not null,
  -- In the order of the body, from 1.
  place            integer not null,
  connection_id    uuid not null,
  state            text not null check (state in ('parked', 'failed', 'filtered', 'held')),
  reason           text not null,
  detail           text,
  kind             text,
  pendo_visitor_id text,
  pendo_account_id text,
  primary key (workspace_id, delivery_id, place)
);
-- Releasing what waits for one visitor or account: a delivery waits for all of its parked objects at once.
create index delivery_items_parked_of_visitor on delivery_items (workspace_id, connection_id, pendo_visitor_id) where state = 'parked';
create index delivery_items_parked_of_account on delivery_items (workspace_id, connection_id, pendo_account_id) where state = 'parked';

-- Messages about records that have been taken in: the id is derived from the connection and the message's own id (or a hash of
-- it), so that the primary key tells what came before. Messages about events need no line: their event is it. Kept as long
-- as raw bodies.
create table messages (
  workspace_id  uuid not null,
  message_id    uuid not null,
  delivery_id   uuid not null,
  primary key (workspace_id, message_id)
);
-- Ids of deliveries begin with their time: what is old goes by this.
create index messages_of_delivery on messages (workspace_id, delivery_id);

-- Who said what last of a record's fields: {"<field>": [milliseconds since 1970, the message]}. An older message that comes
-- later says nothing any more, also of a value that was taken away meanwhile. One line for a record, not for a field: a message
-- names all fields of a record together.
create table record_sayings (
  workspace_id uuid not null,
  record_type  text not null check (record_type in ('organization', 'account', 'user')),
  record_id    uuid not null,
  said         jsonb not null default '{}',
  primary key (workspace_id, record_type, record_id)
);

-- What was said last of a user's being in an account or organization, or in it no longer. By external IDs: a message may
-- say it before there are records.
create table membership_sayings (
  workspace_id       uuid not null,
  user_external_id   text not null,
  record_type        text not null check (record_type in ('organization', 'account')),
  record_external_id text not null,
  is_member          boolean not null,
  -- Milliseconds since 1970; 0: at a time nobody has told.
  said_at            double precision not null,
  -- The message: of two of the same time the greater one counts, in whichever order they come.
  said_by            text not null,
  primary key (workspace_id, user_external_id, record_type, record_external_id)
);
-- Forgetting what was said of a record that is deleted.
create index membership_sayings_of_record on membership_sayings (workspace_id, record_type, record_external_id);
