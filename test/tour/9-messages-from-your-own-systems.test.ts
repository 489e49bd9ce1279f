// Chapter 9: messages from your own systems.
//
// Not everything comes from Pendo. The customer's own backend, or whatever speaks Vitally's Analytics API already, sends messages
// to /analytics/v1/ (src/vitally/analytics): organizations, accounts, users, tracks, unlinks, one by one or a hundred in a batch.
// A request is a delivery like a webhook: on disk before it is answered, in the log, in the ledger. What was said last counts,
// and not what came last.
import { afterAll, beforeAll, expect, test } from "vitest";
import { changeConnection, createConnection, rotateConnection } from "../../src/settings/connections.ts";
import { createAnalyticsClient } from "../support/analytics.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

const read = async (path: string) => (await plumbline.get(path)).json;
const connect = async () => {
  const connection = await createConnection(plumbline.settings, { name: "Backend", kind: "analytics" });
  return { ...connection, ...createAnalyticsClient(connection) };
};
const lastDelivery = async () => {
  const { items } = await read("/deliveries?limit=1");
  return read(`/deliveries/${items[0].id}`);
};
let count = 0;
const messageId = () => `message-${++count}`;
const success = { status: 200, body: '{"message":"Success."}' };

test("a batch as Vitally's page shows it becomes an account in its organization, a user in it, and an event", async () => {
  const { send } = await connect();
  const answer = await send("batch", [
    {
      type: "account",
      accountId: "123",
      organizationId: "org1",
      traits: { name: "Argentina", seats: 40 },
      messageId: messageId(),
      timestamp: "2018-05-15T12:31:12.123Z",
    },
    {
      type: "user",
      userId: 32,
      accountId: 123,
      traits: { email: "u32@acme.example", createdAt: "2018-01-02", role: "captain" },
      messageId: messageId(),
      timestamp: "2018-05-15T12:31:12.123Z",
    },
    {
      type: "track",
      userId: "32",
      accountId: "123",
      event: "scored-goal",
      properties: { minute: 90 },
      messageId: messageId(),
      timestamp: "2018-05-15T12:31:12.123Z",
    },
  ]);
  expect(answer).toMatchObject(success);
  await plumbline.settle();
  expect(await lastDelivery()).toMatchObject({ state: "recorded", endpoint: "batch", kind: "account", items: [] });
  expect(await read("/accounts/123")).toMatchObject({
    name: "Argentina",
    organization: { externalId: "org1" },
    usersCount: 1,
    traits: { seats: 40 },
  });
  expect(await read("/users/32")).toMatchObject({
    email: "u32@acme.example",
    accounts: [{ externalId: "123" }],
    organizations: [{ externalId: "org1" }],
    traits: { role: "captain" },
  });
  const { items } = await read("/events?account=123");
  expect(items).toMatchObject([
    {
      kind: "track",
      name: "scored-goal",
      source: "analytics-api",
      properties: { minute: 90 },
      occurredAt: "2018-05-15T12:31:12.123Z",
      timeFlag: null,
      user: { externalId: "32" },
    },
  ]);
  expect((await read(`/events/${items[0].id}`)).why).toMatchObject({
    user: { text: "userId 32" },
    account: { text: "accountId 123" },
  });
});

test("the token is taken as clients write it; a wrong one is answered 401, and a webhook's address is no token", async () => {
  const { send, token } = await connect();
  const webhook = await plumbline.connect();
  const track = () => ({ event: "seen", properties: {}, accountId: "123", messageId: messageId() });
  const encoded = Buffer.from(`${token}:`).toString("base64");
  for (const authorization of [`Basic ${token}`, `Basic ${encoded}`, `Bearer ${token}`, `basic  ${token}`, token!])
    expect(await send("track", track(), { authorization }), authorization).toMatchObject(success);
  const address = webhook.url.split("/").at(-1);
  for (const authorization of [
    "Basic wrong",
    `Basic ${address}`,
    `Basic ${token}x`,
    "",
    `Basic ${"x".repeat(9_000)}`,
  ]) {
    const answer = await send("track", track(), { authorization });
    expect(answer.status, authorization).toBe(401);
    expect(JSON.parse(answer.body)).toEqual({ error: expect.any(String) });
  }
  // Nor is a token an address.
  const knocked = await plumbline.send(
    { ...webhook, url: webhook.url.replace(address!, token!) },
    createBody("ping", {}),
  );
  expect(knocked.status).toBe(404);
});

test("what cannot be taken in is refused with a sentence, and kept as refused", async () => {
  const { send, id } = await connect();
  const timestamp = "2026-01-01T00:00:00Z";
  const cases: [string, unknown, number, string][] = [
    ["track", "{", 400, "The body is not valid JSON."],
    ["track", [{}], 400, "The endpoint takes one message"],
    ["track", { properties: {}, userId: "u", timestamp }, 400, "`event`, the name, is missing."],
    ["track", { event: "x", userId: "u", timestamp }, 400, "`properties` is missing; it may be {}."],
    ["track", { event: "x", properties: {}, timestamp }, 400, "`userId`, `accountId` or `organizationId`"],
    ["track", { event: "x", properties: {}, userId: "u" }, 400, "`messageId` or `timestamp` is needed"],
    ["track", { event: "x", properties: [], userId: "u", timestamp }, 400, "`properties` is no JSON object."],
    ["user", { userId: "u", accountId: "a", timestamp }, 400, "`traits` is missing"],
    ["user", { userId: "undefined", accountId: "a", traits: {}, timestamp }, 400, "identifies nobody"],
    ["user", { userId: true, accountId: "a", traits: {}, timestamp }, 400, "`userId` is neither a text nor a number."],
    ["user", { userId: "x".repeat(1_001), traits: {}, timestamp }, 400, "`userId` is longer than 1,000 bytes"],
    ["account", { traits: { name: "?" }, timestamp }, 400, "`accountId` is missing."],
    ["organization", { traits: {}, timestamp }, 400, "`organizationId` is missing."],
    ["unlink", { userId: "u", timestamp }, 400, "`accountId` is missing."],
    ["batch", {}, 400, "1 to 100 messages"],
    ["batch", [], 400, "1 to 100 messages"],
    ["batch", Array.from({ length: 101 }, () => ({})), 400, "1 to 100 messages"],
    ["batch", [{ type: "account", timestamp }, 7], 400, "Message 1: `accountId` is missing."],
    ["identify", { userId: "u" }, 404, "messages of the types"],
  ];
  for (const [endpoint, body, status, sentence] of cases) {
    const answer = await send(endpoint, body);
    expect(answer.status, sentence).toBe(status);
    expect(JSON.parse(answer.body).error).toContain(sentence);
  }
  const { items } = await read(`/deliveries?connection=${id}&state=refused&limit=100`);
  expect(items).toHaveLength(cases.length);
  expect(items.at(-3)).toMatchObject({ endpoint: "track", message: expect.stringContaining("`event`, the name") });
  expect((await send("track", "x".repeat(1024 * 1024 + 1))).status).toBe(413);
});

test("a bad message in a batch does not take its neighbours along: which it is, and why, is told", async () => {
  const { send } = await connect();
  const good = (name: string) => ({
    type: "track",
    event: name,
    properties: {},
    userId: "mixed",
    accountId: "mixed",
    messageId: messageId(),
  });
  const answer = await send("batch", [
    good("first"),
    { ...good("no"), event: "" },
    "no message at all",
    { type: "customobjectinstance", id: 1 },
    { ...good("no"), properties: null },
    { ...good("last"), type: "track" },
  ]);
  expect(answer).toMatchObject(success);
  await plumbline.settle();
  const delivery = await lastDelivery();
  expect(delivery).toMatchObject({
    state: "failed",
    reason: "message-unusable",
    message:
      "The message lacks what its type needs. 6 objects: 3 failed, 2 recorded, 1 filtered. Object 2: `event`, the name, is missing. Object 3: It is no JSON object. Object 5: `properties` is missing; it may be {}.",
    items: [
      { place: 2, state: "failed", kind: "track", pendo: { visitorId: "mixed", accountId: "mixed" } },
      { place: 3, state: "failed", kind: null },
      { place: 4, state: "filtered", reason: "unknown-type", kind: "customobjectinstance" },
      { place: 5, state: "failed" },
    ],
  });
  expect(delivery.made).toHaveLength(2);
  const { items } = await read("/events?user=mixed");
  expect(items.map((event: { name: string }) => event.name).sort()).toEqual(["first", "last"]);
});

test("traits are merged, null takes away, and what was said earlier says nothing when it comes later", async () => {
  const { send } = await connect();
  const say = (seconds: number, traits: object) =>
    send("account", {
      accountId: "merged",
      traits,
      messageId: messageId(),
      timestamp: `2026-02-01T00:00:${String(seconds).padStart(2, "0")}Z`,
    });
  await say(10, { name: "Ten", plan: "pro", seats: 10, gone: "here" });
  await say(30, { plan: "team", gone: null });
  await plumbline.settle();
  await say(20, { name: "Twenty", plan: "basic", gone: "back again", late: true });
  await plumbline.settle();
  expect(await read("/accounts/merged")).toMatchObject({
    name: "Twenty",
    traits: { plan: "team", seats: 10, late: true },
  });
  expect((await read("/accounts/merged")).traits).not.toHaveProperty("gone");
  const traits = (await read("/accounts/merged/traits")).items;
  expect(traits.find(({ name }: { name: string }) => name === "plan")).toMatchObject({
    source: "analytics",
    readAt: "2026-02-01T00:00:30.000Z",
  });
});

test("the same message once more is a duplicate, by its id or by what it says", async () => {
  const { send, id } = await connect();
  const known = { userId: "twice", accountId: "twice", traits: { a: 1 }, messageId: messageId() };
  const unnamed = {
    userId: "twice",
    accountId: "twice",
    event: "e",
    properties: {},
    timestamp: "2026-02-01T00:00:00Z",
  };
  for (let time = 0; time < 3; time += 1) {
    await send("user", known);
    await send("batch", [{ ...unnamed, type: "track" }]);
    await send("track", unnamed);
    await plumbline.settle();
  }
  const { items } = await read(`/deliveries?connection=${id}&limit=100`);
  expect(items.map(({ state }: { state: string }) => state).sort()).toEqual([
    ...Array.from({ length: 7 }, () => "duplicate"),
    "recorded",
    "recorded",
  ]);
  expect((await read("/events?user=twice")).items).toHaveLength(1);
});

test("a user without account waits, is listed, and goes on as soon as it is linked, whoever links it", async () => {
  const { send, id } = await connect();
  await send("user", { userId: "orphan", traits: { role: "new" }, messageId: messageId() });
  await send("track", { userId: "orphan", event: "early", properties: {}, messageId: messageId() });
  await send("user", { userId: "orphan-2", traits: { role: "of pendo" }, messageId: messageId() });
  await plumbline.settle();
  const parked = await read(`/parked?connection=${id}`);
  expect(parked.items).toMatchObject([
    { reason: "user-without-account", count: 3, message: expect.stringContaining("in no account or organization") },
  ]);
  expect((await plumbline.get("/users/orphan")).status).toBe(404);
  await send("user", { userId: "orphan", accountId: "home", traits: {}, messageId: messageId() });
  const webhook = await plumbline.connect();
  const visitor = { visitorId: "orphan-2", accountId: "" };
  await plumbline.send(webhook, createBody("trackEventReceived", { name: "Seen" }, visitor));
  await plumbline.settle();
  expect((await read(`/parked?connection=${id}`)).items).toMatchObject([{ count: 1 }]);
  await plumbline.send(webhook, createBody("trackEventReceived", { name: "Seen" }, { ...visitor, accountId: "home" }));
  await plumbline.settle();
  expect((await read(`/parked?connection=${id}`)).items).toEqual([]);
  expect(await read("/users/orphan")).toMatchObject({ traits: { role: "new" }, accounts: [{ externalId: "home" }] });
  expect(await read("/users/orphan-2")).toMatchObject({ traits: { role: "of pendo" } });
  const { items } = await read("/events?user=orphan");
  expect(items).toMatchObject([{ name: "early", account: { externalId: "home" } }]);
  expect((await read(`/events/${items[0].id}`)).why.account.text).toBe("where the user was last: home");
});

test("a batch with several users who wait goes on with each of them", async () => {
  const { send, id } = await connect();
  const users = ["waits-1", "waits-2", "waits-3"];
  await send(
    "batch",
    users.map((userId) => ({ type: "user", userId, traits: { waited: true }, messageId: messageId() })),
  );
  await plumbline.settle();
  // The second is not the one that the delivery goes by.
  for (const [index, userId] of [users[1], users[2], users[0]].entries()) {
    await send("user", { userId, organizationId: "waits", traits: {}, messageId: messageId() });
    await plumbline.settle();
    expect(await read(`/users/${userId}`)).toMatchObject({ traits: { waited: true } });
    expect((await read(`/parked?connection=${id}`)).items).toHaveLength(index < 2 ? 1 : 0);
  }
});

test("an event of a user alone goes to the account the user was linked to last", async () => {
  const { send } = await connect();
  const link = (accountId: string, day: number) =>
    send("user", { userId: "moves", accountId, traits: {}, messageId: messageId(), timestamp: `2026-03-0${day}` });
  await link("newer", 5);
  await link("older", 2);
  await plumbline.settle();
  await send("track", { userId: "moves", event: "alone", properties: {}, messageId: messageId() });
  await plumbline.settle();
  expect((await read("/events?user=moves")).items).toMatchObject([{ account: { externalId: "newer" } }]);
});

test("unlink takes a user out of an account; a message of an earlier time does not bring it back, a later one does", async () => {
  const { send } = await connect();
  const at = (day: number) => ({ messageId: messageId(), timestamp: `2026-03-0${day}T00:00:00Z` });
  const link = (day: number) => send("user", { userId: "leaver", accountId: "left", traits: {}, ...at(day) });
  const accounts = async () => (await read("/users/leaver")).accounts.map((one: any) => one.externalId);
  await send("user", { userId: "leaver", accountId: "stays", traits: {}, ...at(1) });
  await link(2);
  await plumbline.settle();
  expect((await accounts()).sort()).toEqual(["left", "stays"]);
  await send("unlink", { userId: "leaver", accountId: "left", ...at(4) });
  await plumbline.settle();
  expect(await accounts()).toEqual(["stays"]);
  await link(3);
  await send("track", { userId: "leaver", accountId: "left", event: "x", properties: {}, ...at(3) });
  await plumbline.settle();
  expect(await accounts()).toEqual(["stays"]);
  await link(5);
  await plumbline.settle();
  expect((await accounts()).sort()).toEqual(["left", "stays"]);
  // Before there is anything to unlink.
  await send("unlink", { userId: "nobody-yet", accountId: "left", ...at(4) });
  await send("user", { userId: "nobody-yet", accountId: "left", traits: {}, ...at(3) });
  await plumbline.settle();
  expect(await read("/users/nobody-yet")).toMatchObject({ accounts: [] });
});

test("types that are switched off are refused, in a batch filtered; a connection that is off holds, one that only links parks", async () => {
  const { send, id } = await connect();
  const account = (accountId: string) => ({ type: "account", accountId, traits: {}, messageId: messageId() });
  const track = (accountId: string) => ({
    type: "track",
    accountId,
    event: "e",
    properties: {},
    messageId: messageId(),
  });
  await changeConnection(plumbline.settings, id, { filteredKinds: ["track"], missingRecords: "link" });
  await expect.poll(async () => (await send("track", track("123"))).status).toBe(400);
  expect(await send("batch", [track("123"), account("123")])).toMatchObject(success);
  expect(await send("batch", [account("unheard-of"), account("123")])).toMatchObject(success);
  await plumbline.settle();
  const { items } = await read(`/deliveries?connection=${id}&limit=2`);
  expect(items).toMatchObject([
    { state: "parked", reason: "no-such-account", message: expect.stringContaining('"unheard-of"') },
    { state: "recorded", message: "2 objects: 1 recorded, 1 filtered." },
  ]);
  await changeConnection(plumbline.settings, id, { isOn: false });
  expect(await send("account", account("123"))).toMatchObject(success);
  await plumbline.settle();
  expect(await lastDelivery()).toMatchObject({ state: "held", reason: "connection-off" });
});

test("odd times are flagged as those of Pendo are, and a token can be changed while the old one goes on working", async () => {
  const { send, id } = await connect();
  const rotated = await rotateConnection(plumbline.settings, {
    connectionId: id,
    address: true,
    removeSecret: false,
    graceMinutes: 5,
  });
  const fresh = createAnalyticsClient({ url: rotated.url!, token: rotated.token });
  const track = (timestamp: unknown) => ({
    accountId: "odd",
    event: "e",
    properties: {},
    messageId: messageId(),
    timestamp,
  });
  await send("track", track("yesterday"));
  await fresh.send("track", track("2999-01-01"));
  await fresh.send("track", track(1_767_225_600));
  await plumbline.settle();
  const { items } = await read("/events?account=odd");
  expect(items.map((event: any) => event.timeFlag).sort()).toEqual(["in-future", null, "unreadable"].sort());
});

test("the ledger balances over all of it", async () => {
  expect(await plumbline.ledger()).toMatchObject({ difference: 0, waiting: 0 });
});
