// Writes `recurring_jobs`: the timetable as people see it, and what became of each job last.
import type { Queryable, Tx } from "./database/pool.ts";

/** What runs again and again, once each time however many processes there are. */
export type RecurringJob = {
  name: string;
  /** Minute, hour, day of the month, month, day of the week (UTC). */
  when: string;
  /** What it is for, in words for a person. */
  why: string;
  /** May run twice. */
  run: () => Promise<unknown>;
};

export type ShownRecurringJob = Pick<RecurringJob, "name" | "when" | "why"> & {
  zone: string;
  nextAt: Date;
  lastStartedAt: Date | null;
  lastFinishedAt: Date | null;
  lastFailedAt: Date | null;
  lastFailure: string | null;
};

/** The timetable is this one from now on; what is known of its jobs stays. */
export async function setRecurringJobs(
  tx: Tx,
  jobs: readonly (Pick<RecurringJob, "name" | "when" | "why"> & { nextAt: Date })[],
): Promise<void> {
  await tx.query("delete from recurring_jobs where name <> all($1)", [jobs.map(({ name }) => name)]);
  // In one order, so that processes that start at once do not wait for each other in a circle.
  const sorted = [...jobs].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, when, why, nextAt } of sorted) {
    await tx.query(
      `insert into recurring_jobs (name, timetable, zone, why, next_at) values ($1, $2, 'UTC', $3, $4)
       on conflict (name) do update set timetable = excluded.timetable, zone = excluded.zone, why = excluded.why, next_at = excluded.next_at`,
      [name, when, why, nextAt],
    );
  }
}

export async function noteStart(db: Queryable, name: string, at: Date, nextAt: Date): Promise<void> {
  await db.query("update recurring_jobs set last_started_at = $2, next_at = $3 where name = $1", [name, at, nextAt]);
}

export async function noteEnd(db: Queryable, name: string, at: Date): Promise<void> {
  await db.query("update recurring_jobs set last_finished_at = $2 where name = $1", [name, at]);
}

export async function noteFailure(db: Queryable, name: string, at: Date, message: string): Promise<void> {
  await db.query("update recurring_jobs set last_failed_at = $2, last_failure = $3 where name = $1", [
    name,
    at,
    message,
  ]);
}

export async function listRecurringJobs(db: Queryable): Promise<ShownRecurringJob[]> {
  const { rows } = await db.query(
    `select name, timetable as when, zone, why, next_at as "nextAt", last_started_at as "lastStartedAt",
            last_finished_at as "lastFinishedAt", last_failed_at as "lastFailedAt", last_failure as "lastFailure"
     from recurring_jobs order by name`,
  );
  return rows;
}
