// Lists as CSV files through the real app: what is in them, one moment, few at a time, and nobody's but one's own.
import { request } from "node:http";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorkspace } from "../../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../../test/support/test-app.ts";
import { createApiKey } from "../../access/api-keys-table.ts";
import { createConnection } from "../../settings/connections.ts";
import type { RecordKind, TraitSaid } from "../records.ts";
import { saveRecords } from "../save-records.ts";

let plumbline: TestApp;
let key: string;
beforeAll(async () => {
  plumbline = await createTestApp();
  ({ key } = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "reader", new Date(), {
    scopes: ["read"],
  }));
});
afterAll(() => plumbline.stop());

async function read(path: string): Promise<Record<string, string>[]> {
  const { status, text } = await plumbline.getText(path);
  expect(status).toBe(200);
  return parse(text, { columns: true, bom: true, record_delimiter: ["\r\n", "\n", "\r"] });
}

const save = (kind: RecordKind, externalId: string, traits: TraitSaid[] = [], more: object = {}) =>
  saveRecords(plumbline.database.pool, { workspaceId: plumbline.workspaceId, kind, source: "import", at: new Date() }, [
    { externalId, traits, ...more },
  ]);

describe("records", () => {
  test("have a column for each trait, in words that an import understands", async () => {
    await save("account", "a-1", [{ name: "name", type: "text", value: "not the name" }], { name: "Acme" });
    await save("user", "u-1", [{ name: "seats", type: "number", value: -5 }], { accounts: ["a-1", "a;2"] });
    await save("user", "u-2", [
      { name: "tags", type: "list", value: ["x", "y"] },
      { name: "vip", type: "yes-no", value: true },
    ]);
    const users = await read("/users.csv");
    expect(users).toEqual([
      expect.objectContaining({ external_id: "u-2", accounts: "", seats: "", tags: '["x","y"]', vip: "true" }),
      expect.objectContaining({
        external_id: "u-1",
        accounts: '["a-1","a;2"]',
        account_names: "Acme;",
        seats: "-5",
        tags: "",
        vip: "",
      }),
    ]);
    expect(Object.keys(users[0]!)).toEqual([
      "external_id",
      "name",
      "email",
      "accounts",
      "account_names",
      "organizations",
      "organization_names",
      "plumbline_id",
      "created_at",
      "updated_at",
      "seats",
      "tags",
      "vip",
    ]);
    const accounts = await read("/accounts.csv?externalId=a-1");
    expect(accounts).toEqual([expect.objectContaining({ name: "Acme", "trait name": "not the name", users: "1" })]);
    expect(await read("/organizations.csv")).toEqual([]);
  });

  test("cannot run in a spreadsheet, unless a program wants them as they are", async () => {
    await save("account", "=HYPERLINK(1)", [{ name: "@note", type: "text", value: "+1" }], { name: "\t=2" });
    const { text, headers } = await plumbline.getText("/accounts.csv?externalId=%3DHYPERLINK(1)");
    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(headers.get("content-disposition")).toBe('attachment; filename="accounts.csv"');
    expect(text).toContain(",'@note");
    expect(text).toContain("\r\n'=HYPERLINK(1),'\t=2,");
    expect(text).toContain(",'+1");
    const plain = await plumbline.getText("/accounts.csv?escape=false&bom=true&externalId=%3DHYPERLINK(1)");
    expect(plain.text.startsWith("\ufeffexternal_id,")).toBe(true);
    expect(plain.text).toContain("\r\n=HYPERLINK(1),");
  });
});

describe("facts and deliveries", () => {
  test("are those that the list has, by the same filters", async () => {
    const connection = await plumbline.connect();
    for (const eventName of ["One", "Two"])
      await plumbline.send(connection, createBody("trackEventReceived", { name: eventName }));
    const nps = { guideId: "g", guideName: "NPS", surveyId: "s", npsScore: 9, npsReason: 'line\nfeed, and "quotes"' };
    await plumbline.send(connection, createBody("npsSubmitted", nps));
    await plumbline.settle();
    const events = await read("/events.csv?user=user-1&kind=trackEventReceived");
    expect(events.map(({ name, user, account }) => [name, user, account]).sort()).toEqual([
      ["One", "user-1", "acme-1"],
      ["Two", "user-1", "acme-1"],
    ]);
    expect(events.every(({ properties }) => typeof JSON.parse(properties!) === "object")).toBe(true);
    expect(await read("/events.csv?kind=none")).toEqual([]);
    const list = (await plumbline.get("/nps-responses")).json.items;
    expect(await read("/nps-responses.csv")).toHaveLength(list.length);
    expect(await read("/poll-responses.csv")).toEqual([]);
    const deliveries = await read(`/deliveries.csv?connection=${connection.id}&state=recorded`);
    expect(deliveries).toHaveLength(3);
    expect(deliveries[0]).toMatchObject({ state: "recorded", signed: "false", pendo_visitor_id: "user-1" });
  });

  test("refuse a filter that no list has, and pages", async () => {
    for (const query of ["nothing=1", "limit=5", "since=yesterday", "bom=perhaps"])
      expect([query, (await plumbline.get(`/events.csv?${query}`)).status]).toEqual([query, 400]);
  });
});

describe("many rows", () => {
  test("are of one moment, over many pages, and each once", async () => {
    const { pool } = plumbline.database;
    const insert = (from: number, to: number) =>
      pool.query(
        `insert into organizations (workspace_id, organization_id, external_id, created_at)
         select $1, gen_random_uuid(), 'many-' || n, now() from generate_series($2::int, $3::int) n`,
        [plumbline.workspaceId, from, to],
      );
    await insert(1, 3_500);
    const answer = await begin("/organizations.csv");
    await insert(3_501, 4_000);
    await pool.query("delete from organizations where workspace_id = $1 and external_id = 'many-7'", [
      plumbline.workspaceId,
    ]);
    const rows: { external_id: string }[] = parse(await answer.finish(), { columns: true });
    expect(rows).toHaveLength(3_500);
    expect(new Set(rows.map((row) => row.external_id)).size).toBe(3_500);
    expect(rows.map((row) => row.external_id)).toContain("many-7");
  });

  test("are left at once when nobody takes them any more, and a few files are written at a time", async () => {
    const { pool } = plumbline.database;
    await pool.query(
      `insert into organizations (workspace_id, organization_id, external_id, name)
       select $1, gen_random_uuid(), 'long-' || n, repeat('x', 400) from generate_series(1, 60000) n`,
      [plumbline.workspaceId],
    );
    const open = await Promise.all(Array.from({ length: 4 }, () => begin("/organizations.csv")));
    const refused = await plumbline.get("/organizations.csv");
    expect(refused.status).toBe(429);
    for (const answer of open) answer.leave();
    await expect.poll(async () => (await plumbline.getText("/organizations.csv?externalId=long-1")).status).toBe(200);
    const count =
      "select count(*)::int as open from pg_stat_activity where xact_start < now() and state like 'idle in%' and datname = current_database()";
    await expect.poll(async () => (await pool.query(count)).rows[0].open).toBe(0);
  });
});

test("nothing of another workspace is in them, and that somebody took them is noted", async () => {
  const workspaceId = await createWorkspace(plumbline.database.pool);
  const theirs = await createConnection(plumbline.settings, { name: "Theirs", workspaceId });
  await plumbline.send(theirs, createBody("trackEventReceived", { name: "canary" }, { visitorId: "canary" }));
  await plumbline.settle();
  for (const list of ["users", "accounts", "organizations", "events", "nps-responses", "poll-responses", "deliveries"])
    expect((await plumbline.getText(`/${list}.csv`)).text).not.toContain("canary");
  const { rows } = await plumbline.database.pool.query(
    "select by_name, after from audit_log where action = 'export.made' and subject_id = 'events' order by audit_id limit 1",
  );
  expect(rows).toEqual([{ by_name: "test", after: { filters: ["user", "kind"] } }]);
});

test("the audit log is one of them, for administrators alone", async () => {
  await read("/events.csv?kind=ping");
  const [line] = await read("/audit-log.csv?subject=export&by=test");
  expect(line).toMatchObject({
    by_kind: "api-key",
    by_name: "test",
    action: "export.made",
    subject_type: "export",
    subject_id: "events",
    before: "",
    after: '{"filters":["kind"]}',
  });
  const { status } = await fetch(`${plumbline.url}/api/v1/audit-log.csv`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(status).toBe(403);
});

/** An answer that has begun, and is not taken until one says so. */
function begin(path: string): Promise<{ finish: () => Promise<string>; leave: () => void }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${plumbline.url}/api/v1${path}`,
      { headers: { authorization: `Bearer ${key}` }, agent: false },
      (answer) => {
        if (answer.statusCode !== 200) return reject(new Error(`The answer is ${answer.statusCode}.`));
        resolve({
          finish: async () => Buffer.concat(await answer.toArray()).toString(),
          leave: () => answer.destroy(),
        });
      },
    );
    asked.on("error", reject).end();
  });
}
