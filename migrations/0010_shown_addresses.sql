-- A webhook's address can be looked at again, by administrators: so it is kept sealed, as secrets are, beside the hash that the
-- door finds it by. Null: it was made before, and only whoever copied it has it.
alter table connection_addresses
  add column key_id text,
  add column sealed bytea,
  add constraint connection_addresses_sealed_check check ((key_id is null) = (sealed is null));
