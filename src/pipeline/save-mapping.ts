// Changes what Pendo's ids mean here. New facts are matched by the new mapping at once; those that are there stay where they
// are until they are matched again.
import { writeAudit } from "../access/audit-log-table.ts";
import type { PendoClients } from "../pendo/client/pendo-clients.ts";
import { PendoError } from "../pendo/client/pendo-error.ts";
import { type FieldName, parseFieldName } from "../pendo/field-value.ts";
import type { Database, Queryable, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import { insertMapping } from "../settings/connection-mappings-table.ts";
import { announceChange } from "../settings/connections.ts";
import { clearAskingTrouble, setMappingVersion } from "../settings/connections-table.ts";
import type { Mapping } from "./facts.ts";
import { mostReleased, releaseParkedFor } from "./inbox/deliveries-table.ts";
import { wakeWorkers } from "./inbox/inbox-channel.ts";
import { cancelRunningJob, type MatchJob, type MatchJobKind, startJob } from "./match/match-jobs-table.ts";
import { matchReasons } from "./outcome.ts";

export type SaveMappingOptions = {
  database: Database;
  clients: Pick<PendoClients, "open">;
  clock: () => Date;
  author: Author;
};

export type SavedMapping = {
  mapping: Mapping & { version: number };
  isChanged: boolean;
  /** Deliveries that were parked and go through once more. */
  released: number;
  /** The reading of all visitors and accounts that it begins; null where Pendo need not be asked. */
  job: MatchJob | null;
  /** What the person should look at, though it is saved. */
  warnings: string[];
};

/** A mapping that could not work; the message says why, and what to do. */
export class MappingError extends Error {}

const widestField = 200;

/** Changes what is given and leaves the rest. Throws in words for a person where the mapping could not work. */
export async function saveMapping(
  options: SaveMappingOptions,
  connectionId: string,
  change: Partial<Mapping>,
): Promise<SavedMapping> {
  const { database, clock, author } = options;
  const before = await readMapping(database, connectionId);
  const mapping = { ...before.mapping, ...change };
  refuseWhatCannotWork(mapping, before);
  const warnings = await checkFields(options.clients, before, mapping);
  const saved = await inTransaction(database, (tx) => writeMapping(tx, { ...before, author }, mapping, clock()));
  if (!saved.isChanged) return { ...saved, warnings };
  let { released } = saved;
  for (let last = released; last === mostReleased; released += last)
    last = await releaseParkedFor(database, before, matchReasons);
  if (released > 0) await wakeWorkers(database);
  return { ...saved, released, warnings };
}

type Before = {
  workspaceId: string;
  connectionId: string;
  mapping: Mapping & { version: number };
  hasKey: boolean;
  hasHierarchy: boolean;
};

export async function readMapping(db: Queryable, connectionId: string): Promise<Before> {
  const { rows } = await db.query(
    `select c.workspace_id as "workspaceId", c.connection_id as "connectionId", c.kind, w.hierarchy as "hasHierarchy",
            jsonb_build_object('version', m.version, 'userIdFrom', m.user_id_from, 'accountIdFrom', m.account_id_from, 'level', m.level) as mapping,
            exists (select from integration_keys k where k.workspace_id = c.workspace_id and k.connection_id = c.connection_id) as "hasKey"
     from connections c join workspaces w on w.workspace_id = c.workspace_id
     join connection_mappings m on m.workspace_id = c.workspace_id and m.connection_id = c.connection_id and m.version = c.mapping_version
     where c.connection_id = $1`,
    [connectionId],
  );
  if (rows.length === 0)
    throw new Error(`There is no connection ${connectionId}; \`plumbline connection list\` shows them.`);
  if (rows[0].kind === "analytics")
    throw new MappingError("The connection is of the Analytics API, which says itself whose everything is.");
  return rows[0];
}

export function refuseWhatCannotWork(mapping: Mapping, { hasKey, hasHierarchy }: Before): void {
  const fields = [mapping.userIdFrom, mapping.accountIdFrom].filter((field) => field !== null);
  for (const field of fields) {
    if (parseFieldName(field) === undefined || field.length > widestField || field.trim() !== field)
      throw new MappingError(
        `${JSON.stringify(field)} is not the name of a metadata field; it looks like agent.email, or email for whichever group has it.`,
      );
  }
  if (fields.length > 0 && !hasKey)
    throw new MappingError(
      `Pendo has to be asked for ${fields.join(" and ")}, and the connection has no integration key: set one first (--integration-key).`,
    );
  if (mapping.level === "organization" && !hasHierarchy)
    throw new MappingError(
      "The workspace has no organizations: switch them on first (`plumbline workspace set --hierarchy on`).",
    );
}

/** Fields that Pendo does not list, in words; and where Pendo cannot be asked, that. */
async function checkFields(clients: Pick<PendoClients, "open">, before: Before, mapping: Mapping): Promise<string[]> {
  const fields = [
    { kind: "visitor", field: mapping.userIdFrom, isNew: mapping.userIdFrom !== before.mapping.userIdFrom },
    { kind: "account", field: mapping.accountIdFrom, isNew: mapping.accountIdFrom !== before.mapping.accountIdFrom },
  ] as const;
  const warnings: string[] = [];
  try {
    for (const { kind, field, isNew } of fields) {
      if (field === null || !isNew) continue;
      const client = await clients.open(before);
      const known = await client.readMetadataSchema(kind);
      const isKnown = known.some(({ group, name }) => isSameField(parseFieldName(field)!, group, name));
      if (!isKnown) warnings.push(`Pendo lists no field ${field} of ${kind}s: check its name.`);
    }
  } catch (error) {
    if (!(error instanceof PendoError)) throw error;
    warnings.push(`Whether Pendo has these fields could not be checked. ${error.message}`);
  }
  return warnings;
}

function isSameField(wanted: FieldName, group: string, name: string): boolean {
  return wanted.field === name && (wanted.group === null || wanted.group === group);
}

/** One at a time for a connection. Whoever reads identities by the mapping of before is told to stop at the next page. */
async function writeMapping(
  tx: Tx,
  { workspaceId, connectionId, author }: Before & { author: Author },
  wanted: Mapping,
  now: Date,
): Promise<Omit<SavedMapping, "warnings">> {
  await tx.query("select from connections where workspace_id = $1 and connection_id = $2 for update", [
    workspaceId,
    connectionId,
  ]);
  const { mapping } = await readMapping(tx, connectionId);
  if (isSame(mapping, wanted)) return { mapping, isChanged: false, released: 0, job: null };
  const version = mapping.version + 1;
  const of = { workspaceId, connectionId };
  await insertMapping(tx, { ...of, version }, wanted, now);
  await setMappingVersion(tx, workspaceId, connectionId, version);
  const subject = { type: "connection", id: connectionId };
  const noted = { before: { ...mapping }, after: { ...wanted, version } };
  await writeAudit(tx, { ...author, workspaceId, action: "mapping.saved", subject, ...noted }, now);
  await clearAskingTrouble(tx, workspaceId, connectionId);
  const cancel = (kind: MatchJobKind) =>
    cancelRunningJob(tx, { ...of, kind }, "The connection has got another mapping.", now);
  await cancel("match-again");
  const isCutShort = await cancel("read-identities");
  const mustRead = [
    [wanted.userIdFrom, mapping.userIdFrom],
    [wanted.accountIdFrom, mapping.accountIdFrom],
  ].some(([field, before]) => field !== null && (field !== before || isCutShort));
  const job = mustRead ? await startJob(tx, { ...of, kind: "read-identities", mappingVersion: version }, now) : null;
  const released = await releaseParkedFor(tx, of, matchReasons);
  await announceChange(tx, workspaceId);
  return { mapping: { ...wanted, version }, isChanged: true, released, job };
}

function isSame(one: Mapping, other: Mapping): boolean {
  return one.userIdFrom === other.userIdFrom && one.accountIdFrom === other.accountIdFrom && one.level === other.level;
}

export type MappingOptions = { userIdFrom?: string; accountIdFrom?: string; level?: Mapping["level"] };

const ownIds = ["", "default", "visitorId", "accountId"];

/** What was typed, where it was: a field, or a name of Pendo's own id. */
export function readMappingChange({ userIdFrom, accountIdFrom, level }: MappingOptions): Partial<Mapping> {
  const readField = (given: string) => (ownIds.includes(given.trim()) ? null : given.trim());
  return {
    ...(userIdFrom !== undefined && { userIdFrom: readField(userIdFrom) }),
    ...(accountIdFrom !== undefined && { accountIdFrom: readField(accountIdFrom) }),
    ...(level !== undefined && { level }),
  };
}
