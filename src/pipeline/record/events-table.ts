// Writes `events`. The id is derived from the connection and the item's key, so the primary key itself makes a second
// recording impossible, from whichever process and in whatever order.
import type { Tx } from "../../platform/database/pool.ts";
import { toStorableJson } from "../../platform/json.ts";
import { deriveUuid } from "../../platform/uuid.ts";
import type { RecordKind } from "../records.ts";
import { type FactMove, spellMoves } from "./fact-moves.ts";
import { placesOfRecord } from "./facts-of-record.ts";
import type { HeldBy, RecordableItem } from "./record-items.ts";

const longestName = 500;

export function deriveEventId(connectionId: string, key: string): string {
  return deriveUuid("event", connectionId, key);
}

/**
 * Inserts the events of a batch and tells of each which delivery it stands for: its own, or the one that recorded it
 * before.
 *
 * One JSON parameter, expanded by json_to_recordset: `npm run bench:ingest` compares it with unnest over one array per
 * column and with a VALUES list of one parameter per cell; its results are in bench/results/.
 */
export async function insertEvents(tx: Tx, workspaceId: string, items: readonly RecordableItem[]): Promise<HeldBy> {
  const rows = items.map(({ item, owner, connectionId, deliveryId, source, mappingVersion }) => ({
    id: deriveEventId(connectionId, item.key),
    c: connectionId,
    d: deliveryId,
    s: source,
    k: item.kind,
    n: item.event!.name.slice(0, longestName),
    t: item.time.at,
    f: item.time.flag,
    v: item.pendoVisitorId,
    a: item.pendoAccountId,
    app: item.appId,
    g: item.event!.guideId,
    ui: owner.userId,
    ai: owner.accountId,
    oi: owner.organizationId,
    mv: mappingVersion,
    p: item.event!.properties,
  }));
  // Sorted keys: two workers that record the same events wait for one another, never in a circle.
  rows.sort((one, other) => (one.id < other.id ? -1 : 1));
  const { rows: inserted } = await tx.query({
    name: "insert-events",
    text: `insert into events (workspace_id, event_id, connection_id, delivery_id, source, kind, name, occurred_at, time_flag,
                               pendo_visitor_id, pendo_account_id, app_id, guide_id, user_id, account_id, organization_id,
                               mapping_version, properties)
           select $1, id, c, d, s, k, n, t, f, v, a, app, g, ui, ai, oi, mv, p
           from json_to_recordset($2) as r(id uuid, c uuid, d uuid, s text, k text, n text, t timestamptz, f text,
                                           v text, a text, app text, g text, ui uuid, ai uuid, oi uuid, mv int, p jsonb)
           on conflict do nothing
           returning event_id`,
    values: [workspaceId, toStorableJson(rows)],
  });
  const heldBy: HeldBy = new Map();
  const isNew = new Set(inserted.map((row) => row.event_id));
  for (const row of rows) if (isNew.has(row.id)) heldBy.set(row.id, row.d);
  if (isNew.size === rows.length) return heldBy;
  const { rows: earlier } = await tx.query({
    name: "find-events-by-id",
    text: "select w.id as event_id, e.delivery_id from unnest($2::uuid[]) as w(id) cross join lateral (select delivery_id from events where workspace_id = $1 and event_id = w.id limit 1) as e",
    values: [workspaceId, rows.filter((row) => !isNew.has(row.id)).map((row) => row.id)],
  });
  for (const row of earlier) heldBy.set(row.event_id, row.delivery_id);
  return heldBy;
}

/**
 * Gives events another owner. This transaction holds their locks. Said as an insert that conflicts, because that goes by the
 * primary key whatever PostgreSQL knows of the table (see deliveries-table.ts); what it would insert is never looked at.
 */
export async function moveEvents(tx: Tx, workspaceId: string, moves: readonly FactMove[]): Promise<void> {
  if (moves.length === 0) return;
  await tx.query({
    name: "move-events",
    text: `insert into events (workspace_id, event_id, connection_id, delivery_id, source, kind, name, occurred_at, properties,
                               user_id, account_id, organization_id, mapping_version)
           select $1, id, id, id, '', '', '', now(), '{}', u, a, o, v
           from json_to_recordset($2) as r(id uuid, u uuid, a uuid, o uuid, v int)
           on conflict (workspace_id, event_id) do update
           set user_id = excluded.user_id, account_id = excluded.account_id, organization_id = excluded.organization_id,
               mapping_version = excluded.mapping_version`,
    values: [workspaceId, spellMoves(moves)],
  });
}

/** Takes events away, whose deliveries go through once more. By place, as traits-table.ts does. */
export async function removeEvents(tx: Tx, workspaceId: string, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await tx.query({
    name: "remove-events",
    text: `delete from events where workspace_id = $1 and ctid = any(array(
             select e.place from unnest($2::uuid[]) as w(id)
             cross join lateral (select ctid as place from events where workspace_id = $1 and event_id = w.id limit 1) as e))`,
    values: [workspaceId, eventIds],
  });
}

/** Takes away everything that a record did, or that was done for it. */
export async function removeEventsOf(tx: Tx, workspaceId: string, kind: RecordKind, recordId: string): Promise<void> {
  await tx.query({
    name: `remove-events-of-${kind}`,
    text: `delete from events where workspace_id = $1 and ctid = any(${placesOfRecord("events", kind, "occurred_at")})`,
    values: [workspaceId, recordId],
  });
}
