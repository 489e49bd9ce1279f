-- As 0013_deaths.sql.
alter table replays add column deaths smallint not null default 0;
