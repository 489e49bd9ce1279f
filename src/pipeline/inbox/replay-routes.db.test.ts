// Deliveries sent through once more over HTTP: one, many, parked ones; and their bytes.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createApiKey } from "../../access/api-keys-table.ts";
import { type CreatedConnection, createConnection } from "../../settings/connections.ts";

let plumbline: TestApp;
let connection: CreatedConnection;
let key: string;
beforeAll(async () => {
  plumbline = await createTestApp();
  ({ key } = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "reader", new Date(), {
    scopes: ["read"],
  }));
  connection = await plumbline.connect();
});
afterAll(() => plumbline.stop());

const event = (given: Record<string, unknown> = {}) => createBody("trackEventReceived", { name: "Saved" }, given);

async function send(body: object | Buffer, to = connection): Promise<string> {
  const { body: answer } = await plumbline.send(to, body);
  await plumbline.settle();
  return JSON.parse(answer).deliveryId;
}

/** Nothing is left to do. */
const whole = { isMore: false, goesOn: null };
const stateOf = async (id: string) => (await plumbline.get(`/deliveries/${id}`)).json.state;

describe("replaying", () => {
  test("sends one through once more, and nothing is recorded twice", async () => {
    const id = await send(event());
    expect(await stateOf(id)).toBe("recorded");
    const { status, json } = await plumbline.call("POST", `/deliveries/${id}/replay`);
    expect({ status, json }).toEqual({ status: 200, json: { matched: 1, replayed: 1, leftOut: [], ...whole } });
    const waiting = await plumbline.call("POST", `/deliveries/${id}/replay`);
    expect(waiting.status).toBe(409);
    await plumbline.settle();
    expect(await stateOf(id)).toBe("recorded");
    expect((await plumbline.get(`/events?limit=500`)).json.items).toHaveLength(1);
    const { rows } = await plumbline.database.pool.query(
      "select by_kind, subject_id, after from audit_log where action = 'delivery.replayed'",
    );
    expect(rows).toEqual([{ by_kind: "api-key", subject_id: id, after: { replayed: 1 } }]);
  });

  test("sends all that match, or only counts them, and wants to be told which", async () => {
    const other = await plumbline.connect();
    for (let count = 0; count < 3; count += 1) await send(event(), other);
    const count = await plumbline.call("POST", "/deliveries/replay", { connectionId: other.id, dryRun: true });
    expect(count.json).toMatchObject({ matched: 3, replayed: 3 });
    expect((await plumbline.get(`/deliveries?connection=${other.id}&state=waiting`)).json.items).toEqual([]);
    const { json } = await plumbline.call("POST", "/deliveries/replay", { connectionId: other.id, state: "recorded" });
    expect(json).toMatchObject({ matched: 3, replayed: 3 });
    await plumbline.settle();
    for (const body of [{}, { dryRun: true }, { state: "waiting" }, { since: "yesterday" }])
      expect([body, (await plumbline.call("POST", "/deliveries/replay", body)).status]).toEqual([body, 400]);
  });

  test("tries parked ones again, and no others", async () => {
    const strict = await plumbline.connect();
    await plumbline.database.pool.query("update connections set missing_records = 'link' where connection_id = $1", [
      strict.id,
    ]);
    const parked = await send(event({ visitorId: "unheard-of" }), strict);
    expect(await stateOf(parked)).toBe("parked");
    const retry = (body: object) => plumbline.call("POST", "/parked/retry", body);
    expect((await retry({ reason: "no-such-account", connectionId: strict.id })).json.replayed).toBe(0);
    expect((await retry({ connectionId: strict.id })).json).toMatchObject({ matched: 1, replayed: 1 });
    await plumbline.settle();
    expect(await stateOf(parked)).toBe("parked");
    expect((await retry({})).status).toBe(400);
    expect((await retry({ all: true })).json.matched).toBe(1);
    await plumbline.settle();
  });
});

describe("the raw body", () => {
  test("is given byte for byte, as a file that no browser shows", async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x22]);
    const { headers } = await plumbline.send(connection, bytes);
    expect(headers).toBeDefined();
    const { json } = await plumbline.get(`/deliveries?connection=${connection.id}&limit=1`);
    const { id } = json.items[0];
    const response = await fetchBody(id);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="delivery-/);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  });

  test("of another workspace is not there, and one that is deleted says so", async () => {
    const workspaceId = await createWorkspace(plumbline.database.pool);
    const theirs = await createConnection(plumbline.settings, { name: "Theirs", workspaceId });
    const id = await send(event(), theirs);
    expect((await fetchBody(id)).status).toBe(404);
    expect((await plumbline.call("POST", `/deliveries/${id}/replay`)).status).toBe(404);
    const own = await send(event());
    await plumbline.database.pool.query("delete from delivery_bodies where delivery_id = $1", [own]);
    expect((await fetchBody(own)).status).toBe(410);
    const { json } = await plumbline.call("POST", `/deliveries/${own}/replay`);
    const leftOut = [{ id: own, why: "Its raw body has been deleted." }];
    expect(json).toEqual({ matched: 1, replayed: 0, leftOut, ...whole });
  });
});

async function fetchBody(id: string): Promise<Response> {
  return fetch(`${plumbline.url}/api/v1/deliveries/${id}/body`, {
    headers: { authorization: `Bearer ${key}` },
  });
}
