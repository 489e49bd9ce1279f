// Reads all visitors and accounts of a connection from Pendo and keeps what they are called here: when a mapping is saved,
// every day, and when somebody asks for it. Goes page by page; a page that is written stays, so that whoever takes the job
// over goes on behind it.
import type { PendoClient } from "../pendo/client/pendo-client.ts";
import type { PendoClients } from "../pendo/client/pendo-clients.ts";
import type { Identity } from "../pendo/client/pipelines.ts";
import { isNobody, isUsableId } from "../pendo/read-id.ts";
import type { Database, Queryable, Tx } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { setIdentitiesReadAt } from "../settings/connections-table.ts";
import type { Mapping } from "./facts.ts";
import { readKnown } from "./identify-wanted.ts";
import { mostReleased, releaseParkedOf } from "./inbox/deliveries-table.ts";
import type { IdentityKind } from "./match/identity-queries.ts";
import { type MatchJob, startJob } from "./match/match-jobs-table.ts";
import { type Question, writeAnswers } from "./match/pendo-identities-table.ts";
import type { JobWay, RunMatchJob } from "./run-match-jobs.ts";

export type ReadIdentitiesOptions = {
  database: Database;
  clients: Pick<PendoClients, "open">;
  clock: () => Date;
  /** Deliveries wait again that an answer has freed. */
  onReleased: () => void;
  /**
   * Ids that are called something else at Pendo than before, of a connection that moves what it recorded of them
   * (changed_identities). Called in the transaction that notes the new name: whatever moves their facts begins here.
   */
  onMoved?: (tx: Tx, moved: { job: MatchJob; kind: IdentityKind; pendoIds: readonly string[] }) => Promise<void>;
};

const sides = [
  { kind: "visitor", field: "userIdFrom" },
  { kind: "account", field: "accountIdFrom" },
] as const;

export function createReadIdentities(options: ReadIdentitiesOptions): RunMatchJob {
  const { database, clients, clock } = options;

  async function readSide(way: JobWay, client: PendoClient, question: Question, isMoving: boolean): Promise<void> {
    const { job } = way;
    const after = job.step === question.kind ? (job.cursor ?? undefined) : undefined;
    for await (const page of client.listIdentities(question.kind, [question.field], { after })) {
      const written = await way.step(async (tx) => {
        const answers = page.filter(isSomebody).map((identity) => readKnown(identity, question.field));
        const { changed, moved } = await writeAnswers(tx, question, answers, { now: clock(), isAsked: false });
        const released = await releaseParkedOf(tx, question, changed);
        if (isMoving && moved.length > 0) await options.onMoved?.(tx, { job, kind: question.kind, pendoIds: moved });
        const counts = {
          read: page.length,
          mapped: answers.filter(({ state }) => state === "mapped").length,
          noValue: answers.filter(({ state }) => state === "no-value").length,
          changed: changed.length,
          moved: moved.length,
          released,
        };
        const done = job.done + page.length;
        return {
          step: question.kind,
          cursor: page.at(-1)!.id,
          done,
          total: job.total === null ? null : Math.max(job.total, done),
          counts: add(job.counts, counts),
          changed,
          released,
        };
      });
      for (let last = written.released; last === mostReleased; )
        last = await releaseParkedOf(database, question, written.changed);
      if (written.released > 0) options.onReleased();
    }
  }

  return async (way) => {
    const { job } = way;
    const { workspaceId, connectionId } = job;
    const { mapping, isMoving } = await readJobMapping(database, job);
    const client = await clients.open(job);
    const asked = sides.flatMap(({ kind, field }) =>
      mapping[field] === null ? [] : [{ workspaceId, connectionId, kind, field: mapping[field] }],
    );
    if (job.total === null) await countAll(way, client, asked);
    const first = Math.max(
      0,
      asked.findIndex(({ kind }) => kind === job.step),
    );
    for (const question of asked.slice(first)) await readSide(way, client, question, isMoving);
    await inTransaction(database, (tx) => setIdentitiesReadAt(tx, workspaceId, connectionId, clock()));
    return null;
  };
}

/** How many there are, for whoever watches the progress; more may turn up meanwhile. */
async function countAll(way: JobWay, client: PendoClient, asked: readonly Question[]): Promise<void> {
  let total = 0;
  for (const { kind } of asked) total += await client.countIdentities(kind);
  const { step, cursor, done, counts } = way.job;
  await way.step(async () => ({ step, cursor, done, total, counts }));
}

/** Ids of strangers that share one are nobody's, and longer ones than the inbox takes never come. */
function isSomebody({ id }: Identity): boolean {
  return !isNobody(id) && isUsableId(id);
}

function add(counts: Record<string, number>, more: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(more).map(([name, count]) => [name, (counts[name] ?? 0) + count]));
}

async function readJobMapping(db: Queryable, job: MatchJob): Promise<{ mapping: Mapping; isMoving: boolean }> {
  const { rows } = await db.query(
    `select m.user_id_from as "userIdFrom", m.account_id_from as "accountIdFrom", m.level, c.changed_identities
     from connection_mappings m join connections c on c.workspace_id = m.workspace_id and c.connection_id = m.connection_id
     where m.workspace_id = $1 and m.connection_id = $2 and m.version = $3`,
    [job.workspaceId, job.connectionId, job.mappingVersion],
  );
  const { changed_identities: changedIdentities, ...mapping } = rows[0];
  return { mapping, isMoving: changedIdentities === "move" };
}

const day = 24 * 60 * 60 * 1000;
const minute = 60 * 1000;

/**
 * Begins the readings that are due: each connection once a day, at a minute of its own, and again when it gets another key.
 * A reading that failed is not tried again before. Resolves to how many it began.
 */
export async function startDueReadings(database: Database, now: Date): Promise<number> {
  const { rows } = await database.query(
    `select c.workspace_id as "workspaceId", c.connection_id as "connectionId", c.mapping_version as "mappingVersion",
            k.created_at as "keySetAt",
            (select max(j.started_at) from match_jobs j
             where j.workspace_id = c.workspace_id and j.connection_id = c.connection_id and j.kind = 'read-identities') as "startedAt"
     from connections c
     join connection_mappings m on m.workspace_id = c.workspace_id and m.connection_id = c.connection_id and m.version = c.mapping_version
     join integration_keys k on k.workspace_id = c.workspace_id and k.connection_id = c.connection_id
     where c.is_on and (m.user_id_from is not null or m.account_id_from is not null)
       and not exists (select from match_jobs j where j.workspace_id = c.workspace_id and j.connection_id = c.connection_id and j.kind = 'read-identities' and j.state = 'running')`,
  );
  const due = rows.filter(({ connectionId, keySetAt, startedAt }) => {
    const since = Math.max(findLastTurn(connectionId, now).getTime(), keySetAt.getTime());
    return startedAt === null || startedAt.getTime() < since;
  });
  for (const { workspaceId, connectionId, mappingVersion } of due) {
    await inTransaction(database, (tx) =>
      startJob(tx, { workspaceId, connectionId, kind: "read-identities", mappingVersion }, now),
    );
  }
  return due.length;
}

/** The connection's minute of the day, spread by its id so that not all ask at once, as it was last. */
export function findLastTurn(connectionId: string, now: Date): Date {
  const offset = (Number.parseInt(connectionId.slice(-6), 16) % (day / minute)) * minute;
  return new Date(Math.floor((now.getTime() - offset) / day) * day + offset);
}
