// Applies a mapping to everything that a connection has recorded: saves it where it is another one, has Pendo's visitors and
// accounts read, and begins to match again.
import { writeAudit } from "../access/audit-log-table.ts";
import type { Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Author } from "../platform/routes.ts";
import { announceChange } from "../settings/connections.ts";
import { setHierarchy } from "../settings/workspaces-table.ts";
import type { Mapping } from "./facts.ts";
import { readConnectionRules } from "./inbox/claim-queries.ts";
import { type MatchJob, startJob } from "./match/match-jobs-table.ts";
import { type SaveMappingOptions, saveMapping } from "./save-mapping.ts";

export type MappingChange = Partial<Mapping> & {
  /** Organizations above accounts; holds for the whole workspace. */
  hierarchy?: boolean;
};

export type AppliedMapping = {
  mapping: Mapping & { version: number };
  /** Whether the mapping is another than before. */
  isChanged: boolean;
  job: MatchJob;
  /** What the person should look at, though it is done. */
  warnings: string[];
};

export async function applyMapping(
  options: SaveMappingOptions,
  { workspaceId, connectionId }: { workspaceId: string; connectionId: string },
  { hierarchy, ...change }: MappingChange,
): Promise<AppliedMapping> {
  const { database, clock, author } = options;
  // Switched on before Pendo's accounts may become organizations, and off after none does any more.
  if (hierarchy === true) await setHierarchy(database, workspaceId, true);
  const isGiven = Object.keys(change).length > 0;
  const saved = isGiven ? await saveMapping(options, connectionId, change) : { isChanged: false, warnings: [] };
  if (hierarchy === false) await setHierarchy(database, workspaceId, false);
  const begun = await inTransaction(database, (tx) =>
    beginMatchingAgain(tx, { workspaceId, connectionId, author }, clock()),
  );
  return { ...begun, isChanged: saved.isChanged, warnings: saved.warnings };
}

async function beginMatchingAgain(
  tx: Tx,
  { author, ...of }: { workspaceId: string; connectionId: string; author: Author },
  now: Date,
): Promise<Pick<AppliedMapping, "mapping" | "job">> {
  const rules = (await readConnectionRules(tx, of.workspaceId, [of.connectionId])).get(of.connectionId);
  if (!rules) throw new Error(`There is no connection ${of.connectionId}; \`plumbline connection list\` shows them.`);
  if (!rules.isOn)
    throw new Error(
      `The connection is off: what the mapping cannot match would not be parked but held. \`plumbline connection on ${of.connectionId}\` first.`,
    );
  const { mapping } = rules;
  const asksPendo = mapping.userIdFrom !== null || mapping.accountIdFrom !== null;
  const job = { ...of, mappingVersion: mapping.version };
  if (asksPendo) await startJob(tx, { ...job, kind: "read-identities" }, now);
  const begun = await startJob(tx, { ...job, kind: "match-again" }, now);
  const subject = { type: "connection", id: of.connectionId };
  const after = { kind: "match-again", job: begun.id };
  await writeAudit(tx, { ...author, workspaceId: of.workspaceId, action: "match-job.started", subject, after }, now);
  await announceChange(tx, of.workspaceId);
  return { mapping, job: begun };
}

/**
 * Some are called something else at Pendo than when their facts were recorded, and the connection moves these (see
 * read-identities.ts): everything is matched again, once all are read.
 */
export async function matchMovedAgain(
  tx: Tx,
  { workspaceId, connectionId, mappingVersion }: MatchJob,
  now: Date,
): Promise<void> {
  await startJob(tx, { workspaceId, connectionId, mappingVersion, kind: "match-again" }, now);
}
