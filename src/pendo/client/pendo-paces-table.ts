// Writes `pendo_paces`: when a connection may ask Pendo next. By the database's clock, so that processes whose clocks
// differ agree.
import type { Queryable } from "../../platform/database/pool.ts";

export type PaceOf = { workspaceId: string; connectionId: string };

/**
 * Takes the turn if it is due, and then the next one is `intervalMs` later. Resolves to 0, or to the milliseconds until
 * the turn may be due; somebody else may take it first.
 *
 * Turns are not reserved ahead: whoever waited for a reserved one would not notice that Pendo asked everybody to wait.
 */
export async function takePendoTurn(db: Queryable, of: PaceOf, intervalMs: number): Promise<number> {
  const { rows } = await db.query(
    `with taken as (
       insert into pendo_paces as p (workspace_id, connection_id, next_at)
       values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
       on conflict (workspace_id, connection_id) do update set next_at = excluded.next_at where p.next_at <= clock_timestamp()
       returning true
     )
     select case when exists (select from taken) then 0
                 else greatest(1, ceil(extract(epoch from (select next_at from pendo_paces where workspace_id = $1 and connection_id = $2)
                                                          - clock_timestamp()) * 1000)) end::float8 as "waitMs"`,
    [of.workspaceId, of.connectionId, intervalMs],
  );
  return rows[0].waitMs ?? 1;
}

/** Nobody asks for so long; never shortens a wait that is longer. */
export async function delayPendoTurns(db: Queryable, of: PaceOf, milliseconds: number): Promise<void> {
  await db.query(
    `insert into pendo_paces as p (workspace_id, connection_id, next_at)
     values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
     on conflict (workspace_id, connection_id) do update set next_at = greatest(p.next_at, excluded.next_at)`,
    [of.workspaceId, of.connectionId, milliseconds],
  );
}
