-- How often in a row the process that held a job was gone before the job got on. What takes its process with it each time is
-- given up after a few.
alter table match_jobs add column deaths smallint not null default 0;
alter table report_runs add column deaths smallint not null default 0;
alter table imports add column deaths smallint not null default 0;
