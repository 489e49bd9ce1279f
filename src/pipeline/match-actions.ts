// What the API does with a connection's mapping: by the functions of the command line, with what the caller can mend as an
// answer that says so, and a line in the audit log.
import { writeAudit } from "../access/audit-log-table.ts";
import { PendoError } from "../pendo/client/pendo-error.ts";
import type { Queryable } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { HttpError } from "../platform/http-server.ts";
import type { Author } from "../platform/routes.ts";
import { announceChange } from "../settings/connections.ts";
import { applyMapping } from "./apply-mapping.ts";
import { cancelRunningJob, startJob } from "./match/match-jobs-table.ts";
import type { MatchActions } from "./match/match-routes.ts";
import { answerPreview } from "./preview-mapping.ts";
import { MappingError, readMapping, type SaveMappingOptions, saveMapping } from "./save-mapping.ts";

type Of = { workspaceId: string; connectionId: string };

/** The connection must be of the workspace: whoever calls these has looked. */
export function createMatchActions(options: Omit<SaveMappingOptions, "author">): MatchActions {
  const { database, clock } = options;

  return {
    preview: (connectionId, query) => answerPreview(options, connectionId, query),
    findMapping: (db, { connectionId }) => explain(async () => (await readMapping(db, connectionId)).mapping),
    save: ({ connectionId }, change, author) =>
      explain(() => saveMapping({ ...options, author }, connectionId, trimFields(change))),
    matchAgain: (of, author) =>
      explain(async () => {
        const { isOn } = await readState(database, of);
        if (!isOn)
          throw new HttpError(
            409,
            "The connection is off: what the mapping cannot match would not be parked but held. Switch it on first.",
          );
        return applyMapping({ ...options, author }, of, {});
      }),
    cancel: (of, author) =>
      inTransaction(database, async (tx) => {
        const now = clock();
        const job = { ...of, kind: "match-again" } as const;
        const isCancelled = await cancelRunningJob(tx, job, "It was cancelled by a person.", now);
        if (isCancelled) await note(tx, of, author, { action: "match-job.cancelled", at: now });
        return isCancelled;
      }),
    readIdentities: (of, author) =>
      explain(async () => {
        const { mapping } = await readMapping(database, of.connectionId);
        if (mapping.userIdFrom === null && mapping.accountIdFrom === null)
          throw new HttpError(409, "The connection goes by Pendo's own ids, so there is nothing to read.");
        return inTransaction(database, async (tx) => {
          const now = clock();
          const begun = { ...of, kind: "read-identities", mappingVersion: mapping.version } as const;
          const job = await startJob(tx, begun, now);
          await note(tx, of, author, { action: "match-job.started", at: now, after: { job: job.id } });
          await announceChange(tx, of.workspaceId);
          return job;
        });
      }),
  };
}

function trimFields<Change extends { userIdFrom?: string | null; accountIdFrom?: string | null }>(change: Change) {
  const trim = (field: string | null | undefined) => (typeof field === "string" ? field.trim() : field);
  return {
    ...change,
    ...(change.userIdFrom !== undefined && { userIdFrom: trim(change.userIdFrom) ?? null }),
    ...(change.accountIdFrom !== undefined && { accountIdFrom: trim(change.accountIdFrom) ?? null }),
  };
}

async function explain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MappingError) throw new HttpError(400, error.message);
    if (error instanceof PendoError) throw new HttpError(502, error.message);
    throw error;
  }
}

async function readState(db: Queryable, { workspaceId, connectionId }: Of): Promise<{ isOn: boolean }> {
  const { rows } = await db.query(
    'select is_on as "isOn" from connections where workspace_id = $1 and connection_id = $2',
    [workspaceId, connectionId],
  );
  return rows[0];
}

type Note = {
  action: "match-job.started" | "match-job.cancelled";
  at: Date;
  after?: Readonly<Record<string, unknown>>;
};

async function note(db: Queryable, of: Of, author: Author, { at, ...line }: Note): Promise<void> {
  const subject = { type: "connection", id: of.connectionId };
  await writeAudit(db, { ...author, ...line, workspaceId: of.workspaceId, subject }, at);
}
