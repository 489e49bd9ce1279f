// Writes `match_jobs`: reading all identities, and matching again. One of each at a time for a connection. A job is a row with a
// lease: the process that holds it renews it; when that process dies, another one goes on where it was.
//
//   running ──► done | failed      by the process that holds it
//      └──────► cancelled          by a person, or because the mapping is another; whoever holds it notices at its next step
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import {
  countDeath,
  type FailedEnd,
  type JobWait,
  type LeaseStore,
  leaseEnd,
  whenFree,
  whenFreeValues,
} from "../../platform/lease-runner.ts";
import { createUuid } from "../../platform/uuid.ts";

export type MatchJobKind = "read-identities" | "match-again";
type MatchJobState = "running" | "done" | "cancelled" | "failed";

export type MatchJob = {
  workspaceId: string;
  id: string;
  connectionId: string;
  kind: MatchJobKind;
  mappingVersion: number;
  state: MatchJobState;
  step: string | null;
  /** The last key done in this step. */
  cursor: string | null;
  done: number;
  total: number | null;
  counts: Record<string, number>;
  message: string | null;
  failures: number;
  deaths: number;
  startedAt: Date;
  finishedAt: Date | null;
};

const columns = `workspace_id as "workspaceId", match_job_id as id, connection_id as "connectionId", kind, mapping_version as "mappingVersion",
  state, step, cursor, done, total, counts, message, failures, deaths, started_at as "startedAt", finished_at as "finishedAt"`;

/** Begins a job, or resolves to the one that is running. Whichever process looks first works on it. */
export async function startJob(
  tx: Tx,
  job: Pick<MatchJob, "workspaceId" | "connectionId" | "kind" | "mappingVersion">,
  now: Date,
): Promise<MatchJob> {
  await tx.query(
    `insert into match_jobs (workspace_id, match_job_id, connection_id, kind, mapping_version, state, held_until, started_at)
     values ($1, $2, $3, $4, $5, 'running', 'epoch', $6)
     on conflict (workspace_id, connection_id, kind) where state = 'running' do nothing`,
    [job.workspaceId, createUuid(now.getTime()), job.connectionId, job.kind, job.mappingVersion, now],
  );
  const running = await findRunningJob(tx, job);
  if (!running) throw new Error("A job was neither begun nor found; this is a bug in the match stage.");
  return running;
}

export async function findRunningJob(
  db: Queryable,
  of: { workspaceId: string; connectionId: string; kind: MatchJobKind },
): Promise<MatchJob | undefined> {
  const { rows } = await db.query(
    `select ${columns} from match_jobs where workspace_id = $1 and connection_id = $2 and kind = $3 and state = 'running'`,
    [of.workspaceId, of.connectionId, of.kind],
  );
  return rows[0];
}

/** The jobs of a connection, the newest first. */
export async function listJobs(
  db: Queryable,
  of: { workspaceId: string; connectionId: string },
  limit = 20,
): Promise<MatchJob[]> {
  const { rows } = await db.query(
    `select ${columns} from match_jobs where workspace_id = $1 and connection_id = $2 order by started_at desc, match_job_id desc limit $3`,
    [of.workspaceId, of.connectionId, limit],
  );
  return rows;
}

export async function getJob(db: Queryable, workspaceId: string, jobId: string): Promise<MatchJob> {
  const { rows } = await db.query(`select ${columns} from match_jobs where workspace_id = $1 and match_job_id = $2`, [
    workspaceId,
    jobId,
  ]);
  if (rows.length === 0) throw new Error(`There is no job ${jobId}.`);
  return rows[0];
}

export type JobProgress = Pick<MatchJob, "step" | "cursor" | "done" | "total" | "counts">;
export type MatchJobEnd = { state: "done"; message: string | null };

export const matchJobStore: LeaseStore<MatchJob, JobProgress, MatchJobEnd> = {
  listFree: listFreeJobs,
  take: takeJob,
  renew: renewJob,
  saveProgress: saveJobProgress,
  putOff: putJobOff,
  finish: finishJob,
};

/** The longest free first. */
async function listFreeJobs(db: Queryable, now: Date): Promise<Pick<MatchJob, "workspaceId" | "id">[]> {
  const { rows } = await db.query(
    `select workspace_id as "workspaceId", match_job_id as id from match_jobs
     where state = 'running' and ${whenFree(1)} order by held_until, started_at`,
    whenFreeValues(now),
  );
  return rows;
}

async function takeJob(
  db: Queryable,
  { workspaceId, id }: Pick<MatchJob, "workspaceId" | "id">,
  holder: string,
  now: Date,
): Promise<MatchJob | undefined> {
  const { rows } = await db.query(
    `update match_jobs set ${countDeath}, held_by = $3, held_until = $4
     where workspace_id = $1 and match_job_id = $2 and state = 'running' and ${whenFree(5)}
     returning ${columns}`,
    [workspaceId, id, holder, leaseEnd(now), ...whenFreeValues(now)],
  );
  return rows[0];
}

async function renewJob(db: Queryable, job: MatchJob, holder: string, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `update match_jobs set held_until = $4 where workspace_id = $1 and match_job_id = $2 and held_by = $3 and state = 'running'`,
    [job.workspaceId, job.id, holder, leaseEnd(now)],
  );
  return rowCount === 1;
}

/** In the transaction of the step itself. */
async function saveJobProgress(
  tx: Tx,
  job: MatchJob,
  holder: string,
  progress: JobProgress,
  now: Date,
): Promise<MatchJob | undefined> {
  const { rows } = await tx.query(
    `update match_jobs set step = $4, cursor = $5, done = $6, total = $7, counts = $8, message = null, failures = 0, deaths = 0, held_until = $9
     where workspace_id = $1 and match_job_id = $2 and held_by = $3 and state = 'running'
     returning ${columns}`,
    [
      job.workspaceId,
      job.id,
      holder,
      progress.step,
      progress.cursor,
      progress.done,
      progress.total,
      JSON.stringify(progress.counts),
      leaseEnd(now),
    ],
  );
  return rows[0];
}

/** For Pendo or for another process. */
async function putJobOff(db: Queryable, job: MatchJob, holder: string, wait: JobWait): Promise<void> {
  await db.query(
    `update match_jobs set held_by = null, held_until = $4, message = $5, failures = $6
     where workspace_id = $1 and match_job_id = $2 and held_by = $3 and state = 'running'`,
    [job.workspaceId, job.id, holder, wait.until, wait.message, Math.min(wait.failures, 1_000)],
  );
}

async function finishJob(
  db: Queryable,
  job: MatchJob,
  holder: string,
  end: MatchJobEnd | FailedEnd,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update match_jobs set state = $4, message = $5, held_by = null, finished_at = $6
     where workspace_id = $1 and match_job_id = $2 and held_by = $3 and state = 'running'`,
    [job.workspaceId, job.id, holder, end.state, end.message, now],
  );
  return rowCount === 1;
}

/** Whoever holds it stops at its next step; without `kind`, every job of the connection. Resolves to whether there was one. */
export async function cancelRunningJob(
  db: Queryable,
  of: { workspaceId: string; connectionId: string; kind?: MatchJobKind },
  message: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update match_jobs set state = 'cancelled', message = $3, held_by = null, finished_at = $4
     where workspace_id = $1 and connection_id = $2 and state = 'running' and ($5::text is null or kind = $5)`,
    [of.workspaceId, of.connectionId, message, now, of.kind ?? null],
  );
  return (rowCount ?? 0) > 0;
}
