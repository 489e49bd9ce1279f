// What tests of the client's report requests share: a simulator with reports, and a fresh client for each test.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import type { PendoClientOptions } from "../../src/pendo/client/pendo-client.ts";
import { type JsonObject, parseJsonExactly } from "../../src/platform/json.ts";
import { createReportTaker, createTestPendoClient, type TestPendoClient } from "./pendo-client.ts";

/** Registers what has to be done before and after the tests of a file. */
export function useSimulatedReports() {
  let simulator: PendoSimulator;
  let client: TestPendoClient;
  const clients: TestPendoClient[] = [];
  const servers: Server[] = [];
  beforeAll(async () => {
    simulator = await startPendoSimulator({ seed: "7", visitors: 600, accounts: 60, days: 10, count: 1000 });
  });
  afterAll(() => simulator.stop());
  beforeEach(() => {
    simulator.faults.set([]);
    simulator.requests.clear();
    client = createClient();
  });
  afterEach(async () => {
    for (const { stop } of clients.splice(0)) await stop();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  function createClient(options: Partial<PendoClientOptions> = {}, url = simulator.url): TestPendoClient {
    const made = createTestPendoClient({ url, integrationKey: simulator.integrationKey }, options);
    clients.push(made);
    return made;
  }

  const find = (name: string) => simulator.reports.list().find((report) => report.name === name)!;
  return {
    simulator: () => simulator,
    client: () => client,
    createClient,
    find,
    makeReport: (rows: JsonObject[]) => simulator.reports.create({ name: "Made", level: "account", rows }),
    async readAll(name: string, from = client) {
      const { taken, taker } = createReportTaker();
      const reading = await from.readReport(find(name).id, taker);
      return { ...taken, reading };
    },
    /** A server of its own, for what the simulator never does. */
    async listen(answer: RequestListener): Promise<string> {
      const server = createServer(answer);
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
  };
}

/** As the client gives rows. */
export const asJson = (rows: Iterable<object>) => [...rows].map((row) => parseJsonExactly(JSON.stringify(row)));
