// Writes `imports`.
//
//   uploading ──► waiting ──► running ──► done | failed     by the process that holds it
//       └──────────────────────┘ └──────► cancelled         by a person; whoever holds it notices at its next step
//   waiting | done (a rehearsal) | failed | cancelled ──► running      by a person
import { writeAudit } from "../access/audit-log-table.ts";
import type { RecordKind } from "../pipeline/records.ts";
import type { Queryable, Tx } from "../platform/database/pool.ts";
import {
  countDeath,
  type FailedEnd,
  type LeaseStore,
  leaseEnd,
  whenFree,
  whenFreeValues,
} from "../platform/lease-runner.ts";
import { createUuid } from "../platform/uuid.ts";
import { type ColumnChoice, type Import, type ImportCounts, noCounts } from "./import.ts";

type Of = { workspaceId: string; id: string };

/** The columns of an Import, of imports without an alias. */
export const importColumns = `workspace_id as "workspaceId", import_id as id, kind, state, is_rehearsal as "isRehearsal", encoding, size, columns, choices,
  step, done, total, saved_to as "savedTo", counts, message, made_by as "madeBy", failures, deaths, created_at as "createdAt",
  started_at as "startedAt", finished_at as "finishedAt"`;

const columns = importColumns;

export async function insertImport(
  db: Queryable,
  given: { workspaceId: string; kind: RecordKind; isRehearsal: boolean; encoding: string | null; madeBy: string },
  now: Date,
): Promise<string> {
  const id = createUuid(now.getTime());
  await db.query(
    `insert into imports (workspace_id, import_id, kind, state, is_rehearsal, encoding, counts, made_by, held_until, created_at)
     values ($1, $2, $3, 'uploading', $4, $5, $6, $7, 'epoch', $8)`,
    [given.workspaceId, id, given.kind, given.isRehearsal, given.encoding, noCounts, given.madeBy, now],
  );
  return id;
}

/** The file is there. */
export async function setUploaded(
  tx: Tx,
  { workspaceId, id }: Of,
  file: { size: number; columns: readonly string[] },
): Promise<void> {
  await tx.query(
    "update imports set state = 'waiting', size = $3, columns = $4 where workspace_id = $1 and import_id = $2 and state = 'uploading'",
    [workspaceId, id, file.size, file.columns],
  );
}

/** It begins, from its start. Undefined: it is under way, or done for good. */
export async function startImport(
  tx: Tx,
  { workspaceId, id }: Of,
  wanted: { isRehearsal: boolean; choices: readonly ColumnChoice[] | null },
  now: Date,
): Promise<Import | undefined> {
  const { rows } = await tx.query(
    `update imports set state = 'running', is_rehearsal = $3, choices = $4, step = null, done = 0, total = null, saved_to = null,
       counts = $5, message = null, failures = 0, deaths = 0, held_by = null, held_until = 'epoch', started_at = $6, finished_at = null
     where workspace_id = $1 and import_id = $2 and (state in ('waiting', 'failed', 'cancelled') or (state = 'done' and is_rehearsal))
     returning ${columns}`,
    [workspaceId, id, wanted.isRehearsal, wanted.choices && JSON.stringify(wanted.choices), noCounts, now],
  );
  return rows[0];
}

/** Whoever holds it stops at its next step. Resolves to whether there was something to cancel. */
export async function cancelImport(tx: Tx, { workspaceId, id }: Of, now: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update imports set state = 'cancelled', message = 'It was cancelled by a person.', held_by = null, finished_at = $3
     where workspace_id = $1 and import_id = $2 and state in ('waiting', 'running')`,
    [workspaceId, id, now],
  );
  return rowCount === 1;
}

/** What came of a file that will not be whole. One that is there stays: whoever asks may not know that it arrived. */
export async function deleteUpload(db: Queryable, { workspaceId, id }: Of): Promise<void> {
  await db.query("delete from imports where workspace_id = $1 and import_id = $2 and state = 'uploading'", [
    workspaceId,
    id,
  ]);
}

/** Uploads that were broken off, with what came of them. */
export async function deleteBrokenUploads(db: Queryable, before: Date): Promise<void> {
  await db.query("delete from imports where state = 'uploading' and created_at < $1", [before]);
}

export async function findImport(db: Queryable, { workspaceId, id }: Of): Promise<Import | undefined> {
  const { rows } = await db.query(`select ${columns} from imports where workspace_id = $1 and import_id = $2`, [
    workspaceId,
    id,
  ]);
  return rows[0];
}

export type ImportProgress = Pick<Import, "step" | "done" | "total" | "savedTo"> & { counts: ImportCounts };
export type ImportEnd = { state: "done"; message: null; counts: ImportCounts } | FailedEnd;

export const importStore: LeaseStore<Import, ImportProgress, ImportEnd> = {
  /** The longest free first. */
  async listFree(db, now) {
    const { rows } = await db.query(
      `select workspace_id as "workspaceId", import_id as id from imports
       where state = 'running' and ${whenFree(1)} order by held_until, created_at`,
      whenFreeValues(now),
    );
    return rows;
  },

  async take(db, { workspaceId, id }, holder, now) {
    const { rows } = await db.query(
      `update imports set ${countDeath}, held_by = $3, held_until = $4
       where workspace_id = $1 and import_id = $2 and state = 'running' and ${whenFree(5)} returning ${columns}`,
      [workspaceId, id, holder, leaseEnd(now), ...whenFreeValues(now)],
    );
    return rows[0];
  },

  async renew(db, job, holder, now) {
    const { rowCount } = await db.query(
      `update imports set held_until = $4 where workspace_id = $1 and import_id = $2 and held_by = $3 and state = 'running'`,
      [job.workspaceId, job.id, holder, leaseEnd(now)],
    );
    return rowCount === 1;
  },

  /**
   * It has got on when records are saved: the file is read anew each time, and a rehearsal begins anew. Until then failures and
   * deaths count, so that a file on which every process dies is given up.
   */
  async saveProgress(tx, job, holder, progress, now) {
    const unlessGotOn = (count: string) =>
      `${count} = case when saved_to is distinct from $8 and not is_rehearsal then 0 else ${count} end`;
    const { rows } = await tx.query(
      `update imports set held_until = $4, step = $5, done = $6, total = $7, saved_to = $8, counts = $9, message = null,
         ${unlessGotOn("failures")}, ${unlessGotOn("deaths")}
       where workspace_id = $1 and import_id = $2 and held_by = $3 and state = 'running' returning ${columns}`,
      [
        job.workspaceId,
        job.id,
        holder,
        leaseEnd(now),
        progress.step,
        progress.done,
        progress.total,
        progress.savedTo,
        progress.counts,
      ],
    );
    return rows[0];
  },

  async putOff(db, job, holder, wait) {
    await db.query(
      `update imports set held_by = null, held_until = $4, message = $5, failures = $6
       where workspace_id = $1 and import_id = $2 and held_by = $3 and state = 'running'`,
      [job.workspaceId, job.id, holder, wait.until, wait.message, Math.min(wait.failures, 1_000)],
    );
  },

  async finish(tx, job, holder, end, now) {
    const { rowCount } = await tx.query(
      `update imports set state = $4, message = $5, counts = coalesce($6, counts), held_by = null, finished_at = $7
       where workspace_id = $1 and import_id = $2 and held_by = $3 and state = 'running'`,
      [job.workspaceId, job.id, holder, end.state, end.message, "counts" in end ? end.counts : null, now],
    );
    if (rowCount !== 1) return false;
    await noteEnd(tx, job, end, now);
    return true;
  },
};

async function noteEnd(tx: Queryable, job: Import, end: ImportEnd | FailedEnd, at: Date): Promise<void> {
  const { read, created, updated, rejected } = "counts" in end ? end.counts : job.counts;
  await writeAudit(
    tx,
    {
      by: "system",
      address: null,
      workspaceId: job.workspaceId,
      action: end.state === "done" ? "import.finished" : "import.failed",
      subject: { type: "import", id: job.id },
      after: { kind: job.kind, dryRun: job.isRehearsal, read, created, updated, rejected },
    },
    at,
  );
}
