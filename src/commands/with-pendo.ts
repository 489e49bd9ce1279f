import { createSecretUses } from "../access/secret-uses.ts";
import { createPendoClients, type PendoClients } from "../pendo/client/pendo-clients.ts";
import type { CommandContext } from "./command.ts";

/** Clients of Pendo for the length of `work`. They keep the same pace as those of a running Plumbline. */
export async function withPendo<T>(
  { database, settings, config, log }: CommandContext,
  work: (clients: PendoClients) => Promise<T>,
): Promise<T> {
  const { secretBox, clock } = settings();
  const { pendoApiBaseUrl: baseUrl, outgoingAllow: allowed } = config;
  const noteSecretUses = createSecretUses(database.pool, clock);
  const clients = createPendoClients({
    database: database.pool,
    secretBox,
    clock,
    log,
    baseUrl,
    allowed,
    noteSecretUses,
  });
  try {
    return await work(clients);
  } finally {
    await clients.stop();
  }
}
