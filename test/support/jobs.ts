// Background jobs without a scheduler: their tables as its first start makes them, and one that has failed for good.
import { runMigrations } from "graphile-worker";
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import { inTransaction } from "../../src/platform/database/transaction.ts";
import { setRecurringJobs } from "../../src/platform/recurring-jobs-table.ts";

export const failure = "The disk was full.";

/** Resolves to its id. */
export async function addFailedJob(pool: DatabasePool): Promise<string> {
  await runMigrations({ pgPool: pool });
  const job = { name: "keepImports", when: "47 * * * *", why: "Deletes imported files after a week." };
  await inTransaction(pool, (tx) => setRecurringJobs(tx, [{ ...job, nextAt: new Date("2026-03-31T14:47:00Z") }]));
  const { rows } = await pool.query("select id::text from graphile_worker.add_job($1)", [job.name]);
  await pool.query("select graphile_worker.permanently_fail_jobs(array[$1::bigint], $2)", [rows[0].id, failure]);
  return rows[0].id;
}
