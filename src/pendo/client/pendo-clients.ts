// Clients for connections: opens the stored key, keeps the connection's pace, and shares the sockets.
import { setMaxListeners } from "node:events";
import { Agent } from "undici";
import { integrationKeyPlace } from "../../pipeline/facts.ts";
import type { Database } from "../../platform/database/pool.ts";
import type { Log } from "../../platform/log.ts";
import type { AllowList } from "../../platform/outgoing/allow-list.ts";
import { createGuardedAgent } from "../../platform/outgoing/guarded-agent.ts";
import { type ResolveName, resolveAsThisMachine } from "../../platform/outgoing/resolve-name.ts";
import type { SecretBox } from "../../platform/secret-box.ts";
import type { Patience } from "./ask.ts";
import { createPace, noPace, type Pace } from "./pace.ts";
import { createPendoClient, type PendoClient } from "./pendo-client.ts";
import { fixSetting, PendoError } from "./pendo-error.ts";
import type { PaceOf } from "./pendo-paces-table.ts";
import type { PendoRegion } from "./regions.ts";
import { type KeyTest, testKey } from "./test-key.ts";

export type PendoClients = {
  /** The client of a connection, with its key and region of now. Rejects with a PendoError: there is no key, or it does not open. */
  open: (connection: PaceOf) => Promise<PendoClient>;
  /** Asks Pendo what it thinks of the stored key. Rejects with a PendoError where there is none, or it does not open. */
  testKey: (connection: PaceOf) => Promise<KeyTest & { keySetAt: Date }>;
  /** Ends requests under way and waits; whoever waits for them gets a PendoError. */
  stop: () => Promise<void>;
};

type KeyUse = { workspaceId: string; connectionId: string; secret: { kind: "integration-key" } };

export type PendoClientsOptions = {
  database: Database;
  secretBox: SecretBox;
  /** Called before a key is opened; what cannot be noted is not opened. */
  noteSecretUses?: ((uses: readonly KeyUse[]) => Promise<void>) | undefined;
  clock: () => Date;
  log: Log;
  /** For tests and the demo: asked instead of Pendo's own hosts. */
  baseUrl?: string | undefined;
  /** What an administrator opened: Pendo's hosts must be public otherwise, unless there is a `baseUrl`. */
  allowed?: AllowList | undefined;
  /** For tests: instead of the machine's look-up. */
  resolve?: ResolveName | undefined;
  /** Milliseconds between two requests of a connection, over all processes. */
  intervalMs?: number | undefined;
  patience?: Partial<Patience> | undefined;
  /** Rows of a page of a list. */
  pageSize?: number | undefined;
};

type StoredKey = { region: PendoRegion; integrationKey: string; keySetAt: Date };
type Known = StoredKey & { client: PendoClient };

const connectMs = 10_000;

/** Somebody sits there and waits for the answer. */
const patienceOfTest: Partial<Patience> = { tries: 1, longestWaitMs: 5_000 };

export function createPendoClients(options: PendoClientsOptions): PendoClients {
  const { database, clock, log, baseUrl } = options;
  if (baseUrl !== undefined)
    log.warn(
      { address: baseUrl },
      "PENDO_API_BASE_URL is set: integration keys are sent there instead of to Pendo. For tests and demos only",
    );
  const ending = new AbortController();
  // Every connection's request listens, and all may be asked at once.
  setMaxListeners(0, ending.signal);
  const dispatcher = createDispatcher(options);
  const known = new Map<string, Known>();
  const paces = new Map<string, Pace>();

  const findPace = (connection: PaceOf): Pace => {
    const name = nameOf(connection);
    const pace = paces.get(name) ?? createPace(database, connection, options.intervalMs);
    paces.set(name, pace);
    return pace;
  };

  const partsOf = (connection: PaceOf) => ({
    baseUrl,
    pace: findPace(connection),
    dispatcher,
    clock,
    log: log.child({ connectionId: connection.connectionId }),
    signal: ending.signal,
    pageSize: options.pageSize,
  });

  return {
    async testKey(connection) {
      const { keySetAt, ...stored } = await readStoredKey(options, connection);
      const parts = { ...partsOf(connection), patience: { ...options.patience, ...patienceOfTest } };
      const test = await testKey({
        ...stored,
        hasOtherRegions: baseUrl === undefined,
        open: (region, integrationKey) =>
          // Another region's pace is nobody's here.
          createPendoClient({ ...parts, region, integrationKey, ...(region !== stored.region && { pace: noPace }) }),
      });
      return { ...test, keySetAt };
    },
    async open(connection) {
      const stored = await readStoredKey(options, connection);
      const name = nameOf(connection);
      const before = known.get(name);
      if (before?.integrationKey === stored.integrationKey && before.region === stored.region) return before.client;
      const client = createPendoClient({ ...partsOf(connection), ...stored, patience: options.patience });
      known.set(name, { ...stored, client });
      return client;
    },
    async stop() {
      ending.abort();
      await dispatcher.destroy();
    },
  };
}

/** The names are fixed; a name server that lies would still be told the key. */
function createDispatcher({ baseUrl, log, allowed, resolve = resolveAsThisMachine }: PendoClientsOptions): Agent {
  const connections = 8;
  if (baseUrl !== undefined) return new Agent({ connect: { timeout: connectMs }, connections });
  return createGuardedAgent({ log, allowed, resolve, connectMs, connections });
}

const nameOf = ({ workspaceId, connectionId }: PaceOf) => `${workspaceId}/${connectionId}`;

async function readStoredKey(
  { database, secretBox, noteSecretUses }: Pick<PendoClientsOptions, "database" | "secretBox" | "noteSecretUses">,
  { workspaceId, connectionId }: PaceOf,
): Promise<StoredKey> {
  const { rows } = await database.query(
    `select c.region, k.key_id as "keyId", k.sealed, k.created_at as "keySetAt" from connections c
     left join integration_keys k on k.workspace_id = c.workspace_id and k.connection_id = c.connection_id
     where c.workspace_id = $1 and c.connection_id = $2`,
    [workspaceId, connectionId],
  );
  const [row] = rows;
  if (!row?.sealed)
    throw new PendoError(
      "key-missing",
      "The connection has no integration key: make one in Pendo under Settings → Integrations → Integration Keys (reading is enough), and set it here.",
      { next: fixSetting("integration-key") },
    );
  await noteSecretUses?.([{ workspaceId, connectionId, secret: { kind: "integration-key" } }]);
  try {
    const { region, keyId, sealed, keySetAt } = row;
    return {
      region,
      keySetAt,
      integrationKey: secretBox.open({ keyId, sealed }, integrationKeyPlace(workspaceId, connectionId)),
    };
  } catch (error) {
    throw new PendoError("key-unreadable", `The stored integration key cannot be read. ${(error as Error).message}`, {
      next: fixSetting("integration-key"),
      cause: error,
    });
  }
}
