// Writes `report_runs`. A run is a row with a lease, as match_jobs are: the process that holds it renews it; when that process
// dies, another one begins the run again, from its start. Nothing of a run is written before its end, and that at once.
//
//   running ──► done | failed | stopped   by the process that holds it
//      └──────► cancelled                 by a person; whoever holds it notices at its next step
//   stopped ──► (a new run, confirmed)    by a person who has seen how the report differs
import type { Queryable, Tx } from "../platform/database/pool.ts";
import {
  countDeath,
  type FailedEnd,
  type JobName,
  type JobWait,
  type LeaseStore,
  leaseEnd,
  whenFree,
  whenFreeValues,
} from "../platform/lease-runner.ts";
import { createUuid } from "../platform/uuid.ts";

type ReportRunState = "running" | "done" | "failed" | "stopped" | "cancelled";
type ReportRunStep = "reading" | "matching" | "writing";

/** What a run counted; null: not known (yet). */
type ReportRunCounts = {
  /** Rows that Pendo gave. */
  rowsRead: number | null;
  /** The columns they had. */
  columnsSeen: readonly string[] | null;
  /** Records that rows are about. */
  matched: number | null;
  /** Those of them with a changed trait. */
  changed: number | null;
  valuesChanged: number | null;
  /** Rows that are nobody's. */
  unmatched: number | null;
  /** Cells that do not fit their type. */
  typeErrors: number | null;
};

/** What Pendo answered to one attempt. */
export type ReportAnswer = {
  at: Date;
  status: number | null;
  bytes: number;
  rows: number;
  milliseconds: number;
  trouble: string | null;
};

export type ReportRun = ReportRunCounts & {
  workspaceId: string;
  id: string;
  reportId: string;
  /** The how-manieth run of its report. */
  number: number;
  /** Null: somebody asked for it. */
  windowAt: Date | null;
  state: ReportRunState;
  isConfirmed: boolean;
  step: ReportRunStep | null;
  done: number;
  total: number | null;
  message: string | null;
  /** The last twenty. */
  answers: readonly (Omit<ReportAnswer, "at"> & { at: string })[];
  failures: number;
  deaths: number;
  startedAt: Date;
  finishedAt: Date | null;
};

export type ReportName = { workspaceId: string; reportId: string };

/** The columns of a ReportRun, of report_runs without an alias. */
export const reportRunColumns = `workspace_id as "workspaceId", report_run_id as id, report_id as "reportId", number,
  window_at as "windowAt", state, is_confirmed as "isConfirmed", step, done, total, rows_read as "rowsRead",
  columns_seen as "columnsSeen", matched, changed, values_changed as "valuesChanged", unmatched, type_errors as "typeErrors",
  message, answers, failures, deaths, started_at as "startedAt", finished_at as "finishedAt"`;

const columns = reportRunColumns;

/**
 * Begins the run of a window: exactly once, and never beside another run of the report. Undefined: the window has had its
 * run, or one is running.
 */
export async function startWindowRun(
  tx: Tx,
  report: ReportName,
  windowAt: Date,
  now: Date,
): Promise<ReportRun | undefined> {
  return insertRun(tx, report, { windowAt, isConfirmed: false }, now);
}

/** Begins a run because somebody asks for it; resolves to the running one where there is one. */
export async function startRunByHand(
  tx: Tx,
  report: ReportName,
  now: Date,
): Promise<{ outcome: "started" | "running"; run: ReportRun }> {
  const started = await insertRun(tx, report, { windowAt: null, isConfirmed: false }, now);
  if (started) return { outcome: "started", run: started };
  const running = await findRunningRun(tx, report);
  if (running) return { outcome: "running", run: running };
  throw new Error("A run was neither begun nor found; this is a bug in report_runs.");
}

export type Confirmation =
  | { outcome: "started"; run: ReportRun }
  /** Another one is running: it has to end first. */
  | { outcome: "running"; run: ReportRun }
  /** There is nothing to confirm. */
  | { outcome: "not-stopped"; run: ReportRun }
  /** A later one was done, so that what was to be confirmed is over. */
  | { outcome: "overtaken"; run: ReportRun }
  /** This one was stopped later, and with what it has seen the next run is compared. */
  | { outcome: "stopped-later"; run: ReportRun };

/** A person wants a stopped run all the same: begins one that is not stopped for the same reason. */
export async function confirmRun(tx: Tx, workspaceId: string, runId: string, now: Date): Promise<Confirmation> {
  const run = await getReportRun(tx, workspaceId, runId);
  if (run.state !== "stopped") return { outcome: "not-stopped", run };
  const lastDone = await findLastDoneRun(tx, run);
  if (lastDone && lastDone.number > run.number) return { outcome: "overtaken", run };
  const later = await findLastStoppedRun(tx, run);
  if (later && later.number > run.number) return { outcome: "stopped-later", run: later };
  const started = await insertRun(tx, run, { windowAt: null, isConfirmed: true }, now);
  if (started) return { outcome: "started", run: started };
  const running = await findRunningRun(tx, run);
  if (running) return { outcome: "running", run: running };
  throw new Error("A run was neither begun nor found; this is a bug in report_runs.");
}

/** Whoever holds it stops at its next step. Resolves to whether it was running. */
export async function cancelRun(
  db: Queryable,
  workspaceId: string,
  runId: string,
  message: string,
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update report_runs set state = 'cancelled', message = $3, held_by = null, finished_at = $4
     where workspace_id = $1 and report_run_id = $2 and state = 'running'`,
    [workspaceId, runId, message, now],
  );
  return rowCount === 1;
}

/** What Pendo answered, whatever becomes of the run. */
export async function addReportAnswer(db: Queryable, run: JobName, answer: ReportAnswer): Promise<void> {
  await db.query(
    `update report_runs set answers = case when jsonb_array_length(answers) >= 20 then answers - 0 else answers end || $3::jsonb
     where workspace_id = $1 and report_run_id = $2 and state = 'running'`,
    [run.workspaceId, run.id, JSON.stringify([answer])],
  );
}

/** Those begun before `before`; never the last done one of a report, with which the next one is compared. */
export async function deleteOldRuns(db: Queryable, before: Date): Promise<number> {
  const { rowCount } = await db.query(
    `delete from report_runs r where r.started_at < $1 and r.state <> 'running'
       and r.number is distinct from (select max(d.number) from report_runs d
                                      where d.workspace_id = r.workspace_id and d.report_id = r.report_id and d.state = 'done')`,
    [before],
  );
  return rowCount ?? 0;
}

export async function findReportRun(db: Queryable, workspaceId: string, runId: string): Promise<ReportRun | undefined> {
  const { rows } = await db.query(`select ${columns} from report_runs where workspace_id = $1 and report_run_id = $2`, [
    workspaceId,
    runId,
  ]);
  return rows[0];
}

export async function getReportRun(db: Queryable, workspaceId: string, runId: string): Promise<ReportRun> {
  const run = await findReportRun(db, workspaceId, runId);
  if (!run) throw new Error(`There is no run ${runId}; \`plumbline report runs\` shows those of a report.`);
  return run;
}

export async function findRunningRun(db: Queryable, report: ReportName): Promise<ReportRun | undefined> {
  const { rows } = await db.query(
    `select ${columns} from report_runs where workspace_id = $1 and report_id = $2 and state = 'running'`,
    [report.workspaceId, report.reportId],
  );
  return rows[0];
}

/** The one that the next run is compared with. */
export function findLastDoneRun(db: Queryable, report: ReportName): Promise<ReportRun | undefined> {
  return findLastRun(db, report, "done");
}

/** The one that can be confirmed, unless a later one is done. */
export function findLastStoppedRun(db: Queryable, report: ReportName): Promise<ReportRun | undefined> {
  return findLastRun(db, report, "stopped");
}

async function findLastRun(db: Queryable, report: ReportName, state: ReportRunState): Promise<ReportRun | undefined> {
  const { rows } = await db.query(
    `select ${columns} from report_runs where workspace_id = $1 and report_id = $2 and state = $3 order by number desc limit 1`,
    [report.workspaceId, report.reportId, state],
  );
  return rows[0];
}

/** The newest first. */
export async function listReportRuns(db: Queryable, report: ReportName, limit = 20): Promise<ReportRun[]> {
  const { rows } = await db.query(
    `select ${columns} from report_runs where workspace_id = $1 and report_id = $2 order by number desc limit $3`,
    [report.workspaceId, report.reportId, limit],
  );
  return rows;
}

async function insertRun(
  tx: Tx,
  report: ReportName,
  run: { windowAt: Date | null; isConfirmed: boolean },
  now: Date,
): Promise<ReportRun | undefined> {
  // Whichever unique index is in the way: one is running, the window has had its run, or somebody else begins one just now.
  const { rows } = await tx.query(
    `insert into report_runs (workspace_id, report_run_id, report_id, number, window_at, state, is_confirmed, held_until, started_at)
     select $1, $2, $3, coalesce(max(number), 0) + 1, $4, 'running', $5, 'epoch', $6 from report_runs where workspace_id = $1 and report_id = $3
     on conflict do nothing
     returning ${columns}`,
    [report.workspaceId, createUuid(now.getTime()), report.reportId, run.windowAt, run.isConfirmed, now],
  );
  return rows[0];
}

/** How far a run is, for whoever watches; and what it has counted by now. */
export type ReportRunProgress = Partial<ReportRunCounts> & {
  step: ReportRunStep;
  done: number;
  total: number | null;
};

/** `done` changed what there was to change, the others nothing; `failed`: trying the same again is of no use. */
export type ReportRunEnd =
  | (Partial<ReportRunCounts> & { state: "done" | "stopped"; message: string | null })
  | FailedEnd;

export const reportRunStore: LeaseStore<ReportRun, ReportRunProgress, ReportRunEnd> = {
  /** The longest free first. */
  async listFree(db, now) {
    const { rows } = await db.query(
      `select workspace_id as "workspaceId", report_run_id as id from report_runs
       where state = 'running' and ${whenFree(1)} order by held_until, started_at`,
      whenFreeValues(now),
    );
    return rows;
  },

  /** Whatever an earlier attempt has counted is forgotten: the run begins again. */
  async take(db, { workspaceId, id }, holder, now) {
    const { rows } = await db.query(
      `update report_runs set ${countDeath}, held_by = $3, held_until = $4, step = null, done = 0, total = null, rows_read = null, columns_seen = null,
         matched = null, changed = null, values_changed = null, unmatched = null, type_errors = null
       where workspace_id = $1 and report_run_id = $2 and state = 'running' and ${whenFree(5)}
       returning ${columns}`,
      [workspaceId, id, holder, leaseEnd(now), ...whenFreeValues(now)],
    );
    return rows[0];
  },

  async renew(db, run, holder, now) {
    const { rowCount } = await db.query(
      `update report_runs set held_until = $4 where workspace_id = $1 and report_run_id = $2 and held_by = $3 and state = 'running'`,
      [run.workspaceId, run.id, holder, leaseEnd(now)],
    );
    return rowCount === 1;
  },

  /** Its failures and deaths still count: a run that always fails at its end gets on each time until there. */
  async saveProgress(tx, run, holder, progress, now) {
    const { rows } = await tx.query(
      `update report_runs set held_until = $4, step = $5, done = $6, total = $7, message = null, ${setCounts(8)}
       where workspace_id = $1 and report_run_id = $2 and held_by = $3 and state = 'running'
       returning ${columns}`,
      [
        run.workspaceId,
        run.id,
        holder,
        leaseEnd(now),
        progress.step,
        progress.done,
        progress.total,
        ...listCounts(progress),
      ],
    );
    return rows[0];
  },

  async putOff(db, run, holder, wait: JobWait) {
    await db.query(
      `update report_runs set held_by = null, held_until = $4, message = $5, failures = $6
       where workspace_id = $1 and report_run_id = $2 and held_by = $3 and state = 'running'`,
      [run.workspaceId, run.id, holder, wait.until, wait.message, Math.min(wait.failures, 1_000)],
    );
  },

  async finish(db, run, holder, end: ReportRunEnd, now) {
    const { rowCount } = await db.query(
      `update report_runs set state = $4, message = $5, held_by = null, finished_at = $6, ${setCounts(7)}
       where workspace_id = $1 and report_run_id = $2 and held_by = $3 and state = 'running'`,
      [run.workspaceId, run.id, holder, end.state, end.message, now, ...listCounts(end.state === "failed" ? {} : end)],
    );
    return rowCount === 1;
  },
};

/** Each count that is given; what was counted before stays. */
function setCounts(first: number): string {
  return ["rows_read", "columns_seen", "matched", "changed", "values_changed", "unmatched", "type_errors"]
    .map((column, place) => `${column} = coalesce($${first + place}, ${column})`)
    .join(", ");
}

function listCounts(counts: Partial<ReportRunCounts>): unknown[] {
  const { rowsRead, columnsSeen, matched, changed, valuesChanged, unmatched, typeErrors } = counts;
  return [rowsRead, columnsSeen, matched, changed, valuesChanged, unmatched, typeErrors].map((count) => count ?? null);
}
