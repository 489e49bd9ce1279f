// R4, the second half: the same deliveries in another order leave the same state. The state is read whole and written as
// lines without what is made anew each time (ids, times of arrival); each permutation, with duplicates in it, must give
// the lines of the first. NPS answers whose score and reason come apart are the hard part.
import { createRandom, type Random } from "../../simulator/random.ts";
import type { Queryable } from "../../src/platform/database/pool.ts";
import { createSimulated } from "./duplicate-storm.ts";
import { createEnvelope } from "./support/deliveries.ts";
import { checkLedger } from "./support/finish-run.ts";
import type { Say } from "./support/run-program.ts";
import { type Messages, withTwoDoors } from "./support/two-doors.ts";

export type OrderPropertyOptions = {
  permutations: number;
  /** Deliveries of the simulator, beside those that are made to be hard. */
  count: number;
  seed: string;
};
export type OrderPropertyResult = { problems: string[]; permutations: number; lines: number };

export async function runOrderProperty(options: OrderPropertyOptions, say: Say): Promise<OrderPropertyResult> {
  const bodies = [
    ...createHardCases(),
    ...createMessages(createRandom(options.seed, "messages")),
    ...createSimulated(options.seed, options.count).map(({ body }) => body),
  ];
  return withTwoDoors(say, async ({ db, sendAll, readLedger }) => {
    const problems: string[] = [];
    let first: string[] = [];
    for (let permutation = 0; permutation < options.permutations; permutation += 1) {
      const order = permute(createRandom(options.seed, "order", permutation), bodies);
      await empty(db);
      await sendAll(order);
      const lines = await readState(db);
      if (permutation === 0) {
        first = lines;
        problems.push(...checkHardCases(lines));
      } else problems.push(...compareLines(first, lines, permutation));
      problems.push(...checkLedger(await readLedger()));
      say.progress(`permutation ${permutation + 1}: ${order.length} requests, ${lines.length} lines of state`);
    }
    say.line(
      `${options.permutations} permutations of ${bodies.length} deliveries: ${first.length} lines of state, ${problems.length} problems`,
    );
    return { problems, permutations: options.permutations, lines: first.length };
  });
}

/** The first is the order of the list; the others are shuffled, and a third of the deliveries comes again. */
function permute<T>(random: Random, bodies: readonly T[]): T[] {
  const again = bodies.filter(() => random.chance(1 / 3));
  return random.shuffle([...bodies, ...again]);
}

const start = Math.floor(Date.now() / 1000) - 10 * 86_400;

type Answer = { visitor: string; at: number; rating?: number | null; reason?: string | null };

/** Times in seconds after `start`. Each visitor is a case of its own. */
const hardAnswers: readonly Answer[] = [
  { visitor: "zero, then its reason", at: 0, rating: 0 },
  { visitor: "zero, then its reason", at: 40, rating: 0, reason: "Zero is a score" },
  { visitor: "reason without a score", at: 10, rating: 7, reason: null },
  { visitor: "reason without a score", at: 60, rating: null, reason: "It came alone" },
  { visitor: "reason before its score", at: 5, reason: "I was faster" },
  { visitor: "reason before its score", at: 9, rating: 10 },
  { visitor: "two scores, one reason", at: 0, rating: 3 },
  { visitor: "two scores, one reason", at: 30, rating: 0 },
  { visitor: "two scores, one reason", at: 50, rating: 0, reason: "Of the second" },
  { visitor: "all at once", at: 7, rating: 5 },
  { visitor: "all at once", at: 7, rating: 5 },
  { visitor: "all at once", at: 7, rating: 5, reason: "One" },
  { visitor: "all at once", at: 7, rating: null, reason: "Two" },
  { visitor: "all at once", at: 7, reason: "Three" },
  { visitor: "days apart", at: 0, rating: 0 },
  { visitor: "days apart", at: 2 * 86_400, rating: 0, reason: "Another survey" },
  { visitor: "whole", at: 1, rating: 0, reason: "Said at once" },
];

function createHardCases(): string[] {
  const answers = hardAnswers.map(({ visitor, at, rating, reason }, index) =>
    createEnvelope(`hard-${index}`, {
      visitorId: visitor,
      accountId: `account-${index % 3}`,
      timestamp: start + at,
      event: "npsSubmitted",
      properties: { guideId: "survey", nps: { rating, reason, source: "web" } },
    }),
  );
  // The same people in several accounts: memberships that more than one delivery would make.
  const memberships = Array.from({ length: 30 }, (_, index) =>
    createEnvelope(`member-${index}`, {
      visitorId: `member-${index % 5}`,
      accountId: `account-${index % 6}`,
      timestamp: start + index,
      properties: { name: "Seen", eventProperties: { index } },
    }),
  );
  return [...answers, ...memberships].map((body) => JSON.stringify(body));
}

/**
 * Messages of the Analytics API, a few to a request: people in and out of accounts, values that change and go, events; at times
 * of which many are the same. Everybody is linked to something first of all, so that nobody waits for ever.
 */
function createMessages(random: Random): Messages[] {
  const user = () => `client-${random.int(1, 6)}`;
  const account = () => `client-account-${random.int(1, 4)}`;
  const at = () => new Date((start + random.int(1, 20)) * 1000).toISOString();
  const traits = () => ({
    name: random.pick(["One", "Two", null]),
    plan: random.pick(["basic", "pro", null]),
    seats: random.int(1, 9),
  });
  const link = (index: number) => ({
    type: "user",
    userId: `client-${index + 1}`,
    organizationId: "clients",
    traits: {},
  });
  const makers = [
    () => ({ type: "user", userId: user(), accountId: account(), traits: traits() }),
    () => ({ type: "user", userId: user(), traits: traits() }),
    () => ({
      type: "account",
      accountId: account(),
      organizationId: random.pick(["clients", "others"]),
      traits: traits(),
    }),
    () => ({ type: "organization", organizationId: "clients", traits: traits() }),
    () => ({ type: "unlink", userId: user(), accountId: account() }),
    () => ({
      type: "track",
      userId: user(),
      accountId: account(),
      event: "acted",
      properties: { seats: random.int(1, 9) },
    }),
  ];
  const links = Array.from({ length: 6 }, (_, index) => ({
    ...link(index),
    timestamp: new Date(start * 1000).toISOString(),
  }));
  const others = Array.from({ length: 120 }, (_, index) => ({
    ...random.pick(makers)(),
    timestamp: at(),
    ...(index % 2 === 0 && { messageId: `client-message-${index}` }),
  }));
  const messages = [...links, ...others];
  return Array.from({ length: messages.length / 3 }, (_, index) => ({
    messages: JSON.stringify(messages.slice(index * 3, index * 3 + 3)),
  }));
}

/** What the hard cases must come out as, whatever the order. */
function checkHardCases(lines: readonly string[]): string[] {
  const responses = lines.map((line) => JSON.parse(line)).filter(([table]) => table === "nps");
  const shown = (visitor: string) =>
    responses
      .filter(([, row]) => row.user === visitor && row.part_of === null)
      .map(([, row]) => [row.score, row.feedback]);
  const expected: Record<string, [number | null, string | null][]> = {
    "zero, then its reason": [[0, "Zero is a score"]],
    "reason without a score": [[7, "It came alone"]],
    "reason before its score": [[10, "I was faster"]],
    "two scores, one reason": [
      [0, "Of the second"],
      [3, null],
    ],
    "days apart": [
      [0, "Another survey"],
      [0, null],
    ],
    whole: [[0, "Said at once"]],
  };
  return Object.entries(expected).flatMap(([visitor, answers]) => {
    const found = JSON.stringify(shown(visitor).sort());
    const wanted = JSON.stringify([...answers].sort());
    return found === wanted ? [] : [`wrong: "${visitor}" came out as ${found}, not ${wanted}`];
  });
}

function compareLines(first: readonly string[], lines: readonly string[], permutation: number): string[] {
  const here = new Set(lines);
  const there = new Set(first);
  const problems = [
    ...first.filter((line) => !here.has(line)).map((line) => `order: permutation ${permutation} has no ${line}`),
    ...lines.filter((line) => !there.has(line)).map((line) => `order: only permutation ${permutation} has ${line}`),
  ];
  if (lines.length !== first.length)
    problems.push(`order: permutation ${permutation} has ${lines.length} lines, the first has ${first.length}`);
  return problems;
}

const tables = [
  "deliveries",
  "delivery_bodies",
  "ledger_counts",
  "events",
  "nps_responses",
  "poll_responses",
  "account_users",
  "organization_users",
  "traits",
  "trait_changes",
  "messages",
  "record_sayings",
  "membership_sayings",
  "delivery_items",
  "users",
  "accounts",
  "organizations",
];

async function empty(db: Queryable): Promise<void> {
  await db.query(`truncate ${tables.join(", ")} cascade`);
}

/** Ids of ours are replaced by what they stand for; ids of deliveries and times of ours are left out. */
async function readState(db: Queryable): Promise<string[]> {
  const owner = `left join users u using (workspace_id, user_id) left join accounts a using (workspace_id, account_id)`;
  const named = `'user', u.external_id, 'account', a.external_id`;
  const left = `- array['workspace_id', 'delivery_id', 'user_id', 'account_id', 'created_at', 'updated_at']`;
  const { rows } = await db.query(
    `select 'event' as t, (to_jsonb(f) ${left}) || jsonb_build_object(${named}) as row from events f ${owner}
     union all select 'nps', (to_jsonb(f) ${left}) || jsonb_build_object(${named}) from nps_responses f ${owner}
     union all select 'poll', (to_jsonb(f) ${left}) || jsonb_build_object(${named}) from poll_responses f ${owner}
     union all select 'user', jsonb_build_object('id', external_id, 'name', name, 'email', email) from users
     union all select 'account', jsonb_build_object('id', a.external_id, 'name', a.name, 'organization', o.external_id) from accounts a
       left join organizations o using (workspace_id, organization_id)
     union all select 'organization', jsonb_build_object('id', external_id, 'name', name) from organizations
     union all select 'trait', jsonb_build_object('of', coalesce(u.external_id, a.external_id, o.external_id), 'name', t.name, 'value', t.value)
       from traits t
       left join users u on u.workspace_id = t.workspace_id and u.user_id = t.record_id
       left join accounts a on a.workspace_id = t.workspace_id and a.account_id = t.record_id
       left join organizations o on o.workspace_id = t.workspace_id and o.organization_id = t.record_id
     union all select 'membership', jsonb_build_object(${named}) from account_users f ${owner}`,
  );
  return rows.map(({ t, row }) => JSON.stringify([t, row])).sort();
}
