import { afterAll, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { connectToPendo } from "../../test/support/pendo.ts";
import { createBody, createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { isNobody } from "../pendo/read-id.ts";
import type { CreatedConnection } from "../settings/connections.ts";
import { setPendoAccess } from "../settings/integration-keys.ts";
import { saveRecords } from "./save-records.ts";

const start = new Date("2026-11-20T15:00:00.000Z");
let simulator: PendoSimulator;
let plumbline: TestApp;
let connection: CreatedConnection;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", now: start.getTime() / 1000, days: 30, count: 3000 });
  plumbline = await createTestApp({ clock: () => start, pendoUrl: simulator.url, pendo: { pageSize: 100 } });
  connection = await connectToPendo(plumbline, simulator, {});
});
afterAll(async () => {
  await plumbline.stop();
  await simulator.stop();
});

const listPeople = (kind: "visitor" | "account") => {
  const anonymous = new Set(simulator.world.visitors.filter((one) => one.isAnonymous).map((one) => one.id));
  return [...simulator.people.list(kind)].filter((id) => !anonymous.has(id));
};
const email = (id: string) => simulator.people.findMetadata("visitor", id)!.agent!.email as string | undefined;
const preview = async (query = "", of = connection.id) => plumbline.get(`/connections/${of}/match-preview${query}`);

async function importUsers(externalIds: readonly string[]) {
  const to = { workspaceId: plumbline.workspaceId, kind: "user", source: "import", at: start } as const;
  await saveRecords(
    plumbline.database.pool,
    to,
    externalIds.map((externalId) => ({ externalId, traits: [] })),
  );
}

test("counts what Pendo's visitors would be called, against the records that exist", async () => {
  const people = listPeople("visitor");
  const somebody = people.filter((id) => !isNobody(id));
  const named = somebody.filter((id) => email(id));
  const [first, second] = named;
  simulator.people.setMetadata("visitor", second!, "agent", { email: email(first!)! });
  await importUsers([email(first!)!, ...named.slice(10, 40).map((id) => email(id)!)]);
  const records = new Set(
    (await plumbline.database.pool.query("select external_id from users")).rows.map((row) => row.external_id),
  );
  const linked = named.filter((id) => records.has(email(id)));
  const values = named.map((id) => email(id)!);
  const shared = values.filter((value) => values.indexOf(value) !== values.lastIndexOf(value));

  const { status, json } = await preview("?userIdFrom=agent.email");
  expect(status).toBe(200);
  expect(json.visitors).toMatchObject({
    known: people.length,
    linked: { count: linked.length },
    withoutRecord: { count: named.length - linked.length },
    noValue: { count: somebody.length - named.length },
    nobody: { count: people.length - somebody.length },
    unknown: { count: 0 },
    collide: { count: shared.length, externalIds: new Set(shared).size },
  });
  expect(json.visitors.linked.examples).toHaveLength(10);
  for (const { pendoId, externalId, record } of json.visitors.linked.examples) {
    expect([externalId, typeof record]).toEqual([email(pendoId), "string"]);
  }
  const collision = json.visitors.collide.examples.find((one: any) => one.externalId === email(first!));
  expect(collision.pendoIds).toEqual(expect.arrayContaining([first, second]));
  expect(simulator.requests.counts()["POST /api/v1/aggregation"]!["200"]).toBeGreaterThan(2);
});

test("advises the field that meets the records that exist, and none that people share", async () => {
  const { json } = await preview();
  expect(json.fields.visitors.suggested).toBe("agent.email");
  const [best] = json.fields.visitors.fields;
  const filled = listPeople("visitor").filter((id) => !isNobody(id) && email(id)).length;
  expect(best).toMatchObject({
    field: "agent.email",
    filled: expect.closeTo(filled / json.fields.visitors.lookedAt, 3),
  });
  expect(best.matched).toBeGreaterThan(0);
  expect(json.fields.visitors.fields.find((one: any) => one.field === "agent.role").distinct).toBeLessThan(0.5);
  expect(json.fields.accounts.fields.map((one: any) => one.field)).toContain("custom.crm_id");
});

test("without a key it counts what was seen, and a field is refused in words", async () => {
  const alone = await plumbline.connect();
  for (const visitorId of ["v-1", "v-2", "anonymous"]) {
    const body = createBody("trackEventReceived", { name: "Signed In" }, { visitorId, accountId: "a-1" });
    await plumbline.send(alone, body);
  }
  await plumbline.settle();
  const { json } = await preview("", alone.id);
  expect(json).toMatchObject({
    visitors: { known: 3, linked: { count: 2 }, nobody: { count: 1 } },
    accounts: { known: 1, linked: { count: 1 } },
    facts: { events: { total: 3, move: 0, park: 0 } },
    fields: null,
  });
  expect(json.trouble).toContain("no integration key");
  const refused = await preview("?userIdFrom=agent.email", alone.id);
  expect([refused.status, refused.json.detail]).toEqual([400, expect.stringContaining("no integration key")]);
  expect((await preview("?level=organization", alone.id)).status).toBe(400);
  expect((await preview("", plumbline.workspaceId)).status).toBe(404);
});

test("a refused key is told where it is needed, and not held against Pendo's own ids", async () => {
  await setPendoAccess(plumbline.settings, connection.id, { integrationKey: "wrong" });
  expect((await preview("?userIdFrom=agent.email")).status).toBe(502);
  expect((await preview("?userIdFrom=visitorId")).json).toMatchObject({ fields: null, trouble: expect.any(String) });
  await setPendoAccess(plumbline.settings, connection.id, { integrationKey: simulator.integrationKey });
});

test("nothing of it is left", async () => {
  const { rows } = await plumbline.database.pool.query(
    "select count(*) as count from pg_class where relname like 'plumbline\\_%' and relpersistence = 't'",
  );
  expect(rows).toEqual([{ count: 0 }]);
});
