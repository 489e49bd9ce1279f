// A connection as its page shows it, while things arrive.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createApiKey } from "../../access/api-keys-table.ts";
import type { ConnectionLive } from "../../contract/live.ts";
import type { CreatedConnection } from "../../settings/connections.ts";

const start = new Date("2026-05-04T10:20:00Z");
let now = start;
let plumbline: TestApp;
beforeAll(async () => {
  plumbline = await createTestApp({ clock: () => now });
});
afterAll(() => plumbline.stop());

const later = (hours: number) => new Date(start.getTime() + hours * 3_600_000);
const live = async ({ id }: { id: string }): Promise<ConnectionLive> =>
  (await plumbline.get(`/connections/${id}/live`)).json;
const kindOf = ({ kinds }: ConnectionLive, name: string) => kinds.find(({ kind }) => kind === name);

async function send(to: CreatedConnection, ...bodies: object[]): Promise<void> {
  for (const body of bodies) await plumbline.send(to, body);
  await plumbline.settle();
}

test("waits until something of Pendo's arrives, receives, and is quiet a day later", async () => {
  now = start;
  const connection = await plumbline.connect();
  expect(await live(connection)).toMatchObject({ state: "waiting", lastDeliveryAt: null, held: 0, parked: [] });
  await plumbline.call("POST", `/connections/${connection.id}/samples`);
  await plumbline.settle();
  const sampled = await live(connection);
  expect(sampled).toMatchObject({ state: "waiting", lastDeliveryAt: null, steps: { deliveryArrived: false } });
  expect(kindOf(sampled, "ping")).toMatchObject({ count: 1, lastAt: start.toISOString() });
  expect(kindOf(sampled, "npsSubmitted")).toMatchObject({ label: "NPS Submitted", isOn: true, count: 1 });
  const neighbour = await plumbline.connect();
  await send(neighbour, createBody("trackEventReceived", { name: "Elsewhere" }));
  now = later(1);
  await send(connection, createBody("trackEventReceived", { name: "Saved" }));
  expect(await live(connection)).toMatchObject({
    state: "receiving",
    lastDeliveryAt: later(1).toISOString(),
    steps: { deliveryArrived: true, mappingChosen: false, keySet: false, reportAdded: false },
    webhookPage: "https://app.pendo.io/admin/integrations/webhooks",
  });
  expect(kindOf(await live(connection), "trackEventReceived")).toMatchObject({
    count: 2,
    lastAt: later(1).toISOString(),
  });
  now = later(24.9);
  await send(neighbour, createBody("trackEventReceived", { name: "Elsewhere" }));
  const stillReceiving = await live(connection);
  expect(stillReceiving.state).toBe("receiving");
  expect(kindOf(stillReceiving, "trackEventReceived")?.count).toBe(1);
  now = later(25.1);
  const quiet = await live(connection);
  expect(quiet).toMatchObject({ state: "quiet", lastDeliveryAt: later(1).toISOString() });
  expect(kindOf(quiet, "trackEventReceived")).toMatchObject({ count: 0, lastAt: null });
  expect((await plumbline.get(`/connections/${connection.id}`)).json.lastDeliveryAt).toBe(later(1).toISOString());
});

test("samples, and what the door refuses, are no sign of life", async () => {
  now = later(100);
  const connection = await plumbline.connect("right");
  await plumbline.database.pool.query(
    "update connections set filtered_kinds = '{ping}', region = 'eu' where connection_id = $1",
    [connection.id],
  );
  await send({ ...connection, secret: "wrong" }, createBody("trackEventReceived", { name: "Forged" }));
  const refusing = await live(connection);
  expect(refusing).toMatchObject({
    state: "waiting",
    lastDeliveryAt: null,
    refused: { count: 1, lastAt: now.toISOString() },
    steps: { deliveryArrived: false },
    webhookPage: "https://app.eu.pendo.io/admin/integrations/webhooks",
  });
  expect(kindOf(refusing, "ping")?.isOn).toBe(false);
});

test("says what is held, parked and unknown", async () => {
  now = later(200);
  const connection = await plumbline.connect();
  const change = (body: object) => plumbline.call("PATCH", `/connections/${connection.id}`, body);
  await change({ missingRecords: "link", recordedKinds: ["guideDismissed", "neverSeen"] });
  await send(
    connection,
    createBody("trackEventReceived", { name: "Saved" }, { visitorId: "nobody-knows" }),
    createBody("guideAdvanced", {}),
    createBody("guideAdvanced", {}),
    createBody("surveyOpened", {}),
  );
  await change({ isOn: false });
  await send(connection, createBody("trackEventReceived", { name: "Saved" }));
  expect(await live(connection)).toMatchObject({
    state: "off",
    held: 1,
    parked: [{ reason: "no-such-user", count: 1, oldestAt: now.toISOString() }],
    unknownKinds: {
      items: [
        { kind: "guideAdvanced", kept: 2, isRecorded: false, lastAt: now.toISOString() },
        { kind: "surveyOpened", kept: 1, isRecorded: false },
        { kind: "guideDismissed", kept: 0, isRecorded: true, lastAt: null },
        { kind: "neverSeen", kept: 0, isRecorded: true },
      ],
      isMore: false,
    },
  });
});

test("of another workspace is not there", async () => {
  const connection = await plumbline.connect();
  const { pool } = plumbline.database;
  const { key } = await createApiKey(pool, await createWorkspace(pool), "other", now);
  const response = await fetch(`${plumbline.url}/api/v1/connections/${connection.id}/live`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(response.status).toBe(404);
});
