// Messages that are sent twice, and deliveries of them that go through once more.
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendBodies, createPlace, type Place } from "../../test/support/inbox.ts";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { createUuid } from "../platform/uuid.ts";
import { sendThroughAgain } from "./inbox/deliveries-table.ts";
import { removeRecord } from "./remove-record.ts";
import { createWorker } from "./work-inbox.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const settle = (batchSize: number) =>
  createWorker({
    database: database.pool,
    log: silentLog,
    clock: () => new Date(),
    batchSize,
    onSettled: () => {},
    awaitTurn: async () => {},
  }).settleAll();

const send = (place: Place, messages: readonly object[], receivedAt?: Date) =>
  appendBodies(database.pool, { ...place, endpoint: "batch" }, [messages], receivedAt);

const readTraits = async ({ workspaceId }: Place) => {
  const { rows } = await database.pool.query("select name, value from traits where workspace_id = $1", [workspaceId]);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
};

const listMembers = async ({ workspaceId }: Place) => {
  const { rows } = await database.pool.query(
    `select u.external_id as user, a.external_id as account from account_users m
     join users u using (workspace_id, user_id) join accounts a using (workspace_id, account_id)
     where m.workspace_id = $1 order by 1, 2`,
    [workspaceId],
  );
  return rows.map(({ user, account }) => `${user} in ${account}`);
};

const plan = (value: string, messageId: string) => ({
  type: "account",
  accountId: "a",
  traits: { plan: value },
  messageId,
});

test.each([1, 3])(
  "one sent again by a client that waited too long undoes nothing newer, %i at once",
  async (batchSize) => {
    const place = await createPlace(database.pool, { kind: "analytics" });
    await send(place, [plan("old", "m-1")], new Date("2026-03-01T10:00:00Z"));
    await send(place, [plan("new", "m-2")], new Date("2026-03-01T10:00:01Z"));
    await send(place, [plan("old", "m-1")], new Date("2026-03-01T10:00:02Z"));
    await settle(batchSize);
    expect(await readTraits(place)).toEqual({ plan: "new" });
  },
);

test("of two with the same id in one batch the first counts", async () => {
  const place = await createPlace(database.pool, { kind: "analytics" });
  await send(place, [plan("old", "m-1"), plan("new", "m-2"), plan("old", "m-1")]);
  await settle(10);
  expect(await readTraits(place)).toEqual({ plan: "new" });
});

test("what was said of a deleted record comes back with its deliveries, in batches of any size", async () => {
  const place = await createPlace(database.pool, { kind: "analytics" });
  const at = (day: number) => ({ messageId: `m-${day}`, timestamp: `2026-03-0${day}T00:00:00Z` });
  const user = (accountId: string, day: number) => ({ type: "user", userId: "u", accountId, traits: {}, ...at(day) });
  const bodies = [
    { type: "account", accountId: "a", traits: { one: 1 }, ...at(1) },
    { type: "account", accountId: "a", traits: { two: 2 }, ...at(2) },
    user("a", 3),
    user("b", 4),
    { type: "unlink", userId: "u", accountId: "b", ...at(5) },
    { type: "account", accountId: "a", traits: { one: "later" }, ...at(6) },
  ];
  const ids: string[] = [];
  for (const body of bodies) ids.push(...(await send(place, [body])));
  await settle(10);
  const before = { traits: { one: "later", two: 2 }, members: ["u in a"] };
  const readAll = async () => ({ traits: await readTraits(place), members: await listMembers(place) });
  expect(await readAll()).toEqual(before);
  const { workspaceId } = place;
  for (const kind of ["account", "user"] as const) {
    const { rows } = await database.pool.query(
      `select ${kind}_id as id from ${kind}s where workspace_id = $1 and external_id in ('a', 'u')`,
      [workspaceId],
    );
    await removeRecord(database.pool, { workspaceId, kind, id: rows[0].id, at: new Date() });
  }
  expect(await readAll()).toEqual({ traits: {}, members: [] });
  for (const id of ids) {
    await inTransaction(database.pool, (tx) => sendThroughAgain(tx, workspaceId, [id]));
    await settle(1);
  }
  expect(await readAll()).toEqual(before);
});

test("a sender whose clock is ahead does not move the ids of what arrives here", async () => {
  const place = await createPlace(database.pool, { kind: "analytics" });
  const ahead = 20 * 60 * 60 * 1000;
  await send(place, [{ ...plan("ahead", "m-1"), timestamp: new Date(Date.now() + ahead).toISOString() }]);
  await settle(1);
  expect(await readTraits(place)).toEqual({ plan: "ahead" });
  const uuid = createUuid(Date.now());
  const timeOfUuid = Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16);
  expect(timeOfUuid - Date.now()).toBeLessThan(60_000);
});

test("sent through again, an old one leaves what people have changed meanwhile", async () => {
  const place = await createPlace(database.pool, { kind: "analytics" });
  const { workspaceId } = place;
  const ids = await send(place, [{ ...plan("said", "m-1"), timestamp: "2026-03-01" }]);
  await settle(1);
  await database.pool.query("update traits set value = '\"by hand\"' where workspace_id = $1", [workspaceId]);
  await sendThroughAgain(database.pool, workspaceId, ids);
  await settle(1);
  expect(await readTraits(place)).toEqual({ plan: "by hand" });
});

test("who is taken out of an account has changed, for those who ask what is new", async () => {
  const place = await createPlace(database.pool, { kind: "analytics" });
  const readUser = async () =>
    (await database.pool.query("select updated_at as at from users where workspace_id = $1", [place.workspaceId])).rows;
  await send(place, [{ type: "user", userId: "u", accountId: "a", traits: {}, messageId: "m-1" }]);
  await settle(1);
  const [before] = await readUser();
  await send(place, [{ type: "unlink", userId: "u", accountId: "a", messageId: "m-2" }]);
  await settle(1);
  const [after, ...others] = await readUser();
  expect(others).toEqual([]);
  expect(after.at > before.at).toBe(true);
  await send(place, [{ type: "unlink", userId: "u", accountId: "a", messageId: "m-3" }]);
  await settle(1);
  expect(await readUser()).toEqual([after]);
});

test("an event of a user alone goes where they were linked last, also by an event that does not tell its time", async () => {
  const place = await createPlace(database.pool, { kind: "analytics" });
  const track = (event: string, said: object) => ({
    type: "track",
    userId: "u",
    event,
    properties: {},
    messageId: event,
    ...said,
  });
  await send(place, [
    { type: "user", userId: "u", accountId: "first", traits: {}, messageId: "m", timestamp: "2026-03-01" },
  ]);
  await settle(1);
  await send(place, [track("acts", { accountId: "second" })]);
  await settle(1);
  await send(place, [track("alone", {})]);
  await settle(1);
  const { rows } = await database.pool.query(
    `select a.external_id from events e join accounts a using (workspace_id, account_id)
     where e.workspace_id = $1 and e.name = 'alone'`,
    [place.workspaceId],
  );
  expect(rows).toEqual([{ external_id: "second" }]);
});
