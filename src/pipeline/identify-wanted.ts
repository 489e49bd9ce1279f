// Asks Pendo what the wanted ids are called here: hundreds in one request, never one request for each. What waited for
// an answer goes on with it. While Pendo cannot be asked, nothing is lost and nothing is guessed: ids stay wanted, the
// connection says why, and it is tried again, later each time.
import { idsPerRequest } from "../pendo/client/group-ids.ts";
import type { PendoClients } from "../pendo/client/pendo-clients.ts";
import { PendoError, type PendoTrouble } from "../pendo/client/pendo-error.ts";
import type { Identity } from "../pendo/client/pipelines.ts";
import { parseFieldName, readFieldValue } from "../pendo/field-value.ts";
import { isDatabaseAway } from "../platform/database/errors.ts";
import type { Database } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { Log } from "../platform/log.ts";
import { createSleeper } from "../platform/sleeper.ts";
import { clearAskingTrouble, noteAskingTrouble } from "../settings/connections-table.ts";
import { mostReleased, releaseParkedOf } from "./inbox/deliveries-table.ts";
import { type ConnectionToAsk, listConnectionsToAsk } from "./match/identity-queries.ts";
import { putBackIdsToAsk, type Question, takeIdsToAsk, writeAnswers } from "./match/pendo-identities-table.ts";
import type { Answer } from "./match/plan-answer.ts";
import type { Reason } from "./outcome.ts";

export type Identifier = {
  start: () => void;
  wake: () => void;
  /** Asks until nothing is due any more; for tests and commands. Resolves to how many ids were answered. */
  settleAll: () => Promise<number>;
  stop: () => Promise<void>;
};

export type IdentifierOptions = {
  database: Database;
  clients: Pick<PendoClients, "open">;
  log: Log;
  clock: () => Date;
  /** Deliveries wait again that an answer has freed. */
  onReleased: () => void;
};

const longestSleep = 1_000;
/** Connections that are asked at the same time; each has a pace of its own. */
const mostAtOnce = 8;
/** Longer than a request with all its attempts usually takes; when it is over, somebody else may ask for the same. */
const lease = 10 * 60_000;
const firstBackOff = 30_000;
const longestBackOff = 15 * 60_000;
/** Before the other half of a group is tried that Pendo takes no question about. */
const pauseAfterRefusal = 5_000;

export function createIdentifier(options: IdentifierOptions): Identifier {
  const { database, log, clock } = options;
  let stopped = false;
  let isWoken = false;
  const sleeper = createSleeper();
  const groupSizes = new Map<string, number>();

  /** One group for each connection that has something due. Resolves to how many ids were answered; undefined: nothing was due. */
  async function goRound(): Promise<number | undefined> {
    const due = await listConnectionsToAsk(database, clock());
    if (due.length === 0) return undefined;
    let answered = 0;
    for (let place = 0; place < due.length && !stopped; place += mostAtOnce) {
      const counts = await Promise.all(due.slice(place, place + mostAtOnce).map(askConnection));
      answered += counts.reduce((sum, count) => sum + count, 0);
    }
    return answered;
  }

  async function askConnection(connection: ConnectionToAsk): Promise<number> {
    const { workspaceId, connectionId } = connection;
    let answered = 0;
    for (const [kind, field] of [
      ["visitor", connection.userIdFrom],
      ["account", connection.accountIdFrom],
    ] as const) {
      if (field === null || stopped) continue;
      const count = await askGroup(connection, { workspaceId, connectionId, kind, field });
      if (count === undefined) break;
      answered += count;
    }
    return answered;
  }

  /** Undefined: Pendo could not be asked. */
  async function askGroup(connection: ConnectionToAsk, question: Question): Promise<number | undefined> {
    const { connectionId } = connection;
    const size = groupSizes.get(connectionId) ?? idsPerRequest;
    const now = clock();
    const leaseUntil = new Date(now.getTime() + lease);
    const ids = await inTransaction(database, (tx) => takeIdsToAsk(tx, question, { now, leaseUntil, limit: size }));
    if (ids.length === 0) return 0;
    let answers: Answer[];
    try {
      const client = await options.clients.open(connection);
      const found = await client.findIdentities(question.kind, ids, [question.field]);
      answers = ids.map((id) => readAnswer(id, found.get(id), question.field));
      groupSizes.set(connectionId, Math.min(idsPerRequest, size * 2));
      if (connection.failures > 0) await clearAskingTrouble(database, connection.workspaceId, connectionId);
    } catch (error) {
      if (!(error instanceof PendoError)) throw error;
      groupSizes.set(connectionId, Math.max(1, Math.floor(ids.length / 2)));
      const isRefusedAlone = error.next.kind === "give-up" && ids.length === 1;
      if (isRefusedAlone) await keepAnswers(question, [{ pendoId: ids[0]!, state: "refused" }]);
      else await putBackIdsToAsk(database, question, ids, now);
      await noteTrouble(connection, error, { isRefusedAlone, isLast: ids.length === 1 });
      return undefined;
    }
    await keepAnswers(question, answers);
    return ids.length;
  }

  /** The answers and the release of what waited for them commit together; where that is very much, the rest follows. */
  async function keepAnswers(question: Question, answers: readonly Answer[]): Promise<void> {
    const { changed, released } = await inTransaction(database, async (tx) => {
      const written = await writeAnswers(tx, question, answers, { now: clock(), isAsked: true });
      return { ...written, released: await releaseParkedOf(tx, question, written.changed) };
    });
    for (let last = released; last === mostReleased && !stopped; )
      last = await releaseParkedOf(database, question, changed);
    if (released > 0) options.onReleased();
  }

  async function noteTrouble(
    connection: ConnectionToAsk,
    error: PendoError,
    { isRefusedAlone, isLast }: { isRefusedAlone: boolean; isLast: boolean },
  ): Promise<void> {
    if (error.trouble === "stopped") return;
    const { workspaceId, connectionId } = connection;
    const failures = isRefusedAlone && connection.failures > 1 ? 1 : connection.failures + 1;
    const pause = choosePause(error, failures, isLast);
    const againAt = new Date(clock().getTime() + pause);
    log.warn({ connectionId, trouble: error.trouble, tryAgainInMs: pause }, "Pendo could not be asked about ids");
    const reason = reasonOf[error.trouble];
    await noteAskingTrouble(database, workspaceId, connectionId, { reason, detail: error.message, failures, againAt });
  }

  async function run(): Promise<void> {
    while (!stopped) {
      isWoken = false;
      let pause = longestSleep;
      try {
        if ((await goRound()) !== undefined) pause = 0;
      } catch (error) {
        const isAway = isDatabaseAway(error);
        log[isAway ? "warn" : "error"](
          { error: messageOf(error) },
          "wanted ids could not be asked about; trying again",
        );
        pause = 5 * longestSleep;
      }
      if (pause > 0 && !isWoken) await sleeper.sleep(pause);
    }
  }

  let running: Promise<void> | undefined;
  return {
    start() {
      running ??= run();
    },
    wake() {
      isWoken = true;
      sleeper.rouse();
    },
    async settleAll() {
      let total = 0;
      for (;;) {
        const answered = await goRound();
        if (answered === undefined) return total;
        total += answered;
      }
    },
    async stop() {
      stopped = true;
      sleeper.end();
      await running;
    },
  };
}

function readAnswer(pendoId: string, identity: Identity | undefined, field: string): Answer {
  if (!identity) return { pendoId, state: "unknown" };
  return readKnown(identity, field);
}

/** What Pendo's metadata says of somebody it knows. */
export function readKnown({ id, metadata }: Identity, field: string): Answer {
  const name = parseFieldName(field);
  const value = name === undefined ? null : readFieldValue(metadata, name);
  if (value === null) return { pendoId: id, state: "no-value" };
  return { pendoId: id, state: "mapped", externalId: value.text, foundIn: value.foundIn };
}

function choosePause(error: PendoError, failures: number, isLast: boolean): number {
  if (error.next.kind === "give-up" && !isLast) return pauseAfterRefusal;
  const pause = Math.min(longestBackOff, firstBackOff * 2 ** Math.min(failures - 1, 10));
  return error.next.kind === "try-again" ? Math.max(pause, error.next.afterMs) : pause;
}

const reasonOf: Record<PendoTrouble, Reason> = {
  "key-missing": "key-missing",
  "key-unreadable": "key-unreadable",
  "key-refused": "key-refused",
  "wrong-region": "wrong-region",
  "rate-limited": "pendo-in-trouble",
  "not-reachable": "pendo-not-reachable",
  "timed-out": "pendo-not-reachable",
  "server-error": "pendo-in-trouble",
  "half-answer": "pendo-in-trouble",
  "wrong-content": "pendo-in-trouble",
  "too-large": "pendo-in-trouble",
  "request-refused": "question-refused",
  stopped: "pendo-not-reachable",
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
