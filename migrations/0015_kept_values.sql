-- Values that are kept although their report has them no longer: when it was read with them last. Null: it has them.
alter table traits add column last_read_at timestamptz;
