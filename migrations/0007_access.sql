-- Who may come in and do what: people who sign in, keys of programs, and the log of who changed what.

-- What a key opens: read what there is, write records and settings, ingest (the analytics API), admin (keys, members,
-- connections and their secrets, the workspace).
alter table api_keys
  add column scopes       text[] not null default '{read,write}' check (scopes <@ '{read,write,ingest,admin}' and scopes <> '{}'),
  add column expires_at   timestamptz,
  -- To the minute, so that a busy key is no busy row.
  add column last_used_at timestamptz,
  -- Who made it, as the audit log names people.
  add column made_by      text;

-- A person who signs in. Global: one person may belong to several workspaces. The API's role sees nothing of it. Who belongs to
-- no workspace any more can sign in and finds nothing.
create table members (
  member_id     uuid primary key,
  -- As they wrote it; compared without regard to case.
  email         text not null,
  name          text,
  -- argon2id, with its parameters; null: signs in elsewhere (OpenID Connect), or has not chosen one yet.
  password_hash text,
  -- Issuer and subject of OpenID Connect.
  oidc_issuer   text,
  oidc_subject  text,
  created_at    timestamptz not null default now()
);
create unique index members_of_email on members (lower(email));
create unique index members_of_subject on members (oidc_issuer, oidc_subject) where oidc_subject is not null;

-- Found by the member before the workspace is known.
create table workspace_members (
  workspace_id uuid not null references workspaces,
  member_id    uuid not null references members,
  role         text not null check (role in ('admin', 'member', 'viewer')),
  created_at   timestamptz not null default now(),
  primary key (workspace_id, member_id)
);
create index workspaces_of_member on workspace_members (member_id);

-- Somebody who is signed in. Only the SHA-256 of the cookie is kept. Global, because the cookie is all that a request brings.
create table sessions (
  token_hash   bytea primary key,
  session_id   uuid not null unique,
  member_id    uuid not null references members,
  created_at   timestamptz not null,
  -- To the minute.
  last_seen_at timestamptz not null,
  -- Whatever happens, it is over then; and when it was not seen for two weeks, before.
  expires_at   timestamptz not null,
  -- The workspace that was chosen last. Only a preference: who may see it is looked up with every request.
  last_workspace_id uuid,
  user_agent   text,
  address      text
);
create index sessions_of_member on sessions (member_id);

-- Links that work once: for the first admin, for an invitation, for a new password. Only the SHA-256 is kept.
create table one_time_links (
  token_hash   bytea primary key,
  link_id      uuid not null unique,
  purpose      text not null check (purpose in ('first-admin', 'invitation', 'new-password')),
  -- Of an invitation: into which workspace, whom, as what.
  workspace_id uuid references workspaces,
  email        text,
  role         text check (role in ('admin', 'member', 'viewer')),
  -- Of a new password: whose.
  member_id    uuid references members,
  made_by      text,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  used_at      timestamptz
);
create index one_time_links_of_workspace on one_time_links (workspace_id, created_at) where workspace_id is not null;

-- Who changed what, and who used a secret. Lines are only ever added: the API's role may not change or delete them.
create table audit_log (
  workspace_id uuid not null,
  audit_id     uuid not null,
  at           timestamptz not null,
  by_kind      text not null check (by_kind in ('member', 'api-key', 'command-line', 'system')),
  by_id        text,
  -- What the person or key was called then.
  by_name      text not null,
  -- The address the request came from; null: this machine.
  address      text,
  -- What was done: connection.changed, api-key.made, secret.used, …
  action       text not null,
  subject_type text not null,
  subject_id   text,
  -- What it was and what it is now; secrets are left out, whether there is one stays.
  before       jsonb,
  after        jsonb,
  primary key (workspace_id, audit_id)
);
create index audit_log_by_time on audit_log (workspace_id, at, audit_id);
create index audit_log_of_subject on audit_log (workspace_id, subject_type, subject_id, at, audit_id);

-- The answer to a write that had an Idempotency-Key, so that the same request again has no second effect. Kept for a day.
create table idempotency_keys (
  workspace_id uuid not null,
  -- Whose key it is: the API key or member.
  by_id        text not null,
  key          text not null,
  -- SHA-256 of method, address and body: the same key with another request is a mistake.
  request_hash bytea not null,
  -- Who works on it. Whoever dies leaves it to the next one when this time is over; only who has the claim keeps an answer.
  claim_id      uuid not null,
  claimed_until timestamptz not null,
  -- Null while the request is being worked on.
  status       smallint,
  -- The answer, sealed: some answers show a key or an address that is kept nowhere else.
  key_id       text,
  sealed       bytea,
  created_at   timestamptz not null,
  primary key (workspace_id, by_id, key)
);
create index idempotency_keys_by_time on idempotency_keys (workspace_id, created_at);
