-- Background jobs are graphile-worker's, in a schema of its own. These two tables are the installation's and of no workspace.

-- Who works on jobs, by the id that their locks bear. Whoever was not seen for half a minute is dead: its jobs are unlocked.
create table job_workers (
  worker_id text primary key,
  seen_at   timestamptz not null
);

-- The timetable: filled from src/recurring-jobs.ts when a Plumbline starts, for people to read.
create table recurring_jobs (
  name             text primary key,
  -- When: minute, hour, day of the month, month, day of the week; in that zone.
  timetable        text not null,
  zone             text not null,
  -- What it is for.
  why              text not null,
  next_at          timestamptz not null,
  last_started_at  timestamptz,
  last_finished_at timestamptz,
  last_failed_at   timestamptz,
  -- What went wrong then.
  last_failure     text
);
