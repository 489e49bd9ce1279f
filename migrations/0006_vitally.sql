-- What clients written for Vitally say and ask of records and NPS responses, beyond what webhooks and imports bring.

-- Addresses of pictures.
alter table organizations add column avatar text;
alter table accounts add column avatar text;
alter table users
  add column avatar text,
  -- When the person joined, as whoever knows it says; not when the record was made.
  add column joined_at timestamptz,
  add column deactivated_at timestamptz,
  -- Null: nobody has said.
  add column unsubscribed_from_conversations boolean,
  -- For searching people by the whole address, or by what is behind its @. Columns and not expressions in an index: under
  -- row-level security an index serves only comparisons that are known to leak nothing, and lower() is not.
  add column email_key text generated always as (lower(email)) stored,
  add column email_domain text collate "C" generated always as (lower(substring(email from '[^@]*$'))) stored;

-- Lists by change, newest first: a page is read from the index whatever PostgreSQL knows of the table.
create index organizations_by_change on organizations (workspace_id, updated_at, organization_id);
create index accounts_by_change on accounts (workspace_id, updated_at, account_id);
create index users_by_change on users (workspace_id, updated_at, user_id);

create index users_of_email on users (workspace_id, email_key) where email_key is not null;
create index users_of_email_domain on users (workspace_id, email_domain) where email_domain is not null;

-- Accounts with a churn date, few or many: a list of them, or of the others, must not look at the traits of all.
create index traits_churned on traits (workspace_id, record_type, record_id) where name = 'churnedAt';

-- A response that is said through the API comes from no connection and no delivery.
alter table nps_responses
  alter column connection_id drop not null,
  alter column delivery_id drop not null,
  -- The caller's own id of it: sent again, the same response is changed.
  add column external_id text,
  add column created_at timestamptz,
  add column updated_at timestamptz;
update nps_responses set created_at = responded_at, updated_at = responded_at;
alter table nps_responses
  alter column created_at set default now(),
  alter column created_at set not null,
  alter column updated_at set default now(),
  alter column updated_at set not null;
create unique index nps_responses_of_external_id on nps_responses (workspace_id, external_id) where external_id is not null;
create index nps_responses_by_creation on nps_responses (workspace_id, created_at, nps_response_id) where part_of is null and score is not null;
create index nps_responses_by_change on nps_responses (workspace_id, updated_at, nps_response_id) where part_of is null and score is not null;
-- Responses that name neither account nor organization: they count for whatever their user is in.
create index nps_responses_of_user_alone on nps_responses (workspace_id, user_id, responded_at, nps_response_id)
  where account_id is null and organization_id is null and user_id is not null;
