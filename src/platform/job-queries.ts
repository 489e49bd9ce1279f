// Reads graphile-worker's jobs, for people who look what failed.
import type { Queryable } from "./database/pool.ts";
import { HttpError } from "./http-server.ts";

export type Job = {
  id: string;
  name: string;
  /** failed: it is not tried again by itself. */
  state: "waiting" | "running" | "failed";
  attempts: number;
  mostAttempts: number;
  /** What went wrong last; null: nothing did. */
  lastFailure: string | null;
  /** When it is (or was) due. */
  runAt: Date;
  createdAt: Date;
};

const columns = `id::text, task_identifier as name,
  case when locked_at is not null then 'running' when attempts >= max_attempts then 'failed' else 'waiting' end as state,
  attempts, max_attempts as "mostAttempts", last_error as "lastFailure", run_at as "runAt", created_at as "createdAt"`;

/** Jobs that are not done: they wait, run, or have failed. The oldest first. */
export async function listJobs(db: Queryable): Promise<Job[]> {
  if (!(await hasJobs(db))) return [];
  const { rows } = await db.query(`select ${columns} from graphile_worker.jobs order by id`);
  return rows;
}

/** Lets a job run at once, with all its attempts before it. Throws when there is none that could. */
export async function retryJob(db: Queryable, id: string): Promise<Job> {
  const { rows: found } =
    /^\d{1,18}$/.test(id) && (await hasJobs(db))
      ? await db.query(`select ${columns} from graphile_worker.jobs where id = $1`, [id])
      : { rows: [] };
  if (found.length === 0) throw new HttpError(404, `There is no job ${id}: the list of jobs shows those there are.`);
  const { rows: begun } = await db.query(
    "select id from graphile_worker.reschedule_jobs(array[$1::bigint], run_at => now(), attempts => 0)",
    [id],
  );
  if (begun.length === 0) throw new HttpError(409, `The job ${id} is running.`);
  const { rows } = await db.query(`select ${columns} from graphile_worker.jobs where id = $1`, [id]);
  // It may be done by now.
  return rows[0] ?? found[0];
}

/** Its tables are made when the first scheduler starts. */
async function hasJobs(db: Queryable): Promise<boolean> {
  const { rows } = await db.query("select to_regclass('graphile_worker.jobs') is not null as has");
  return rows[0].has;
}
