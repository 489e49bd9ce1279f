import { closeSync, openSync, writeSync } from "node:fs";
import { createDeliveries, type Deliveries } from "./create-deliveries.ts";
import type { Options } from "./options.ts";
import { createRandom } from "./random.ts";
import { chooseLost } from "./sending/choose-lost.ts";
import { chooseOrder } from "./sending/choose-order.ts";
import { createRequest } from "./sending/create-request.ts";
import { type SendResult, sendAll } from "./sending/send-all.ts";
import type { Summary } from "./summary/print-summary.ts";
import { createTally, type Tally } from "./summary/tally.ts";

/** Up to here requests are made before the first is sent, so that making them takes nothing from the receiver. */
const mostKept = 200_000;
const linesPerWrite = 1000;

/** Makes everything, sends it, and says what must have come of it. `report` gets lines about the progress. */
export async function runSimulation(
  options: Options,
  report: (line: string) => void,
  deliveries = createDeliveries(options),
): Promise<Summary> {
  const lost = chooseLost(createRandom(options.seed, "lost"), options);
  const everything = chooseOrder(createRandom(options.seed, "order"), options);
  const order = lost.size === 0 ? everything : everything.filter((index) => !lost.has(index));
  const { url, secret, isDryRun } = options;
  const kept: Buffer[] = [];
  const tallies = { sent: createTally(), all: createTally(), lost };
  const makeRequest = (body: string) => createRequest(url!, secret, body);
  const isKept = !isDryRun && deliveries.count <= mostKept;
  visitAll(deliveries, tallies, options.outFile, (body) => {
    if (isKept) kept.push(makeRequest(body));
  });
  const getRequest = (place: number) => {
    const index = order[place]!;
    return kept[index] ?? makeRequest(deliveries.render(index).body);
  };
  const reportProgress = (done: number, { requests, failed }: SendResult) =>
    report(`${done} of ${order.length} done, ${requests} requests, ${failed} given up`);
  const begun = Date.now();
  const dueAfter = (place: number) => deliveries.moments[order[place]!]!.at * 1000 - begun;
  const sending = { ...options, url: url!, dueAfter: options.live === undefined ? undefined : dueAfter };
  const result = isDryRun ? nothingSent : await sendAll(sending, order.length, getRequest, reportProgress);
  return summarize(options, order.length - (deliveries.count - lost.size), result, tallies);
}

const nothingSent: SendResult = { requests: 0, retries: 0, answers: {}, failed: 0, seconds: 0, latencies: [] };

type Tallies = { sent: Tally; all: Tally; lost: ReadonlySet<number> };

function visitAll(
  deliveries: Deliveries,
  { sent, all, lost }: Tallies,
  outFile: string | undefined,
  visit: (body: string) => void,
): void {
  const file = outFile === undefined ? undefined : openSync(outFile, "w");
  try {
    let lines: string[] = [];
    for (let index = 0; index < deliveries.count; index += 1) {
      const delivery = deliveries.render(index);
      const isLost = lost.has(index);
      all.add(delivery);
      if (!isLost) sent.add(delivery);
      visit(delivery.body);
      if (file !== undefined) lines.push(`${JSON.stringify(isLost ? { ...delivery, isLost } : delivery)}\n`);
      if (file !== undefined && (lines.length === linesPerWrite || index === deliveries.count - 1)) {
        writeSync(file, lines.join(""));
        lines = [];
      }
    }
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function summarize(options: Options, duplicates: number, result: SendResult, { sent, all, lost }: Tallies): Summary {
  const { requests, retries, answers, failed, seconds } = result;
  const latencies = Float64Array.from(result.latencies).sort();
  const percentile = (share: number) =>
    round(latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0);
  return {
    seed: options.seed,
    now: new Date(options.now * 1000).toISOString(),
    isDryRun: options.isDryRun,
    requests,
    retries,
    answers,
    failed,
    distinct: options.count,
    duplicates,
    seconds: round(seconds),
    perSecond: seconds > 0 ? round(requests / seconds) : 0,
    latency: { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99), max: percentile(1) },
    kinds: sent.countKinds(),
    expected: sent.expect(),
    ...(lost.size > 0 && { lost: lost.size, expectedWithLost: all.expect() }),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
