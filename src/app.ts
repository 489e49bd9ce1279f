// The only place where parts are put together, from top to bottom in the order of the data's way.
import { performance } from "node:perf_hooks";
import { createSecretUses } from "./access/secret-uses.ts";
import { listStillHere, nameCaller } from "./access/still-here.ts";
import { addApi } from "./app-api.ts";
import { type Topic, topics } from "./contract/changes.ts";
import { answerPendoError } from "./pendo/client/ask-for-reports.ts";
import { createPendoClients, type PendoClients, type PendoClientsOptions } from "./pendo/client/pendo-clients.ts";
import { matchMovedAgain } from "./pipeline/apply-mapping.ts";
import { createDoor } from "./pipeline/door/accept-delivery.ts";
import { findConnectionsByHash, listSecretUses } from "./pipeline/door/connection-queries.ts";
import { createFindConnection } from "./pipeline/door/find-connection.ts";
import { webhookFront } from "./pipeline/door/webhook-front.ts";
import { createIdentifier, type Identifier } from "./pipeline/identify-wanted.ts";
import { createInbox, InboxFullError, inboxLimits } from "./pipeline/inbox/append-deliveries.ts";
import { changesChannel, inboxChannel } from "./pipeline/inbox/inbox-channel.ts";
import { keepBodies } from "./pipeline/inbox/retention.job.ts";
import { createMatchAgain } from "./pipeline/match-again.ts";
import { createReadIdentities } from "./pipeline/read-identities.ts";
import { createImportRunner } from "./pipeline/run-imports.ts";
import { createMatchJobRunner, type MatchJobRunner } from "./pipeline/run-match-jobs.ts";
import { createReplayRunner } from "./pipeline/run-replays.ts";
import { createReportRunner } from "./pipeline/run-reports.ts";
import { createSyncReport } from "./pipeline/sync-report.ts";
import { createWorker, type Worker } from "./pipeline/work-inbox.ts";
import { createChangeStream } from "./platform/change-stream.ts";
import type { Config, Role } from "./platform/config.ts";
import { apiRole, refuseOtherRole } from "./platform/database/api-role.ts";
import { isDatabaseAway, isWorthRetrying } from "./platform/database/errors.ts";
import { listenFor } from "./platform/database/listen.ts";
import { migrate } from "./platform/database/migrate.ts";
import { type OpenDatabase, openDatabase } from "./platform/database/open-database.ts";
import { createPool, isReachable } from "./platform/database/pool.ts";
import { createHttpServer, HttpError } from "./platform/http-server.ts";
import { startJobs } from "./platform/jobs.ts";
import type { LeaseRunner } from "./platform/lease-runner.ts";
import type { Log } from "./platform/log.ts";
import { openMasterKeys } from "./platform/master-keys.ts";
import { createMetrics } from "./platform/metrics.ts";
import { createSecretBox, type SecretBox } from "./platform/secret-box.ts";
import { addSecurityHeaders } from "./platform/security-headers.ts";
import { createRecurringJobs } from "./recurring-jobs.ts";
import { connectionsChannel } from "./settings/connections.ts";
import { refuseWrongKey } from "./settings/refuse-wrong-key.ts";
import { ensureFirstWorkspace } from "./settings/workspaces-table.ts";
import { analyticsFront } from "./vitally/analytics/analytics-front.ts";

export type App = {
  database: OpenDatabase;
  secretBox: SecretBox;
  worker: Worker;
  /** Asks Pendo what its ids are called here. */
  identifier: Identifier;
  matchJobs: MatchJobRunner;
  /** Runs of reports. */
  reportRuns: LeaseRunner;
  /** Files that came over HTTP. */
  imports: LeaseRunner;
  /** Very many deliveries that go through once more. */
  replays: LeaseRunner;
  pendo: PendoClients;
  /** Where the API and the door are reached; undefined without the roles that listen. */
  address: string | undefined;
  stop: () => Promise<void>;
};

export type AppOptions = {
  config: Config;
  log: Log;
  roles: readonly Role[];
  clock?: () => Date;
  /** For tests: a database that is open already, and stays open. */
  database?: OpenDatabase;
  /** For tests: how patiently, and how often, Pendo is asked. */
  pendo?: Pick<PendoClientsOptions, "intervalMs" | "patience" | "pageSize">;
};

const batchSize = 300;
/** What pages show of what a worker has recorded. */
const recorded = ["deliveries", "events", "nps", "polls", "traits"] as const;

/** Starts everything the roles need; undoes what was started when a later part fails. */
export async function startApp(options: AppOptions): Promise<App> {
  const stops: (() => Promise<void>)[] = [];
  const stopAll = async () => {
    for (const stop of stops.reverse().splice(0)) await stop();
  };
  try {
    return await startParts(options, stops, stopAll);
  } catch (error) {
    await stopAll().catch(() => {});
    throw error;
  }
}

async function startParts(
  options: AppOptions,
  stops: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<App> {
  const { config, log, roles, clock = () => new Date() } = options;
  const has = (role: Role) => roles.includes(role);

  const database = options.database ?? (await openDatabase({ config, log, max: 16, supervise: true }));
  if (!options.database) stops.push(database.stop);
  await migrate(database.pool, log);
  await ensureFirstWorkspace(database.pool, clock());
  await keepBodies({ database: database.pool, log, rawBodyDays: config.rawBodyDays, now: clock() });
  const secretBox = createSecretBox(openMasterKeys({ given: config.secretKeys, dataDir: config.dataDir, log }));
  await refuseWrongKey(database.pool, secretBox, clock());

  // The door's writes have connections of their own: nothing else can keep them waiting.
  const doorPool = createPool(database.settings, { max: inboxLimits.writers + 1, name: "door", log, timeout: 10_000 });
  stops.push(() => doorPool.end());
  const noteSecretUses = createSecretUses(doorPool, clock);
  const connections = createFindConnection(async (hashes) => {
    const found = await findConnectionsByHash(doorPool, secretBox, hashes, clock());
    await noteSecretUses([...found.values()].flatMap(listSecretUses));
    return found;
  });
  const announceArrivals = createAnnouncer(() => database.pool.query("select pg_notify($1, '')", [inboxChannel]), 25);
  const announceSpelled = createAnnouncer(
    (spelled) => database.pool.query("select pg_notify($1, $2)", [changesChannel, spelled]),
    250,
  );
  const announceTopics = (workspaceId: string, changed: readonly Topic[]) =>
    announceSpelled([workspaceId, ...changed].join(" "));
  const changes = createChangeStream({
    nameCaller,
    listStillHere: (callers) => listStillHere(database.pool, callers, clock()),
  });
  const inbox = createInbox({
    database: doorPool,
    onAppended() {
      if (has("worker")) worker.wake();
      else announceArrivals();
    },
  });
  const metrics = createMetrics({ pending: inbox.pending });
  const doorParts = {
    connections,
    append: inbox.append,
    findExcess: inbox.findExcess,
    isFull: (error: unknown) => (error instanceof InboxFullError ? error.scope : undefined),
    clock,
    log,
    onAnswer(status: number, milliseconds: number) {
      metrics.answers.inc({ status });
      metrics.answerSeconds.observe(milliseconds / 1000);
    },
  };
  const fronts = [webhookFront, analyticsFront];
  const doors = Object.fromEntries(fronts.map((front) => [front.path, createDoor({ ...doorParts, front })]));
  const worker = createWorker({
    database: database.pool,
    log,
    clock,
    batchSize,
    onSettled(count, workspaceId) {
      metrics.settled.inc(count);
      if (count > 0) announceTopics(workspaceId, recorded);
    },
    onWanted: () => identifier.wake(),
    awaitTurn: () => yieldToDoor(inbox.pending),
  });
  const pendo = createPendoClients({
    database: database.pool,
    secretBox,
    clock,
    log,
    baseUrl: config.pendoApiBaseUrl,
    allowed: config.outgoingAllow,
    noteSecretUses: createSecretUses(database.pool, clock),
    ...options.pendo,
  });
  const identifier = createIdentifier({
    database: database.pool,
    clients: pendo,
    log,
    clock,
    onReleased: () => worker.wake(),
  });
  const matchJobs = createMatchJobRunner({
    database: database.pool,
    log,
    clock,
    onChange: ({ workspaceId }) => announceTopics(workspaceId, ["match-jobs", "events", "nps", "polls"]),
    run: {
      "read-identities": createReadIdentities({
        database: database.pool,
        clients: pendo,
        clock,
        onReleased: () => worker.wake(),
        onMoved: (tx, { job }) => matchMovedAgain(tx, job, clock()),
      }),
      "match-again": createMatchAgain({ database: database.pool, clock, onReleased: () => worker.wake() }),
    },
  });

  const reportRuns = createReportRunner({
    database: database.pool,
    log,
    clock,
    onChange: ({ workspaceId }) => announceTopics(workspaceId, ["reports", "traits"]),
    run: createSyncReport({
      database: database.pool,
      clients: pendo,
      clock,
      onWanted: () => identifier.wake(),
      onReleased: () => worker.wake(),
    }),
  });

  const imports = createImportRunner({
    database: database.pool,
    log,
    clock,
    onChange: ({ workspaceId }) => announceTopics(workspaceId, ["imports", "traits"]),
    onReleased: () => worker.wake(),
  });

  const replays = createReplayRunner({
    database: database.pool,
    secretBox,
    log,
    clock,
    onChange: ({ workspaceId }) => announceTopics(workspaceId, ["deliveries"]),
    onReleased: () => worker.wake(),
  });

  const listener = listenFor({
    settings: database.settings,
    channels: {
      [inboxChannel]: worker.wake,
      [connectionsChannel](workspaceId) {
        connections.forget();
        identifier.wake();
        matchJobs.wake();
        reportRuns.wake();
        imports.wake();
        replays.wake();
        changes.publish(workspaceId, ["connections"]);
      },
      [changesChannel](spelled) {
        // Nothing is spelled where the connection is a new one: whatever happened meanwhile was not heard.
        if (spelled === "") return changes.publish(null, topics);
        const [workspaceId = "", ...changed] = spelled.split(" ");
        changes.publish(workspaceId, changed);
      },
    },
    log,
  });
  stops.push(listener.stop);

  let address: string | undefined;
  if (has("door") || has("web")) {
    const describeError = (error: Error) => {
      if (isWorthRetrying(error))
        return new HttpError(503, "The same records were being changed by others all the time; try again in a moment.");
      if (isDatabaseAway(error)) return new HttpError(503, "The database does not answer; try again in a moment.");
      return answerPendoError(error);
    };
    const server = createHttpServer({
      log,
      bare: has("door") ? doors : {},
      describeError,
      trustedProxies: config.trustedProxies,
    });
    const { app } = server;
    addSecurityHeaders(app, config);
    app.get("/health", { schema: { hide: true } }, async () => ({ status: "ok" }));
    app.get("/ready", { schema: { hide: true } }, async (_request, reply) => {
      const isReady = await isReachable(database.pool, 2_000);
      return reply.status(isReady ? 200 : 503).send({ status: isReady ? "ready" : "the database does not answer" });
    });
    app.get("/metrics", { schema: { hide: true } }, async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
    );
    if (has("web")) {
      // The API's connections are a role of their own, which sees one workspace at a time.
      const apiPool = createPool(database.settings, { max: 8, name: "api", log, role: apiRole });
      stops.push(() => apiPool.end());
      await refuseOtherRole(apiPool);
      await addApi({
        server,
        config,
        log,
        clock,
        pool: database.pool,
        apiPool,
        secretBox,
        pendo,
        changes,
        announceTopics,
        describeError,
        findDoor: () => (has("door") ? address! : config.publicUrl),
      });
    }
    address = await server.listen(config.host, config.port);
    stops.push(async () => {
      changes.stop();
      await server.stop();
      await inbox.drain();
    });
  }

  // Requests to Pendo may take minutes: they are broken off before whoever asked is waited for.
  if (has("worker")) {
    worker.start();
    identifier.start();
    matchJobs.start();
    reportRuns.start();
    imports.start();
    replays.start();
    stops.push(worker.stop, identifier.stop, matchJobs.stop, reportRuns.stop, imports.stop, replays.stop);
  }
  stops.push(pendo.stop);
  if (has("scheduler")) {
    const recurring = createRecurringJobs({
      database: database.pool,
      log,
      clock,
      rawBodyDays: config.rawBodyDays,
      onReleased: () => announceArrivals(),
    });
    const jobs = startJobs({ database: database.pool, log, recurring });
    stops.push(jobs.stop);
  }
  return { database, secretBox, worker, identifier, matchJobs, reportRuns, imports, replays, pendo, address, stop };
}

/**
 * The door goes first: while requests wait to be written, the worker leaves processor and database to them for a moment.
 * Acknowledged a second at 64 connections, everything in one process: 6,100 with (64, 50 ms), 11,900 with (16, 100 ms),
 * 16,400 with (16, 300 ms); but then nearly nothing was recorded meanwhile, and at half of that the backlog grew.
 */
async function yieldToDoor(pending: () => number): Promise<void> {
  const until = performance.now() + 100;
  await new Promise((resolve) => setImmediate(resolve));
  while (pending() > 16 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Tells other processes at most once in `pause` milliseconds about each: a notice with every commit would make commits wait for each other. */
function createAnnouncer(announce: (about: string) => Promise<unknown>, pause: number): (about?: string) => void {
  const due = new Set<string>();
  return (about = "") => {
    if (due.has(about)) return;
    due.add(about);
    setTimeout(() => {
      due.delete(about);
      announce(about).catch(() => {});
    }, pause);
  };
}
