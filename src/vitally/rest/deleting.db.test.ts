// Deleting records: all that is their own goes with them, nothing else does, and nothing is left that belongs to nobody,
// whatever is recorded or saved at the same moment.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPlace } from "../../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createVitallyClient, type VitallyClient } from "../../../test/support/vitally-client.ts";
import type { CreatedConnection } from "../../settings/connections.ts";

let plumbline: TestApp;
let vitally: VitallyClient;
let connection: CreatedConnection;
beforeAll(async () => {
  plumbline = await createTestApp();
  vitally = await createVitallyClient(plumbline);
  connection = await plumbline.connect();
});
afterAll(() => plumbline.stop());

/** An event, an NPS response and an answer to a poll. */
async function act(visitorId: string, accountId: string): Promise<void> {
  const given = { visitorId, accountId };
  await plumbline.send(connection, createBody("trackEventReceived", { name: "opened" }, given));
  await plumbline.send(connection, createBody("npsSubmitted", { nps: { rating: 9, reason: "so" } }, given));
  const poll = { guideId: "g", pollId: "p", pollResponse: "yes", pollType: "Yes/No" };
  await plumbline.send(connection, createBody("pollSubmitted", poll, given));
}

const tables = ["events", "nps_responses", "poll_responses", "account_users", "organization_users", "traits"] as const;

/** How many rows of the workspace belong to a record, by table; and how many name one that is not there. */
async function countRows(workspaceId: string, column = "account_id", id: string | null = null) {
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const named = table === "traits" ? "record_id" : column;
    const hasColumn =
      !(table === "account_users" && column === "organization_id") &&
      !(table === "organization_users" && column === "account_id");
    if (!hasColumn) continue;
    const { rows } = await plumbline.database.pool.query(
      `select count(*) as count from ${table} where workspace_id = $1 and ($2::uuid is null or ${named} = $2)`,
      [workspaceId, id],
    );
    counts[table] = rows[0].count;
  }
  return counts;
}

async function countOrphans(): Promise<number> {
  const gone = (table: string, column: string, records: string) =>
    `select count(*) from ${table} f where f.${column} is not null
     and not exists (select from ${records} r where r.workspace_id = f.workspace_id and r.${column} = f.${column})`;
  const facts = ["events", "nps_responses", "poll_responses"].flatMap((table) => [
    gone(table, "user_id", "users"),
    gone(table, "account_id", "accounts"),
    gone(table, "organization_id", "organizations"),
  ]);
  const traits = (type: string, records: string) =>
    `select count(*) from traits t where t.record_type = '${type}'
     and not exists (select from ${records} r where r.workspace_id = t.workspace_id and r.${type}_id = t.record_id)`;
  const all = [
    ...facts,
    traits("user", "users"),
    traits("account", "accounts"),
    traits("organization", "organizations"),
  ];
  const { rows } = await plumbline.database.pool.query(`select (${all.join(") + (")}) as count`);
  return rows[0].count;
}

test("an account goes with its facts, traits and memberships; its users stay; named again it is made anew, from nothing", async () => {
  const other = await createPlace(plumbline.database.pool);
  const theirs = await createVitallyClient(plumbline, other.workspaceId);
  const twin = await theirs.post("/accounts", { externalId: "big", name: "Twin", traits: { a: 1 } });
  await act("user-a", "big");
  await act("user-a", "small");
  await plumbline.settle();
  const before = await vitally.put("/accounts/big", { name: "Big", traits: { mrr: 5 } });
  await vitally.post("/npsResponses", {
    userId: (await vitally.get("/users/user-a")).id,
    score: 2,
    respondedAt: "2020-01-01T00:00:00Z",
  });
  expect(await vitally.delete("/accounts/big")).toEqual({ id: before.id });
  expect((await vitally.send("GET", "/accounts/big")).status).toBe(404);
  expect((await vitally.send("DELETE", "/accounts/big")).status).toBe(404);
  expect(new Set(Object.values(await countRows(plumbline.workspaceId, "account_id", before.id)))).toEqual(new Set([0]));
  const user = await vitally.get("/users/user-a");
  expect(user.accounts.map((one: any) => one.externalId)).toEqual(["small"]);
  const small = await vitally.get("/accounts/small");
  expect(await countRows(plumbline.workspaceId, "account_id", small.id)).toMatchObject({
    events: 2,
    nps_responses: 1,
    poll_responses: 1,
  });
  expect(await theirs.get("/accounts/big")).toEqual(twin);
  expect(await countOrphans()).toBe(0);

  await act("user-a", "big");
  await plumbline.settle();
  const again = await vitally.get("/accounts/big");
  expect(again.id).not.toBe(before.id);
  expect(again).toMatchObject({ name: null, traits: {}, usersCount: 1, npsPromoterCount: 1 });
  expect(await countRows(plumbline.workspaceId, "account_id", again.id)).toMatchObject({ events: 2, nps_responses: 1 });
  expect((await plumbline.ledger()).difference).toBe(0);
});

test("an organization goes, its accounts stay and are in none; a user goes with all they did", async () => {
  const organization = await vitally.post("/organizations", { externalId: "group", name: "Group", traits: { a: 1 } });
  await act("user-b", "daughter");
  await plumbline.settle();
  await vitally.put("/accounts/daughter", { organizationId: "group" });
  await vitally.put("/users/user-b", { organizationIds: ["group"], traits: { b: 1 } });
  await vitally.delete(`/organizations/${organization.id}`);
  const daughter = await vitally.get("/accounts/daughter");
  expect(daughter).toMatchObject({ organizationId: null, npsPromoterCount: 1 });
  const user = await vitally.get("/users/user-b");
  expect(user).toMatchObject({ organizationIds: [], accountIds: [daughter.id], traits: { b: 1 } });
  await vitally.delete("/users/user-b");
  expect(new Set(Object.values(await countRows(plumbline.workspaceId, "user_id", user.id)))).toEqual(new Set([0]));
  expect(await vitally.get("/accounts/daughter")).toMatchObject({
    usersCount: 0,
    npsScore: null,
    lastSeenTimestamp: null,
  });
  expect(await countOrphans()).toBe(0);
});

test("deleting while webhooks are recorded, records are saved and files imported: nobody fails, and nothing is left behind", async () => {
  const names = Array.from({ length: 4 }, (_, n) => `busy-${n}`);
  for (let round = 0; round < 12; round += 1) {
    for (const externalId of names) await act(`${externalId}-user-${round % 2}`, externalId);
    const rows = names.flatMap((name) => [0, 1].map((n) => `${name}-user-${n},${name},${round}`));
    const imported = await startImport(`externalId,account,round\n${rows.join("\n")}\n`);
    const answers = await Promise.all([
      plumbline.settle(),
      Promise.all([plumbline.app.worker.settleAll(), plumbline.app.imports.settleAll()]),
      ...names.flatMap((externalId) => [
        vitally.send("DELETE", `/accounts/${externalId}`),
        vitally.send("POST", "/accounts", { externalId, name: "Busy", traits: { round } }),
        vitally.send("PUT", `/accounts/${externalId}`, { traits: { again: round } }),
        vitally.send("DELETE", `/users/${externalId}-user-0`),
      ]),
    ]);
    for (const answer of answers.slice(2) as { status: number; json: any }[])
      expect([200, 400, 404], JSON.stringify(answer.json)).toContain(answer.status);
    expect((await plumbline.call("GET", `/imports/${imported}`)).json).toMatchObject({ state: "done", message: null });
  }
  await plumbline.settle();
  expect(await countOrphans()).toBe(0);
  expect(await plumbline.ledger()).toMatchObject({ difference: 0, failed: 0, waiting: 0 });
});

async function startImport(csv: string): Promise<string> {
  const response = await fetch(`${plumbline.url}/api/v1/imports?kind=user`, {
    method: "POST",
    headers: { authorization: `Bearer ${plumbline.key}`, "content-type": "text/csv" },
    body: csv,
  });
  return ((await response.json()) as { id: string }).id;
}
