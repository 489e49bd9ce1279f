// Writes `job_workers`: which processes work on background jobs. All times are the database's, so that no process's clock can
// make another one look dead.
import type { Database, Queryable } from "./database/pool.ts";
import { inTransaction } from "./database/transaction.ts";

export async function noteWorkers(db: Queryable, workerIds: readonly string[]): Promise<void> {
  await db.query(
    `insert into job_workers (worker_id, seen_at) select unnest($1::text[]), now()
     on conflict (worker_id) do update set seen_at = excluded.seen_at`,
    [workerIds],
  );
}

export async function forgetWorkers(db: Queryable, workerIds: readonly string[]): Promise<void> {
  await db.query("delete from job_workers where worker_id = any($1)", [workerIds]);
}

/**
 * Frees the jobs of workers that were not seen for half a minute, and of those nobody knows: they died before they were seen
 * first. Resolves to their ids. Should one of them live after all, its job runs twice, which every job must bear.
 */
export async function unlockSilentWorkers(database: Database): Promise<string[]> {
  return inTransaction(database, async (tx) => {
    const { rows: silent } = await tx.query<{ id: string }>(
      `delete from job_workers where seen_at < now() - interval '30 seconds' or seen_at > now() + interval '1 minute' returning worker_id as id`,
    );
    const { rows: unknown } = await tx.query<{ id: string }>(
      `select locked_by as id from (
         select locked_by, locked_at from graphile_worker._private_jobs where locked_by is not null
         union all select locked_by, locked_at from graphile_worker._private_job_queues where locked_by is not null
       ) as locks
       where locked_at < now() - interval '30 seconds' and not exists (select from job_workers w where w.worker_id = locked_by)`,
    );
    const ids = [...new Set([...silent, ...unknown].map(({ id }) => id))];
    if (ids.length > 0) await tx.query("select graphile_worker.force_unlock_workers($1)", [ids]);
    return ids;
  });
}
