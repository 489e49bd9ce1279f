// Chapter 7: whose is it, by Pendo's metadata.
//
// Where Pendo's ids are not the external IDs that other tools know, a field of Pendo's metadata may hold them: agent.email,
// custom.crm_id. With an integration key Plumbline reads what every visitor and account is called (src/pipeline/
// read-identities.ts), asks for those it does not know yet, hundreds at once (src/pipeline/identify-wanted.ts), and lets
// what waits for an answer wait: a wrong customer is worse than a late one. Pendo is a simulated one here, asked over HTTP.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { startDueReadings } from "../../src/pipeline/read-identities.ts";
import { type CreatedConnection, changeConnection } from "../../src/settings/connections.ts";
import { setPendoAccess } from "../../src/settings/integration-keys.ts";
import { setHierarchy } from "../../src/settings/workspaces-table.ts";
import { setMapping } from "../support/pendo.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

let now = new Date("2026-11-20T15:00:00.000Z");
let pendo: PendoSimulator;
let plumbline: TestApp;
let connection: CreatedConnection;
beforeAll(async () => {
  pendo = await startPendoSimulator({ seed: "7", now: now.getTime() / 1000, days: 30, count: 2000 });
  plumbline = await createTestApp({ clock: () => now, pendoUrl: pendo.url, pendo: { patience: { tries: 1 } } });
  connection = await plumbline.connect();
});
afterAll(async () => {
  await plumbline.stop();
  await pendo.stop();
});
afterEach(() => pendo.faults.set([]));

const later = (minutes: number) => {
  now = new Date(now.getTime() + minutes * 60_000);
};

/** A visitor that Pendo has never seen in the app; it knows them, and their metadata, from the given moment on. */
let count = 0;
function createVisitor(metadata?: { email: string | null }): string {
  count += 1;
  const id = `visitor-${count}`;
  if (metadata) introduce(id, metadata);
  return id;
}
function introduce(id: string, agent: { email: string | null }): void {
  pendo.people.create("visitor", id);
  pendo.people.setMetadata("visitor", id, "agent", agent);
}

async function send(event: string, visitorId: string, properties: object, given: object = {}): Promise<string> {
  const body = createBody(event, properties, { visitorId, accountId: undefined, ...given });
  return JSON.parse((await plumbline.send(connection, body)).body).deliveryId;
}
const track = (visitorId: string, given: object = {}) =>
  send("trackEventReceived", visitorId, { name: "Signed In" }, given);
const readDelivery = async (id: string) => (await plumbline.get(`/deliveries/${id}`)).json;
const readEvent = async (id: string) => (await plumbline.get(`/events/${(await readDelivery(id)).made[0].id}`)).json;

test("a mapping by metadata needs a key, and is refused without one, in words", async () => {
  await expect(setMapping(plumbline, connection, { userIdFrom: "agent.email" })).rejects.toThrow(
    "the connection has no integration key: set one first",
  );
});

test("once it is saved, everybody is read from Pendo, and webhooks go to whom the field names", async () => {
  const ada = createVisitor({ email: "ada@acme.example" });
  await setPendoAccess(plumbline.settings, connection.id, { integrationKey: pendo.integrationKey });
  await setMapping(plumbline, connection, { userIdFrom: "agent.email" });
  await plumbline.readIdentities();
  const id = await track(ada);
  // One pass of the worker is enough: nobody is asked, for it is known.
  await plumbline.settle();
  expect(await readEvent(id)).toMatchObject({ user: { externalId: "ada@acme.example" }, pendo: { visitorId: ada } });
});

test("whoever came to Pendo since then is asked about when a webhook names them, many in one request", async () => {
  const newcomers = Array.from({ length: 20 }, (_, n) => createVisitor({ email: `newcomer-${n}@acme.example` }));
  const ids: string[] = [];
  for (const visitorId of newcomers) ids.push(await track(visitorId));
  await plumbline.settle();
  expect(await readDelivery(ids[0]!)).toMatchObject({ state: "parked", reason: "identity-wanted" });
  pendo.requests.clear();
  await plumbline.settleWithPendo();
  expect(pendo.requests.total()).toBe(1);
  for (const [n, id] of ids.entries())
    expect(await readEvent(id)).toMatchObject({ user: { externalId: `newcomer-${n}@acme.example` } });
});

test("two visitors with one e-mail are one user; a value is taken exactly, with its capitals", async () => {
  const [phone, laptop, shouting] = [
    createVisitor({ email: "jo@acme.example" }),
    createVisitor({ email: "jo@acme.example" }),
    createVisitor({ email: "JO@acme.example" }),
  ];
  const ids = [await track(phone), await track(laptop), await track(shouting)];
  await plumbline.settleWithPendo();
  const users = await Promise.all(ids.map(async (id) => (await readEvent(id)).user.id));
  expect(users[0]).toBe(users[1]);
  expect(users[0]).not.toBe(users[2]);
});

test("an empty field parks with its reason; Pendo is asked again by itself, and then it goes on", async () => {
  const visitorId = createVisitor({ email: "" });
  const id = await track(visitorId);
  await plumbline.settleWithPendo();
  const parked = await readDelivery(id);
  expect(parked).toMatchObject({ state: "parked", reason: "field-empty-for-visitor" });
  expect(parked.message).toContain(`agent.email has no value for visitor "${visitorId}".`);
  introduce(visitorId, { email: "late@acme.example" });
  later(1);
  await plumbline.settleWithPendo();
  expect(await readEvent(id)).toMatchObject({ user: { externalId: "late@acme.example" } });
});

test("while Pendo cannot be asked, what is known goes on, and what is not says why it waits", async () => {
  const [known, unknown] = [
    createVisitor({ email: "known@acme.example" }),
    createVisitor({ email: "new@acme.example" }),
  ];
  await track(known);
  await plumbline.settleWithPendo();
  pendo.faults.set([{ fault: 503 }]);
  const [goesOn, waits] = [await track(known), await track(unknown)];
  await plumbline.settleWithPendo();
  expect((await readDelivery(goesOn)).state).toBe("recorded");
  expect(await readDelivery(waits)).toMatchObject({ state: "parked", reason: "pendo-in-trouble" });
  pendo.faults.set([]);
  later(30);
  await plumbline.settleWithPendo();
  expect((await readDelivery(waits)).state).toBe("recorded");
});

test("an NPS response that waits for a day arrives with its own time", async () => {
  const visitorId = createVisitor();
  const answeredAt = Math.floor(now.getTime() / 1000) - 60;
  await send("npsSubmitted", visitorId, { nps: { rating: 0, reason: "slow" } }, { timestamp: answeredAt });
  await plumbline.settleWithPendo();
  expect((await plumbline.get("/deliveries?reason=visitor-unknown-to-pendo")).json.items).toHaveLength(1);
  later(24 * 60);
  introduce(visitorId, { email: "patient@acme.example" });
  await plumbline.settleWithPendo();
  expect((await plumbline.get("/nps-responses?user=patient@acme.example")).json.items).toMatchObject([
    { score: 0, feedback: "slow", respondedAt: new Date(answeredAt * 1000).toISOString() },
  ]);
});

test("visitors who are nobody are not asked about; the event still counts for its account", async () => {
  pendo.requests.clear();
  const ids = [await track("_PENDO_T_8Xb2kQ", { accountId: "acme" }), await track("undefined", { accountId: "acme" })];
  await plumbline.settleWithPendo();
  for (const id of ids) expect(await readEvent(id)).toMatchObject({ user: null, account: { externalId: "acme" } });
  expect(pendo.requests.total()).toBe(0);
});

test("each fact tells how it came to its user, and what Pendo says by now", async () => {
  const visitorId = createVisitor({ email: "mrs-smith@acme.example" });
  const id = await track(visitorId, { accountId: "acme" });
  await plumbline.settleWithPendo();
  const way = `visitorId ${visitorId} → agent.email mrs-smith@acme.example → user mrs-smith@acme.example`;
  expect((await readEvent(id)).why).toMatchObject({
    user: { text: way, field: "agent.email", mappingVersion: 2, changed: null },
    account: { text: "accountId acme → account acme", field: null },
  });
  expect((await readDelivery(id)).steps[2]).toMatchObject({
    step: "match",
    result: `${way}; accountId acme → account acme`,
  });

  // The field changes at Pendo, which is noticed when all are read again. What was recorded stays where it is, and says so.
  introduce(visitorId, { email: "mrs-jones@acme.example" });
  later(24 * 60);
  await startDueReadings(plumbline.database.pool, now);
  await plumbline.readIdentities();
  const changed = (await readEvent(id)).why.user;
  expect(changed).toMatchObject({ changed: { externalId: "mrs-jones@acme.example", at: now.toISOString() } });
  expect(changed.text).toContain("Pendo says agent.email mrs-jones@acme.example since");
  const afterwards = await track(visitorId);
  await plumbline.settle();
  expect(await readEvent(afterwards)).toMatchObject({ user: { externalId: "mrs-jones@acme.example" } });

  const user = (await plumbline.get("/users/mrs-smith@acme.example")).json;
  expect(user.why.record.id).toBe(user.id);
  expect(user.memberships).toMatchObject([
    {
      account: { externalId: "acme" },
      source: "pendo",
      why: { user: { pendoId: visitorId }, account: { pendoId: "acme" } },
    },
  ]);
});

test("where the workspace has organizations, Pendo's account may be one", async () => {
  await setHierarchy(plumbline.database.pool, plumbline.workspaceId, true);
  const [account] = [...pendo.people.list("account")];
  const { crm_id: crmId } = pendo.people.findMetadata("account", account!)!.custom!;
  await setMapping(plumbline, connection, { accountIdFrom: "custom.crm_id", level: "organization" });
  const id = await track(createVisitor({ email: "member@acme.example" }), { accountId: account });
  await plumbline.settleWithPendo();
  expect(await readEvent(id)).toMatchObject({
    user: { externalId: "member@acme.example" },
    account: null,
    organization: { externalId: crmId },
    why: { account: { text: `accountId ${account} → custom.crm_id ${crmId} → organization ${crmId}` } },
  });
  expect((await plumbline.get("/users/member@acme.example")).json.memberships).toMatchObject([
    { account: null, organization: { externalId: crmId }, source: "pendo" },
  ]);
});

test("link only: what the field names and no record has waits for the record", async () => {
  await changeConnection(plumbline.settings, connection.id, { missingRecords: "link" });
  const id = await track(createVisitor({ email: "stranger@acme.example" }));
  await plumbline.settleWithPendo();
  const parked = await readDelivery(id);
  expect(parked).toMatchObject({ state: "parked", reason: "no-such-user" });
  expect(parked.message).toContain('"stranger@acme.example"');
});
