-- The schema that all migrations together make. Written by `npm run schema`; read it to know the database.

create table account_users (
  workspace_id uuid not null,
  account_id uuid not null,
  user_id uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint account_users_workspace_id_account_id_fkey FOREIGN KEY (workspace_id, account_id) REFERENCES accounts(workspace_id, account_id),
  constraint account_users_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users(workspace_id, user_id),
  constraint account_users_pkey PRIMARY KEY (workspace_id, account_id, user_id)
);
CREATE INDEX account_users_of_user ON public.account_users USING btree (workspace_id, user_id, account_id);

create table accounts (
  workspace_id uuid not null,
  account_id uuid not null,
  external_id text not null,
  name text,
  organization_id uuid,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint accounts_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint accounts_workspace_id_organization_id_fkey FOREIGN KEY (workspace_id, organization_id) REFERENCES organizations(workspace_id, organization_id),
  constraint accounts_pkey PRIMARY KEY (workspace_id, account_id),
  constraint accounts_workspace_id_external_id_key UNIQUE (workspace_id, external_id)
);

create table api_keys (
  key_hash bytea not null,
  workspace_id uuid not null,
  api_key_id uuid not null,
  name text not null,
  prefix text not null,
  created_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  constraint api_keys_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint api_keys_pkey PRIMARY KEY (key_hash),
  constraint api_keys_workspace_id_api_key_id_key UNIQUE (workspace_id, api_key_id)
);

create table connection_addresses (
  address_hash bytea not null,
  workspace_id uuid not null,
  connection_id uuid not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  constraint connection_addresses_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections(workspace_id, connection_id),
  constraint connection_addresses_pkey PRIMARY KEY (address_hash)
);

create table connection_secrets (
  workspace_id uuid not null,
  connection_id uuid not null,
  secret_id uuid not null,
  key_id text not null,
  sealed bytea not null,
  last_four text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  constraint connection_secrets_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections(workspace_id, connection_id),
  constraint connection_secrets_pkey PRIMARY KEY (workspace_id, connection_id, secret_id)
);

create table connections (
  workspace_id uuid not null,
  connection_id uuid not null,
  name text not null,
  is_on boolean not null default true,
  missing_records text not null default 'create'::text,
  filtered_kinds text[] not null default '{}'::text[],
  recorded_kinds text[] not null default '{}'::text[],
  created_at timestamp with time zone not null default now(),
  constraint connections_missing_records_check CHECK ((missing_records = ANY (ARRAY['create'::text, 'link'::text]))),
  constraint connections_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint connections_pkey PRIMARY KEY (workspace_id, connection_id)
);

create table deliveries (
  workspace_id uuid not null,
  delivery_id uuid not null,
  connection_id uuid not null,
  received_at timestamp with time zone not null,
  size integer not null,
  signed boolean not null,
  state text not null,
  reason text,
  detail text,
  kind text,
  pendo_visitor_id text,
  pendo_account_id text,
  attempts smallint not null default 0,
  try_at timestamp with time zone,
  settled_at timestamp with time zone,
  made jsonb,
  constraint deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'recorded'::text, 'duplicate'::text, 'filtered'::text, 'held'::text, 'parked'::text, 'failed'::text, 'refused'::text]))),
  constraint deliveries_pkey PRIMARY KEY (workspace_id, delivery_id)
);
CREATE INDEX deliveries_to_look_at ON public.deliveries USING btree (workspace_id, state, delivery_id) WHERE (state <> ALL (ARRAY['waiting'::text, 'recorded'::text]));
CREATE INDEX deliveries_to_try_again ON public.deliveries USING btree (workspace_id, try_at) WHERE ((state = 'parked'::text) AND (try_at IS NOT NULL));
CREATE INDEX deliveries_waiting ON public.deliveries USING btree (workspace_id, delivery_id) WHERE (state = 'waiting'::text);

create table delivery_bodies (
  workspace_id uuid not null,
  delivery_id uuid not null,
  headers text not null,
  body bytea not null,
  constraint delivery_bodies_pkey PRIMARY KEY (workspace_id, delivery_id)
) partition by RANGE (delivery_id);

create table delivery_bodies_default (
  workspace_id uuid not null,
  delivery_id uuid not null,
  headers text not null,
  body bytea not null
) -- partition: DEFAULT;

create table events (
  workspace_id uuid not null,
  event_id uuid not null,
  connection_id uuid not null,
  delivery_id uuid not null,
  source text not null,
  kind text not null,
  name text not null,
  occurred_at timestamp with time zone not null,
  time_flag text,
  pendo_visitor_id text,
  pendo_account_id text,
  app_id text,
  guide_id text,
  user_id uuid,
  account_id uuid,
  organization_id uuid,
  properties jsonb not null,
  constraint events_time_flag_check CHECK ((time_flag = ANY (ARRAY['missing'::text, 'unreadable'::text, 'too-old'::text, 'in-future'::text]))),
  constraint events_pkey PRIMARY KEY (workspace_id, event_id)
);
CREATE INDEX events_by_time ON public.events USING btree (workspace_id, occurred_at, event_id);
CREATE INDEX events_of_account ON public.events USING btree (workspace_id, account_id, occurred_at, event_id) WHERE (account_id IS NOT NULL);
CREATE INDEX events_of_user ON public.events USING btree (workspace_id, user_id, occurred_at, event_id) WHERE (user_id IS NOT NULL);

create table ledger_counts (
  workspace_id uuid not null,
  connection_id uuid not null,
  hour timestamp with time zone not null,
  slot smallint not null,
  received bigint not null default 0,
  refused_unkept bigint not null default 0,
  constraint ledger_counts_pkey PRIMARY KEY (workspace_id, connection_id, hour, slot)
) with (fillfactor=50);

create table nps_responses (
  workspace_id uuid not null,
  nps_response_id uuid not null,
  connection_id uuid not null,
  delivery_id uuid not null,
  source text not null,
  score smallint,
  feedback text,
  submitted_feedback text,
  part_of uuid,
  responded_at timestamp with time zone not null,
  time_flag text,
  channel text,
  guide_id text,
  guide_name text,
  app_id text,
  pendo_visitor_id text,
  pendo_account_id text,
  user_id uuid,
  account_id uuid,
  organization_id uuid,
  constraint nps_responses_score_check CHECK (((score >= 0) AND (score <= 10))),
  constraint nps_responses_time_flag_check CHECK ((time_flag = ANY (ARRAY['missing'::text, 'unreadable'::text, 'too-old'::text, 'in-future'::text]))),
  constraint nps_responses_workspace_id_account_id_fkey FOREIGN KEY (workspace_id, account_id) REFERENCES accounts(workspace_id, account_id),
  constraint nps_responses_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users(workspace_id, user_id),
  constraint nps_responses_pkey PRIMARY KEY (workspace_id, nps_response_id)
);
CREATE INDEX nps_responses_by_time ON public.nps_responses USING btree (workspace_id, responded_at, nps_response_id);
CREATE INDEX nps_responses_of_account ON public.nps_responses USING btree (workspace_id, account_id, responded_at) WHERE (account_id IS NOT NULL);
CREATE INDEX nps_responses_of_survey ON public.nps_responses USING btree (workspace_id, connection_id, pendo_visitor_id, guide_id, responded_at);
CREATE INDEX nps_responses_of_user ON public.nps_responses USING btree (workspace_id, user_id, responded_at) WHERE (user_id IS NOT NULL);

create table organizations (
  workspace_id uuid not null,
  organization_id uuid not null,
  external_id text not null,
  name text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint organizations_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint organizations_pkey PRIMARY KEY (workspace_id, organization_id),
  constraint organizations_workspace_id_external_id_key UNIQUE (workspace_id, external_id)
);

create table poll_responses (
  workspace_id uuid not null,
  poll_response_id uuid not null,
  event_id uuid not null,
  connection_id uuid not null,
  delivery_id uuid not null,
  source text not null,
  poll_id text,
  poll_type text,
  question text,
  answer jsonb,
  answer_label text,
  responded_at timestamp with time zone not null,
  time_flag text,
  guide_id text,
  guide_name text,
  guide_step_id text,
  app_id text,
  pendo_visitor_id text,
  pendo_account_id text,
  user_id uuid,
  account_id uuid,
  organization_id uuid,
  constraint poll_responses_time_flag_check CHECK ((time_flag = ANY (ARRAY['missing'::text, 'unreadable'::text, 'too-old'::text, 'in-future'::text]))),
  constraint poll_responses_workspace_id_account_id_fkey FOREIGN KEY (workspace_id, account_id) REFERENCES accounts(workspace_id, account_id),
  constraint poll_responses_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users(workspace_id, user_id),
  constraint poll_responses_pkey PRIMARY KEY (workspace_id, poll_response_id)
);
CREATE INDEX poll_responses_by_time ON public.poll_responses USING btree (workspace_id, responded_at, poll_response_id);
CREATE INDEX poll_responses_of_account ON public.poll_responses USING btree (workspace_id, account_id, responded_at) WHERE (account_id IS NOT NULL);
CREATE INDEX poll_responses_of_poll ON public.poll_responses USING btree (workspace_id, guide_id, poll_id, responded_at);
CREATE INDEX poll_responses_of_user ON public.poll_responses USING btree (workspace_id, user_id, responded_at) WHERE (user_id IS NOT NULL);

create table schema_migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (name)
);

create table users (
  workspace_id uuid not null,
  user_id uuid not null,
  external_id text not null,
  name text,
  email text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint users_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint users_pkey PRIMARY KEY (workspace_id, user_id),
  constraint users_workspace_id_external_id_key UNIQUE (workspace_id, external_id)
);

create table workspaces (
  workspace_id uuid not null,
  name text not null,
  created_at timestamp with time zone not null default now(),
  constraint workspaces_pkey PRIMARY KEY (workspace_id)
);
