// A sample of every kind, sent to the connection's own address, and taken out again.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { pendoKinds } from "../pendo/kinds/index.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

const call = async (method: string, path: string, body?: object) => {
  const { status, json } = await plumbline.call(method, path, body);
  return { status, json };
};
const count = async () => {
  const counts = await Promise.all(
    ["events", "nps-responses", "poll-responses", "users", "accounts"].map(
      async (list) => (await call("GET", `/${list}`)).json.items.length,
    ),
  );
  return counts;
};

test("samples arrive signed, are recorded, and leave nothing behind when they are taken out", async () => {
  await plumbline.send(
    await plumbline.connect(),
    '{"event":"trackEventReceived","uniqueId":"own","visitorId":"v","accountId":"a","properties":{"name":"Own"}}',
  );
  await plumbline.settle();
  const before = await count();
  const { connection } = (await call("POST", "/connections", { name: "signed", secret: "a secret of it" })).json;
  const sent = await call("POST", `/connections/${connection.id}/samples`);
  expect(sent.status).toBe(200);
  expect(sent.json.items.map(({ kind, status }: any) => [kind, status])).toEqual(
    pendoKinds.map(({ kind }) => [kind, 200]),
  );
  await plumbline.settle();
  for (const { kind, deliveryId } of sent.json.items) {
    const { json: delivery } = await call("GET", `/deliveries/${deliveryId}`);
    expect(delivery).toMatchObject({
      kind,
      connectionId: connection.id,
      signed: true,
      state: kind === "ping" ? "filtered" : "recorded",
    });
  }
  const [nps] = (await call("GET", "/nps-responses")).json.items;
  expect(nps).toMatchObject({
    user: { externalId: sent.json.visitorId },
    account: { externalId: sent.json.accountId },
  });
  const after = await count();
  expect(after.map((now, place) => now > before[place]!)).toEqual([true, true, true, true, true]);
  // Each sending is new.
  await call("POST", `/connections/${connection.id}/samples`);
  await plumbline.settle();
  expect((await count())[1]).toBe(after[1]! + 1);

  expect((await call("DELETE", `/connections/${connection.id}/samples`)).json).toEqual({ removed: 2, discarded: 0 });
  expect(await count()).toEqual(before);
  expect((await call("DELETE", `/connections/${connection.id}/samples`)).json).toEqual({ removed: 0, discarded: 0 });
  expect(await plumbline.ledger()).toMatchObject({ difference: 0, failed: 0, refused: 0 });
});

test("samples that wait for a person or a record are given up, and nothing else is", async () => {
  const { connection, url } = (await call("POST", "/connections", { name: "links" })).json;
  const of = `/connections/${connection.id}`;
  await call("PATCH", of, { missingRecords: "link" });
  const sent = (await call("POST", `${of}/samples`)).json.items;
  const own = await plumbline.send(
    { url: `${plumbline.url}${new URL(url).pathname}`, secret: null } as never,
    '{"event":"trackEventReceived","uniqueId":"waits","visitorId":"nobody-knows","properties":{"name":"Own"}}',
  );
  const { deliveryId } = JSON.parse(own.body);
  await plumbline.settle();
  await call("PATCH", of, { isOn: false });
  await call("POST", `${of}/samples`);
  await plumbline.settle();
  const stateOf = async (id: string) => (await call("GET", `/deliveries/${id}`)).json;
  const parked = sent.find(({ kind }: any) => kind === "npsSubmitted").deliveryId;
  expect(await stateOf(parked)).toMatchObject({ state: "parked" });
  // Test messages are about nobody: one that is held stays so.
  const about = pendoKinds.length - 1;
  expect((await call("DELETE", `${of}/samples`)).json).toEqual({ removed: 0, discarded: 2 * about });
  expect(await stateOf(parked)).toMatchObject({ state: "filtered", reason: "sample-taken-out" });
  expect(await stateOf(deliveryId)).toMatchObject({ state: "parked" });
  expect(await plumbline.ledger()).toMatchObject({ difference: 0 });
});

test("addresses are shown again to administrators, the newest first, as long as they work", async () => {
  const made = (await call("POST", "/connections", { name: "shown" })).json;
  const path = `/connections/${made.connection.id}/addresses`;
  expect((await call("GET", path)).json).toEqual({
    items: [{ url: made.url, token: null, worksUntil: null }],
    hidden: 0,
  });
  const rotated = (await call("POST", `/connections/${made.connection.id}/rotate`, { graceMinutes: 60 })).json;
  expect((await call("GET", path)).json.items.map(({ url, worksUntil }: any) => [url, worksUntil])).toEqual([
    [rotated.url, null],
    [made.url, rotated.oldWorksUntil],
  ]);
  await plumbline.database.pool.query(
    "update connection_addresses set key_id = null, sealed = null where connection_id = $1 and expires_at is null",
    [made.connection.id],
  );
  expect((await call("GET", path)).json).toMatchObject({ items: [{ url: made.url }], hidden: 1 });
  await call("POST", `/connections/${made.connection.id}/rotate`, { graceMinutes: 0 });
  expect((await call("GET", path)).json).toMatchObject({ items: [{ worksUntil: null }], hidden: 0 });
  const { rows } = await plumbline.database.pool.query("select * from connection_addresses");
  expect(JSON.stringify(rows)).not.toContain(made.url.split("/").at(-1));
});
