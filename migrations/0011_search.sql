-- People are looked up by how their name or external ID begins, whatever the case. Columns of their own, because row-level
-- security lets an index be used only with what is compared as it is stored; in the order of bytes, because a beginning is a
-- range there and nowhere else.
alter table users
  add column name_key text collate "C" generated always as (lower(name)) stored,
  add column external_key text collate "C" generated always as (lower(external_id)) stored;
alter table accounts
  add column name_key text collate "C" generated always as (lower(name)) stored,
  add column external_key text collate "C" generated always as (lower(external_id)) stored;
alter table organizations
  add column name_key text collate "C" generated always as (lower(name)) stored,
  add column external_key text collate "C" generated always as (lower(external_id)) stored;
create index users_of_name on users (workspace_id, name_key) where name_key is not null;
create index users_of_external_key on users (workspace_id, external_key);
create index accounts_of_name on accounts (workspace_id, name_key) where name_key is not null;
create index accounts_of_external_key on accounts (workspace_id, external_key);
create index organizations_of_name on organizations (workspace_id, name_key) where name_key is not null;
create index organizations_of_external_key on organizations (workspace_id, external_key);
