// The whole app in this process, on a database of its own, listening on a port that the system chooses.
import { randomBytes } from "node:crypto";
import { createApiKey } from "../../src/access/api-keys-table.ts";
import { type App, type AppOptions, startApp } from "../../src/app.ts";
import { type Ledger, readLedger } from "../../src/pipeline/inbox/ledger-queries.ts";
import { type OidcConfig, readConfig } from "../../src/platform/config.ts";
import { type CreatedConnection, createConnection, type Settings } from "../../src/settings/connections.ts";
import { ensureFirstWorkspace } from "../../src/settings/workspaces-table.ts";
import { type Answer, sendDelivery } from "./sender.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "./test-database.ts";

export type TestApp = {
  app: App;
  database: TestDatabase;
  settings: Settings;
  workspaceId: string;
  url: string;
  connect: (secret?: string) => Promise<CreatedConnection>;
  /** Sends an object (or a text as it is) to a connection, signed when it has a secret. */
  send: (
    connection: CreatedConnection,
    body: object | string | Buffer,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
  /** Works off everything that waits. */
  settle: () => Promise<void>;
  /** The same, and asks Pendo for what is wanted, until neither has anything to do. */
  settleWithPendo: () => Promise<void>;
  /** Works off the reading of all visitors and accounts, where one has begun. */
  readIdentities: () => Promise<void>;
  get: (path: string) => Promise<{ status: number; json: any }>;
  /** The API key that the requests below are made with. */
  key: string;
  /** A request of the API that changes something. */
  call: (method: string, path: string, body?: object) => Promise<{ status: number; json: any }>;
  /** The same, as text. */
  getText: (path: string) => Promise<{ status: number; headers: Headers; text: string }>;
  ledger: () => Promise<Ledger>;
  stop: () => Promise<void>;
};

export type TestAppOptions = Pick<AppOptions, "clock" | "pendo"> & {
  /** Silent unless given. */
  log?: AppOptions["log"];
  /** Bytes of a file that is imported. */
  importMostBytes?: number;
  /** Where Pendo's API is served: a simulator. */
  pendoUrl?: string;
  oidc?: OidcConfig;
};

export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = await createTestDatabase();
  const config = {
    ...readConfig({}),
    port: 0,
    secretKeys: [randomBytes(32)],
    logLevel: "silent" as const,
    pendoApiBaseUrl: options.pendoUrl,
    ...(options.importMostBytes !== undefined && { importMostBytes: options.importMostBytes }),
    oidc: options.oidc,
  };
  const clock = options.clock ?? (() => new Date());
  const app = await startApp({
    config,
    log: options.log ?? silentLog,
    // Without the worker and the timetable: tests say when something is worked off.
    roles: ["door", "web"],
    clock,
    pendo: { intervalMs: 0, ...options.pendo },
    database: { pool: database.pool, settings: database.settings, description: "test", stop: async () => {} },
  });
  const url = app.address!;
  const author = { by: "command-line", address: null } as const;
  const settings: Settings = { database: database.pool, secretBox: app.secretBox, publicUrl: url, clock, author };
  const { workspaceId } = await ensureFirstWorkspace(database.pool, clock());
  const { key } = await createApiKey(database.pool, workspaceId, "test", clock(), {
    scopes: ["read", "write", "admin"],
  });
  return {
    app,
    database,
    settings,
    workspaceId,
    url,
    key,
    connect: (secret) => createConnection(settings, { name: "Pendo", secret }),
    send: (connection, body, headers = {}) =>
      sendDelivery(connection.url, typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body), {
        secret: connection.secret,
        headers,
      }),
    async settle() {
      await app.worker.settleAll();
    },
    async readIdentities() {
      await app.matchJobs.settleAll();
    },
    async settleWithPendo() {
      do await app.worker.settleAll();
      while ((await app.identifier.settleAll()) > 0);
    },
    async get(path) {
      const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
      return { status: response.status, json: await response.json() };
    },
    async getText(path) {
      const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${key}` } });
      return {
        status: response.status,
        headers: response.headers,
        text: Buffer.from(await response.arrayBuffer()).toString(),
      };
    },
    async call(method, path, body) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, json: await response.json() };
    },
    ledger: () => readLedger(database.pool),
    async stop() {
      await app.stop();
      await database.drop();
    },
  };
}

let count = 0;

/** A body as Pendo sends it, about user-1 of acme-1 unless something else is given. Each has its own uniqueId. */
export function createBody(
  event: string,
  properties: object,
  given: Record<string, unknown> = {},
): Record<string, unknown> {
  count += 1;
  return {
    app: { id: -323232, name: "test_application", platform: "web" },
    accountId: "acme-1",
    subscription: { id: 4802463602049999, name: "test_application" },
    userAgent: "Mozilla/5.0",
    event,
    properties,
    timestamp: 1626804431,
    visitorId: "user-1",
    uniqueId: count.toString(16).padStart(40, "0"),
    ...given,
  };
}
