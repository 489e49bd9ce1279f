// R7: Pendo's API misbehaves for minutes while webhooks come in whose people have to be asked for: refused keys, limits,
// failures, answers that are late, broken off, empty or of somebody's proxy. Nothing may be recorded wrongly meanwhile,
// and in the end everything is matched as if there had been no trouble.

import type { FaultRule } from "../../simulator/api/http/faults.ts";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { deriveEventId } from "../../src/pipeline/record/events-table.ts";
import { deriveNpsResponseId } from "../../src/pipeline/record/nps-responses-table.ts";
import type { DatabasePool } from "../../src/platform/database/pool.ts";
import {
  createHome,
  createTestConnection,
  type Ledger,
  readLedgerOf,
  runJsonCommand,
  startPlumbline,
  type TestConnection,
} from "../support/plumbline-process.ts";
import { sendUntilAccepted } from "../support/sender.ts";
import { connectDirectly } from "./support/postgres-processes.ts";
import type { Say } from "./support/run-program.ts";

export type PendoTroubleOptions = {
  /** How long Pendo is in trouble, in seconds. */
  seconds: number;
  /** Webhooks, spread evenly over that time. */
  count: number;
  visitors: number;
  seed: string;
};

export type PendoTroubleResult = {
  problems: string[];
  ledger: Ledger;
  /** Requests to Pendo's API by status. */
  requests: Record<string, number>;
  /** Seconds from the end of the trouble until everything was matched. */
  recoverySeconds: number;
};

const secret = "pendo-trouble-secret";
const userField = "agent.email";
const accountField = "custom.crm_id";

/** One trouble after the other; each lasts its share of the run. */
const troubles: { name: string; rules: FaultRule[] }[] = [
  { name: "429 with Retry-After", rules: [{ fault: 429, share: 0.7, milliseconds: 1_000 }] },
  {
    name: "500 and 503",
    rules: [
      { fault: 500, share: 0.5 },
      { fault: 503, share: 0.3, milliseconds: 1_000 },
    ],
  },
  {
    name: "answers cut, connections reset",
    rules: [
      { fault: "cut", share: 0.5 },
      { fault: "reset", share: 0.3 },
    ],
  },
  { name: "the key refused", rules: [{ fault: 403 }] },
  {
    name: "empty answers and a proxy's page",
    rules: [
      { fault: "empty", share: 0.5 },
      { fault: "html", share: 0.3 },
    ],
  },
  { name: "400", rules: [{ fault: 400, share: 0.8 }] },
  { name: "slow answers", rules: [{ fault: "slow", share: 0.9, milliseconds: 3_000 }] },
  { name: "nothing at all", rules: [{ fault: "reset" }] },
];

export async function runPendoTrouble(options: PendoTroubleOptions, say: Say): Promise<PendoTroubleResult> {
  const simulator = await startPendoSimulator({
    seed: options.seed,
    count: options.count,
    visitors: options.visitors,
    accounts: Math.ceil(options.visitors / 8),
    days: 1,
  });
  const home = createHome({ PENDO_API_BASE_URL: simulator.url });
  try {
    const plumbline = await startPlumbline(home);
    const connection = await createTestConnection(home, secret);
    const db = connectDirectly(home.dataDir);
    await say.database(db);
    const mendKey = () =>
      runJsonCommand(home, "connection", "set", connection.id, "--integration-key", simulator.integrationKey);
    await mendKey();
    await runJsonCommand(
      home,
      "connection",
      "set",
      connection.id,
      "--user-id-from",
      userField,
      "--account-id-from",
      accountField,
    );
    const changing = changeTroubles(simulator, options.seconds, say);
    await sendAll(simulator, `${plumbline.url}${connection.path}`, options);
    await changing;
    const during = await readLedgerOf(home);
    say.line(`when the trouble ended: ${JSON.stringify(during)}`);

    simulator.faults.set([]);
    const mended = performance.now();
    // What a person would do who has read that the key was refused.
    await mendKey();
    const expected = listExpected(simulator, connection);
    const problems = await awaitAsExpected(db, expected, 180_000);
    const recoverySeconds = Math.round((performance.now() - mended) / 1000);
    const ledger = await readLedgerOf(home);
    for (const state of ["difference", "failed", "waiting", "refused", "held"] as const)
      if (ledger[state] !== 0) problems.push(`ledger: ${state} is ${ledger[state]}`);
    const requests = simulator.requests.counts()["POST /api/v1/aggregation"] ?? {};
    say.line(`requests to the aggregation API by status: ${JSON.stringify(requests)}`);
    say.line(`matched as expected ${recoverySeconds} s after the trouble: ${expected.size} facts`);
    say.line(`ledger: ${JSON.stringify(ledger)}`);
    await db.end();
    await plumbline.stop();
    return { problems, ledger, requests, recoverySeconds };
  } finally {
    await simulator.stop();
    home.remove();
  }
}

async function changeTroubles(simulator: PendoSimulator, seconds: number, say: Say): Promise<void> {
  for (const { name, rules } of troubles) {
    say.progress(`Pendo: ${name}`);
    simulator.faults.set(rules);
    await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / troubles.length));
  }
}

async function sendAll(simulator: PendoSimulator, url: string, { seconds, count }: PendoTroubleOptions): Promise<void> {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) {
    const dueIn = start + (index / count) * seconds * 1000 - performance.now();
    if (dueIn > 0) await new Promise((resolve) => setTimeout(resolve, dueIn));
    await sendUntilAccepted([url], simulator.deliveries.render(index).body, { secret });
  }
}

type Expected = { user: string | null; account: string | null } | "parked";

/** What each fact must be, told from the simulated world alone: its id here, and whose it is or that it must wait. */
function listExpected({ deliveries, people }: PendoSimulator, connection: TestConnection): Map<string, Expected> {
  const readField = (kind: "visitor" | "account", id: string | null, [group, field]: string[]) => {
    if (id === null) return null;
    const value = people.has(kind, id) ? people.findMetadata(kind, id)?.[group!]?.[field!] : undefined;
    return value === undefined || value === null || value === "" ? ("parked" as const) : String(value);
  };
  const expected = new Map<string, Expected>();
  for (let index = 0; index < deliveries.count; index += 1) {
    const { uniqueId, expect } = deliveries.render(index);
    if (expect.becomes === "ping" || expect.becomes === "unknown") continue;
    const user = readField("visitor", expect.user, userField.split("."));
    const account = readField("account", expect.account, accountField.split("."));
    const derive = expect.becomes === "nps" ? deriveNpsResponseId : deriveEventId;
    const isParked = user === "parked" || account === "parked";
    expected.set(derive(connection.id, `id:${uniqueId}`), isParked ? "parked" : { user, account });
  }
  return expected;
}

/** Waits until all is as expected; resolves to what is not when the time is over. */
async function awaitAsExpected(db: DatabasePool, expected: Map<string, Expected>, mostMs: number): Promise<string[]> {
  const until = performance.now() + mostMs;
  for (;;) {
    const problems = await compareFacts(db, expected);
    if (problems.length === 0 || performance.now() > until) return problems;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function compareFacts(db: DatabasePool, expected: Map<string, Expected>): Promise<string[]> {
  const { rows } = await db.query(
    `select f.id, u.external_id as user, a.external_id as account
     from (select workspace_id, event_id as id, user_id, account_id from events
           union all select workspace_id, nps_response_id, user_id, account_id from nps_responses) as f
     left join users u on u.workspace_id = f.workspace_id and u.user_id = f.user_id
     left join accounts a on a.workspace_id = f.workspace_id and a.account_id = f.account_id`,
  );
  const found = new Map(rows.map(({ id, user, account }) => [id, { user, account }]));
  const problems: string[] = [];
  for (const [id, wanted] of expected) {
    const is = found.get(id);
    found.delete(id);
    if (wanted === "parked" ? is !== undefined : JSON.stringify(is) !== JSON.stringify(wanted))
      problems.push(`fact ${id} is ${JSON.stringify(is ?? "missing")} and should be ${JSON.stringify(wanted)}`);
  }
  for (const id of found.keys()) problems.push(`fact ${id} came from nowhere`);
  return problems;
}
