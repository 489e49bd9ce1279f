// R5: hostile bodies at the door, and hostile values in every field. No answer of 5xx, no crash; what came is kept byte
// for byte; what cannot be recorded says why; no id ends up on the record of another; and the good deliveries between
// them are recorded as if nothing had been.
import { createRandom } from "../../simulator/random.ts";
import {
  type Api,
  createApi,
  createHome,
  createTestConnection,
  type Ledger,
  type PlumblineProcess,
  readLedgerOf,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { sendDelivery } from "../support/sender.ts";
import { createMarkedDelivery, type MarkedDelivery } from "./support/deliveries.ts";
import { compareEffects, readEffects } from "./support/effects.ts";
import { judgeBody } from "./support/judge.ts";
import { checkRecord, type RecordOf } from "./support/poison-records.ts";
import { type Poison, pill } from "./support/poisons.ts";
import { connectDirectly } from "./support/postgres-processes.ts";
import type { Say } from "./support/run-program.ts";
import { awaitWorkedOff } from "./support/two-doors.ts";

export type PoisonRunOptions = { poisons: Iterable<Poison>; seed: string };
export type PoisonRunResult = {
  problems: string[];
  sent: number;
  /** Answers that took longer than 100 ms, the longest first. */
  slow: { name: string; milliseconds: number }[];
  ledger: Ledger;
};

const secret = "poison-secret";
const underWay = 4;
const longestAnswer = 100;
/** One good delivery for so many bad ones: most batches hold some. */
const neighbourEvery = 8;

export async function runPoison(options: PoisonRunOptions, say: Say): Promise<PoisonRunResult> {
  const home = createHome();
  const plumbline = await startPlumbline(home);
  const db = connectDirectly(home.dataDir);
  try {
    await say.database(db);
    const { path } = await createTestConnection(home, secret);
    const url = plumbline.url + path;
    await db.query(`alter table events add constraint no_pills check (name <> '${pill}')`);
    const { received, neighbours, problems } = await sendAll(url, options, say);
    await awaitWorkedOff(db, 600_000);
    const api = await createApi(home, plumbline.url);
    say.progress(`${received.length} sent; looking at what became of each`);
    const states = new Map<string, number>();
    const records: RecordOf[] = [];
    await inParallel(received, async (one) => {
      const { problem, state, record } = await checkKept(api, one);
      states.set(state, (states.get(state) ?? 0) + 1);
      if (problem) problems.push(problem);
      if (record) records.push(record);
    });
    problems.push(...checkNoneFolded(records), ...checkAlive(plumbline));
    const known = new Set(neighbours.map(({ marker }) => marker));
    const effects = [...(await readEffects(db))].filter(([marker]) => known.has(marker));
    problems.push(...compareEffects(neighbours, new Map(effects)));
    const ledger = await readLedgerOf(home);
    for (const state of ["difference", "waiting", "parked"] as const)
      if (ledger[state] !== 0) problems.push(`ledger: ${state} is ${ledger[state]}`);
    const slow = listSlow(received);
    describe(say, { received, neighbours, states, slow, ledger });
    return { problems, sent: received.length, slow, ledger };
  } finally {
    await db.end();
    await plumbline.stop();
    home.remove();
  }
}

type Received = { poison: Poison; bytes: Buffer; deliveryId: string | undefined; milliseconds: number };

async function sendAll(
  url: string,
  { poisons, seed }: PoisonRunOptions,
  say: Say,
): Promise<{ received: Received[]; neighbours: MarkedDelivery[]; problems: string[] }> {
  const received: Received[] = [];
  const neighbours: MarkedDelivery[] = [];
  const problems: string[] = [];
  let count = 0;
  await inParallel(poisons, async (poison) => {
    count += 1;
    if (count % neighbourEvery === 0) {
      const neighbour = createMarkedDelivery(seed, count);
      const answer = await sendDelivery(url, neighbour.body, { secret });
      if (answer.status === 200) neighbours.push(neighbour);
      else problems.push(`neighbour: ${neighbour.marker} was answered ${answer.status} ${answer.body}`);
    }
    if (count % 2_000 === 0) say.progress(`${count} sent`);
    const bytes = poison.body();
    const start = performance.now();
    const answer = await sendDelivery(url, bytes, { secret, headers: poison.headers ?? {} }).catch(
      (error: Error) => error.message,
    );
    if (typeof answer === "string") {
      problems.push(`no answer: "${poison.name}" (${answer})`);
      return;
    }
    const milliseconds = performance.now() - start;
    const said = JSON.parse(answer.body) as { reason?: string; deliveryId?: string };
    received.push({ poison, bytes, deliveryId: said.deliveryId, milliseconds });
    const { status, reasons } = judgeBody(bytes);
    if (answer.status !== status || (status === 400 && !reasons.includes(said.reason ?? "")))
      problems.push(`answer: "${poison.name}" was answered ${answer.status} ${answer.body}, not ${status} ${reasons}`);
    if (status === 413) received.pop();
  });
  return { received, neighbours, problems };
}

/** The delivery as the API shows it, and the record that was made of it. */
async function checkKept(
  api: Api,
  { poison, bytes, deliveryId }: Received,
): Promise<{ problem?: string; state: string; record?: RecordOf }> {
  if (!deliveryId) return { problem: `not kept: "${poison.name}" has no delivery`, state: "not kept" };
  const delivery = await api<any>(`/deliveries/${deliveryId}`);
  const kept =
    delivery.bodyBase64 === null ? Buffer.from(delivery.body ?? "") : Buffer.from(delivery.bodyBase64, "base64");
  const state = delivery.reason === null ? delivery.state : `${delivery.state} (${delivery.reason})`;
  const say = (text: string) => ({ problem: `${text}: "${poison.name}", delivery ${deliveryId} is ${state}`, state });
  if (!kept.equals(bytes)) return say("bytes changed");
  switch (delivery.state) {
    case "refused":
    case "filtered":
    case "failed":
      if (!delivery.message) return say("no reason");
      // What nobody foresaw: the database or the program threw.
      return (delivery.reason === "not-recordable") === (poison.isUnforeseen === true)
        ? { state }
        : say(`unforeseen (${delivery.message})`);
    case "recorded": {
      if (delivery.made.length === 0) return say("recorded as nothing");
      const record = await readRecord(api, delivery.made[0]);
      const difference = checkRecord(poison, record);
      return {
        ...(difference && { problem: `${difference}: "${poison.name}", delivery ${deliveryId}` }),
        state,
        record: { poison, id: delivery.made[0].id, record },
      };
    }
    default:
      return say("wrong state");
  }
}

async function readRecord(api: Api, made: { type: string; id: string }): Promise<Record<string, any>> {
  return api(`/${made.type}s/${made.id}`);
}

/** Different deliveries, different records: nothing was taken for something else. */
function checkNoneFolded(records: readonly RecordOf[]): string[] {
  const seen = new Map<string, string>();
  return records.flatMap(({ id, poison }) => {
    const other = seen.get(id);
    seen.set(id, poison.name);
    return other === undefined ? [] : [`folded: "${poison.name}" and "${other}" became one record`];
  });
}

function checkAlive({ child }: PlumblineProcess): string[] {
  return child.exitCode === null && child.signalCode === null
    ? []
    : [`ended: with ${child.exitCode ?? child.signalCode}`];
}

function listSlow(received: readonly Received[]): { name: string; milliseconds: number }[] {
  return received
    .filter(({ milliseconds }) => milliseconds > longestAnswer)
    .map(({ poison, milliseconds }) => ({ name: poison.name, milliseconds }))
    .sort((one, other) => other.milliseconds - one.milliseconds);
}

function describe(
  say: Say,
  found: {
    received: readonly Received[];
    neighbours: readonly MarkedDelivery[];
    states: ReadonlyMap<string, number>;
    slow: PoisonRunResult["slow"];
    ledger: Ledger;
  },
): void {
  const { received, neighbours, states, slow, ledger } = found;
  const times = received.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  const at = (share: number) => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
  say.line(`sent ${received.length} hostile bodies and ${neighbours.length} good ones between them`);
  say.line(
    `became: ${[...states]
      .sort()
      .map(([state, count]) => `${state} ${count}`)
      .join(", ")}`,
  );
  say.line(`answers: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms; over 100 ms: ${slow.length}`);
  for (const { name, milliseconds } of slow.slice(0, 15)) say.line(`  ${Math.round(milliseconds)} ms: ${name}`);
  say.line(`ledger: ${JSON.stringify(ledger)}`);
}

async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const run = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: underWay }, run));
}

/** In no order: so that each kind of poison has neighbours of every other. */
export function shuffle<T>(seed: string, items: readonly T[]): T[] {
  return createRandom(seed, "poison").shuffle(items);
}
