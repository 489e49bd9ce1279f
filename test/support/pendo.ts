// What tests need that ask Pendo: a connection with a key of the simulator and a mapping by its metadata.
import type { PendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import type { Mapping } from "../../src/pipeline/facts.ts";
import { type SavedMapping, saveMapping } from "../../src/pipeline/save-mapping.ts";
import type { CreatedConnection } from "../../src/settings/connections.ts";
import { setPendoAccess } from "../../src/settings/integration-keys.ts";
import type { TestApp } from "./test-app.ts";

export async function connectToPendo(
  plumbline: TestApp,
  simulator: PendoSimulator,
  mapping: Partial<Mapping>,
): Promise<CreatedConnection> {
  const connection = await plumbline.connect();
  await setPendoAccess(plumbline.settings, connection.id, { integrationKey: simulator.integrationKey });
  await setMapping(plumbline, connection, mapping);
  return connection;
}

export function setMapping(
  plumbline: TestApp,
  { id }: Pick<CreatedConnection, "id">,
  mapping: Partial<Mapping>,
): Promise<SavedMapping> {
  const { database, app, settings } = plumbline;
  return saveMapping(
    { database: database.pool, clients: app.pendo, clock: settings.clock, author: settings.author },
    id,
    mapping,
  );
}
