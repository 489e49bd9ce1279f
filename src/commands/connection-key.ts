// The integration key of a connection on the command line: what is said of it, and its test.
import type { Command } from "commander";
import type { PendoRegion } from "../pendo/client/regions.ts";
import { findRegionOfKey, type KeyTest } from "../pendo/client/test-key.ts";
import { getConnection, listConnections, type ShownKey } from "../settings/connection-queries.ts";
import { type PendoAccess, readIntegrationKey, recordKeyTest } from "../settings/integration-keys.ts";
import { parseIdOf, readIntegrationKeyText } from "./arguments.ts";
import { type CommandContext, print, withDatabase } from "./command.ts";
import { withPendo } from "./with-pendo.ts";

type AccessOptions = {
  integrationKey?: string;
  integrationKeyFile?: string;
  removeIntegrationKey?: boolean;
  region?: string;
};

/** Only what was given. */
export async function readPendoAccess(options: AccessOptions): Promise<PendoAccess> {
  const text = await readIntegrationKeyText(options);
  return {
    ...(text !== undefined && { integrationKey: readIntegrationKey(text) }),
    ...(options.removeIntegrationKey && { integrationKey: null }),
    ...(options.region !== undefined && { region: options.region }),
  };
}

/** A hint where a key's ending names another region than the connection is set to. */
export function adviseRegion(integrationKey: string, region: PendoRegion): string | undefined {
  const named = findRegionOfKey(integrationKey);
  if (named === undefined || named === region) return undefined;
  return `The key ends in .${named}, but the connection's region is ${region}: --region ${named} changes it.`;
}

type TestedConnection = Omit<KeyTest, "sentence"> & {
  id: string;
  region: PendoRegion;
  integrationKey: ShownKey | null;
  message: string;
};

export function addTestCommand(connection: Command): void {
  connection
    .command("test")
    .description("ask Pendo whether it takes the integration key: valid, wrong-region, refused or not-reachable")
    .argument("<id>", "the connection's id", parseIdOf("a connection"))
    .option("--json", "print one JSON document")
    .action((id, options) =>
      withDatabase(async (context) =>
        print(await testConnection(context, id), options, ({ state, message }) => `${state}: ${message}`),
      ),
    );
}

async function testConnection(context: CommandContext, connectionId: string): Promise<TestedConnection> {
  const { database, settings } = context;
  const { clock, author } = settings();
  const { workspaceId } = await getConnection(database.pool, connectionId);
  const of = { workspaceId, connectionId };
  return withPendo(context, async (clients) => {
    const { state, mayWrite, rightRegion, sentence, keySetAt } = await clients.testKey(of);
    await recordKeyTest({ database: database.pool, clock, author }, of, { state, mayWrite, keySetAt });
    const [connection] = await listConnections(database.pool, connectionId);
    const { region, integrationKey } = connection!;
    return { id: connectionId, state, mayWrite, region, rightRegion, integrationKey, message: sentence };
  });
}
