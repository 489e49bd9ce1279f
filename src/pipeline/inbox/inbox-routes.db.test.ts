// Which deliveries a filter finds, in the list, in its count, and when all of them go through once more.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createApiKey } from "../../access/api-keys-table.ts";
import { countDeliveries, mostCounted } from "./delivery-queries.ts";

let plumbline: TestApp;
const ids: Record<"saved" | "shown" | "unknown" | "broken", string> = { saved: "", shown: "", unknown: "", broken: "" };
beforeAll(async () => {
  plumbline = await createTestApp();
  const connection = await plumbline.connect();
  const send = async (body: object | string) => JSON.parse((await plumbline.send(connection, body)).body).deliveryId;
  ids.saved = await send(createBody("trackEventReceived", { name: "Saved" }, { visitorId: "v-1", accountId: "a-1" }));
  ids.shown = await send(createBody("guideDisplayed", {}, { visitorId: "v-2", accountId: "a-1" }));
  ids.unknown = await send(createBody("guideAdvanced", {}, { visitorId: "v-1", accountId: "a-2" }));
  ids.broken = await send(createBody("npsSubmitted", { score: 5.5 }, { visitorId: "v-3", accountId: "a-3" }));
  await plumbline.settle();
});
afterAll(() => plumbline.stop());

const cases: [string, (keyof typeof ids)[]][] = [
  ["q=v-1", ["unknown", "saved"]],
  ["q=a-1", ["shown", "saved"]],
  ["q=v-", []],
  ["q=V-1", []],
  ["q=%20v-2%20", ["shown"]],
  ["state=failed", ["broken"]],
  ["state=failed&state=filtered", ["broken", "unknown"]],
  ["state=failed&state=filtered&q=v-1", ["unknown"]],
  ["kind=guideDisplayed&kind=guideAdvanced", ["unknown", "shown"]],
  ["kind=guideDisplayed&state=recorded", ["shown"]],
  ["state=nothing&state=such", []],
  ["user=", []],
  ["kind=", []],
  ["connection=", []],
];

describe("a filter", () => {
  test.each(cases)("%s", async (query, names) => {
    const { json } = await plumbline.get(`/deliveries?${query}`);
    expect(json.items.map(({ id }: { id: string }) => id)).toEqual(names.map((name) => ids[name]));
    expect((await plumbline.get(`/deliveries/count?${query}`)).json).toEqual({ count: names.length, isMore: false });
  });

  test("finds a delivery by how its id begins, however it is written", async () => {
    for (const typed of [ids.saved, ids.saved.toUpperCase(), ids.saved.slice(0, 27)])
      expect((await plumbline.get(`/deliveries?q=${typed}`)).json.items).toMatchObject([{ id: ids.saved }]);
    // The first characters are the time: all of them came within a minute or two.
    expect((await plumbline.get(`/deliveries/count?q=${ids.saved.slice(0, 8)}`)).json.count).toBeGreaterThan(0);
    for (const typed of [ids.saved.slice(0, 7), `${ids.saved}0`, `${ids.saved.slice(0, 10)}x`])
      expect((await plumbline.get(`/deliveries?q=${typed}`)).json.items).toEqual([]);
  });

  test("of the list is one of what goes through once more", async () => {
    const replay = async (filter: object) =>
      (await plumbline.call("POST", "/deliveries/replay", { ...filter, dryRun: true })).json.matched;
    expect(await replay({ q: "v-1" })).toBe(2);
    expect(await replay({ state: ["failed", "filtered"] })).toBe(2);
    expect(await replay({ kind: ["guideDisplayed", "guideAdvanced"], state: "recorded" })).toBe(1);
  });

  test("counts nothing of others, and no further than a person wants to know", async () => {
    const { pool } = plumbline.database;
    const workspaceId = await createWorkspace(pool);
    const { key } = await createApiKey(pool, workspaceId, "other", new Date());
    const response = await fetch(`${plumbline.url}/api/v1/deliveries/count`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await response.json()).toEqual({ count: 0, isMore: false });
    await pool.query(
      `insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state)
       select $1, uuidv7(), $1, now(), 1, false, 'recorded' from generate_series(1, $2)`,
      [workspaceId, mostCounted + 5],
    );
    expect(await countDeliveries(pool, { workspaceId })).toEqual({ count: mostCounted, isMore: true });
  });
});
