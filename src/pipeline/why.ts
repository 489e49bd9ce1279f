// How a fact or a membership came to its record: from Pendo's id, by the mapping of its time, perhaps through a field of
// Pendo's metadata. And whether Pendo says something else by now. For the question "why is this not on the right user?".
import type { Queryable } from "../platform/database/pool.ts";
import { isUuid } from "../platform/uuid.ts";
import type { MadeFact, Mapping } from "./facts.ts";
import type { RecordKind } from "./records.ts";
import { type Reference, selectOwner } from "./references.ts";

export type Way = {
  /** In one line: visitorId u-42 → agent.email u42@acme.example → user u42@acme.example */
  text: string;
  /** As Pendo gave it. */
  pendoId: string | null;
  /** The field of Pendo's metadata in between, in full where that is known; null: Pendo's id is the external ID itself. */
  field: string | null;
  record: WayRecord | null;
  /** Which of the connection's mappings it was matched by. */
  mappingVersion: number;
  /** What Pendo says by now, where that is something else; an external ID of null is an empty field. */
  changed: { externalId: string | null; at: Date | null } | null;
};

type WayRecord = Reference & { type: RecordKind };

export type Why = { user: Way; account: Way };

type KnownName = {
  field: string;
  state: string;
  externalId: string | null;
  foundIn: string | null;
  changedAt: string | null;
};

export type Traced = {
  mappingVersion: number;
  /** How it came here. */
  source: string;
  pendoVisitorId: string | null;
  pendoAccountId: string | null;
  user: Reference | null;
  account: Reference | null;
  organization: Reference | null;
  /** Null where no mapping could tell whose it is (version 0). */
  mapping: Mapping | null;
  visitorName: KnownName | null;
  accountName: KnownName | null;
};

const facts = {
  event: { table: "events", id: "event_id" },
  "nps-response": { table: "nps_responses", id: "nps_response_id" },
  "poll-response": { table: "poll_responses", id: "poll_response_id" },
} as const;

export async function explainFact(
  db: Queryable,
  workspaceId: string,
  { type, id }: { type: MadeFact; id: string },
): Promise<Why | undefined> {
  if (!isUuid(id)) return undefined;
  const fact = facts[type];
  const { rows } = await db.query<Traced>(
    `select ${traced} from ${fact.table} f
     left join users u on u.workspace_id = f.workspace_id and u.user_id = f.user_id
     left join accounts a on a.workspace_id = f.workspace_id and a.account_id = f.account_id
     left join organizations o on o.workspace_id = f.workspace_id and o.organization_id = f.organization_id
     ${namesOfNow} where f.workspace_id = $1 and f.${fact.id} = $2`,
    [workspaceId, id],
  );
  return rows[0] && describeWays(rows[0]);
}

/** How the newest fact of a record came to it; undefined where matching brought it none of its own. */
export async function explainRecord(
  db: Queryable,
  workspaceId: string,
  { type, id }: { type: RecordKind; id: string },
): Promise<Way | undefined> {
  for (const [fact, time] of [
    ["event", "occurred_at"],
    ["nps-response", "responded_at"],
  ] as const) {
    const { table, id: key } = facts[fact];
    const { rows } = await db.query(
      `select ${key} as id from ${table} where workspace_id = $1 and ${type}_id = $2 order by ${time} desc limit 1`,
      [workspaceId, id],
    );
    const why = rows[0] && (await explainFact(db, workspaceId, { type: fact, id: rows[0].id }));
    const way = type === "user" ? why?.user : why?.account;
    if (way?.record?.id === id) return way;
  }
  return undefined;
}

export type ExplainedMembership = {
  account: Reference | null;
  organization: Reference | null;
  /** 'pendo': matching found it; anything else is said by hand. */
  source: "pendo" | "import" | "api" | "person";
  since: Date;
  /** Null where it is said by hand. */
  why: Why | null;
};

/** What a user belongs to, and how that came about; the oldest first. */
export async function explainMemberships(
  db: Queryable,
  workspaceId: string,
  userId: string,
): Promise<ExplainedMembership[]> {
  const read = (table: string, record: "account" | "organization") => `
    select ${traced}, f.created_at as since from ${table} f
    join users u on u.workspace_id = f.workspace_id and u.user_id = f.user_id
    left join accounts a on a.workspace_id = f.workspace_id and a.account_id = ${record === "account" ? "f.account_id" : "null"}
    left join organizations o on o.workspace_id = f.workspace_id and o.organization_id = ${record === "organization" ? "f.organization_id" : "null"}
    ${namesOfNow} where f.workspace_id = $1 and f.user_id = $2`;
  const { rows } = await db.query<Traced & Pick<ExplainedMembership, "source" | "since">>(
    `select * from (${read("account_users", "account")} union all ${read("organization_users", "organization")}) m order by since`,
    [workspaceId, userId],
  );
  return rows.map((row) => ({
    account: row.account,
    organization: row.organization,
    source: row.source,
    since: row.since,
    why: row.source === "pendo" && row.mappingVersion !== null ? describeWays(row) : null,
  }));
}

const knownName = (alias: string) =>
  `case when ${alias}.state is not null then jsonb_build_object('field', ${alias}.field, 'state', ${alias}.state, 'externalId', ${alias}.external_id,
                                                              'foundIn', ${alias}.found_in, 'changedAt', ${alias}.changed_at) end`;
const traced = `f.mapping_version as "mappingVersion", f.source, f.pendo_visitor_id as "pendoVisitorId", f.pendo_account_id as "pendoAccountId",
  ${selectOwner},
  case when cm.version is not null
       then jsonb_build_object('userIdFrom', cm.user_id_from, 'accountIdFrom', cm.account_id_from, 'level', cm.level) end as mapping,
  ${knownName("vi")} as "visitorName", ${knownName("ai")} as "accountName"`;
const namesOfNow = `
  left join connection_mappings cm
    on cm.workspace_id = f.workspace_id and cm.connection_id = f.connection_id and cm.version = f.mapping_version
  left join pendo_identities vi
    on vi.workspace_id = f.workspace_id and vi.connection_id = f.connection_id and vi.kind = 'visitor' and vi.pendo_id = f.pendo_visitor_id
  left join pendo_identities ai
    on ai.workspace_id = f.workspace_id and ai.connection_id = f.connection_id and ai.kind = 'account' and ai.pendo_id = f.pendo_account_id`;

/** Both sides of a fact or membership, told from its row. */
export function describeWays(row: Traced): Why {
  if (row.source === "analytics-api") return describeWaysOfMessage(row);
  const { mapping, mappingVersion, user, account, organization } = row;
  const isOrganization = mapping?.level === "organization";
  const owner = isOrganization ? organization : account;
  return {
    user: describeWay({
      idName: "visitorId",
      pendoId: row.pendoVisitorId,
      mapped: mapping && { field: mapping.userIdFrom },
      record: user && { type: "user", ...user },
      name: row.visitorName,
      mappingVersion,
    }),
    account: describeWay({
      idName: "accountId",
      pendoId: row.pendoAccountId,
      mapped: mapping && { field: mapping.accountIdFrom },
      record: owner && { type: isOrganization ? "organization" : "account", ...owner },
      name: row.accountName,
      mappingVersion,
    }),
  };
}

/** A message of the Analytics API names records by their external IDs. */
function describeWaysOfMessage(row: Traced): Why {
  const { mappingVersion, user, account, organization } = row;
  const way = { field: null, mappingVersion, changed: null };
  const owner: WayRecord | null = account
    ? { type: "account", ...account }
    : organization && { type: "organization", ...organization };
  const isFound = owner !== null && row.pendoAccountId === null;
  return {
    user: {
      ...way,
      pendoId: row.pendoVisitorId,
      record: user && { type: "user", ...user },
      text: user ? `userId ${user.externalId}` : "no userId",
    },
    account: {
      ...way,
      pendoId: row.pendoAccountId,
      record: owner,
      text: owner
        ? `${isFound ? "where the user was last: " : `${owner.type}Id `}${owner.externalId}`
        : "no accountId and no organizationId",
    },
  };
}

type Side = {
  idName: string;
  pendoId: string | null;
  mapped: { field: string | null } | null;
  record: WayRecord | null;
  name: KnownName | null;
  mappingVersion: number;
};

function describeWay({ idName, pendoId, mapped, record, name, mappingVersion }: Side): Way {
  const way = { pendoId, field: null, record, mappingVersion, changed: null };
  if (pendoId === null) return { ...way, text: `no ${idName}` };
  if (mapped === null) return { ...way, text: `${idName} ${pendoId} → nobody: no mapping tells whose it is` };
  if (record === null) return { ...way, text: `${idName} ${pendoId} identifies nobody` };
  const end = `${record.type} ${record.externalId}`;
  if (mapped.field === null) return { ...way, text: `${idName} ${pendoId} → ${end}` };
  // What is known of the id by another field says nothing of this way.
  const known = name?.field === mapped.field ? name : null;
  const field = (known?.externalId === record.externalId ? known.foundIn : null) ?? mapped.field;
  const changed = findChange(known, record);
  const text = `${idName} ${pendoId} → ${field} ${record.externalId} → ${end}${changed ? describeChange(mapped.field, changed) : ""}`;
  return { ...way, field, changed, text };
}

function findChange(known: KnownName | null, record: WayRecord): Way["changed"] {
  if (known === null || known.externalId === record.externalId) return null;
  if (known.state !== "mapped" && known.state !== "no-value") return null;
  return { externalId: known.externalId, at: known.changedAt === null ? null : new Date(known.changedAt) };
}

function describeChange(field: string, { externalId, at }: NonNullable<Way["changed"]>): string {
  const since = at === null ? "by now" : `since ${at.toISOString()}`;
  return externalId === null
    ? ` (Pendo has no value in ${field} ${since})`
    : ` (Pendo says ${field} ${externalId} ${since})`;
}
