// Taking waiting deliveries out of the inbox: the inbox itself is the queue.
import { isUtf8 } from "node:buffer";
import { isUnreadableText } from "../../platform/database/errors.ts";
import type { Queryable, Tx } from "../../platform/database/pool.ts";
import type { ConnectionRules } from "../facts.ts";
import type { ArrivedRow } from "./deliveries-table.ts";

export type ClaimedDelivery = ArrivedRow & {
  attempts: number;
  /** What the request was about, as its path says it; null: a webhook. */
  endpoint: string | null;
  /** Undefined when the raw body has been deleted. */
  body: string | undefined;
};

/**
 * The next workspace after `after` (in the order of ids) that has deliveries waiting; undefined when there is none
 * behind it. Going round like this gives each workspace its turn, however much one of them floods.
 */
export async function findNextWaitingWorkspace(
  db: Queryable,
  after: string | undefined,
  now: Date,
): Promise<string | undefined> {
  const { rows } = await db.query({
    name: "find-next-waiting-workspace",
    text: `select workspace_id from deliveries
           where state = 'waiting' and workspace_id > $1 and (try_at is null or try_at <= $2)
           order by workspace_id limit 1`,
    values: [after ?? "00000000-0000-0000-0000-000000000000", now],
  });
  return rows[0]?.workspace_id;
}

const claimed = `delivery_id as "deliveryId", connection_id as "connectionId", received_at as "receivedAt", size, signed, attempts, endpoint`;

/**
 * Bytes of bodies in one batch: as much as the largest body alone. Parsed, a body takes ten times its size, and 300 of the
 * largest would end the process; and nobody is answered while a batch is read: at four times this, hostile bodies kept
 * answers waiting for 2.3 seconds.
 */
const mostBytes = 1024 * 1024;

/**
 * Locks up to `limit` waiting deliveries of one workspace, oldest first, and returns them, fewer where their bodies are
 * large. Two workers never get the same one
 * (skip locked), and a worker that dies gives its deliveries back with its transaction: no lease, no clean-up.
 * `npm run bench:ingest` compares this claim with marking rows as taken, and with delete … returning on a table of its
 * own; its results are in bench/results/.
 */
export async function claimDeliveries(
  tx: Tx,
  workspaceId: string,
  limit: number,
  now: Date,
): Promise<ClaimedDelivery[]> {
  const { rows } = await tx.query({
    name: "claim-deliveries",
    text: `select ${claimed} from deliveries
           where workspace_id = $1 and state = 'waiting' and (try_at is null or try_at <= $3)
           order by delivery_id limit $2 for update skip locked`,
    values: [workspaceId, limit, now],
  });
  return readClaimed(tx, workspaceId, takeWhileSmall(rows));
}

/** The first of them, and as many more as stay below the limit together. Those left out are free after the transaction. */
function takeWhileSmall(rows: readonly ClaimedRow[]): readonly ClaimedRow[] {
  let bytes = 0;
  const end = rows.findIndex((row, place) => {
    bytes += row.size;
    return place > 0 && bytes > mostBytes;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

/** The same for given deliveries, for a batch that is taken apart. */
export async function claimGivenDeliveries(
  tx: Tx,
  workspaceId: string,
  deliveryIds: readonly string[],
): Promise<ClaimedDelivery[]> {
  const { rows } = await tx.query(
    `select ${claimed} from deliveries
     where workspace_id = $1 and delivery_id = any($2) and state = 'waiting' order by delivery_id for update skip locked`,
    [workspaceId, deliveryIds],
  );
  return readClaimed(tx, workspaceId, rows);
}

type ClaimedRow = Omit<ClaimedDelivery, "body">;

/** Bodies in a second query: its constant ids let the planner look into the partitions of those days only. */
async function readClaimed(tx: Tx, workspaceId: string, rows: readonly ClaimedRow[]): Promise<ClaimedDelivery[]> {
  if (rows.length === 0) return [];
  const bodyOf = await readBodies(
    tx,
    workspaceId,
    rows.map((row) => row.deliveryId),
  );
  return rows.map((row) => ({ ...row, body: bodyOf.get(row.deliveryId) }));
}

/**
 * As text from the server: half the bytes of hex, 2.0 against 4.0 ms for 300 bodies of 1.5 KB. It refuses all of them
 * when one is no UTF-8 (refused at the door, replayed by a person); then they come as bytes, and that one reads as
 * nothing, which is no JSON. Without this one such delivery would stop its workspace for good.
 */
async function readBodies(tx: Tx, workspaceId: string, ids: readonly string[]): Promise<Map<string, string>> {
  await tx.query("savepoint before_bodies");
  try {
    const { rows } = await tx.query({
      name: "read-claimed-bodies",
      text: "select delivery_id, convert_from(body, 'UTF8') as body from delivery_bodies where workspace_id = $1 and delivery_id = any($2)",
      values: [workspaceId, ids],
    });
    return new Map(rows.map((row) => [row.delivery_id, row.body]));
  } catch (error) {
    if (!isUnreadableText(error)) throw error;
    await tx.query("rollback to savepoint before_bodies");
    const { rows } = await tx.query<{ delivery_id: string; body: Buffer }>(
      "select delivery_id, body from delivery_bodies where workspace_id = $1 and delivery_id = any($2)",
      [workspaceId, ids],
    );
    return new Map(rows.map(({ delivery_id, body }) => [delivery_id, isReadable(body) ? body.toString("utf8") : ""]));
  }
}

/** As PostgreSQL sees it: UTF-8 without U+0000. */
function isReadable(body: Buffer): boolean {
  return isUtf8(body) && !body.includes(0);
}

/**
 * The rules in force. They stay in force until the transaction ends: whoever saves a mapping waits for the batches that go
 * by the one before, so that nothing is recorded by it behind the back of matching again. The lock comes in a statement of its
 * own: one that had to wait and read in the same go would join the new version with the old rows.
 */
export async function readConnectionRules(
  db: Queryable,
  workspaceId: string,
  connectionIds: readonly string[],
): Promise<Map<string, ConnectionRules>> {
  await db.query({
    name: "lock-connection-rules",
    text: "select from connections where workspace_id = $1 and connection_id = any($2) order by connection_id for key share",
    values: [workspaceId, connectionIds],
  });
  const { rows } = await db.query({
    name: "read-connection-rules",
    text: `select c.connection_id, c.kind, c.is_on, c.missing_records, c.filtered_kinds, c.recorded_kinds, c.anonymous_visitors, m.version, m.user_id_from, m.account_id_from, m.level
           from connections c
           join connection_mappings m on m.workspace_id = c.workspace_id and m.connection_id = c.connection_id and m.version = c.mapping_version
           where c.workspace_id = $1 and c.connection_id = any($2)`,
    values: [workspaceId, connectionIds],
  });
  return new Map(
    rows.map((row) => [
      row.connection_id,
      {
        connectionId: row.connection_id,
        kind: row.kind,
        isOn: row.is_on,
        mapping: {
          version: row.version,
          userIdFrom: row.user_id_from,
          accountIdFrom: row.account_id_from,
          level: row.level,
        },
        missingRecords: row.missing_records,
        filteredKinds: row.filtered_kinds,
        recordedKinds: row.recorded_kinds,
        anonymousVisitors: row.anonymous_visitors,
      },
    ]),
  );
}

/**
 * No batch of the workspace is under way while this is held, and the next one sees what was removed: else a fact could be
 * recorded for a membership or a record at the moment in which it goes.
 */
export async function holdBatches(tx: Tx, workspaceId: string): Promise<void> {
  await tx.query("select from connections where workspace_id = $1 order by connection_id for update", [workspaceId]);
}

/** Those of the deliveries whose raw bodies are there: they can go through once more. */
export async function listDeliveriesWithBody(
  db: Queryable,
  workspaceId: string,
  deliveryIds: readonly string[],
): Promise<Set<string>> {
  if (deliveryIds.length === 0) return new Set();
  const { rows } = await db.query(
    `select b.delivery_id from delivery_bodies b join deliveries d using (workspace_id, delivery_id)
     where b.workspace_id = $1 and b.delivery_id = any($2)`,
    [workspaceId, deliveryIds],
  );
  return new Set(rows.map((row) => row.delivery_id));
}
