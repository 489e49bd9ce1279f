// The Analytics API beside webhooks: batches of a hundred tracks, taken in and then worked off by one worker.
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import {
  createTestClient,
  type Home,
  readLedgerOf,
  startPlumbline,
  type TestConnection,
} from "../../test/support/plumbline-process.ts";
import { sendUntilAccepted } from "../../test/support/sender.ts";
import { runLoadProcess } from "./programs.ts";
import { median, oneDigit, type Report, whole } from "./report.ts";

const messages = 100_000;
const inBatch = 100;
const webhooks = 25_000;

/** Rounds of both, one after the other: what a second of one worker records of each. */
export async function measureMessages(
  report: Report,
  {
    home,
    connection,
    secret,
    port,
    rounds,
    connect,
  }: {
    home: Home;
    connection: TestConnection;
    secret: string;
    port: number;
    rounds: number;
    connect: (home: Home) => DatabasePool;
  },
): Promise<void> {
  const { token } = await createTestClient(home);
  const workOff = (items: number) => measureWorker({ home, port, connect }, items);
  report.line(
    `\nAnalytics API: ${whole(messages)} tracks in batches of ${inBatch} by one worker, beside ${whole(webhooks)} webhooks of Pendo`,
  );
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const door = await startPlumbline(home, { roles: "door", port });
    await runLoadProcess({
      url: door.url + connection.path,
      secret,
      connections: 64,
      rate: 0,
      bodyBytes: 1_500,
      count: webhooks,
      seed: `messages-${process.pid}-${round}`,
    });
    await door.stop();
    const ofWebhooks = await workOff(webhooks);
    const again = await startPlumbline(home, { roles: "door", port });
    const start = performance.now();
    await sendBatches(`${again.url}/analytics/v1/batch`, token, round);
    const taken = messages / ((performance.now() - start) / 1000);
    await again.stop();
    const ofMessages = await workOff(messages);
    rates.push(ofMessages);
    const ledger = await readLedgerOf(home);
    report.line(
      `  round ${round + 1}: ${whole(ofMessages)} tracks/s recorded (taken in ${whole(taken)}/s), webhooks ${whole(ofWebhooks)}/s; difference ${ledger.difference}, failed ${ledger.failed}`,
    );
  }
  report.line(`  median ${whole(median(rates))} tracks/s, worst ${oneDigit(Math.min(...rates) / 1000)} thousand`);
}

/** Starts a worker on what waits; resolves to `items` a second. */
async function measureWorker(
  { home, port, connect }: { home: Home; port: number; connect: (home: Home) => DatabasePool },
  items: number,
): Promise<number> {
  const worker = await startPlumbline(home, { roles: "worker", port });
  const database = connect(home);
  const isWaiting = async () =>
    (await database.query("select 1 from deliveries where state = 'waiting' limit 1")).rows.length > 0;
  const start = performance.now();
  while (await isWaiting()) await new Promise((resolve) => setTimeout(resolve, 50));
  await database.end();
  const seconds = (performance.now() - start) / 1000;
  await worker.stop();
  return items / seconds;
}

async function sendBatches(url: string, token: string, round: number): Promise<void> {
  let next = 0;
  const send = async () => {
    for (let batch = next++; batch < messages / inBatch; batch = next++) {
      const body = JSON.stringify(
        Array.from({ length: inBatch }, (_, place) => createTrack(batch * inBatch + place, round)),
      );
      await sendUntilAccepted([url], body, { headers: { authorization: `Basic ${token}` } });
    }
  };
  await Promise.all(Array.from({ length: 16 }, send));
}

function createTrack(index: number, round: number): object {
  return {
    type: "track",
    userId: `visitor-${(index * 7) % 5_000}`,
    accountId: `account-${((index * 7) % 5_000) % 200}`,
    event: ["opened", "saved", "shared", "deleted"][index % 4],
    properties: { index, plan: "pro", browser: "Chrome", from: { page: `/projects/${index % 300}`, section: "list" } },
    messageId: `${process.pid}-${round}-${index}`,
    timestamp: new Date(Date.now() - (index % 86_400) * 1000).toISOString(),
  };
}
