// R4, the first half: every delivery comes one to five times, in no order, through two doors at once, and two workers
// record them. Each must have exactly one effect. What must come of a delivery is the simulator's word.
import { createDeliveries } from "../../simulator/create-deliveries.ts";
import type { Delivery } from "../../simulator/deliveries/render-delivery.ts";
import { defaultMix } from "../../simulator/history/kinds.ts";
import { createRandom } from "../../simulator/random.ts";
import type { Queryable } from "../../src/platform/database/pool.ts";
import type { Ledger } from "../support/plumbline-process.ts";
import { checkLedger } from "./support/finish-run.ts";
import type { Say } from "./support/run-program.ts";
import { withTwoDoors } from "./support/two-doors.ts";

export type DuplicateStormOptions = { count: number; mostCopies: number; seed: string };
export type DuplicateStormResult = { problems: string[]; requests: number; ledger: Ledger };

export async function runDuplicateStorm(options: DuplicateStormOptions, say: Say): Promise<DuplicateStormResult> {
  const { count, mostCopies, seed } = options;
  const random = createRandom(seed, "duplicates");
  const deliveries = createSimulated(seed, count);
  const copies = random.shuffle(
    deliveries.flatMap((delivery) => Array.from({ length: random.int(1, mostCopies) }, () => delivery)),
  );
  return withTwoDoors(say, async ({ db, sendAll, readLedger }) => {
    const start = performance.now();
    await sendAll(copies.map(({ body }) => body));
    const sentMs = performance.now() - start;
    const ledger = await readLedger();
    say.line(
      `${count} deliveries, sent ${copies.length} times in all (1 to ${mostCopies} each) in ${(sentMs / 1000).toFixed(1)} s`,
    );
    say.line(`ledger: ${JSON.stringify(ledger)}`);
    const problems = [
      ...checkLedger(ledger),
      ...checkCounts(ledger, deliveries, copies),
      ...compareRecords(listExpected(deliveries), await listRecorded(db)),
    ];
    return { problems, requests: copies.length, ledger };
  });
}

/** Three months of a small world: people who answer more than once, and reasons that come after their score. */
export function createSimulated(seed: string, count: number): Delivery[] {
  const now = Math.floor(Date.now() / 1000);
  const { render } = createDeliveries({ seed, count, now, days: 90, accounts: 12, visitors: 80, mix: defaultMix });
  return Array.from({ length: count }, (_, index) => render(index));
}

function checkCounts(ledger: Ledger, deliveries: readonly Delivery[], copies: readonly Delivery[]): string[] {
  const isRecorded = ({ expect: { becomes } }: Delivery) => becomes === "event" || becomes === "nps";
  const expected = {
    received: copies.length,
    recorded: deliveries.filter(isRecorded).length,
    duplicate: copies.filter(isRecorded).length - deliveries.filter(isRecorded).length,
    filtered: copies.filter((copy) => !isRecorded(copy)).length,
  };
  return Object.entries(expected)
    .filter(([state, number]) => ledger[state as keyof Ledger] !== number)
    .map(([state, number]) => `ledger: ${state} is ${ledger[state as keyof Ledger]}, not ${number}`);
}

/** One line of text for each record that must be there. */
function listExpected(deliveries: readonly Delivery[]): string[] {
  const responses = new Map<
    string,
    { at: number; line: (feedback: string | null) => string; feedback: string | null }
  >();
  const lines: string[] = [];
  for (const { event, expect } of deliveries) {
    if (expect.becomes === "event") {
      const { at, user, account, polls } = expect;
      const name = event === "trackEventReceived" ? expect.name : "";
      lines.push(writeLine("event", event, name, at, user, account, polls.length));
    } else if (expect.becomes === "nps") {
      const { response, at, score, feedback, user, account, guideId } = expect;
      const earlier = responses.get(response);
      responses.set(response, {
        at: Math.min(at, earlier?.at ?? at),
        feedback: feedback ?? earlier?.feedback ?? null,
        line: (words) => writeLine("nps", score, words, responses.get(response)!.at, user, account, guideId),
      });
    }
  }
  lines.push(...[...responses.values()].map(({ line, feedback }) => line(feedback)));
  return lines;
}

async function listRecorded(db: Queryable): Promise<string[]> {
  const owner = `left join users u using (workspace_id, user_id) left join accounts a using (workspace_id, account_id)`;
  const { rows: events } = await db.query(
    `select e.kind, case when kind = 'trackEventReceived' then e.name else '' end as name, extract(epoch from occurred_at)::float8 as at,
            u.external_id as user, a.external_id as account,
            (select count(*) from poll_responses p where p.workspace_id = e.workspace_id and p.event_id = e.event_id) as polls
     from events e ${owner}`,
  );
  const { rows: responses } = await db.query(
    `select score, feedback, extract(epoch from responded_at)::float8 as at, u.external_id as user, a.external_id as account, guide_id
     from nps_responses ${owner} where part_of is null`,
  );
  return [
    ...events.map((row) => writeLine("event", row.kind, row.name, row.at, row.user, row.account, row.polls)),
    ...responses.map((row) => writeLine("nps", row.score, row.feedback, row.at, row.user, row.account, row.guide_id)),
  ];
}

const writeLine = (...parts: unknown[]) => JSON.stringify(parts);

/** Two lists as bags: the same lines, each as often. */
function compareRecords(expected: readonly string[], found: readonly string[]): string[] {
  const balance = new Map<string, number>();
  for (const line of expected) balance.set(line, (balance.get(line) ?? 0) - 1);
  for (const line of found) balance.set(line, (balance.get(line) ?? 0) + 1);
  return [...balance].flatMap(([line, count]) => {
    if (count === 0) return [];
    return count < 0 ? [`lost: ${-count} × ${line}`] : [`too many: ${count} × ${line}`];
  });
}
