-- The schema that all migrations together make. Written by `npm run schema`; read it to know the database.
-- Every table with a workspace_id also has row-level security, forced: src/platform/database/api-role.ts.

create table account_users (
  workspace_id uuid not null,
  account_id uuid not null,
  user_id uuid not null,
  created_at timestamp with time zone not null default now(),
  source text not null default 'pendo'::text,
  connection_id uuid,
  pendo_visitor_id text,
  pendo_account_id text,
  mapping_version integer,
  constraint account_users_source_check CHECK ((source = ANY (ARRAY['pendo'::text, 'import'::text, 'api'::text, 'person'::text]))),
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
  made_by_connection uuid,
  avatar text,
  external_key text generated always as (lower(external_id)) stored,
  sort_key text generated always as (lower("left"(COALESCE(name, external_id), 200))) stored,
  second_key text generated always as (lower("left"("substring"(name, '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'::text), 200))) stored,
  last_key text generated always as (lower("left"("substring"(name, '[^[:alnum:]][[:alnum:]]+[^[:alnum:]]+([[:alnum:]]+)[^[:alnum:]]*$'::text), 200))) stored,
  external_second_key text generated always as (
CASE
    WHEN (external_id !~ '^[0-9a-fA-F-]*$'::text) THEN lower("left"("substring"(external_id, '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'::text), 200))
    ELSE NULL::text
END) stored,
  constraint accounts_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint accounts_workspace_id_organization_id_fkey FOREIGN KEY (workspace_id, organization_id) REFERENCES organizations(workspace_id, organization_id),
  constraint accounts_pkey PRIMARY KEY (workspace_id, account_id),
  constraint accounts_workspace_id_external_id_key UNIQUE (workspace_id, external_id)
);
CREATE INDEX accounts_by_change ON public.accounts USING btree (workspace_id, updated_at, account_id);
CREATE INDEX accounts_by_name ON public.accounts USING btree (workspace_id, sort_key, account_id);
CREATE INDEX accounts_by_time ON public.accounts USING btree (workspace_id, created_at, account_id);
CREATE INDEX accounts_of_external_key ON public.accounts USING btree (workspace_id, external_key);
CREATE INDEX accounts_of_external_second_key ON public.accounts USING btree (workspace_id, external_second_key) WHERE (external_second_key IS NOT NULL);
CREATE INDEX accounts_of_last_key ON public.accounts USING btree (workspace_id, last_key) WHERE (last_key IS NOT NULL);
CREATE INDEX accounts_of_organization ON public.accounts USING btree (workspace_id, organization_id, account_id) WHERE (organization_id IS NOT NULL);
CREATE INDEX accounts_of_second_key ON public.accounts USING btree (workspace_id, second_key) WHERE (second_key IS NOT NULL);

create table api_keys (
  key_hash bytea not null,
  workspace_id uuid not null,
  api_key_id uuid not null,
  name text not null,
  prefix text not null,
  created_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  scopes text[] not null default '{read,write}'::text[],
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  made_by text,
  constraint api_keys_scopes_check CHECK (((scopes <@ '{read,write,ingest,admin}'::text[]) AND (scopes <> '{}'::text[]))),
  constraint api_keys_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint api_keys_pkey PRIMARY KEY (key_hash),
  constraint api_keys_workspace_id_api_key_id_key UNIQUE (workspace_id, api_key_id)
);

create table audit_log (
  workspace_id uuid not null,
  audit_id uuid not null,
  at timestamp with time zone not null,
  by_kind text not null,
  by_id text,
  by_name text not null,
  address text,
  action text not null,
  subject_type text not null,
  subject_id text,
  before jsonb,
  after jsonb,
  constraint audit_log_by_kind_check CHECK ((by_kind = ANY (ARRAY['member'::text, 'api-key'::text, 'command-line'::text, 'system'::text]))),
  constraint audit_log_pkey PRIMARY KEY (workspace_id, audit_id)
);
CREATE INDEX audit_log_by_time ON public.audit_log USING btree (workspace_id, at, audit_id);
CREATE INDEX audit_log_of_subject ON public.audit_log USING btree (workspace_id, subject_type, subject_id, at, audit_id);

create table connection_addresses (
  address_hash bytea not null,
  workspace_id uuid not null,
  connection_id uuid not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  key_id text,
  sealed bytea,
  constraint connection_addresses_sealed_check CHECK (((key_id IS NULL) = (sealed IS NULL))),
  constraint connection_addresses_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections(workspace_id, connection_id),
  constraint connection_addresses_pkey PRIMARY KEY (address_hash)
);

create table connection_mappings (
  workspace_id uuid not null,
  connection_id uuid not null,
  version integer not null,
  user_id_from text,
  account_id_from text,
  level text not null default 'account'::text,
  created_at timestamp with time zone not null default now(),
  constraint connection_mappings_level_check CHECK ((level = ANY (ARRAY['account'::text, 'organization'::text]))),
  constraint connection_mappings_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections(workspace_id, connection_id),
  constraint connection_mappings_pkey PRIMARY KEY (workspace_id, connection_id, version)
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
  region text not null default 'us'::text,
  mapping_version integer not null default 1,
  changed_identities text not null default 'stay'::text,
  identities_read_at timestamp with time zone,
  asking_reason text,
  asking_detail text,
  asking_failures smallint not null default 0,
  ask_again_at timestamp with time zone,
  kind text not null default 'pendo'::text,
  anonymous_visitors text not null default 'record'::text,
  constraint connections_anonymous_visitors_check CHECK ((anonymous_visitors = ANY (ARRAY['record'::text, 'filter'::text]))),
  constraint connections_changed_identities_check CHECK ((changed_identities = ANY (ARRAY['stay'::text, 'move'::text]))),
  constraint connections_kind_check CHECK ((kind = ANY (ARRAY['pendo'::text, 'analytics'::text]))),
  constraint connections_missing_records_check CHECK ((missing_records = ANY (ARRAY['create'::text, 'link'::text]))),
  constraint connections_region_check CHECK ((region = ANY (ARRAY['us'::text, 'us1'::text, 'eu'::text, 'jpn'::text, 'au'::text]))),
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
  endpoint text,
  constraint deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'recorded'::text, 'duplicate'::text, 'filtered'::text, 'held'::text, 'parked'::text, 'failed'::text, 'refused'::text]))),
  constraint deliveries_pkey PRIMARY KEY (workspace_id, delivery_id)
);
CREATE INDEX deliveries_of_account ON public.deliveries USING btree (workspace_id, pendo_account_id, delivery_id) WHERE (pendo_account_id IS NOT NULL);
CREATE INDEX deliveries_of_kind ON public.deliveries USING btree (workspace_id, kind) WHERE (kind IS NOT NULL);
CREATE INDEX deliveries_of_visitor ON public.deliveries USING btree (workspace_id, pendo_visitor_id, delivery_id) WHERE (pendo_visitor_id IS NOT NULL);
CREATE INDEX deliveries_parked_of_account ON public.deliveries USING btree (workspace_id, connection_id, pendo_account_id) WHERE (state = 'parked'::text);
CREATE INDEX deliveries_parked_of_visitor ON public.deliveries USING btree (workspace_id, connection_id, pendo_visitor_id) WHERE (state = 'parked'::text);
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

create table delivery_items (
  workspace_id uuid not null,
  delivery_id uuid not null,
  place integer not null,
  connection_id uuid not null,
  state text not null,
  reason text not null,
  detail text,
  kind text,
  pendo_visitor_id text,
  pendo_account_id text,
  constraint delivery_items_state_check CHECK ((state = ANY (ARRAY['parked'::text, 'failed'::text, 'filtered'::text, 'held'::text]))),
  constraint delivery_items_pkey PRIMARY KEY (workspace_id, delivery_id, place)
);
CREATE INDEX delivery_items_parked_of_account ON public.delivery_items USING btree (workspace_id, connection_id, pendo_account_id) WHERE (state = 'parked'::text);
CREATE INDEX delivery_items_parked_of_visitor ON public.delivery_items USING btree (workspace_id, connection_id, pendo_visitor_id) WHERE (state = 'parked'::text);

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
  mapping_version integer not null default 1,
  constraint events_time_flag_check CHECK ((time_flag = ANY (ARRAY['missing'::text, 'unreadable'::text, 'too-old'::text, 'in-future'::text]))),
  constraint events_pkey PRIMARY KEY (workspace_id, event_id)
);
CREATE INDEX events_by_time ON public.events USING btree (workspace_id, occurred_at, event_id);
CREATE INDEX events_of_account ON public.events USING btree (workspace_id, account_id, occurred_at, event_id) WHERE (account_id IS NOT NULL);
CREATE INDEX events_of_guide ON public.events USING btree (workspace_id, guide_id, occurred_at, event_id) WHERE (guide_id IS NOT NULL);
CREATE INDEX events_of_kind ON public.events USING btree (workspace_id, kind, occurred_at, event_id);
CREATE INDEX events_of_organization ON public.events USING btree (workspace_id, organization_id, occurred_at, event_id) WHERE (organization_id IS NOT NULL);
CREATE INDEX events_of_user ON public.events USING btree (workspace_id, user_id, occurred_at, event_id) WHERE (user_id IS NOT NULL);

create table idempotency_keys (
  workspace_id uuid not null,
  by_id text not null,
  key text not null,
  request_hash bytea not null,
  claim_id uuid not null,
  claimed_until timestamp with time zone not null,
  status smallint,
  key_id text,
  sealed bytea,
  created_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (workspace_id, by_id, key)
);
CREATE INDEX idempotency_keys_by_time ON public.idempotency_keys USING btree (workspace_id, created_at);

create table import_pieces (
  workspace_id uuid not null,
  import_id uuid not null,
  place integer not null,
  bytes bytea not null,
  constraint import_pieces_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id) REFERENCES imports(workspace_id, import_id) ON DELETE CASCADE,
  constraint import_pieces_pkey PRIMARY KEY (workspace_id, import_id, place)
);

create table import_rejections (
  workspace_id uuid not null,
  import_id uuid not null,
  row_number integer not null,
  reason text not null,
  cells text[] not null,
  constraint import_rejections_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id) REFERENCES imports(workspace_id, import_id) ON DELETE CASCADE,
  constraint import_rejections_pkey PRIMARY KEY (workspace_id, import_id, row_number)
);

create table imports (
  workspace_id uuid not null,
  import_id uuid not null,
  kind text not null,
  state text not null,
  is_rehearsal boolean not null,
  encoding text,
  size bigint not null default 0,
  columns text[] not null default '{}'::text[],
  choices jsonb,
  step text,
  done bigint not null default 0,
  total bigint,
  saved_to text,
  counts jsonb not null default '{}'::jsonb,
  message text,
  made_by text not null,
  held_by uuid,
  held_until timestamp with time zone not null,
  failures smallint not null default 0,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  deaths smallint not null default 0,
  constraint imports_kind_check CHECK ((kind = ANY (ARRAY['organization'::text, 'account'::text, 'user'::text]))),
  constraint imports_state_check CHECK ((state = ANY (ARRAY['uploading'::text, 'waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
  constraint imports_step_check CHECK ((step = ANY (ARRAY['reading'::text, 'writing'::text]))),
  constraint imports_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint imports_pkey PRIMARY KEY (workspace_id, import_id)
);
CREATE INDEX imports_by_time ON public.imports USING btree (workspace_id, created_at, import_id);
CREATE INDEX imports_running ON public.imports USING btree (workspace_id, held_until) WHERE (state = 'running'::text);

create table integration_keys (
  workspace_id uuid not null,
  connection_id uuid not null,
  key_id text not null,
  sealed bytea not null,
  last_four text not null,
  state text not null default 'untested'::text,
  may_write boolean,
  tested_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint integration_keys_state_check CHECK ((state = ANY (ARRAY['untested'::text, 'valid'::text, 'wrong-region'::text, 'refused'::text, 'not-reachable'::text]))),
  constraint integration_keys_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections(workspace_id, connection_id),
  constraint integration_keys_pkey PRIMARY KEY (workspace_id, connection_id)
);

create table job_workers (
  worker_id text not null,
  seen_at timestamp with time zone not null,
  constraint job_workers_pkey PRIMARY KEY (worker_id)
);

create table ledger_counts (
  workspace_id uuid not null,
  connection_id uuid not null,
  hour timestamp with time zone not null,
  slot smallint not null,
  received bigint not null default 0,
  refused_unkept bigint not null default 0,
  constraint ledger_counts_pkey PRIMARY KEY (workspace_id, connection_id, hour, slot)
) with (fillfactor=50);

create table match_jobs (
  workspace_id uuid not null,
  match_job_id uuid not null,
  connection_id uuid not null,
  kind text not null,
  mapping_version integer not null,
  state text not null,
  step text,
  cursor text,
  done bigint not null default 0,
  total bigint,
  counts jsonb not null default '{}'::jsonb,
  message text,
  held_by uuid,
  held_until timestamp with time zone not null,
  failures smallint not null default 0,
  started_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  deaths smallint not null default 0,
  constraint match_jobs_kind_check CHECK ((kind = ANY (ARRAY['read-identities'::text, 'match-again'::text]))),
  constraint match_jobs_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text, 'failed'::text]))),
  constraint match_jobs_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections(workspace_id, connection_id),
  constraint match_jobs_pkey PRIMARY KEY (workspace_id, match_job_id)
);
CREATE UNIQUE INDEX match_jobs_running ON public.match_jobs USING btree (workspace_id, connection_id, kind) WHERE (state = 'running'::text);

create table members (
  member_id uuid not null,
  email text not null,
  name text,
  password_hash text,
  oidc_issuer text,
  oidc_subject text,
  created_at timestamp with time zone not null default now(),
  constraint members_pkey PRIMARY KEY (member_id)
);
CREATE UNIQUE INDEX members_of_email ON public.members USING btree (lower(email));
CREATE UNIQUE INDEX members_of_subject ON public.members USING btree (oidc_issuer, oidc_subject) WHERE (oidc_subject IS NOT NULL);

create table membership_sayings (
  workspace_id uuid not null,
  user_external_id text not null,
  record_type text not null,
  record_external_id text not null,
  is_member boolean not null,
  said_at double precision not null,
  said_by text not null,
  constraint membership_sayings_record_type_check CHECK ((record_type = ANY (ARRAY['organization'::text, 'account'::text]))),
  constraint membership_sayings_pkey PRIMARY KEY (workspace_id, user_external_id, record_type, record_external_id)
);
CREATE INDEX membership_sayings_of_record ON public.membership_sayings USING btree (workspace_id, record_type, record_external_id);

create table messages (
  workspace_id uuid not null,
  message_id uuid not null,
  delivery_id uuid not null,
  constraint messages_pkey PRIMARY KEY (workspace_id, message_id)
);
CREATE INDEX messages_of_delivery ON public.messages USING btree (workspace_id, delivery_id);

create table nps_responses (
  workspace_id uuid not null,
  nps_response_id uuid not null,
  connection_id uuid,
  delivery_id uuid,
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
  mapping_version integer not null default 1,
  external_id text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint nps_responses_score_check CHECK (((score >= 0) AND (score <= 10))),
  constraint nps_responses_time_flag_check CHECK ((time_flag = ANY (ARRAY['missing'::text, 'unreadable'::text, 'too-old'::text, 'in-future'::text]))),
  constraint nps_responses_workspace_id_account_id_fkey FOREIGN KEY (workspace_id, account_id) REFERENCES accounts(workspace_id, account_id),
  constraint nps_responses_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users(workspace_id, user_id),
  constraint nps_responses_pkey PRIMARY KEY (workspace_id, nps_response_id)
);
CREATE INDEX nps_responses_by_change ON public.nps_responses USING btree (workspace_id, updated_at, nps_response_id) WHERE ((part_of IS NULL) AND (score IS NOT NULL));
CREATE INDEX nps_responses_by_creation ON public.nps_responses USING btree (workspace_id, created_at, nps_response_id) WHERE ((part_of IS NULL) AND (score IS NOT NULL));
CREATE INDEX nps_responses_by_time ON public.nps_responses USING btree (workspace_id, responded_at, nps_response_id);
CREATE INDEX nps_responses_of_account ON public.nps_responses USING btree (workspace_id, account_id, responded_at) WHERE (account_id IS NOT NULL);
CREATE UNIQUE INDEX nps_responses_of_external_id ON public.nps_responses USING btree (workspace_id, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX nps_responses_of_organization ON public.nps_responses USING btree (workspace_id, organization_id, responded_at) WHERE (organization_id IS NOT NULL);
CREATE INDEX nps_responses_of_survey ON public.nps_responses USING btree (workspace_id, connection_id, pendo_visitor_id, guide_id, responded_at);
CREATE INDEX nps_responses_of_user ON public.nps_responses USING btree (workspace_id, user_id, responded_at) WHERE (user_id IS NOT NULL);
CREATE INDEX nps_responses_of_user_alone ON public.nps_responses USING btree (workspace_id, user_id, responded_at, nps_response_id) WHERE ((account_id IS NULL) AND (organization_id IS NULL) AND (user_id IS NOT NULL));

create table one_time_links (
  token_hash bytea not null,
  link_id uuid not null,
  purpose text not null,
  workspace_id uuid,
  email text,
  role text,
  member_id uuid,
  made_by text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint one_time_links_purpose_check CHECK ((purpose = ANY (ARRAY['first-admin'::text, 'invitation'::text, 'new-password'::text]))),
  constraint one_time_links_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text, 'viewer'::text]))),
  constraint one_time_links_member_id_fkey FOREIGN KEY (member_id) REFERENCES members(member_id),
  constraint one_time_links_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint one_time_links_pkey PRIMARY KEY (token_hash),
  constraint one_time_links_link_id_key UNIQUE (link_id)
);
CREATE INDEX one_time_links_of_workspace ON public.one_time_links USING btree (workspace_id, created_at) WHERE (workspace_id IS NOT NULL);

create table organization_users (
  workspace_id uuid not null,
  organization_id uuid not null,
  user_id uuid not null,
  source text not null default 'pendo'::text,
  connection_id uuid,
  pendo_visitor_id text,
  pendo_account_id text,
  mapping_version integer,
  created_at timestamp with time zone not null default now(),
  constraint organization_users_source_check CHECK ((source = ANY (ARRAY['pendo'::text, 'import'::text, 'api'::text, 'person'::text]))),
  constraint organization_users_workspace_id_organization_id_fkey FOREIGN KEY (workspace_id, organization_id) REFERENCES organizations(workspace_id, organization_id),
  constraint organization_users_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users(workspace_id, user_id),
  constraint organization_users_pkey PRIMARY KEY (workspace_id, organization_id, user_id)
);
CREATE INDEX organization_users_of_user ON public.organization_users USING btree (workspace_id, user_id, organization_id);

create table organizations (
  workspace_id uuid not null,
  organization_id uuid not null,
  external_id text not null,
  name text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  made_by_connection uuid,
  avatar text,
  external_key text generated always as (lower(external_id)) stored,
  sort_key text generated always as (lower("left"(COALESCE(name, external_id), 200))) stored,
  second_key text generated always as (lower("left"("substring"(name, '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'::text), 200))) stored,
  last_key text generated always as (lower("left"("substring"(name, '[^[:alnum:]][[:alnum:]]+[^[:alnum:]]+([[:alnum:]]+)[^[:alnum:]]*$'::text), 200))) stored,
  external_second_key text generated always as (
CASE
    WHEN (external_id !~ '^[0-9a-fA-F-]*$'::text) THEN lower("left"("substring"(external_id, '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'::text), 200))
    ELSE NULL::text
END) stored,
  constraint organizations_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint organizations_pkey PRIMARY KEY (workspace_id, organization_id),
  constraint organizations_workspace_id_external_id_key UNIQUE (workspace_id, external_id)
);
CREATE INDEX organizations_by_change ON public.organizations USING btree (workspace_id, updated_at, organization_id);
CREATE INDEX organizations_by_name ON public.organizations USING btree (workspace_id, sort_key, organization_id);
CREATE INDEX organizations_by_time ON public.organizations USING btree (workspace_id, created_at, organization_id);
CREATE INDEX organizations_of_external_key ON public.organizations USING btree (workspace_id, external_key);
CREATE INDEX organizations_of_external_second_key ON public.organizations USING btree (workspace_id, external_second_key) WHERE (external_second_key IS NOT NULL);
CREATE INDEX organizations_of_last_key ON public.organizations USING btree (workspace_id, last_key) WHERE (last_key IS NOT NULL);
CREATE INDEX organizations_of_second_key ON public.organizations USING btree (workspace_id, second_key) WHERE (second_key IS NOT NULL);

create table pendo_identities (
  workspace_id uuid not null,
  connection_id uuid not null,
  kind text not null,
  pendo_id text not null,
  field text not null,
  state text not null,
  external_id text,
  found_in text,
  previous_external_id text,
  changed_at timestamp with time zone,
  read_at timestamp with time zone not null,
  ask_at timestamp with time zone,
  asked smallint not null default 0,
  constraint pendo_identities_check CHECK (((state = 'mapped'::text) = (external_id IS NOT NULL))),
  constraint pendo_identities_kind_check CHECK ((kind = ANY (ARRAY['visitor'::text, 'account'::text]))),
  constraint pendo_identities_state_check CHECK ((state = ANY (ARRAY['wanted'::text, 'mapped'::text, 'no-value'::text, 'unknown'::text, 'refused'::text]))),
  constraint pendo_identities_pkey PRIMARY KEY (workspace_id, connection_id, kind, pendo_id)
);
CREATE INDEX pendo_identities_of_external_id ON public.pendo_identities USING btree (workspace_id, kind, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX pendo_identities_to_ask ON public.pendo_identities USING btree (workspace_id, connection_id, kind, ask_at) WHERE (ask_at IS NOT NULL);

create table pendo_paces (
  workspace_id uuid not null,
  connection_id uuid not null,
  next_at timestamp with time zone not null,
  constraint pendo_paces_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections(workspace_id, connection_id),
  constraint pendo_paces_pkey PRIMARY KEY (workspace_id, connection_id)
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
  mapping_version integer not null default 1,
  constraint poll_responses_time_flag_check CHECK ((time_flag = ANY (ARRAY['missing'::text, 'unreadable'::text, 'too-old'::text, 'in-future'::text]))),
  constraint poll_responses_workspace_id_account_id_fkey FOREIGN KEY (workspace_id, account_id) REFERENCES accounts(workspace_id, account_id),
  constraint poll_responses_workspace_id_user_id_fkey FOREIGN KEY (workspace_id, user_id) REFERENCES users(workspace_id, user_id),
  constraint poll_responses_pkey PRIMARY KEY (workspace_id, poll_response_id)
);
CREATE INDEX poll_responses_by_time ON public.poll_responses USING btree (workspace_id, responded_at, poll_response_id);
CREATE INDEX poll_responses_of_account ON public.poll_responses USING btree (workspace_id, account_id, responded_at) WHERE (account_id IS NOT NULL);
CREATE INDEX poll_responses_of_event ON public.poll_responses USING btree (workspace_id, event_id);
CREATE INDEX poll_responses_of_organization ON public.poll_responses USING btree (workspace_id, organization_id, responded_at) WHERE (organization_id IS NOT NULL);
CREATE INDEX poll_responses_of_poll ON public.poll_responses USING btree (workspace_id, guide_id, poll_id, responded_at);
CREATE INDEX poll_responses_of_user ON public.poll_responses USING btree (workspace_id, user_id, responded_at) WHERE (user_id IS NOT NULL);

create table record_sayings (
  workspace_id uuid not null,
  record_type text not null,
  record_id uuid not null,
  said jsonb not null default '{}'::jsonb,
  constraint record_sayings_record_type_check CHECK ((record_type = ANY (ARRAY['organization'::text, 'account'::text, 'user'::text]))),
  constraint record_sayings_pkey PRIMARY KEY (workspace_id, record_type, record_id)
);

create table recurring_jobs (
  name text not null,
  timetable text not null,
  zone text not null,
  why text not null,
  next_at timestamp with time zone not null,
  last_started_at timestamp with time zone,
  last_finished_at timestamp with time zone,
  last_failed_at timestamp with time zone,
  last_failure text,
  constraint recurring_jobs_pkey PRIMARY KEY (name)
);

create table replays (
  workspace_id uuid not null,
  replay_id uuid not null,
  state text not null,
  filter jsonb not null,
  before_id uuid not null,
  reached uuid,
  total bigint,
  matched bigint not null default 0,
  replayed bigint not null default 0,
  left_out jsonb not null default '[]'::jsonb,
  message text,
  made_by text not null,
  held_by uuid,
  held_until timestamp with time zone not null,
  failures smallint not null default 0,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  deaths smallint not null default 0,
  constraint replays_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
  constraint replays_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint replays_pkey PRIMARY KEY (workspace_id, replay_id)
);
CREATE INDEX replays_running ON public.replays USING btree (workspace_id, held_until) WHERE (state = 'running'::text);

create table report_problems (
  workspace_id uuid not null,
  report_run_id uuid not null,
  row_number bigint not null,
  column_name text not null default ''::text,
  kind text not null,
  reason text not null,
  row_id text,
  value text,
  constraint report_problems_kind_check CHECK ((kind = ANY (ARRAY['unmatched'::text, 'type-error'::text]))),
  constraint report_problems_workspace_id_report_run_id_fkey FOREIGN KEY (workspace_id, report_run_id) REFERENCES report_runs(workspace_id, report_run_id) ON DELETE CASCADE,
  constraint report_problems_pkey PRIMARY KEY (workspace_id, report_run_id, row_number, column_name)
);

create table report_runs (
  workspace_id uuid not null,
  report_run_id uuid not null,
  report_id uuid not null,
  number integer not null,
  window_at timestamp with time zone,
  state text not null,
  is_confirmed boolean not null default false,
  step text,
  done bigint not null default 0,
  total bigint,
  rows_read bigint,
  columns_seen text[],
  matched bigint,
  changed bigint,
  values_changed bigint,
  unmatched bigint,
  type_errors bigint,
  message text,
  answers jsonb not null default '[]'::jsonb,
  held_by uuid,
  held_until timestamp with time zone not null,
  failures smallint not null default 0,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  deaths smallint not null default 0,
  constraint report_runs_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text, 'stopped'::text, 'cancelled'::text]))),
  constraint report_runs_workspace_id_report_id_fkey FOREIGN KEY (workspace_id, report_id) REFERENCES reports(workspace_id, report_id) ON DELETE CASCADE,
  constraint report_runs_pkey PRIMARY KEY (workspace_id, report_run_id)
);
CREATE INDEX report_runs_by_time ON public.report_runs USING btree (workspace_id, report_id, started_at, report_run_id);
CREATE UNIQUE INDEX report_runs_in_order ON public.report_runs USING btree (workspace_id, report_id, number);
CREATE UNIQUE INDEX report_runs_of_window ON public.report_runs USING btree (workspace_id, report_id, window_at) WHERE (window_at IS NOT NULL);
CREATE UNIQUE INDEX report_runs_running ON public.report_runs USING btree (workspace_id, report_id) WHERE (state = 'running'::text);

create table reports (
  workspace_id uuid not null,
  report_id uuid not null,
  connection_id uuid not null,
  pendo_report_id text not null,
  name text not null,
  record_type text not null,
  id_column text not null,
  id_kind text not null,
  columns jsonb not null,
  vanished text not null default 'keep'::text,
  every_hours smallint not null default 12,
  is_on boolean not null default true,
  next_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint reports_every_hours_check CHECK ((every_hours = ANY (ARRAY[1, 3, 6, 12, 24]))),
  constraint reports_id_kind_check CHECK ((id_kind = ANY (ARRAY['visitor'::text, 'account'::text, 'external'::text]))),
  constraint reports_record_type_check CHECK ((record_type = ANY (ARRAY['organization'::text, 'account'::text, 'user'::text]))),
  constraint reports_vanished_check CHECK ((vanished = ANY (ARRAY['keep'::text, 'clear'::text]))),
  constraint reports_workspace_id_connection_id_fkey FOREIGN KEY (workspace_id, connection_id) REFERENCES connections(workspace_id, connection_id),
  constraint reports_pkey PRIMARY KEY (workspace_id, report_id)
);
CREATE INDEX reports_due ON public.reports USING btree (workspace_id, next_at) WHERE is_on;
CREATE UNIQUE INDEX reports_of_connection ON public.reports USING btree (workspace_id, connection_id, pendo_report_id, record_type);

create table schema_migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (name)
);

create table sessions (
  token_hash bytea not null,
  session_id uuid not null,
  member_id uuid not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  last_workspace_id uuid,
  user_agent text,
  address text,
  constraint sessions_member_id_fkey FOREIGN KEY (member_id) REFERENCES members(member_id),
  constraint sessions_pkey PRIMARY KEY (token_hash),
  constraint sessions_session_id_key UNIQUE (session_id)
);
CREATE INDEX sessions_of_member ON public.sessions USING btree (member_id);

create table trait_changes (
  workspace_id uuid not null,
  trait_change_id uuid not null,
  record_type text not null,
  record_id uuid not null,
  name text not null,
  source text not null,
  old_value jsonb,
  new_value jsonb,
  read_at timestamp with time zone not null,
  report_run_id uuid,
  constraint trait_changes_pkey PRIMARY KEY (workspace_id, trait_change_id)
);
CREATE INDEX trait_changes_of_record ON public.trait_changes USING btree (workspace_id, record_type, record_id, name, read_at);

create table trait_settings (
  workspace_id uuid not null,
  record_type text not null,
  name text not null,
  type text,
  sources text[],
  updated_at timestamp with time zone not null default now(),
  constraint trait_settings_record_type_check CHECK ((record_type = ANY (ARRAY['organization'::text, 'account'::text, 'user'::text]))),
  constraint trait_settings_type_check CHECK ((type = ANY (ARRAY['number'::text, 'text'::text, 'yes-no'::text, 'date'::text, 'list'::text]))),
  constraint trait_settings_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint trait_settings_pkey PRIMARY KEY (workspace_id, record_type, name)
);

create table traits (
  workspace_id uuid not null,
  record_type text not null,
  record_id uuid not null,
  name text not null,
  source text not null,
  type text not null,
  value jsonb not null,
  read_at timestamp with time zone not null,
  last_read_at timestamp with time zone,
  constraint traits_record_type_check CHECK ((record_type = ANY (ARRAY['organization'::text, 'account'::text, 'user'::text]))),
  constraint traits_type_check CHECK ((type = ANY (ARRAY['number'::text, 'text'::text, 'yes-no'::text, 'date'::text, 'list'::text]))),
  constraint traits_pkey PRIMARY KEY (workspace_id, record_type, record_id, name, source)
);
CREATE INDEX traits_churned ON public.traits USING btree (workspace_id, record_type, record_id) WHERE (name = 'churnedAt'::text);

create table users (
  workspace_id uuid not null,
  user_id uuid not null,
  external_id text not null,
  name text,
  email text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  made_by_connection uuid,
  avatar text,
  joined_at timestamp with time zone,
  deactivated_at timestamp with time zone,
  unsubscribed_from_conversations boolean,
  email_key text generated always as (lower(email)) stored,
  email_domain text generated always as (lower("substring"(email, '[^@]*$'::text))) stored,
  external_key text generated always as (lower(external_id)) stored,
  sort_key text generated always as (lower("left"(COALESCE(name, external_id), 200))) stored,
  second_key text generated always as (lower("left"("substring"(name, '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'::text), 200))) stored,
  last_key text generated always as (lower("left"("substring"(name, '[^[:alnum:]][[:alnum:]]+[^[:alnum:]]+([[:alnum:]]+)[^[:alnum:]]*$'::text), 200))) stored,
  external_second_key text generated always as (
CASE
    WHEN (external_id !~ '^[0-9a-fA-F-]*$'::text) THEN lower("left"("substring"(external_id, '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'::text), 200))
    ELSE NULL::text
END) stored,
  constraint users_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint users_pkey PRIMARY KEY (workspace_id, user_id),
  constraint users_workspace_id_external_id_key UNIQUE (workspace_id, external_id)
);
CREATE INDEX users_by_change ON public.users USING btree (workspace_id, updated_at, user_id);
CREATE INDEX users_by_name ON public.users USING btree (workspace_id, sort_key, user_id);
CREATE INDEX users_by_time ON public.users USING btree (workspace_id, created_at, user_id);
CREATE INDEX users_of_email ON public.users USING btree (workspace_id, email_key COLLATE "C") WHERE (email_key IS NOT NULL);
CREATE INDEX users_of_email_domain ON public.users USING btree (workspace_id, email_domain) WHERE (email_domain IS NOT NULL);
CREATE INDEX users_of_external_key ON public.users USING btree (workspace_id, external_key);
CREATE INDEX users_of_external_second_key ON public.users USING btree (workspace_id, external_second_key) WHERE (external_second_key IS NOT NULL);
CREATE INDEX users_of_last_key ON public.users USING btree (workspace_id, last_key) WHERE (last_key IS NOT NULL);
CREATE INDEX users_of_second_key ON public.users USING btree (workspace_id, second_key) WHERE (second_key IS NOT NULL);

create table workspace_members (
  workspace_id uuid not null,
  member_id uuid not null,
  role text not null,
  created_at timestamp with time zone not null default now(),
  constraint workspace_members_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text, 'viewer'::text]))),
  constraint workspace_members_member_id_fkey FOREIGN KEY (member_id) REFERENCES members(member_id),
  constraint workspace_members_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspaces(workspace_id),
  constraint workspace_members_pkey PRIMARY KEY (workspace_id, member_id)
);
CREATE INDEX workspaces_of_member ON public.workspace_members USING btree (member_id);

create table workspaces (
  workspace_id uuid not null,
  name text not null,
  created_at timestamp with time zone not null default now(),
  hierarchy boolean not null default false,
  constraint workspaces_pkey PRIMARY KEY (workspace_id)
);
