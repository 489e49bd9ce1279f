// Writes `ledger_counts`: what the door says it took in, counted apart from the rows it took in.

/** A part of the append's one statement (append-deliveries.ts); $3 is the writer's slot. */
export const countArrived = `
  insert into ledger_counts as l (workspace_id, connection_id, hour, slot, received, refused_unkept)
  select w, c, date_trunc('hour', t, 'UTC'), $3, count(*), count(*) filter (where not k) from arrived group by 1, 2, 3 order by 1, 2, 3
  on conflict (workspace_id, connection_id, hour, slot)
  do update set received = l.received + excluded.received, refused_unkept = l.refused_unkept + excluded.refused_unkept`;
