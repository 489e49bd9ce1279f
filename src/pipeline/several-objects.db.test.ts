// Deliveries with several objects: each object ends on its own, whoever sent it, and the delivery waits for all of them.
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendBodies, createPlace, type Place } from "../../test/support/inbox.ts";
import { createBody } from "../../test/support/test-app.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { releaseParkedFor, releaseParkedOf } from "./inbox/deliveries-table.ts";
import { listItems } from "./inbox/delivery-items-table.ts";
import { listParkedFor } from "./inbox/parked-queries.ts";
import { removeRecord } from "./remove-record.ts";
import { saveRecords } from "./save-records.ts";
import { createWorker } from "./work-inbox.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const settle = () =>
  createWorker({
    database: database.pool,
    log: silentLog,
    clock: () => new Date(),
    batchSize: 10,
    onSettled: () => {},
    awaitTurn: async () => {},
  }).settleAll();

const read = async ({ workspaceId }: Place, text: string) =>
  (await database.pool.query(text.replaceAll("{}", "workspace_id = $1"), [workspaceId])).rows;
const state = async (place: Place) => (await read(place, "select state, reason, detail from deliveries where {}"))[0];

const track = (name: string) => ({
  type: "track",
  accountId: "a",
  event: name,
  properties: {},
  messageId: name,
});

test.each([
  ["messages", "analytics", (name: string) => track(name)],
  ["webhooks", "pendo", (name: string) => createBody("trackEventReceived", { name }, { accountId: "a" })],
] as const)("an object that only the database refuses stands alone among its neighbours: %s", async (_, kind, make) => {
  await database.pool.query("alter table events add constraint poison check (name <> 'poison')");
  const place = await createPlace(database.pool, { kind });
  const endpoint = kind === "analytics" ? { endpoint: "batch" } : {};
  const names = ["one", "two", "poison", "four", "five"];
  const [id] = await appendBodies(database.pool, { ...place, ...endpoint }, [names.map(make)]);
  await appendBodies(database.pool, { ...place, ...endpoint }, [[make("beside")]]);
  await settle();
  await database.pool.query("alter table events drop constraint poison");
  const { rows } = await database.pool.query("select state, detail from deliveries where delivery_id = $1", [id]);
  expect(rows).toMatchObject([
    { state: "failed", detail: expect.stringContaining("5 objects: 1 failed, 4 recorded. Object 3: ") },
  ]);
  expect(await listItems(database.pool, place.workspaceId, id!)).toMatchObject([
    { place: 3, state: "failed", reason: "not-recordable", message: expect.stringContaining("poison") },
  ]);
  const events = await read(place, "select name from events where {} order by name");
  expect(events.map(({ name }) => name)).toEqual(["beside", "five", "four", "one", "two"]);
});

const linksOnly = { missingRecords: "link" } as const;
const visit = (visitorId: string) => createBody("trackEventReceived", { name: "Seen" }, { visitorId, accountId: "" });
const save = ({ workspaceId }: Place, externalId: string) =>
  saveRecords(database.pool, { workspaceId, kind: "user", source: "import", at: new Date() }, [
    { externalId, traits: [] },
  ]);

test("a webhook with several objects goes on with the record of each of them", async () => {
  const place = await createPlace(database.pool, { rules: linksOnly });
  await appendBodies(database.pool, place, [[visit("first"), visit("second"), visit("third")]]);
  await settle();
  expect(await state(place)).toMatchObject({ state: "parked", detail: expect.stringMatching(/^3 objects: 3 parked/) });
  for (const [externalId, left] of [
    ["third", 2],
    ["second", 1],
    ["first", 0],
  ] as const) {
    expect((await save(place, externalId)).released, externalId).toBe(1);
    await settle();
    expect(await read(place, "select from delivery_items where {}"), externalId).toHaveLength(left);
  }
  expect(await state(place)).toMatchObject({ state: "recorded", detail: "3 objects: 3 recorded." });
  expect(await read(place, "select from events where {}")).toHaveLength(3);
});

test("it is released for any of its visitors, and for the reason of any of its objects, once", async () => {
  const place = await createPlace(database.pool, { rules: linksOnly });
  await appendBodies(database.pool, place, [[visit("first"), { ...visit(""), accountId: "second" }]]);
  const park = async () => {
    await settle();
    expect(await state(place)).toMatchObject({ state: "parked", reason: "no-such-user" });
  };
  await park();
  const { workspaceId } = place;
  expect(await listParkedFor(database.pool, workspaceId, { account: ["second"] })).toHaveLength(1);
  expect(await listParkedFor(database.pool, workspaceId, { user: ["second"] })).toHaveLength(0);
  expect(await releaseParkedOf(database.pool, { ...place, kind: "account" }, ["other"])).toBe(0);
  expect(await releaseParkedOf(database.pool, { ...place, kind: "account" }, ["second"])).toBe(1);
  await park();
  expect(await releaseParkedOf(database.pool, { ...place, kind: "visitor" }, ["first"])).toBe(1);
  await park();
  expect(await releaseParkedFor(database.pool, place, ["no-such-organization"])).toBe(0);
  expect(await releaseParkedFor(database.pool, place, ["no-such-account"])).toBe(1);
  await park();
  expect(await releaseParkedFor(database.pool, place, ["no-such-user", "no-such-account"])).toBe(1);
});

test("a record that is deleted and sent again is made from nothing, and what was said of it before counts no more", async () => {
  const place = await createPlace(database.pool, { kind: "analytics" });
  const say = async (day: number, traits: object) => {
    const message = { type: "user", userId: "u", accountId: "a", traits, timestamp: `2026-01-0${day}` };
    await appendBodies(database.pool, { ...place, endpoint: "batch" }, [[message]]);
    await settle();
  };
  await say(5, { plan: "pro" });
  for (const kind of ["user", "account"] as const) {
    const [{ id }] = await read(place, `select ${kind}_id as id from ${kind}s where {}`);
    expect(await removeRecord(database.pool, { workspaceId: place.workspaceId, kind, id, at: new Date() })).toBe(true);
  }
  for (const table of ["record_sayings", "membership_sayings", "traits"])
    expect(await read(place, `select from ${table} where {}`), table).toEqual([]);
  await say(3, { plan: "basic" });
  expect(await read(place, "select value from traits where {}")).toEqual([{ value: "basic" }]);
  expect(await read(place, "select from account_users where {}")).toHaveLength(1);
  // Sent through once more, the first delivery says anew what it said, and it is the newer of the two; when they are gone it
  // brings them back.
  const replay = async () => {
    await database.pool.query("update deliveries set state = 'waiting' where workspace_id = $1", [place.workspaceId]);
    await settle();
    return (await read(place, "select value from traits where {}")).map(({ value }) => value);
  };
  expect(await replay()).toEqual(["pro"]);
  const [{ id }] = await read(place, "select user_id as id from users where {}");
  await removeRecord(database.pool, { workspaceId: place.workspaceId, kind: "user", id, at: new Date() });
  expect(await replay()).toEqual(["pro"]);
});
