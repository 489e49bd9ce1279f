// A Pendo that runs here: its API from a seeded world, the same world whose webhooks `createDeliveries` makes. The only
// place where the parts of the API are put together.
import type { AddressInfo } from "node:net";
import { createDeliveries, type Deliveries, type DeliveryOptions } from "../create-deliveries.ts";
import { defaultMix } from "../history/kinds.ts";
import type { World } from "../world/types.ts";
import type { SourceRecords } from "./aggregation/open-source.ts";
import { type Clock, createClock } from "./clock.ts";
import { createAggregationRoutes } from "./endpoints/aggregation-routes.ts";
import { createCatalogueRoutes } from "./endpoints/catalogue-routes.ts";
import { createControlRoutes } from "./endpoints/control-routes.ts";
import { createMetadataRoutes } from "./endpoints/metadata-routes.ts";
import { createPeopleRoutes } from "./endpoints/people-routes.ts";
import { createReportRoutes } from "./endpoints/report-routes.ts";
import { answerJson } from "./http/answer.ts";
import type { Keys } from "./http/authorize.ts";
import { createServer } from "./http/create-server.ts";
import { createFaults, type FaultRule, type Faults } from "./http/faults.ts";
import type { Route } from "./http/find-route.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import { createRequestLog, type RequestLog } from "./http/request-log.ts";
import { createCatalogue } from "./records/catalogue.ts";
import { createEventLog, type EventLog } from "./records/event-log.ts";
import { createPeople, type People } from "./records/people.ts";
import { createSegments } from "./records/segments.ts";
import { createReports } from "./reports/create-reports.ts";
import { createReportStore, type ReportStore } from "./reports/report-store.ts";

export type PendoSimulatorOptions = Partial<DeliveryOptions & Keys> & {
  host?: string;
  /** 0 takes any free one. */
  port?: number;
  /** Milliseconds until events can be seen through the API. */
  lag?: number;
  /** Requests a second; 0 is without a limit. */
  rateLimit?: number;
  faults?: readonly FaultRule[];
  /** Whether every run of a report is the next version of it. */
  areReportsChanging?: boolean;
  /** Whether time passes by itself. */
  isClockRunning?: boolean;
};

export type PendoSimulator = {
  /** `http://127.0.0.1:4100`, without the API's path. */
  url: string;
  integrationKey: string;
  writeKey: string;
  deliveries: Deliveries;
  world: World;
  clock: Clock;
  faults: Faults;
  requests: RequestLog;
  people: People;
  reports: ReportStore;
  /** Everything that the event sources know, whether or not it can be seen yet. */
  readLog: () => EventLog;
  stop: () => Promise<void>;
};

export async function startPendoSimulator(options: PendoSimulatorOptions = {}): Promise<PendoSimulator> {
  const given = fillOptions(options);
  const deliveries = createDeliveries(given);
  const { world } = deliveries;
  const clock = createClock(given.now * 1000, given.isClockRunning);
  const faults = createFaults(given.seed, given.faults);
  const requests = createRequestLog();
  const people = createPeople(deliveries, clock);
  const reports = createReportStore(createReports(given.seed, world, people));
  const excluded = new Set<string>();
  // Reading every moment takes seconds in a large world, and many tests ask for no events.
  let log: EventLog | undefined;
  const readLog = () => {
    log ??= createEventLog(given.seed, deliveries);
    return log;
  };
  const server = createServer({
    apiRoutes: createApiRoutes({ given, deliveries, clock, people, reports, excluded, readLog }),
    controlRoutes: createControlRoutes({ deliveries, clock, faults, log: requests, people, reports, excluded }),
    keys: given,
    faults,
    limitRate: createRateLimit(given.rateLimit, () => performance.now()),
    log: requests,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(given.port, given.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const { integrationKey, writeKey, host } = given;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    integrationKey,
    writeKey,
    deliveries,
    world,
    clock,
    faults,
    requests,
    people,
    reports,
    readLog,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function fillOptions(options: PendoSimulatorOptions) {
  return {
    seed: "1",
    count: 2000,
    now: Math.floor(Date.now() / 1000),
    days: undefined,
    accounts: 40,
    visitors: 400,
    mix: defaultMix,
    integrationKey: "read-only-key",
    writeKey: "write-key",
    region: "us" as const,
    host: "127.0.0.1",
    port: 0,
    lag: 0,
    rateLimit: 0,
    faults: [],
    areReportsChanging: false,
    isClockRunning: true,
    ...options,
  };
}

type ApiParts = {
  given: ReturnType<typeof fillOptions>;
  deliveries: Deliveries;
  clock: Clock;
  people: People;
  reports: ReportStore;
  excluded: ReadonlySet<string>;
  readLog: () => EventLog;
};

function createApiRoutes({ given, deliveries, clock, people, reports, excluded, readLog }: ApiParts): Route[] {
  const { world } = deliveries;
  const createdAt = (world.period.from - 30 * 24 * 3600) * 1000;
  const catalogue = createCatalogue(world);
  const segments = createSegments(people, createdAt);
  const visibleUntil = () => clock.now() - given.lag;
  const openRecords = (): SourceRecords => ({
    apps: world.apps,
    catalogue,
    people,
    readLog,
    isExcluded: (visitorId) => excluded.has(visitorId),
    visibleUntil: visibleUntil(),
  });
  return [
    {
      method: "GET",
      path: "/api/v1/token/verify",
      answer: ({ hasWriteAccess }) => answerJson({ valid: true, writeAccess: hasWriteAccess }),
    },
    ...createPeopleRoutes({ people, readLog, visibleUntil, now: clock.now }),
    ...createMetadataRoutes(people),
    ...createCatalogueRoutes(catalogue, segments, world.apps),
    ...createReportRoutes({ reports, isChanging: given.areReportsChanging, now: clock.now, createdAt }),
    ...createAggregationRoutes({ segments, now: clock.now, openRecords }),
  ];
}
