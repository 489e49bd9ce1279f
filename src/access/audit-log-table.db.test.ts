import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, silentLog, type TestDatabase } from "../../test/support/test-database.ts";
import { apiRole, openWorkspace } from "../platform/database/api-role.ts";
import { createPool, type Database, type DatabasePool } from "../platform/database/pool.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import { type AuditLine, writeAudit } from "./audit-log-table.ts";
import { listAudit } from "./audit-queries.ts";
import { createSecretUses } from "./secret-uses.ts";

let database: TestDatabase;
let apiPool: DatabasePool;
let api: Database;
let workspaceId: string;
const at = new Date("2026-05-04T10:59:30Z");

beforeAll(async () => {
  database = await createTestDatabase();
  apiPool = createPool(database.settings, { max: 2, name: "api", log: silentLog, role: apiRole });
});
afterAll(async () => {
  await apiPool.end();
  await database.drop();
});
beforeEach(() => {
  workspaceId = randomUUID();
  api = openWorkspace(apiPool, workspaceId);
});

const line = (given: Partial<AuditLine> = {}): AuditLine => ({
  workspaceId,
  by: "command-line",
  address: null,
  action: "connection.changed",
  subject: { type: "connection", id: "c-1" },
  ...given,
});
const readAll = async (filter = {}) => (await listAudit(database.pool, workspaceId, filter, { limit: 100 })).items;

test("a line says who, what, when, from where, and only what differs", async () => {
  const by = { kind: "api-key", id: "k-1", name: "CRM", scopes: ["write"] } as const;
  const said = {
    before: { name: "a", kinds: ["x"], same: 1 },
    after: { name: "b", kinds: ["x"], same: 1, more: null },
  };
  await writeAudit(api, line({ by, address: "192.0.2.7", ...said }), at);
  expect(await readAll()).toEqual([
    {
      id: expect.any(String),
      at,
      by: { kind: "api-key", id: "k-1", name: "CRM" },
      address: "192.0.2.7",
      action: "connection.changed",
      subject: { type: "connection", id: "c-1" },
      before: { name: "a" },
      after: { name: "b", more: null },
    },
  ]);
});

test("where nothing differs there is no line", async () => {
  await writeAudit(api, line({ before: { a: [1, 2] }, after: { a: [1, 2] } }), at);
  expect(await readAll()).toEqual([]);
  await writeAudit(api, line(), at);
  expect(await readAll()).toMatchObject([{ before: null, after: null, by: { kind: "command-line" } }]);
});

test("a line goes with its transaction", async () => {
  const work = inTransaction(api, async (tx) => {
    await writeAudit(tx, line(), at);
    throw new Error("it did not work out");
  });
  await expect(work).rejects.toThrow("did not work out");
  expect(await readAll()).toEqual([]);
});

test.each([
  "update audit_log set action = 'nothing.done'",
  "delete from audit_log",
  "truncate audit_log",
  "drop table audit_log",
  "alter table audit_log disable row level security",
  "insert into audit_log select * from audit_log on conflict (workspace_id, audit_id) do update set action = 'x.y'",
])("the API may not: %s", async (statement) => {
  await writeAudit(api, line(), at);
  await expect(api.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  expect(await readAll()).toHaveLength(1);
});

test("the API may not write into another workspace's log", async () => {
  await expect(writeAudit(api, line({ workspaceId: randomUUID() }), at)).rejects.toThrow(/row-level security/);
});

test("is read the newest first, page by page, by action, author, subject and time", async () => {
  const minutes = (count: number) => new Date(at.getTime() + count * 60_000);
  for (let count = 0; count < 7; count += 1)
    await writeAudit(
      api,
      line({ action: `report.changed`, subject: { type: "report", id: `r-${count}` } }),
      minutes(count),
    );
  await writeAudit(api, line({ action: "connection.made", by: "system" }), minutes(10));
  const seen: (string | null)[] = [];
  let from: string | undefined;
  do {
    const page = await listAudit(api, workspaceId, { action: "report" }, { limit: 3, from });
    seen.push(...page.items.map(({ subject }) => subject.id));
    from = page.next ?? undefined;
  } while (from !== undefined);
  expect(seen).toEqual(["r-6", "r-5", "r-4", "r-3", "r-2", "r-1", "r-0"]);
  const idsOf = async (filter: object) => (await readAll(filter)).map(({ subject }) => subject.id);
  expect(await idsOf({ action: "connection.made" })).toEqual(["c-1"]);
  expect(await idsOf({ action: "report.chang" })).toEqual([]);
  expect(await idsOf({ by: "system" })).toEqual(["c-1"]);
  expect(await idsOf({ subject: "r-2" })).toEqual(["r-2"]);
  expect(await idsOf({ subject: "connection" })).toEqual(["c-1"]);
  expect(await idsOf({ since: minutes(5).toISOString(), until: minutes(7).toISOString() })).toEqual(["r-6", "r-5"]);
});

test("a secret that is opened thousands of times has one line an hour, whichever process opens it", async () => {
  let now = at;
  const use = (id: string) => ({ workspaceId, connectionId: "c-1", secret: { kind: "webhook-secret", id } as const });
  const key = { workspaceId, connectionId: "c-1", secret: { kind: "integration-key" } as const };
  const processes = [createSecretUses(api, () => now), createSecretUses(api, () => now)];
  for (let count = 0; count < 500; count += 1) for (const note of processes) await note([use("s-1"), use("s-2"), key]);
  const actions = async () => (await readAll()).map(({ action }) => action).sort();
  expect(await actions()).toEqual(["integration-key.used", "secret.used", "secret.used"]);
  now = new Date(at.getTime() + 60_000);
  await Promise.all(processes.map((note) => note([use("s-1")])));
  expect(await actions()).toEqual(["integration-key.used", "secret.used", "secret.used", "secret.used"]);
});

test("what cannot be noted is not opened", async () => {
  const note = createSecretUses(openWorkspace(apiPool, randomUUID()), () => at);
  await expect(note([{ workspaceId, connectionId: "c-1", secret: { kind: "integration-key" } }])).rejects.toThrow();
});
