// Writes `replays`.
//
//   running ──► done | failed      by the process that holds it
//      └──────► cancelled          by a person; whoever holds it notices at its next step
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import {
  countDeath,
  type FailedEnd,
  type LeasedJob,
  type LeaseStore,
  leaseEnd,
  whenFree,
  whenFreeValues,
} from "../../platform/lease-runner.ts";
import { createUuid } from "../../platform/uuid.ts";
import type { DeliveryFilter } from "./delivery-queries.ts";
import type { Replay } from "./replay-deliveries.ts";

export type ReplayFilter = Omit<DeliveryFilter, "workspaceId">;

export type ReplayJob = LeasedJob &
  Replay & {
    state: "running" | "done" | "failed" | "cancelled";
    filter: ReplayFilter;
    /** Those that came later are none of its business. */
    beforeId: string;
    reached: string | null;
    total: number | null;
    message: string | null;
    madeBy: string;
    createdAt: Date;
    finishedAt: Date | null;
    deaths: number;
  };

type Of = { workspaceId: string; id: string };

const columns = `workspace_id as "workspaceId", replay_id as id, state, filter, before_id as "beforeId", reached, total, matched, replayed,
  left_out as "leftOut", message, made_by as "madeBy", failures, deaths, created_at as "createdAt", finished_at as "finishedAt"`;

/** Days after which nobody asks any more how a replay ended. */
const daysKept = 90;
const mostListed = 20;

/** It begins behind what has been done of it already. */
export async function insertReplay(
  tx: Tx,
  given: Pick<ReplayJob, "workspaceId" | "filter" | "beforeId" | "reached" | "madeBy"> & Replay,
  now: Date,
): Promise<ReplayJob> {
  await tx.query(
    "delete from replays where workspace_id = $1 and state <> 'running' and created_at < $2::timestamptz - make_interval(days => $3)",
    [given.workspaceId, now, daysKept],
  );
  const { rows } = await tx.query(
    `insert into replays (workspace_id, replay_id, state, filter, before_id, reached, matched, replayed, left_out, made_by, held_until, created_at)
     values ($1, $2, 'running', $3, $4, $5, $6, $7, $8, $9, 'epoch', $10) returning ${columns}`,
    [
      given.workspaceId,
      createUuid(now.getTime()),
      JSON.stringify(given.filter),
      given.beforeId,
      given.reached,
      given.matched,
      given.replayed,
      JSON.stringify(given.leftOut),
      given.madeBy,
      now,
    ],
  );
  return rows[0];
}

/** The newest first. */
export async function listReplays(db: Queryable, workspaceId: string): Promise<ReplayJob[]> {
  const { rows } = await db.query(
    `select ${columns} from replays where workspace_id = $1 order by replay_id desc limit ${mostListed}`,
    [workspaceId],
  );
  return rows;
}

export async function findReplay(db: Queryable, { workspaceId, id }: Of): Promise<ReplayJob | undefined> {
  const { rows } = await db.query(`select ${columns} from replays where workspace_id = $1 and replay_id = $2`, [
    workspaceId,
    id,
  ]);
  return rows[0];
}

/** Resolves to whether there was something to cancel. */
export async function cancelReplay(tx: Tx, { workspaceId, id }: Of, now: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update replays set state = 'cancelled', message = 'It was cancelled by a person.', held_by = null, finished_at = $3
     where workspace_id = $1 and replay_id = $2 and state = 'running'`,
    [workspaceId, id, now],
  );
  return rowCount === 1;
}

export type ReplayProgress = Replay & { total: number; reached: string };
export type ReplayEnd = { state: "done"; message: null } | FailedEnd;

export const replayStore: LeaseStore<ReplayJob, ReplayProgress, ReplayEnd> = {
  async listFree(db, now) {
    const { rows } = await db.query(
      `select workspace_id as "workspaceId", replay_id as id from replays
       where state = 'running' and ${whenFree(1)} order by held_until, created_at`,
      whenFreeValues(now),
    );
    return rows;
  },

  async take(db, { workspaceId, id }, holder, now) {
    const { rows } = await db.query(
      `update replays set ${countDeath}, held_by = $3, held_until = $4
       where workspace_id = $1 and replay_id = $2 and state = 'running' and ${whenFree(5)} returning ${columns}`,
      [workspaceId, id, holder, leaseEnd(now), ...whenFreeValues(now)],
    );
    return rows[0];
  },

  async renew(db, job, holder, now) {
    const { rowCount } = await db.query(
      `update replays set held_until = $4 where workspace_id = $1 and replay_id = $2 and held_by = $3 and state = 'running'`,
      [job.workspaceId, job.id, holder, leaseEnd(now)],
    );
    return rowCount === 1;
  },

  async saveProgress(tx, job, holder, { total, reached, matched, replayed, leftOut }, now) {
    const { rows } = await tx.query(
      `update replays set held_until = $4, total = $5, reached = $6, matched = $7, replayed = $8, left_out = $9, message = null, failures = 0, deaths = 0
       where workspace_id = $1 and replay_id = $2 and held_by = $3 and state = 'running' returning ${columns}`,
      [job.workspaceId, job.id, holder, leaseEnd(now), total, reached, matched, replayed, JSON.stringify(leftOut)],
    );
    return rows[0];
  },

  async putOff(db, job, holder, wait) {
    await db.query(
      `update replays set held_by = null, held_until = $4, message = $5, failures = $6
       where workspace_id = $1 and replay_id = $2 and held_by = $3 and state = 'running'`,
      [job.workspaceId, job.id, holder, wait.until, wait.message, Math.min(wait.failures, 1_000)],
    );
  },

  async finish(tx, job, holder, end, now) {
    const { rowCount } = await tx.query(
      `update replays set state = $4, message = $5, held_by = null, finished_at = $6
       where workspace_id = $1 and replay_id = $2 and held_by = $3 and state = 'running'`,
      [job.workspaceId, job.id, holder, end.state, end.message, now],
    );
    return rowCount === 1;
  },
};
