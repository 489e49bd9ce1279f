// The whole way under a mapping by metadata, against an oracle: whatever the order and whatever trouble Pendo makes, in the
// end every fact is where the simulated world says that it belongs, or parked for the reason that the world gives.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FaultRule } from "../../simulator/api/http/faults.ts";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { connectToPendo } from "../../test/support/pendo.ts";
import { sendDelivery } from "../../test/support/sender.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import type { CreatedConnection } from "../settings/connections.ts";
import { deriveEventId } from "./record/events-table.ts";
import { deriveNpsResponseId } from "./record/nps-responses-table.ts";

const count = 2_000;
const start = new Date("2026-11-20T15:00:00.000Z");
let simulator: PendoSimulator;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "11", now: start.getTime() / 1000, days: 30, count, visitors: 300 });
});
afterAll(() => simulator.stop());

/** What the world's own metadata make of a visitor or account; a reason where they make nothing. */
function name(kind: "visitor" | "account", id: string | null): { value: string | null } | { reason: string } {
  if (id === null) return { value: null };
  const metadata = simulator.people.findMetadata(kind, id);
  if (!metadata) return { reason: `${kind}-unknown-to-pendo` };
  const value = kind === "visitor" ? metadata.agent?.email : metadata.custom?.crm_id;
  return typeof value === "string" ? { value } : { reason: `field-empty-for-${kind}` };
}

type Outcome = {
  owners: Record<string, string>;
  memberships: string[];
  users: string[];
  parked: Record<string, number>;
};

function createOracle(connectionId: string): Outcome {
  const outcome = { owners: {} as Record<string, string>, parked: {} as Record<string, number> };
  const memberships = new Set<string>();
  const users = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    const { uniqueId, expect: expected } = simulator.deliveries.render(index);
    if (expected.becomes !== "event" && expected.becomes !== "nps") continue;
    const [user, account] = [name("visitor", expected.user), name("account", expected.account)];
    const missing = [user, account].find((side) => "reason" in side);
    if (missing && "reason" in missing) {
      outcome.parked[missing.reason] = (outcome.parked[missing.reason] ?? 0) + 1;
      continue;
    }
    const [userName, accountName] = [user, account].map((side) => ("value" in side ? side.value : null));
    const derive = expected.becomes === "event" ? deriveEventId : deriveNpsResponseId;
    outcome.owners[derive(connectionId, `id:${uniqueId}`)] = `${userName} in ${accountName}`;
    if (userName) users.add(userName);
    if (userName && accountName) memberships.add(`${userName} in ${accountName}`);
  }
  return { ...outcome, memberships: [...memberships].sort(), users: [...users].sort() };
}

async function readOutcome({ database }: TestApp, connectionId: string): Promise<Outcome> {
  const read = async (sql: string) => (await database.pool.query(sql, [connectionId])).rows;
  const owner = "left join users u using (workspace_id, user_id) left join accounts a using (workspace_id, account_id)";
  const facts = await read(
    `select event_id as id, u.external_id as user, a.external_id as account from events ${owner} where connection_id = $1
     union all select nps_response_id, u.external_id, a.external_id from nps_responses ${owner} where connection_id = $1`,
  );
  const members = await read(
    `select u.external_id || ' in ' || a.external_id as text from account_users m join users u using (workspace_id, user_id)
     join accounts a using (workspace_id, account_id) where m.connection_id = $1`,
  );
  const users = await read("select external_id from users where made_by_connection = $1");
  const parked = await read(
    "select reason, count(*) as n from deliveries where connection_id = $1 and state = 'parked' group by 1",
  );
  return {
    owners: Object.fromEntries(facts.map((row) => [row.id, `${row.user} in ${row.account}`])),
    memberships: members.map((row) => row.text).sort(),
    users: users.map((row) => row.external_id).sort(),
    parked: Object.fromEntries(parked.map((row) => [row.reason, row.n])),
  };
}

async function sendAll(connection: CreatedConnection, order: readonly number[]): Promise<void> {
  for (let from = 0; from < order.length; from += 100)
    await Promise.all(
      order
        .slice(from, from + 100)
        .map((index) => sendDelivery(connection.url, simulator.deliveries.render(index).body)),
    );
}

const forwards = Array.from({ length: count }, (_, index) => index);
const mixed = forwards.map((index) => (index * 1_237) % count);

describe("every fact ends where the world says that it belongs", () => {
  const trouble: FaultRule[] = [
    { fault: 500, share: 0.15 },
    { fault: "cut", share: 0.15 },
    { fault: 429, share: 0.1 },
    { fault: "empty", share: 0.1 },
    { fault: "html", share: 0.1 },
    { fault: "reset", share: 0.1 },
  ];
  test.each<[string, readonly number[], FaultRule[], boolean]>([
    ["everybody known before", forwards, [], true],
    ["nobody known before", forwards, [], false],
    ["in any order", mixed, [], false],
    ["with Pendo in trouble", mixed, trouble, false],
  ])("%s", async (_name, order, faults, isReadBefore) => {
    let now = start;
    const plumbline = await createTestApp({
      clock: () => now,
      pendoUrl: simulator.url,
      pendo: { patience: { tries: 1 }, pageSize: 100 },
    });
    try {
      const connection = await connectToPendo(plumbline, simulator, {
        userIdFrom: "agent.email",
        accountIdFrom: "custom.crm_id",
      });
      if (isReadBefore) await plumbline.readIdentities();
      simulator.faults.set(faults);
      // A part before anything is worked off, the rest in between.
      await sendAll(connection, order.slice(0, count / 2));
      await plumbline.settle();
      await sendAll(connection, order.slice(count / 2));
      for (let round = 0; round < 60; round += 1) {
        await plumbline.settleWithPendo();
        now = new Date(now.getTime() + 20 * 60_000);
      }
      simulator.faults.set([]);
      now = new Date(now.getTime() + 60 * 60_000);
      await plumbline.settleWithPendo();
      const expected = createOracle(connection.id);
      expect(Object.keys(expected.owners).length).toBeGreaterThan(count / 2);
      expect(expected.parked["field-empty-for-visitor"]).toBeGreaterThan(10);
      expect(await readOutcome(plumbline, connection.id)).toEqual(expected);
      const ledger = await plumbline.ledger();
      expect([ledger.received, ledger.waiting, ledger.failed, ledger.difference]).toEqual([count, 0, 0, 0]);
    } finally {
      simulator.faults.set([]);
      await plumbline.stop();
    }
  });
});

test("ten thousand unknown visitors are some fifty requests", async () => {
  const large = await startPendoSimulator({
    seed: "12",
    now: start.getTime() / 1000,
    days: 30,
    count: 100,
    visitors: 19_000,
    accounts: 400,
  });
  const plumbline = await createTestApp({ pendoUrl: large.url });
  try {
    const connection = await connectToPendo(plumbline, large, { userIdFrom: "agent.email" });
    const visitors = large.world.visitors
      .filter(({ id, isAnonymous }) => !isAnonymous && large.people.has("visitor", id))
      .slice(0, 10_000);
    const bodies = visitors.map(({ id }, index) =>
      JSON.stringify({ event: "trackEventReceived", visitorId: id, uniqueId: `v-${index}`, properties: { name: "x" } }),
    );
    for (let from = 0; from < bodies.length; from += 200)
      await Promise.all(bodies.slice(from, from + 200).map((body) => sendDelivery(connection.url, body)));
    large.requests.clear();
    await plumbline.settle();
    await plumbline.settleWithPendo();
    const { rows } = await plumbline.database.pool.query(
      "select state, count(*) as n from deliveries where connection_id = $1 group by 1 order by 1",
      [connection.id],
    );
    const withEmail = visitors.filter(({ metadata }) => typeof metadata.agent.email === "string").length;
    expect(rows).toEqual([
      { state: "parked", n: visitors.length - withEmail },
      { state: "recorded", n: withEmail },
    ]);
    expect(visitors.length).toBe(10_000);
    expect(large.requests.total()).toBeLessThanOrEqual(60);
  } finally {
    await plumbline.stop();
    await large.stop();
  }
});
