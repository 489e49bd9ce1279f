-- Lists are sorted by name, and people are looked for by the beginning of a name, of its second word and of its last one, and of an
-- external ID and its second word: "smith" finds Anna Smith, Anna Maria Smith and anna.smith@acme.example. Kept as columns, because
-- row-level security lets an index be used only with what is compared as it is stored (pg_trgm's operators, which would find any
-- part, are not among that), and in the order of bytes, because a beginning is a range there and nowhere else. `sort_key` is the
-- name, or the external ID where there is none; it takes the place of `name_key`. Ids of digits alone, as UUIDs are, have no
-- words. Every index costs each new record 8 to 10 microseconds: more words than these would cost more than they find.
alter table users
  drop column name_key,
  add column sort_key text collate "C" generated always as (lower(left(coalesce(name, external_id), 200))) stored,
  add column second_key text collate "C"
    generated always as (lower(left(substring(name from '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'), 200))) stored,
  add column last_key text collate "C"
    generated always as (lower(left(substring(name from '[^[:alnum:]][[:alnum:]]+[^[:alnum:]]+([[:alnum:]]+)[^[:alnum:]]*$'), 200))) stored,
  add column external_second_key text collate "C"
    generated always as (case when external_id !~ '^[0-9a-fA-F-]*$' then lower(left(substring(external_id from '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'), 200)) end) stored;
alter table accounts
  drop column name_key,
  add column sort_key text collate "C" generated always as (lower(left(coalesce(name, external_id), 200))) stored,
  add column second_key text collate "C"
    generated always as (lower(left(substring(name from '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'), 200))) stored,
  add column last_key text collate "C"
    generated always as (lower(left(substring(name from '[^[:alnum:]][[:alnum:]]+[^[:alnum:]]+([[:alnum:]]+)[^[:alnum:]]*$'), 200))) stored,
  add column external_second_key text collate "C"
    generated always as (case when external_id !~ '^[0-9a-fA-F-]*$' then lower(left(substring(external_id from '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'), 200)) end) stored;
alter table organizations
  drop column name_key,
  add column sort_key text collate "C" generated always as (lower(left(coalesce(name, external_id), 200))) stored,
  add column second_key text collate "C"
    generated always as (lower(left(substring(name from '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'), 200))) stored,
  add column last_key text collate "C"
    generated always as (lower(left(substring(name from '[^[:alnum:]][[:alnum:]]+[^[:alnum:]]+([[:alnum:]]+)[^[:alnum:]]*$'), 200))) stored,
  add column external_second_key text collate "C"
    generated always as (case when external_id !~ '^[0-9a-fA-F-]*$' then lower(left(substring(external_id from '^[^[:alnum:]]*[[:alnum:]]+[^[:alnum:]]+([[:alnum:]].*)$'), 200)) end) stored;
create index users_by_name on users (workspace_id, sort_key, user_id);
create index users_of_second_key on users (workspace_id, second_key) where second_key is not null;
create index users_of_last_key on users (workspace_id, last_key) where last_key is not null;
create index users_of_external_second_key on users (workspace_id, external_second_key) where external_second_key is not null;
create index accounts_by_name on accounts (workspace_id, sort_key, account_id);
create index accounts_of_second_key on accounts (workspace_id, second_key) where second_key is not null;
create index accounts_of_last_key on accounts (workspace_id, last_key) where last_key is not null;
create index accounts_of_external_second_key on accounts (workspace_id, external_second_key) where external_second_key is not null;
create index organizations_by_name on organizations (workspace_id, sort_key, organization_id);
create index organizations_of_second_key on organizations (workspace_id, second_key) where second_key is not null;
create index organizations_of_last_key on organizations (workspace_id, last_key) where last_key is not null;
create index organizations_of_external_second_key on organizations (workspace_id, external_second_key) where external_second_key is not null;
-- As above: the beginning of an e-mail.
drop index users_of_email;
create index users_of_email on users (workspace_id, email_key collate "C") where email_key is not null;
