// The order in which messages come, how they are bundled, and how often each is sent leave no trace in what is there afterwards.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHostileJson, hostileText } from "../../test/support/hostile-json.ts";
import { appendBodies, createPlace, type Place } from "../../test/support/inbox.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { createWorker } from "./work-inbox.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const settle = (batchSize: number) => {
  const worker = createWorker({
    database: database.pool,
    log: silentLog,
    clock: () => new Date(),
    batchSize,
    onSettled: () => {},
    awaitTurn: async () => {},
  });
  return worker.settleAll();
};

const query = async (text: string, { workspaceId }: Place) => (await database.pool.query(text, [workspaceId])).rows;

/** Everything that is there, without ids of ours and when we learned of it: a value said twice was first learned with either. */
async function readState(place: Place): Promise<string[]> {
  const rows = await query(
    `select 'user' as t, jsonb_build_array(external_id, name, email, avatar, joined_at) as row from users where workspace_id = $1
     union all select 'account', jsonb_build_array(a.external_id, a.name, o.external_id) from accounts a
       left join organizations o using (workspace_id, organization_id) where workspace_id = $1
     union all select 'organization', jsonb_build_array(external_id, name) from organizations where workspace_id = $1
     union all select 'trait', jsonb_build_array(record_type, coalesce(u.external_id, a.external_id, o.external_id), t.name, source, type, value)
       from traits t
       left join users u on u.workspace_id = t.workspace_id and u.user_id = t.record_id
       left join accounts a on a.workspace_id = t.workspace_id and a.account_id = t.record_id
       left join organizations o on o.workspace_id = t.workspace_id and o.organization_id = t.record_id
       where t.workspace_id = $1
     union all select 'member', jsonb_build_array(u.external_id, a.external_id) from account_users m
       join users u using (workspace_id, user_id) join accounts a using (workspace_id, account_id) where m.workspace_id = $1
     union all select 'member', jsonb_build_array(u.external_id, o.external_id) from organization_users m
       join users u using (workspace_id, user_id) join organizations o using (workspace_id, organization_id) where m.workspace_id = $1
     union all select 'event', jsonb_build_array(e.name, e.properties, e.occurred_at, u.external_id, a.external_id, o.external_id) from events e
       left join users u using (workspace_id, user_id) left join accounts a using (workspace_id, account_id)
       left join organizations o on o.workspace_id = e.workspace_id and o.organization_id = e.organization_id where e.workspace_id = $1`,
    place,
  );
  return rows.map(({ t, row }) => JSON.stringify([t, row])).sort();
}

const name = fc.constantFrom("1", "2", "3");
const traits = fc.dictionary(
  fc.constantFrom("name", "email", "plan", "seats", "createdAt"),
  fc.constantFrom("a", "b", 1, 2, null, "2026-01-01"),
);
/** Few times, so that many are the same. */
const timestamp = fc.constantFrom("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04");
const message = fc.oneof(
  fc.record({ type: fc.constant("organization"), organizationId: name, traits, timestamp }),
  fc.record({ type: fc.constant("account"), accountId: name, traits, timestamp }),
  fc.record({ type: fc.constant("account"), accountId: name, organizationId: name, traits, timestamp }),
  fc.record({ type: fc.constant("user"), userId: name, accountId: name, traits, timestamp }),
  fc.record({ type: fc.constant("user"), userId: name, organizationId: name, traits, timestamp }),
  // Whoever is never linked waits for ever, in every order.
  fc.record({ type: fc.constant("user"), userId: name, traits, timestamp }),
  fc.record({ type: fc.constant("unlink"), userId: name, accountId: name, timestamp }),
  fc.record({
    type: fc.constant("track"),
    userId: name,
    accountId: name,
    event: fc.constantFrom("e", "f"),
    properties: fc.constant({}),
    timestamp,
  }),
);

/** Everyone has a link of a time before all others, so that nobody's turn depends on when a link comes. */
const links = ["1", "2", "3"].map((id) => ({
  type: "user",
  userId: id,
  organizationId: "everybody",
  traits: {},
  timestamp: "2025-12-31",
}));

test("messages sent one to five times, shuffled, in bundles of any size, leave the state that they leave in order", async () => {
  const script = fc.array(message, { minLength: 1, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(script, fc.integer(), fc.integer({ min: 1, max: 30 }), async (random, seed, bundle) => {
      const messages = [...links, ...random].map((one, index) =>
        index % 2 === 0 ? { ...one, messageId: `m-${index}` } : one,
      );
      const first = await createPlace(database.pool, { kind: "analytics" });
      await send(first, messages, 100);
      const second = await createPlace(database.pool, { kind: "analytics" });
      await send(
        second,
        shuffle(
          messages.flatMap((one, index) => Array(1 + ((((index + seed) % 5) + 5) % 5)).fill(one)),
          seed,
        ),
        bundle,
      );
      expect(await readState(second)).toEqual(await readState(first));
    }),
    { numRuns: 40 },
  );
});

async function send(place: Place, messages: readonly object[], bundle: number): Promise<void> {
  const bodies: object[][] = [];
  for (let start = 0; start < messages.length; start += bundle) bodies.push(messages.slice(start, start + bundle));
  for (const body of bodies) {
    await appendBodies(database.pool, { ...place, endpoint: "batch" }, [body]);
    if (body.length % 2 === 0) await settle(3);
  }
  await settle(3);
}

function shuffle<T>(list: readonly T[], seed: number): T[] {
  let state = seed >>> 0 || 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return list
    .map((one) => [random(), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one);
}

test("two workers that record the same messages in different bundles leave each exactly once", async () => {
  const place = await createPlace(database.pool, { kind: "analytics" });
  const messages = Array.from({ length: 300 }, (_, index) => ({
    type: index % 3 === 0 ? "track" : "user",
    userId: `u-${index % 7}`,
    accountId: `a-${index % 5}`,
    event: "e",
    properties: {},
    traits: { last: index, [`trait-${index % 4}`]: index },
    messageId: `m-${index}`,
    timestamp: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
  }));
  for (const seed of [1, 2, 3, 4]) {
    const shuffled = shuffle(messages, seed);
    for (let start = 0; start < shuffled.length; start += 10 * seed)
      await appendBodies(database.pool, { ...place, endpoint: "batch" }, [shuffled.slice(start, start + 10 * seed)]);
  }
  await Promise.all([settle(2), settle(3), settle(4)]);
  await settle(10);
  const [counts] = await query(
    `select (select count(*) from events where workspace_id = $1) as events, (select count(*) from users where workspace_id = $1) as users,
            (select count(*) from deliveries where workspace_id = $1 and state not in ('recorded', 'duplicate')) as others`,
    place,
  );
  expect(counts).toEqual({ events: 100, users: 7, others: 0 });
  const lasts = await query(
    "select value from traits where workspace_id = $1 and name = 'last' order by value::int desc",
    place,
  );
  expect(lasts.map(({ value }) => value)).toEqual(
    [299, 298, 296, 295, 293, 292, 290].sort((a, b) => b - a).map(lastOf),
  );
});

/** The last message about a user that is no track. */
const lastOf = (_: number, place: number) => {
  const users = Array.from({ length: 7 }, (_unused, user) =>
    Math.max(
      ...Array.from({ length: 300 }, (_none, index) => index).filter((index) => index % 7 === user && index % 3 !== 0),
    ),
  ).sort((a, b) => b - a);
  return users[place]!;
};

test("hostile texts and values are recorded, or fail alone; their neighbours in a batch are recorded", async () => {
  const place = await createPlace(database.pool, { kind: "analytics" });
  const hostile = fc.record({
    type: fc.constantFrom("user", "account", "organization", "track", "unlink"),
    userId: fc.oneof(hostileText, name),
    accountId: fc.oneof(hostileText, name),
    organizationId: fc.oneof(hostileText, name),
    traits: fc.dictionary(hostileText, createHostileJson()),
    properties: fc.dictionary(hostileText, createHostileJson()),
    event: hostileText,
    messageId: hostileText,
    timestamp: fc.oneof(fc.constant("2026-01-01"), hostileText),
  });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 20 }), async (messages) => {
      count += 1;
      const good = {
        type: "track",
        accountId: "good",
        event: `good ${count}`,
        properties: {},
        messageId: `good ${count}`,
      };
      const [id] = await appendBodies(database.pool, { ...place, endpoint: "batch" }, [[...messages, good]]);
      await settle(10);
      const { rows } = await database.pool.query("select state, detail from deliveries where delivery_id = $1", [id]);
      expect(rows[0].detail).not.toContain("could not be recorded");
      expect(["recorded", "failed", "parked"]).toContain(rows[0].state);
    }),
    { numRuns: 80 },
  );
  const [{ events }] = await query(
    "select count(*) as events from events where workspace_id = $1 and name like 'good %'",
    place,
  );
  expect(events).toBe(count);
  const failed = await query(
    "select reason, detail from delivery_items where workspace_id = $1 and reason = 'not-recordable'",
    place,
  );
  expect(failed).toEqual([]);
});
