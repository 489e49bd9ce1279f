// Writes `delivery_bodies`, and keeps its partitions: one per day of arrival, made ahead, dropped whole.

import type { Queryable, Tx } from "../../platform/database/pool.ts";
import { lowestUuid } from "../../platform/uuid.ts";

/** A part of the append's one statement (append-deliveries.ts): the bodies lie end to end in $2. */
export const insertArrivedBodies = `
  insert into delivery_bodies (workspace_id, delivery_id, headers, body)
  select w, d, h, substring($2::bytea from o + 1 for l) from arrived where k`;

const day = 24 * 60 * 60 * 1000;
const startOfDay = (at: number) => Math.floor(at / day) * day;
const partitionName = (at: number) => `delivery_bodies_${new Date(at).toISOString().slice(0, 10).replaceAll("-", "_")}`;

/** Makes the partitions from today to `daysAhead` days later; resolves to the names made. */
export async function createBodyPartitions(db: Queryable, now: Date, daysAhead = 7): Promise<string[]> {
  const made: string[] = [];
  for (let at = startOfDay(now.getTime()); at <= now.getTime() + daysAhead * day; at += day) {
    const name = partitionName(at);
    const { rows } = await db.query("select to_regclass($1) is not null as exists", [name]);
    if (rows[0].exists) continue;
    // A row of that day in the default partition forbids it; the day then stays there and is deleted row by row.
    const { rows: strays } = await db.query(
      "select exists (select from delivery_bodies_default where delivery_id >= $1 and delivery_id < $2) as any",
      [lowestUuid(at), lowestUuid(at + day)],
    );
    if (strays[0].any) continue;
    await db.query(
      `create table if not exists ${name} partition of delivery_bodies for values from ('${lowestUuid(at)}') to ('${lowestUuid(at + day)}')`,
    );
    made.push(name);
  }
  return made;
}

export type DroppedBodies = { partitions: string[]; kept: number; deleted: number };

/**
 * Deletes the bodies of days that ended before `before`. What is not settled for good (waiting, held, parked, failed)
 * keeps its body, in the default partition, until it is.
 */
export async function dropOldBodies(tx: Tx, before: Date): Promise<DroppedBodies> {
  const { rows: partitions } = await tx.query(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'delivery_bodies'::regclass and c.relname ~ '^delivery_bodies_\\d{4}_\\d{2}_\\d{2}$' order by 1`,
  );
  const due = partitions
    .map((row) => row.name as string)
    .filter((name) => {
      const start = Date.parse(`${name.slice("delivery_bodies_".length).replaceAll("_", "-")}T00:00:00Z`);
      return start + day <= before.getTime();
    });
  let kept = 0;
  for (const name of due) {
    await tx.query(`alter table delivery_bodies detach partition ${name}`);
    const moved = await tx.query(
      `insert into delivery_bodies select b.* from ${name} b join deliveries d using (workspace_id, delivery_id)
       where d.state in ('waiting', 'held', 'parked', 'failed')`,
    );
    kept += moved.rowCount ?? 0;
    await tx.query(`drop table ${name}`);
  }
  const { rowCount } = await tx.query(
    `delete from delivery_bodies_default b using deliveries d
     where d.workspace_id = b.workspace_id and d.delivery_id = b.delivery_id and b.delivery_id < $1
       and d.state not in ('waiting', 'held', 'parked', 'failed')`,
    [lowestUuid(before.getTime())],
  );
  return { partitions: due, kept, deleted: rowCount ?? 0 };
}
