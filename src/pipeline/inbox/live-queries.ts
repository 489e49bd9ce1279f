// A connection as it is now. A page asks for it whenever something has come, so nothing here reads more than a day of deliveries.
import type { ConnectionLive } from "../../contract/live.ts";
import type { Queryable } from "../../platform/database/pool.ts";
import { lowestUuid, lowestUuidOf } from "../../platform/uuid.ts";
import type { ConnectionKind } from "../facts.ts";
import { countParked } from "./parked-queries.ts";

type KnownKind = Pick<ConnectionLive["kinds"][number], "kind" | "label" | "becomes">;
type Of = { workspaceId: string; connectionId: string };

export type LiveOptions = {
  clock: () => Date;
  /** Those of Pendo. */
  kinds: readonly KnownKind[];
  /** The visitor and account of samples, which are no sign of life. */
  sampleIds: { visitorId: string; accountId: string };
  webhookPageOf: (region: string) => string;
};

const day = 24 * 60 * 60 * 1000;
const mostUnknown = 10_000;
/** What waits for no longer than this is not judged yet: it may be a sample. */
const longestUnread = 10_000;

/** Undefined: there is no such connection. */
export async function findLive(db: Queryable, of: Of, options: LiveOptions): Promise<ConnectionLive | undefined> {
  const connection = await findConnection(db, of);
  if (!connection) return undefined;
  const now = options.clock();
  const lastDeliveryAt = await findLast(db, of, options);
  const lastDay = await countDay(db, of, now);
  const isPendo = connection.kind === "pendo";
  return {
    state: readState(connection.isOn, lastDeliveryAt, now),
    lastDeliveryAt: lastDeliveryAt?.toISOString() ?? null,
    kinds: isPendo ? options.kinds.map((one) => describeKind(one, connection.filteredKinds, lastDay)) : [],
    unknownKinds: await listUnknownKinds(db, of, connection.recordedKinds),
    held: connection.held,
    parked: (await countParked(db, of)).map(({ reason, message, count, oldestAt, nextTryAt }) => ({
      reason,
      message,
      count,
      oldestAt: oldestAt.toISOString(),
      nextTryAt: nextTryAt?.toISOString() ?? null,
    })),
    refused: sumRefused(lastDay),
    steps: {
      deliveryArrived: lastDeliveryAt !== undefined,
      mappingChosen: connection.mappingVersion > 1,
      keySet: connection.hasKey,
      reportAdded: connection.hasReport,
    },
    webhookPage: isPendo ? options.webhookPageOf(connection.region) : null,
  };
}

type ConnectionRow = {
  kind: ConnectionKind;
  isOn: boolean;
  region: string;
  filteredKinds: string[];
  recordedKinds: string[];
  mappingVersion: number;
  hasKey: boolean;
  hasReport: boolean;
  held: number;
};

async function findConnection(db: Queryable, { workspaceId, connectionId }: Of): Promise<ConnectionRow | undefined> {
  const { rows } = await db.query<ConnectionRow>(
    `select c.kind, c.is_on as "isOn", c.region, c.filtered_kinds as "filteredKinds", c.recorded_kinds as "recordedKinds",
            c.mapping_version as "mappingVersion",
            exists (select from integration_keys k where k.workspace_id = c.workspace_id and k.connection_id = c.connection_id) as "hasKey",
            exists (select from reports r where r.workspace_id = c.workspace_id and r.connection_id = c.connection_id) as "hasReport",
            (select count(*) from deliveries d
             where d.workspace_id = c.workspace_id and d.connection_id = c.connection_id and d.state = 'held') as held
     from connections c where c.workspace_id = $1 and c.connection_id = $2`,
    [workspaceId, connectionId],
  );
  return rows[0];
}

function readState(isOn: boolean, lastAt: Date | undefined, now: Date): ConnectionLive["state"] {
  if (!isOn) return "off";
  if (!lastAt) return "waiting";
  return now.getTime() - lastAt.getTime() < day ? "receiving" : "quiet";
}

/** The newest hour of the ledger that has anything which was kept; `before`: a condition that it is before another one. */
const newestHour = (before = "") => `
  (select hour from ledger_counts
   where workspace_id = $1 and connection_id between $2 and $2 and received > refused_unkept ${before}
   order by connection_id desc, hour desc limit 1)`;

/**
 * The last delivery that was taken in. The ledger says in which hours there are any, so that a connection without one, or with
 * a last one of months ago, is not looked for among a million of its neighbours. One hour after the other: all hours of a year put
 * together first were 30 ms for each page.
 */
async function findLast(
  db: Queryable,
  { workspaceId, connectionId }: Of,
  { sampleIds, clock }: LiveOptions,
): Promise<Date | undefined> {
  const { rows } = await db.query<{ receivedAt: Date }>(
    `with recursive hours as (
       ${newestHour()} union all select n.hour from hours h cross join lateral ${newestHour("and hour < h.hour")} n
     )
     select d.received_at as "receivedAt" from hours h cross join lateral (
       select received_at from deliveries
       where workspace_id = $1 and connection_id = $2 and state <> 'refused' and (state <> 'waiting' or received_at < $5)
         and delivery_id >= ${lowestUuidOf("h.hour")} and delivery_id < ${lowestUuidOf("h.hour + interval '1 hour'")}
         and kind is distinct from 'ping' and pendo_visitor_id is distinct from $3
         and (pendo_visitor_id is not null or pendo_account_id is distinct from $4)
       order by delivery_id desc limit 1
     ) as d limit 1`,
    [workspaceId, connectionId, sampleIds.visitorId, sampleIds.accountId, new Date(clock().getTime() - longestUnread)],
  );
  return rows[0]?.receivedAt;
}

type DayRow = { kind: string | null; isRefused: boolean; count: number; lastAt: Date };

async function countDay(db: Queryable, { workspaceId, connectionId }: Of, now: Date): Promise<DayRow[]> {
  const since = now.getTime() - day;
  const { rows } = await db.query<DayRow>(
    `select kind, state = 'refused' as "isRefused", count(*) as count, max(received_at) as "lastAt" from deliveries
     where workspace_id = $1 and connection_id = $2 and delivery_id >= $3 and received_at >= $4 group by 1, 2`,
    [workspaceId, connectionId, lowestUuid(since), new Date(since)],
  );
  return rows;
}

function describeKind(known: KnownKind, filtered: readonly string[], rows: readonly DayRow[]) {
  const own = rows.find(({ kind, isRefused }) => kind === known.kind && !isRefused);
  return {
    kind: known.kind,
    label: known.label,
    becomes: known.becomes,
    isOn: !filtered.includes(known.kind),
    count: own?.count ?? 0,
    lastAt: own?.lastAt.toISOString() ?? null,
  };
}

function sumRefused(rows: readonly DayRow[]): ConnectionLive["refused"] {
  const refused = rows.filter(({ isRefused }) => isRefused);
  const newest = Math.max(...refused.map(({ lastAt }) => lastAt.getTime()));
  return {
    count: refused.reduce((sum, { count }) => sum + count, 0),
    lastAt: refused.length === 0 ? null : new Date(newest).toISOString(),
  };
}

async function listUnknownKinds(
  db: Queryable,
  { workspaceId, connectionId }: Of,
  recorded: readonly string[],
): Promise<ConnectionLive["unknownKinds"]> {
  const { rows } = await db.query<{ kind: string; kept: number; lastAt: Date }>(
    `select kind, count(*) as kept, max(received_at) as "lastAt"
     from (select kind, received_at from deliveries
           where workspace_id = $1 and connection_id = $2 and state = 'filtered' and reason = 'unknown-kind' and kind is not null
           order by delivery_id desc limit ${mostUnknown}) as kept
     group by 1 order by 2 desc, 1`,
    [workspaceId, connectionId],
  );
  const items = rows.map(({ kind, kept, lastAt }) => ({
    kind,
    isRecorded: recorded.includes(kind),
    kept,
    lastAt: lastAt.toISOString(),
  }));
  const unseen = recorded.filter((kind) => !rows.some((row) => row.kind === kind));
  return {
    items: [...items, ...unseen.map((kind) => ({ kind, isRecorded: true, kept: 0, lastAt: null }))],
    isMore: rows.reduce((sum, { kept }) => sum + kept, 0) === mostUnknown,
  };
}
