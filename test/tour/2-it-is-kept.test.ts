// Chapter 2: it is kept.
//
// The inbox (src/pipeline/inbox) holds each delivery as it came, with a state: waiting, then recorded, duplicate,
// filtered, held, parked or failed. Nothing is ever in two states, and nothing in none: the ledger counts.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recheckSignature } from "../../src/pipeline/door/recheck-signature.ts";
import { discardHeld } from "../../src/pipeline/inbox/deliveries-table.ts";
import { createBodyPartitions, dropOldBodies } from "../../src/pipeline/inbox/delivery-bodies-table.ts";
import { replayDeliveries } from "../../src/pipeline/inbox/replay-deliveries.ts";
import { inTransaction } from "../../src/platform/database/transaction.ts";
import { changeConnection, rotateConnection } from "../../src/settings/connections.ts";
import { sendDelivery } from "../support/sender.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

let plumbline: TestApp;
let now = new Date("2026-03-10T12:00:00Z");
beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
});
afterAll(() => plumbline.stop());

const track = (given: Record<string, unknown> = {}) =>
  createBody("trackEventReceived", { name: "Signed In", eventProperties: {} }, given);
const noRecheck = { note: async () => {}, recheckSignature: async () => false };

async function stateOf(answer: {
  body: string;
}): Promise<{ state: string; reason: string | null; made: { type: string; id: string }[] }> {
  return (await plumbline.get(`/deliveries/${JSON.parse(answer.body).deliveryId}`)).json;
}

test("what arrives twice is recorded once; the second delivery says so, and what it is a duplicate of", async () => {
  const connection = await plumbline.connect();
  const body = track();
  const first = await plumbline.send(connection, body);
  const second = await plumbline.send(connection, body);
  await plumbline.settle();
  expect(await stateOf(first)).toMatchObject({ state: "recorded", reason: null });
  expect(await stateOf(second)).toMatchObject({
    state: "duplicate",
    reason: "already-recorded",
    made: (await stateOf(first)).made,
  });
  // The same uniqueId from another connection is another event: ids are only unique within a subscription.
  const other = await plumbline.send(await plumbline.connect(), body);
  await plumbline.settle();
  expect(await stateOf(other)).toMatchObject({ state: "recorded" });
});

test("without a uniqueId, the same bytes are the same event", async () => {
  const connection = await plumbline.connect();
  const answers = [];
  for (const name of ["A", "A", "B"])
    answers.push(
      await plumbline.send(connection, {
        event: "trackEventReceived",
        properties: { name },
        visitorId: "u",
        timestamp: 1626804431,
      }),
    );
  await plumbline.settle();
  expect(await Promise.all(answers.map(async (answer) => (await stateOf(answer)).state))).toEqual([
    "recorded",
    "duplicate",
    "recorded",
  ]);
});

test("test messages, unknown kinds and kinds that are switched off are kept as filtered, with the reason", async () => {
  const connection = await plumbline.connect();
  await changeConnection(plumbline.settings, connection.id, { filteredKinds: ["guideDisplayed"] });
  const answers = [];
  for (const kind of ["ping", "pageLoaded", "guideDisplayed"])
    answers.push(await plumbline.send(connection, createBody(kind, { guideId: "g" })));
  await plumbline.settle();
  expect(await Promise.all(answers.map(async (answer) => (await stateOf(answer)).reason))).toEqual([
    "test-message",
    "unknown-kind",
    "kind-switched-off",
  ]);

  // An unknown kind can be recorded as a plain event, those already kept included.
  await changeConnection(plumbline.settings, connection.id, { recordedKinds: ["pageLoaded"], filteredKinds: [] });
  const replay = await replayDeliveries(
    plumbline.database.pool,
    { connection: connection.id, state: "filtered" },
    noRecheck,
  );
  expect(replay).toMatchObject({ matched: 3, replayed: 3 });
  await plumbline.settle();
  expect(await Promise.all(answers.map(async (answer) => (await stateOf(answer)).state))).toEqual([
    "filtered",
    "recorded",
    "recorded",
  ]);
});

test("while the connection is off everything is held; later it is processed or discarded", async () => {
  const connection = await plumbline.connect();
  await changeConnection(plumbline.settings, connection.id, { isOn: false });
  const answers = [await plumbline.send(connection, track()), await plumbline.send(connection, track())];
  await plumbline.settle();
  expect(await stateOf(answers[0]!)).toMatchObject({ state: "held", reason: "connection-off" });
  await changeConnection(plumbline.settings, connection.id, { isOn: true });
  await replayDeliveries(plumbline.database.pool, { id: JSON.parse(answers[0]!.body).deliveryId }, noRecheck);
  await plumbline.settle();
  expect((await stateOf(answers[0]!)).state).toBe("recorded");
  expect(await discardHeld(plumbline.database.pool, plumbline.workspaceId, connection.id, now)).toBe(1);
  expect(await stateOf(answers[1]!)).toMatchObject({ state: "filtered", reason: "discarded-while-off" });
});

test("a replay changes nothing that was recorded", async () => {
  const connection = await plumbline.connect();
  const answer = await plumbline.send(connection, track());
  await plumbline.settle();
  const before = await stateOf(answer);
  await replayDeliveries(
    plumbline.database.pool,
    { connection: connection.id, since: "2026-03-10T11:00:00Z", until: "2026-03-10T13:00:00Z" },
    noRecheck,
  );
  await plumbline.settle();
  expect(await stateOf(answer)).toMatchObject({ state: "recorded", made: before.made });
  expect((await plumbline.get(`/events/${before.made[0]!.id}`)).status).toBe(200);
});

test("what was refused for its signature is let in once the secret is mended, and only then", async () => {
  const connection = await plumbline.connect("mistyped");
  const answer = await sendDelivery(connection.url, JSON.stringify(track()), { secret: "right" });
  expect(answer.status).toBe(401);
  const forged = await sendDelivery(connection.url, JSON.stringify(track()), { secret: "forged" });
  expect(forged.status).toBe(401);
  const recheck = {
    note: async () => {},
    recheckSignature: (delivery: Parameters<typeof recheckSignature>[2]) =>
      recheckSignature(plumbline.database.pool, plumbline.settings.secretBox, delivery, now),
  };
  expect(
    await replayDeliveries(plumbline.database.pool, { connection: connection.id, state: "refused" }, recheck),
  ).toMatchObject({ matched: 2, replayed: 0 });
  await rotateConnection(plumbline.settings, {
    connectionId: connection.id,
    address: false,
    secret: "right",
    removeSecret: false,
    graceMinutes: 0,
  });
  // A replay of everything leaves refused deliveries alone; they have to be asked for.
  expect(await replayDeliveries(plumbline.database.pool, { connection: connection.id }, recheck)).toMatchObject({
    matched: 0,
  });
  expect(
    await replayDeliveries(plumbline.database.pool, { connection: connection.id, state: "refused" }, recheck),
  ).toMatchObject({ matched: 2, replayed: 1 });
  await plumbline.settle();
  const { json } = await plumbline.get(`/deliveries?connection=${connection.id}`);
  expect(json.items.map((one: { state: string }) => one.state).sort()).toEqual(["recorded", "refused"]);
});

test("what cannot be recorded fails alone; its neighbours are recorded", async () => {
  const connection = await plumbline.connect();
  const good = [await plumbline.send(connection, track()), await plumbline.send(connection, track())];
  // A row that is in the way of one delivery stands for whatever the database may refuse one day.
  const poison = await plumbline.send(
    connection,
    createBody("npsSubmitted", { nps: { rating: 7 } }, { visitorId: "poison" }),
  );
  await plumbline.database.pool.query(
    "alter table nps_responses add constraint refuses_poison check (pendo_visitor_id <> 'poison')",
  );
  const more = await plumbline.send(connection, track());
  await plumbline.settle();
  await plumbline.database.pool.query("alter table nps_responses drop constraint refuses_poison");
  for (const answer of [...good, more]) expect((await stateOf(answer)).state).toBe("recorded");
  expect(await stateOf(poison)).toMatchObject({ state: "failed", reason: "not-recordable" });
  await replayDeliveries(plumbline.database.pool, { state: "failed" }, noRecheck);
  await plumbline.settle();
  expect((await stateOf(poison)).state).toBe("recorded");
});

test("raw bodies are deleted after their time, a day at once; what still waits for somebody keeps its body", async () => {
  const connection = await plumbline.connect();
  now = new Date("2026-01-05T10:00:00Z");
  await createBodyPartitions(plumbline.database.pool, now);
  const recorded = await plumbline.send(connection, track());
  await plumbline.settle();
  await changeConnection(plumbline.settings, connection.id, { isOn: false });
  const held = await plumbline.send(connection, track());
  await plumbline.settle();
  now = new Date("2026-03-10T12:00:00Z");
  const dropped = await inTransaction(plumbline.database.pool, (tx) =>
    dropOldBodies(tx, new Date("2026-02-08T12:00:00Z")),
  );
  expect(dropped.partitions).toContain("delivery_bodies_2026_01_05");
  const bodyOf = async (answer: { body: string }) =>
    (await plumbline.get(`/deliveries/${JSON.parse(answer.body).deliveryId}`)).json.body;
  expect(await bodyOf(recorded)).toBeNull();
  expect(await bodyOf(held)).toContain("Signed In");
  // A delivery whose body is gone cannot be replayed, and a replay says so.
  const replay = await replayDeliveries(
    plumbline.database.pool,
    { id: JSON.parse(recorded.body).deliveryId },
    noRecheck,
  );
  expect(replay).toMatchObject({ replayed: 0, leftOut: [{ why: "Its raw body has been deleted." }] });
});

test("the ledger balances after all of this, and tells of a row that is missing", async () => {
  const ledger = await plumbline.ledger();
  expect(ledger).toMatchObject({ waiting: 0, difference: 0 });
  expect(ledger.received).toBeGreaterThanOrEqual(20);
  const { rows } = await plumbline.database.pool.query(
    "delete from deliveries where delivery_id = (select max(delivery_id::text)::uuid from deliveries) returning delivery_id",
  );
  expect(rows).toHaveLength(1);
  expect((await plumbline.ledger()).difference).toBe(1);
  expect((await plumbline.get(`/deliveries/${randomUUID()}`)).status).toBe(404);
});
