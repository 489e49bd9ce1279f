// Chapter 3: whose is it.
//
// A delivery claims to be about a visitor and an account. Under the default mapping Pendo's visitorId is the external ID
// of the user and Pendo's accountId that of the account (src/pipeline/match). Matching is exact: a wrong customer is
// worse than none.
import { afterAll, beforeAll, expect, test } from "vitest";
import { replayDeliveries } from "../../src/pipeline/inbox/replay-deliveries.ts";
import { createMissingAccounts } from "../../src/pipeline/match/accounts-table.ts";
import { createMissingUsers } from "../../src/pipeline/match/users-table.ts";
import { changeConnection } from "../../src/settings/connections.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

async function record(given: Record<string, unknown>): Promise<any> {
  const answer = await plumbline.send(
    await plumbline.connect(),
    createBody("trackEventReceived", { name: "Signed In" }, given),
  );
  await plumbline.settle();
  const { json } = await plumbline.get(`/deliveries/${JSON.parse(answer.body).deliveryId}`);
  expect(json.state).toBe("recorded");
  return (await plumbline.get(`/events/${json.made[0].id}`)).json;
}

test("an id without a record makes one, with its external ID and nothing else", async () => {
  const event = await record({ visitorId: "u-42", accountId: "Acme Corp" });
  expect(event).toMatchObject({
    user: { externalId: "u-42" },
    account: { externalId: "Acme Corp" },
    organization: null,
  });
  const user = (await plumbline.get(`/users/${event.user.id}`)).json;
  expect(user).toMatchObject({ externalId: "u-42", name: null, email: null, accounts: [{ externalId: "Acme Corp" }] });
});

test("an existing record is linked; ids are compared exactly", async () => {
  const first = await record({ visitorId: "Jo@Example.com", accountId: "acme" });
  expect((await record({ visitorId: "Jo@Example.com", accountId: "acme" })).user.id).toBe(first.user.id);
  for (const visitorId of ["jo@example.com", "Jo@Example.com ", "Jo@Example.co\u200Bm"]) {
    expect((await record({ visitorId, accountId: "acme" })).user).toMatchObject({ externalId: visitorId });
  }
  expect((await plumbline.get("/users?account=acme")).json.items).toHaveLength(4);
});

test("a user in two accounts: each event stays with the account of its time", async () => {
  const inFirst = await record({ visitorId: "consultant", accountId: "first" });
  const inSecond = await record({ visitorId: "consultant", accountId: "second" });
  expect(inFirst.user.id).toBe(inSecond.user.id);
  const { json } = await plumbline.get("/events?user=consultant");
  expect(json.items.map((event: { account: { externalId: string } }) => event.account.externalId).sort()).toEqual([
    "first",
    "second",
  ]);
  expect((await plumbline.get("/accounts?user=consultant")).json.items).toHaveLength(2);
});

test("without an account, without a visitor, without both: recorded for what there is", async () => {
  expect(await record({ visitorId: "alone", accountId: undefined })).toMatchObject({
    user: { externalId: "alone" },
    account: null,
  });
  expect(await record({ visitorId: undefined, accountId: "quiet" })).toMatchObject({
    user: null,
    account: { externalId: "quiet" },
  });
  expect(await record({ visitorId: undefined, accountId: null })).toMatchObject({ user: null, account: null });
});

test("ids that identify nobody make no user and no account; the event still counts for the other side", async () => {
  for (const nobody of [
    "",
    " ",
    "null",
    "NULL",
    "undefined",
    "0",
    "anonymous",
    "Anonymous",
    "[object Object]",
    '"null"',
    "'undefined'",
    "_PENDO_T_8Xb2kQ",
    0,
    {},
    [],
  ]) {
    expect(await record({ visitorId: nobody, accountId: "real" })).toMatchObject({
      user: null,
      account: { externalId: "real" },
    });
    expect(await record({ visitorId: "real-user", accountId: nobody })).toMatchObject({
      user: { externalId: "real-user" },
      account: null,
    });
  }
  expect((await plumbline.get("/users?account=real")).json.items).toEqual([]);
});

test("an id that cannot be kept exactly is refused a guess: the delivery fails, and says why", async () => {
  for (const visitorId of ["a\u0000b", "lone \ud800 surrogate", "x".repeat(1001)]) {
    const answer = await plumbline.send(
      await plumbline.connect(),
      createBody("trackEventReceived", { name: "x" }, { visitorId }),
    );
    await plumbline.settle();
    expect((await plumbline.get(`/deliveries/${JSON.parse(answer.body).deliveryId}`)).json).toMatchObject({
      state: "failed",
      reason: "id-unusable",
    });
  }
});

test("link only: what has no record is parked with its reason, and recorded once the record is there", async () => {
  const connection = await plumbline.connect();
  await changeConnection(plumbline.settings, connection.id, { missingRecords: "link" });
  const answer = await plumbline.send(
    connection,
    createBody("npsSubmitted", { nps: { rating: 3, reason: "slow" } }, { visitorId: "crm-1", accountId: "crm-a" }),
  );
  const path = `/deliveries/${JSON.parse(answer.body).deliveryId}`;
  await plumbline.settle();
  const parked = (await plumbline.get(path)).json;
  expect(parked).toMatchObject({ state: "parked", reason: "no-such-user" });
  expect(parked.message).toContain('"crm-1"');
  expect(parked.tryAt).not.toBeNull();
  expect((await plumbline.get("/users?externalId=crm-1")).json.items).toEqual([]);

  await createMissingUsers(
    plumbline.database.pool as never,
    plumbline.workspaceId,
    [{ externalId: "crm-1", madeByConnection: null }],
    new Date(),
  );
  await replayDeliveries(
    plumbline.database.pool,
    { state: "parked" },
    { note: async () => {}, recheckSignature: async () => false },
  );
  await plumbline.settle();
  expect((await plumbline.get(path)).json).toMatchObject({ state: "parked", reason: "no-such-account" });
  await createMissingAccounts(
    plumbline.database.pool as never,
    plumbline.workspaceId,
    [{ externalId: "crm-a", madeByConnection: null }],
    new Date(),
  );
  await replayDeliveries(
    plumbline.database.pool,
    { state: "parked" },
    { note: async () => {}, recheckSignature: async () => false },
  );
  await plumbline.settle();
  const { json } = await plumbline.get("/nps-responses?user=crm-1");
  // It arrives with its own time, however long it was parked.
  expect(json.items).toMatchObject([
    { score: 3, feedback: "slow", respondedAt: "2021-07-20T18:07:11.000Z", account: { externalId: "crm-a" } },
  ]);
});

test("two workspaces know nothing of each other", async () => {
  const { rows } = await plumbline.database.pool.query(
    "insert into workspaces (workspace_id, name) values (gen_random_uuid(), 'Other') returning workspace_id",
  );
  const { createConnection } = await import("../../src/settings/connections.ts");
  const other = await createConnection(plumbline.settings, { name: "Other", workspaceId: rows[0].workspace_id });
  const answer = await plumbline.send(
    other,
    createBody("trackEventReceived", { name: "Secret" }, { visitorId: "u-42", accountId: "Acme Corp" }),
  );
  await plumbline.settle();
  expect((await plumbline.get(`/deliveries/${JSON.parse(answer.body).deliveryId}`)).status).toBe(404);
  expect((await plumbline.get("/events?user=u-42")).json.items.map((event: { name: string }) => event.name)).toEqual([
    "Signed In",
  ]);
});
