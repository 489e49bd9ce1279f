import type { ConnectionKind, Mapping } from "../pipeline/facts.ts";
import type { Reason } from "../pipeline/outcome.ts";
import type { Queryable } from "../platform/database/pool.ts";
import { lowestUuidOf } from "../platform/uuid.ts";

export type Connection = {
  id: string;
  workspaceId: string;
  name: string;
  kind: ConnectionKind;
  state: "on" | "off";
  missingRecords: "create" | "link";
  filteredKinds: string[];
  recordedKinds: string[];
  /** What becomes of events of visitors who are not signed in. */
  anonymousVisitors: "record" | "filter";
  /** The last four characters of each valid secret; empty when signatures are not asked for. */
  secrets: string[];
  /** Where Pendo is asked. */
  region: "us" | "us1" | "eu" | "jpn" | "au";
  /** Null: there is none, and Pendo cannot be asked. */
  integrationKey: ShownKey | null;
  /** How Pendo's ids become external IDs. */
  mapping: Mapping & { version: number };
  /** What becomes of the facts of somebody whose external ID changes at Pendo. */
  changedIdentities: "stay" | "move";
  /** When all visitors and accounts were last read from Pendo. */
  identitiesReadAt: Date | null;
  /** Why Pendo cannot be asked whose it is; null: it can, or need not be. */
  asking: ShownTrouble | null;
  held: number;
  lastDeliveryAt: string | null;
  createdAt: string;
};

export type ShownKey = {
  /** The last characters, behind an ellipsis. */
  key: string;
  state: "untested" | "valid" | "wrong-region" | "refused" | "not-reachable";
  mayWrite: boolean | null;
  testedAt: string | null;
  setAt: string;
};

type ShownTrouble = { reason: Reason; message: string; againAt: string };

/** The newest hour of the ledger with a delivery of connection `c`; `before`: a condition that it is before another one. */
const newestHour = (before = "") => `
  (select hour from ledger_counts
   where workspace_id = c.workspace_id and connection_id between c.connection_id and c.connection_id and received > refused_unkept ${before}
   order by connection_id desc, hour desc limit 1)`;

/**
 * The last delivery is looked for in the hours of the ledger, one after the other: one of months ago would be far behind those of
 * its neighbours.
 */
export async function listConnections(db: Queryable, connectionId?: string): Promise<Connection[]> {
  const { rows } = await db.query(
    `select c.connection_id as id, c.workspace_id as "workspaceId", c.name, c.kind, case when c.is_on then 'on' else 'off' end as state,
            c.missing_records as "missingRecords", c.filtered_kinds as "filteredKinds", c.recorded_kinds as "recordedKinds",
            c.anonymous_visitors as "anonymousVisitors",
            coalesce((select array_agg('…' || s.last_four order by s.created_at) from connection_secrets s
                      where s.workspace_id = c.workspace_id and s.connection_id = c.connection_id and (s.expires_at is null or s.expires_at > statement_timestamp())), '{}') as secrets,
            c.region,
            (select json_build_object('key', '…' || k.last_four, 'state', k.state, 'mayWrite', k.may_write, 'testedAt', k.tested_at, 'setAt', k.created_at)
             from integration_keys k where k.workspace_id = c.workspace_id and k.connection_id = c.connection_id) as "integrationKey",
            (select json_build_object('version', m.version, 'userIdFrom', m.user_id_from, 'accountIdFrom', m.account_id_from, 'level', m.level)
             from connection_mappings m
             where m.workspace_id = c.workspace_id and m.connection_id = c.connection_id and m.version = c.mapping_version) as mapping,
            c.changed_identities as "changedIdentities", c.identities_read_at as "identitiesReadAt",
            case when c.asking_reason is not null
                 then json_build_object('reason', c.asking_reason, 'message', c.asking_detail, 'againAt', c.ask_again_at) end as asking,
            (select count(*) from deliveries d where d.workspace_id = c.workspace_id and d.connection_id = c.connection_id and d.state = 'held') as held,
            (with recursive hours as (
               ${newestHour()} union all select n.hour from hours h cross join lateral ${newestHour("and hour < h.hour")} n
             )
             select d.received_at from hours h cross join lateral (
               select received_at from deliveries
               where workspace_id = c.workspace_id and connection_id = c.connection_id
                 and delivery_id >= ${lowestUuidOf("h.hour")} and delivery_id < ${lowestUuidOf("h.hour + interval '1 hour'")}
               order by delivery_id desc limit 1
             ) as d limit 1) as "lastDeliveryAt",
            c.created_at as "createdAt"
     from connections c where $1::uuid is null or c.connection_id = $1 order by c.created_at, c.connection_id`,
    [connectionId ?? null],
  );
  return rows.map((row) => ({
    ...row,
    integrationKey: row.integrationKey && withIsoTimes(row.integrationKey),
    asking: row.asking && { ...row.asking, againAt: toIso(row.asking.againAt) },
  }));
}

function withIsoTimes(key: ShownKey): ShownKey {
  return { ...key, testedAt: key.testedAt && toIso(key.testedAt), setAt: toIso(key.setAt) };
}

/** PostgreSQL's JSON writes times in another form than everything else here. */
function toIso(time: string): string {
  return new Date(time).toISOString();
}

/** The workspace of a connection. Throws when there is none. */
export async function getConnection(
  db: Queryable,
  connectionId: string,
): Promise<{ workspaceId: string; name: string; kind: ConnectionKind }> {
  const { rows } = await db.query(
    'select workspace_id as "workspaceId", name, kind from connections where connection_id = $1',
    [connectionId],
  );
  if (rows.length === 0)
    throw new Error(`There is no connection ${connectionId}; \`plumbline connection list\` shows them.`);
  return rows[0];
}
