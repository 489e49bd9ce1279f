import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { connectToPendo, setMapping } from "../../test/support/pendo.ts";
import { createBody, createTestApp, type TestApp } from "../../test/support/test-app.ts";
import type { CreatedConnection } from "../settings/connections.ts";
import { setPendoAccess } from "../settings/integration-keys.ts";

const byMetadata = { userIdFrom: "agent.email", accountIdFrom: "custom.crm_id" };
const start = new Date("2026-11-20T15:00:00.000Z");

let simulator: PendoSimulator;
let plumbline: TestApp;
let now = start;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", now: start.getTime() / 1000, days: 30, count: 3000 });
  plumbline = await createTestApp({
    clock: () => now,
    pendoUrl: simulator.url,
    pendo: { patience: { tries: 1, long: { headers: 1_000, idle: 1_000, total: 5_000 } } },
  });
});
afterAll(async () => {
  await plumbline.stop();
  await simulator.stop();
});

let connection: CreatedConnection;
beforeEach(async () => {
  connection = await connectToPendo(plumbline, simulator, byMetadata);
  simulator.requests.clear();
});
afterEach(() => simulator.faults.set([]));

const pass = (minutes: number) => {
  now = new Date(now.getTime() + minutes * 60_000);
};

const email = (id: string) => simulator.people.findMetadata("visitor", id)!.agent!.email as string | undefined;
const crmId = (id: string) => simulator.people.findMetadata("account", id)!.custom!.crm_id as string;
/** Identified visitors that Pendo knows, with an e-mail or without. */
const listVisitors = (hasEmail: boolean) =>
  simulator.world.visitors
    .filter(({ id, isAnonymous }) => !isAnonymous && simulator.people.has("visitor", id))
    .map(({ id }) => id)
    .filter((id) => (email(id) !== undefined) === hasEmail);
const findAccount = () => simulator.world.accounts.find(({ id }) => simulator.people.has("account", id))!.id;

async function send(given: Record<string, unknown>, event = "trackEventReceived", properties: object = {}) {
  const answer = await plumbline.send(connection, createBody(event, { name: "Signed In", ...properties }, given));
  return JSON.parse(answer.body).deliveryId as string;
}

const readDelivery = async (id: string) => (await plumbline.get(`/deliveries/${id}`)).json;
const readEvent = async (id: string) => (await plumbline.get(`/events/${(await readDelivery(id)).made[0].id}`)).json;
const countAggregations = () => simulator.requests.counts()["POST /api/v1/aggregation"]?.["200"] ?? 0;

/** The scheduler's minute: parked deliveries whose time has come wait again. */
const tryParked = () =>
  plumbline.database.pool.query(
    "update deliveries set state = 'waiting', try_at = null where state = 'parked' and try_at <= $1",
    [now],
  );

async function readConnection() {
  const { rows } = await plumbline.database.pool.query("select * from connections where connection_id = $1", [
    connection.id,
  ]);
  return rows[0];
}

test("a visitor and an account are asked for, and the delivery goes to the records of their metadata", async () => {
  const [visitorId] = listVisitors(true);
  const id = await send({ visitorId, accountId: findAccount() });
  await plumbline.settle();
  expect(await readDelivery(id)).toMatchObject({ state: "parked", reason: "identity-wanted" });
  await plumbline.settleWithPendo();
  expect(await readEvent(id)).toMatchObject({
    user: { externalId: email(visitorId!) },
    account: { externalId: crmId(findAccount()) },
    pendo: { visitorId, accountId: findAccount() },
  });
  expect(countAggregations()).toBe(2);
  // Known by now: nobody is asked again.
  const next = await send({ visitorId, accountId: findAccount() });
  await plumbline.settle();
  expect(await readDelivery(next)).toMatchObject({ state: "recorded" });
});

test("hundreds are one request, and each is asked about once", async () => {
  const visitors = listVisitors(true).slice(0, 150);
  for (const visitorId of [...visitors, ...visitors]) await send({ visitorId, accountId: undefined });
  await plumbline.settleWithPendo();
  expect(countAggregations()).toBe(1);
  const { rows } = await plumbline.database.pool.query(
    "select count(distinct u.external_id) as users from events e join users u using (workspace_id, user_id) where e.connection_id = $1",
    [connection.id],
  );
  expect(rows).toEqual([{ users: new Set(visitors.map(email)).size }]);
  expect((await plumbline.ledger()).parked).toBe(0);
});

test("an account without a visitor, and a visitor without an account, need only one answer", async () => {
  const [visitorId] = listVisitors(true);
  const alone = await send({ visitorId, accountId: "" });
  const anonymous = await send({ visitorId: "_PENDO_T_8Xb2kQ", accountId: findAccount() });
  const nobody = await send({ visitorId: undefined, accountId: undefined });
  await plumbline.settleWithPendo();
  expect(await readEvent(alone)).toMatchObject({ user: { externalId: email(visitorId!) }, account: null });
  expect(await readEvent(anonymous)).toMatchObject({ user: null, account: { externalId: crmId(findAccount()) } });
  expect(await readEvent(nobody)).toMatchObject({ user: null, account: null });
});

describe("what has no answer", () => {
  test("an empty field parks, is asked about again by itself, and goes on once it is filled", async () => {
    const [visitorId] = listVisitors(false);
    const id = await send({ visitorId, accountId: undefined });
    await plumbline.settleWithPendo();
    const parked = await readDelivery(id);
    expect(parked).toMatchObject({ state: "parked", reason: "field-empty-for-visitor" });
    expect(parked.message).toContain("agent.email has no value");
    expect((await plumbline.get(`/users?externalId=${visitorId}`)).json.items).toEqual([]);

    pass(2);
    await plumbline.settleWithPendo();
    expect([countAggregations(), (await readDelivery(id)).attempts]).toEqual([2, parked.attempts]);

    simulator.people.setMetadata("visitor", visitorId!, "agent", { email: "filled@example.com" });
    pass(3);
    await plumbline.settleWithPendo();
    expect(await readEvent(id)).toMatchObject({ user: { externalId: "filled@example.com" } });
    simulator.people.setMetadata("visitor", visitorId!, "agent", { email: null });
  });

  test("somebody Pendo does not know yet parks, and goes on once Pendo knows them, with the time of then", async () => {
    const visitorId = `fresh-${connection.id}`;
    const id = await send({ visitorId, accountId: findAccount() }, "npsSubmitted", { nps: { rating: 0 } });
    await plumbline.settleWithPendo();
    expect(await readDelivery(id)).toMatchObject({ state: "parked", reason: "visitor-unknown-to-pendo" });
    for (let hour = 0; hour < 24; hour += 1) {
      pass(60);
      await tryParked();
      await plumbline.settleWithPendo();
    }
    expect(await readDelivery(id)).toMatchObject({ state: "parked", reason: "visitor-unknown-to-pendo" });
    simulator.people.create("visitor", visitorId);
    simulator.people.setMetadata("visitor", visitorId, "agent", { email: "fresh@example.com" });
    pass(6 * 60);
    await plumbline.settleWithPendo();
    expect((await plumbline.get("/nps-responses?user=fresh@example.com")).json.items).toMatchObject([
      { score: 0, respondedAt: "2021-07-20T18:07:11.000Z" },
    ]);
    // A day of waiting: asked about after 1, 2, 4 … minutes, six hours at most.
    expect(countAggregations()).toBeLessThan(20);
  });

  test("values that identify nobody are none, and never a user of strangers", async () => {
    const [visitorId] = listVisitors(true);
    const before = email(visitorId!);
    for (const nobody of ["undefined", "0", 0, "", null, "anonymous", ["null"], {}]) {
      simulator.people.setMetadata("visitor", visitorId!, "agent", { email: nobody });
      connection = await connectToPendo(plumbline, simulator, byMetadata);
      const id = await send({ visitorId, accountId: undefined });
      await plumbline.settleWithPendo();
      expect(await readDelivery(id)).toMatchObject({ state: "parked", reason: "field-empty-for-visitor" });
    }
    simulator.people.setMetadata("visitor", visitorId!, "agent", { email: before! });
  });
});

describe("while Pendo cannot be asked", () => {
  const trouble: [string, () => void | Promise<void>, () => void | Promise<void>, string][] = [
    ["the key is refused", () => setKey("wrong"), () => setKey(simulator.integrationKey), "key-refused"],
    ["there is no key", () => setKey(null), () => setKey(simulator.integrationKey), "key-missing"],
    [
      "the key is of another region",
      () => setPendoAccess(plumbline.settings, connection.id, { integrationKey: `${simulator.integrationKey}.eu` }),
      () => setKey(simulator.integrationKey),
      "wrong-region",
    ],
    ["it is down", () => simulator.faults.set([{ fault: 500 }]), () => simulator.faults.set([]), "pendo-in-trouble"],
    ["429", () => simulator.faults.set([{ fault: 429 }]), () => simulator.faults.set([]), "pendo-in-trouble"],
    [
      "half an answer",
      () => simulator.faults.set([{ fault: "cut" }]),
      () => simulator.faults.set([]),
      "pendo-in-trouble",
    ],
    [
      "an empty answer",
      () => simulator.faults.set([{ fault: "empty" }]),
      () => simulator.faults.set([]),
      "pendo-in-trouble",
    ],
    [
      "a page of a proxy",
      () => simulator.faults.set([{ fault: "html" }]),
      () => simulator.faults.set([]),
      "pendo-in-trouble",
    ],
    [
      "no connection",
      () => simulator.faults.set([{ fault: "reset" }]),
      () => simulator.faults.set([]),
      "pendo-not-reachable",
    ],
    [
      "no answer",
      () => simulator.faults.set([{ fault: "hang" }]),
      () => simulator.faults.set([]),
      "pendo-not-reachable",
    ],
    ["422", () => simulator.faults.set([{ fault: 422 }]), () => simulator.faults.set([]), "question-refused"],
  ];
  const setKey = (integrationKey: string | null) =>
    setPendoAccess(plumbline.settings, connection.id, { integrationKey });

  test.each(trouble)(
    "%s: what is known goes on, the rest says why and goes on by itself",
    async (_name, begin, end, reason) => {
      const [known, first, second] = listVisitors(true);
      await send({ visitorId: known, accountId: undefined });
      await plumbline.settleWithPendo();
      await begin();
      const goesOn = await send({ visitorId: known, accountId: undefined });
      const waits = [
        await send({ visitorId: first, accountId: undefined }),
        await send({ visitorId: second, accountId: undefined }),
      ];
      await plumbline.settleWithPendo();
      expect(await readDelivery(goesOn)).toMatchObject({ state: "recorded" });
      for (const id of waits) expect(await readDelivery(id)).toMatchObject({ state: "parked", reason });
      expect((await plumbline.get(`/deliveries?reason=${reason}&connection=${connection.id}`)).json.items).toHaveLength(
        2,
      );

      // Trying again is left off for longer each time.
      const pauses: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        pauses.push((await readConnection()).ask_again_at.getTime() - now.getTime());
        pass(pauses.at(-1)! / 60_000);
        await plumbline.settleWithPendo();
      }
      if (reason !== "question-refused") expect(pauses).toEqual([...pauses].sort((one, other) => one - other));
      for (const id of waits) expect((await readDelivery(id)).state).toBe("parked");

      await end();
      pass(60);
      await plumbline.settleWithPendo();
      for (const [index, id] of waits.entries())
        expect(await readEvent(id)).toMatchObject({ user: { externalId: email([first, second][index]!) } });
      expect(await readConnection()).toMatchObject({ asking_reason: null, asking_failures: 0, ask_again_at: null });
    },
  );

  test("a mended key frees what waits at once", async () => {
    await setKey("wrong");
    const [visitorId] = listVisitors(true);
    const id = await send({ visitorId, accountId: undefined });
    await plumbline.settleWithPendo();
    expect((await readDelivery(id)).reason).toBe("key-refused");
    await setKey(simulator.integrationKey);
    await plumbline.settleWithPendo();
    expect((await readDelivery(id)).state).toBe("recorded");
  });
});

describe("another mapping", () => {
  test("frees what waits at once, and what was read by the field of before counts for nothing", async () => {
    const [withoutEmail] = listVisitors(false);
    const id = await send({ visitorId: withoutEmail, accountId: findAccount() });
    await plumbline.settleWithPendo();
    expect((await readDelivery(id)).reason).toBe("field-empty-for-visitor");
    const saved = await setMapping(plumbline, connection, { userIdFrom: "crm_id" });
    expect(saved).toMatchObject({ isChanged: true, released: 1, mapping: { version: 3 }, warnings: [] });
    await plumbline.settleWithPendo();
    const { crm_id: externalId } = simulator.people.findMetadata("visitor", withoutEmail!)!.custom!;
    expect(await readEvent(id)).toMatchObject({ user: { externalId } });
    const { rows } = await plumbline.database.pool.query(
      "select mapping_version from events where connection_id = $1",
      [connection.id],
    );
    expect(rows).toEqual([{ mapping_version: 3 }]);
    // The accounts' field is the same: nobody was asked about them again.
    expect(countAggregations()).toBe(3);
  });

  test("back to Pendo's own ids frees what waits, without asking anybody", async () => {
    await setPendoAccess(plumbline.settings, connection.id, { integrationKey: null });
    const id = await send({ visitorId: "v-own", accountId: "a-own" });
    await plumbline.settleWithPendo();
    expect((await readDelivery(id)).reason).toBe("key-missing");
    await setMapping(plumbline, connection, { userIdFrom: null, accountIdFrom: null });
    await plumbline.settle();
    expect(await readEvent(id)).toMatchObject({ user: { externalId: "v-own" }, account: { externalId: "a-own" } });
  });
});
