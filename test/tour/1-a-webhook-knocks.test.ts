// Chapter 1: a webhook knocks.
//
// Pendo sends one HTTP request for each thing that happened. The door (src/pipeline/door) decides in a few microseconds
// whether it is let in, and answers only after it is on disk. Every answer is JSON with a sentence.
import { afterAll, beforeAll, expect, test } from "vitest";
import { rotateConnection } from "../../src/settings/connections.ts";
import { sendDelivery, sign } from "../support/sender.ts";
import { createBody, createTestApp, type TestApp } from "../support/test-app.ts";

let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp();
});
afterAll(() => plumbline.stop());

const track = () => createBody("trackEventReceived", { name: "Signed In", eventProperties: {} });

test("a connection has an address nobody can guess; only its hash is kept", async () => {
  const connection = await plumbline.connect();
  const address = connection.url.split("/").at(-1)!;
  expect(address).toMatch(/^[\w-]{32}$/); // 192 bits
  const { rows } = await plumbline.database.pool.query("select * from connection_addresses");
  expect(JSON.stringify(rows)).not.toContain(address);
});

test("a JSON object is taken in: 200, and the delivery is on disk", async () => {
  const connection = await plumbline.connect();
  const answer = await plumbline.send(connection, track());
  expect(answer.status).toBe(200);
  const { deliveryId } = JSON.parse(answer.body);
  expect((await plumbline.get(`/deliveries/${deliveryId}`)).json).toMatchObject({
    id: deliveryId,
    state: "waiting",
    signed: false,
  });
});

test("so is a list of objects, a kind nobody knows, an object without anything, and Pendo's test message", async () => {
  const connection = await plumbline.connect();
  for (const body of [
    [track(), track()],
    createBody("somethingNew", {}),
    {},
    { event: "ping", app: { name: "webhook-test" } },
  ]) {
    expect((await plumbline.send(connection, body)).status).toBe(200);
  }
});

test("what is no JSON, or no object, is answered with 400, and kept with the reason", async () => {
  const connection = await plumbline.connect();
  const cases: [string | Buffer, string][] = [
    ["{", "not-json"],
    ["", "not-json"],
    [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), "not-json"],
    ["[]", "not-an-object"],
    ["[1]", "not-an-object"],
    ["null", "not-an-object"],
    [`{"event":"ping","properties":${"[".repeat(101)}${"]".repeat(101)}}`, "too-deep"],
  ];
  for (const [body, reason] of cases) {
    const answer = await plumbline.send(connection, body);
    expect([answer.status, JSON.parse(answer.body).reason]).toEqual([400, reason]);
    const { json } = await plumbline.get(`/deliveries/${JSON.parse(answer.body).deliveryId}`);
    expect(json).toMatchObject({ state: "refused", reason });
    // The raw bytes are kept as they came, also those that are no text.
    expect(json.bodyBase64 === null ? Buffer.from(json.body) : Buffer.from(json.bodyBase64, "base64")).toEqual(
      Buffer.from(body),
    );
  }
});

test("with a secret, a signature is required and checked over the raw bytes", async () => {
  const connection = await plumbline.connect("not-a-real-secret");
  const body = JSON.stringify(track());
  expect((await sendDelivery(connection.url, body)).status).toBe(401);
  expect((await sendDelivery(connection.url, body, { secret: "another" })).status).toBe(401);
  expect(
    (
      await sendDelivery(connection.url, `${body}\n`, {
        headers: { "x-pendo-signature": sign("not-a-real-secret", body) },
      })
    ).status,
  ).toBe(401);
  expect((await sendDelivery(connection.url, body, { secret: "not-a-real-secret" })).status).toBe(200);
  expect(
    (
      await sendDelivery(connection.url, body, {
        headers: { "x-pendo-signature": `sha256=${sign("not-a-real-secret", body).toUpperCase()}` },
      })
    ).status,
  ).toBe(200);
  const { json } = await plumbline.get(`/deliveries?connection=${connection.id}&state=refused`);
  expect(json.items.map((one: { reason: string }) => one.reason).sort()).toEqual([
    "signature-missing",
    "signature-wrong",
    "signature-wrong",
  ]);
});

test("a flood of wrong signatures is counted whole and kept in part", async () => {
  const connection = await plumbline.connect("not-a-real-secret");
  const answers = await Promise.all(
    Array.from({ length: 150 }, () => sendDelivery(connection.url, "{}", { secret: "another" })),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([401]));
  const { json } = await plumbline.get(`/ledger?connection=${connection.id}`);
  expect(json).toMatchObject({ received: 150, refused: 150, difference: 0 });
  const { rows } = await plumbline.database.pool.query("select count(*) from deliveries where connection_id = $1", [
    connection.id,
  ]);
  expect(rows[0].count).toBeLessThan(110);
});

test("address and secret can be replaced; the old ones work until their time is over", async () => {
  const connection = await plumbline.connect("old-secret");
  const rotated = await rotateConnection(plumbline.settings, {
    connectionId: connection.id,
    address: true,
    secret: "new-secret",
    removeSecret: false,
    graceMinutes: 60,
  });
  for (const url of [connection.url, rotated.url!]) {
    for (const secret of ["old-secret", "new-secret"])
      expect((await sendDelivery(url, JSON.stringify(track()), { secret })).status).toBe(200);
  }
  const last = await rotateConnection(plumbline.settings, {
    connectionId: connection.id,
    address: true,
    secret: "last-secret",
    removeSecret: false,
    graceMinutes: 0,
  });
  await expect.poll(async () => (await sendDelivery(rotated.url!, "{}", { secret: "last-secret" })).status).toBe(404);
  expect((await sendDelivery(last.url!, "{}", { secret: "new-secret" })).status).toBe(401);
  expect((await sendDelivery(last.url!, "{}", { secret: "last-secret" })).status).toBe(200);
});

test("unknown addresses, other methods and bodies that are too large have answers of their own", async () => {
  const connection = await plumbline.connect();
  expect((await sendDelivery(`${plumbline.url}/hooks/pendo/unknown`, "{}")).status).toBe(404);
  expect((await sendDelivery(`${plumbline.url}/hooks/pendo/`, "{}")).status).toBe(404);
  const other = await sendDelivery(connection.url, "", { method: "GET" });
  expect([other.status, other.headers.allow]).toEqual([405, "POST"]);
  expect((await sendDelivery(connection.url, Buffer.alloc(1024 * 1024 + 1, 32))).status).toBe(413);
  const atTheLimit = `{"event":"x","p":"${"a".repeat(1024 * 1024 - 20)}"}`;
  expect(Buffer.byteLength(atTheLimit)).toBeLessThanOrEqual(1024 * 1024);
  expect((await sendDelivery(connection.url, atTheLimit)).status).toBe(200);
});
