// Two whole Plumblines on one database: two doors to send through, two workers that record at the same time.
import type { DatabasePool } from "../../../src/platform/database/pool.ts";
import {
  createHome,
  createTestClient,
  createTestConnection,
  type Ledger,
  type PlumblineProcess,
  readLedgerOf,
  startPlumbline,
} from "../../support/plumbline-process.ts";
import { sendUntilAccepted } from "../../support/sender.ts";
import { connectDirectly } from "./postgres-processes.ts";
import type { Say } from "./run-program.ts";

export type TwoDoors = {
  db: DatabasePool;
  /** Sends each once, alternating between the doors, many at a time; resolves when all are worked off. */
  sendAll: (bodies: readonly (string | Buffer | Messages)[]) => Promise<void>;
  readLedger: () => Promise<Ledger>;
};

/** A batch of messages of the Analytics API; anything else is a webhook's body. */
export type Messages = { messages: string };

const secret = "two-doors-secret";
const underWay = 32;

export async function withTwoDoors<T>(say: Say, work: (doors: TwoDoors) => Promise<T>): Promise<T> {
  const home = createHome();
  const started: PlumblineProcess[] = [];
  let db: DatabasePool | undefined;
  try {
    for (let count = 0; count < 2; count += 1) started.push(await startPlumbline(home));
    const connected = connectDirectly(home.dataDir);
    db = connected;
    await say.database(db);
    const { path } = await createTestConnection(home, secret);
    const { token } = await createTestClient(home);
    const sendOne = (body: string | Buffer | Messages, index: number) => {
      const { url } = started[index % started.length]!;
      if (typeof body === "string" || Buffer.isBuffer(body)) return sendUntilAccepted([url + path], body, { secret });
      const headers = { authorization: `Basic ${token}` };
      return sendUntilAccepted([`${url}/analytics/v1/batch`], body.messages, { headers });
    };
    return await work({
      db,
      async sendAll(bodies) {
        let next = 0;
        const send = async () => {
          for (let index = next++; index < bodies.length; index = next++) await sendOne(bodies[index]!, index);
        };
        await Promise.all(Array.from({ length: underWay }, send));
        await awaitWorkedOff(connected);
      },
      readLedger: () => readLedgerOf(home),
    });
  } finally {
    await db?.end();
    for (const plumbline of started) await plumbline.stop();
    home.remove();
  }
}

/** Resolves when nothing waits any more. */
export async function awaitWorkedOff(db: DatabasePool, mostMs = 120_000): Promise<void> {
  const until = performance.now() + mostMs;
  for (;;) {
    const { rows } = await db.query("select count(*) as n from deliveries where state = 'waiting'");
    if (rows[0].n === 0) return;
    if (performance.now() > until) throw new Error(`After ${mostMs} ms ${rows[0].n} deliveries still wait.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
