// Sends kept deliveries through once more: one, or all that match a filter. Recording is idempotent, so what was
// recorded stays as it is; what failed, was parked, held or filtered gets another chance.
import type { Database, Tx } from "../../platform/database/pool.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { type Condition, writeWhere } from "../../platform/paging.ts";
import { isUuid } from "../../platform/uuid.ts";
import { sendThroughAgain } from "./deliveries-table.ts";
import { type DeliveryFilter, listDeliveryConditions } from "./delivery-queries.ts";

/** Deliveries that the door refused for their signature need a look at it first; true: it is right by now. */
export type RecheckSignature = (delivery: {
  connectionId: string;
  workspaceId: string;
  headers: Record<string, unknown>;
  body: Buffer;
}) => Promise<boolean>;

export type Replay = { matched: number; replayed: number; leftOut: { id: string; why: string }[] };

type Filter = DeliveryFilter & { id?: string | undefined };

const slice = 1_000;
export const mostExamples = 20;

/**
 * Refused deliveries are replayed only when they are asked for (by id, or by state), and those without a right signature
 * only when it is right with the secrets of today: else anybody who knows the address could have them recorded. `reached` is
 * the last one that was looked at, where there are more than `most`; null: that was all.
 */
export async function replayDeliveries(
  database: Database,
  filter: Filter,
  options: {
    recheckSignature: RecheckSignature;
    /** Says who did it, in the transaction that does. */
    note: (tx: Tx, workspaceId: string, replayed: number) => Promise<void>;
    onProgress?: (replayed: number) => void;
    dryRun?: boolean;
    most?: number;
  },
): Promise<Replay & { reached: string | null }> {
  if (filter.id !== undefined && !isUuid(filter.id))
    throw new Error(`${JSON.stringify(filter.id)} is not the id of a delivery.`);
  const result: Replay = { matched: 0, replayed: 0, leftOut: [] };
  for (let after: string | undefined; ; ) {
    const looked = await lookAtSlice(database, filter, { after, recheckSignature: options.recheckSignature });
    if (!looked) return { ...result, reached: null };
    if (after !== undefined && result.matched >= (options.most ?? Number.POSITIVE_INFINITY))
      return { ...result, reached: after };
    after = looked.reached;
    result.matched += looked.matched;
    result.leftOut.push(...looked.leftOut.slice(0, mostExamples - result.leftOut.length));
    for (const [workspaceId, ids] of looked.ready) {
      result.replayed += options.dryRun
        ? ids.length
        : await inTransaction(database, async (tx) => {
            const replayed = await sendThroughAgain(tx, workspaceId, ids);
            await options.note(tx, workspaceId, replayed);
            return replayed;
          });
    }
    options.onProgress?.(result.replayed);
  }
}

type LookedAt = {
  matched: number;
  /** By workspace. */
  ready: Map<string, string[]>;
  leftOut: Replay["leftOut"];
  /** The last of them. */
  reached: string;
};

/** The next of those that match, and what stands against them; undefined: there are no more. */
export async function lookAtSlice(
  database: Database,
  filter: Filter,
  from: { after: string | undefined; before?: string; recheckSignature: RecheckSignature },
): Promise<LookedAt | undefined> {
  const rows = await listSlice(database, filter, from);
  if (rows.length === 0) return undefined;
  const ready = new Map<string, string[]>();
  const leftOut: Replay["leftOut"] = [];
  for (const row of rows) {
    const why = await findObstacle(row, from.recheckSignature);
    if (why !== undefined) leftOut.push({ id: row.id, why });
    else if (!ready.get(row.workspaceId)?.push(row.id)) ready.set(row.workspaceId, [row.id]);
  }
  return { matched: rows.length, ready, leftOut, reached: rows.at(-1)!.id };
}

/** How many match there, whether or not they can go through. */
export async function countMatching(database: Database, filter: Filter, place: Place): Promise<number> {
  const { where, values } = writeWhere(listConditions(filter, place));
  const { rows } = await database.query(`select count(*) as count from deliveries d where ${where}`, values);
  return rows[0].count;
}

type Row = {
  id: string;
  workspaceId: string;
  connectionId: string;
  state: string;
  reason: string | null;
  headers: string | null;
  body: Buffer | null;
  hasBody: boolean;
};

type Place = { after: string | undefined; before?: string };

function listConditions(filter: Filter, { after, before }: Place): Condition[] {
  const conditions = listDeliveryConditions(filter);
  conditions.push({ sql: "d.state <> 'waiting'", values: [] });
  if (filter.id !== undefined) conditions.push({ sql: "d.delivery_id = ?", values: [filter.id] });
  else if (filter.state === undefined) conditions.push({ sql: "d.state <> 'refused'", values: [] });
  if (after !== undefined) conditions.push({ sql: "d.delivery_id > ?", values: [after] });
  if (before !== undefined) conditions.push({ sql: "d.delivery_id < ?", values: [before] });
  return conditions;
}

async function listSlice(database: Database, filter: Filter, place: Place): Promise<Row[]> {
  const { where, values } = writeWhere(listConditions(filter, place));
  const { rows } = await database.query(
    `select d.delivery_id as id, d.workspace_id as "workspaceId", d.connection_id as "connectionId", d.state, d.reason, b.headers,
            case when d.reason like 'signature-%' then b.body end as body, b.delivery_id is not null as "hasBody"
     from deliveries d left join delivery_bodies b on b.workspace_id = d.workspace_id and b.delivery_id = d.delivery_id
     where ${where} order by d.delivery_id limit ${slice}`,
    values,
  );
  return rows;
}

async function findObstacle(row: Row, recheck: RecheckSignature): Promise<string | undefined> {
  if (!row.hasBody) return "Its raw body has been deleted.";
  if (row.reason === "too-large") return "It was too large; its body was not kept.";
  if (row.state !== "refused" || !row.reason?.startsWith("signature-")) return undefined;
  const { workspaceId, connectionId } = row;
  const isRight = await recheck({
    workspaceId,
    connectionId,
    headers: JSON.parse(row.headers ?? "{}"),
    body: row.body!,
  });
  return isRight ? undefined : "Its signature does not fit the connection's secrets.";
}
