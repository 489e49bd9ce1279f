// Imports through the real app: sent, shown, rehearsed, begun, cancelled, killed in the middle and gone on with.
import type { Socket } from "node:net";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createWorkspace } from "../../test/support/inbox.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { silentLog } from "../../test/support/test-database.ts";
import { createApiKey } from "../access/api-keys-table.ts";
import { createImportRunner } from "../pipeline/run-imports.ts";
import type { Database } from "../platform/database/pool.ts";
import { setHierarchy } from "../settings/workspaces-table.ts";
import { deleteUpload } from "./imports-table.ts";

let plumbline: TestApp;
let workspaceId: string;
let key: string;
beforeAll(async () => {
  plumbline = await createTestApp({ importMostBytes: 3_000_000 });
});
afterAll(() => plumbline.stop());
beforeEach(async () => {
  workspaceId = await createWorkspace(plumbline.database.pool);
  await setHierarchy(plumbline.database.pool, workspaceId, true);
  ({ key } = await createApiKey(plumbline.database.pool, workspaceId, "importer", new Date()));
});

async function call(method: string, path: string, body?: object): Promise<{ status: number; json: any; text: string }> {
  const response = await fetch(`${plumbline.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = Buffer.from(await response.arrayBuffer()).toString();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined };
}

async function upload(query: string, csv: string | Buffer, type = "text/csv"): Promise<{ status: number; json: any }> {
  const response = await fetch(`${plumbline.url}/api/v1/imports?${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": type },
    body: csv,
  });
  return { status: response.status, json: await response.json() };
}

const settle = () => plumbline.app.imports.settleAll();
const show = async (id: string) => (await call("GET", `/imports/${id}`)).json;
const listUsers = async () =>
  (await call("GET", "/users?limit=500")).json.items.map(({ externalId, name, traits }: any) => [
    externalId,
    name,
    traits,
  ]);

describe("a file", () => {
  test("is taken, worked off and told of", async () => {
    const csv =
      "Id,Full name,E-Mail,Account,Seats\nu-1,Jo,jo@acme.example,a-1,5\nnull,Nobody,,,\nu-2,Al,,a-1;a-2,many\n";
    const { status, json } = await upload("kind=user", csv);
    expect(status).toBe(201);
    expect(json).toMatchObject({ kind: "user", state: "running", dryRun: false, size: csv.length, madeBy: "importer" });
    expect(json.columns).toEqual([
      { column: "Id", becomes: "externalId" },
      { column: "Full name", becomes: "name" },
      { column: "E-Mail", becomes: "email" },
      { column: "Account", becomes: "account" },
      { column: "Seats", becomes: "trait" },
    ]);
    await settle();
    const done = await show(json.id);
    expect(done).toMatchObject({ state: "done", message: null, done: 2, total: 2 });
    expect(done.counts).toEqual({
      read: 3,
      created: 2,
      updated: 0,
      unchanged: 0,
      repeated: 0,
      rejected: 1,
      traits: 2,
      madeOrganizations: 0,
      madeAccounts: 2,
      released: 0,
    });
    expect(done.rejections).toEqual([{ row: 3, reason: 'The external ID "null" identifies nobody.' }]);
    expect(await listUsers()).toEqual([
      ["u-2", "Al", { Seats: "many" }],
      ["u-1", "Jo", { Seats: 5 }],
    ]);
    expect((await call("GET", "/imports")).json.items.map((one: any) => one.id)).toEqual([json.id]);
    const actions =
      "select action, by_kind, after from audit_log where workspace_id = $1 and subject_type = 'import' order by audit_id";
    const { rows } = await plumbline.database.pool.query(actions, [workspaceId]);
    expect(rows.map((row) => row.action)).toEqual(["import.uploaded", "import.begun", "import.finished"]);
    const counts = { read: 3, created: 2, updated: 0, rejected: 1 };
    expect(rows.at(-1)).toMatchObject({ by_kind: "system", after: { kind: "user", dryRun: false, ...counts } });
  });

  test("waits for people to say what its columns are, and can be rehearsed first", async () => {
    const { json } = await upload("kind=account&start=false", "Code;Title;Plan;Junk\n1.10;Acme;Team;x\n");
    expect(json.state).toBe("waiting");
    await settle();
    const start = (body: object) => call("POST", `/imports/${json.id}/start`, body);
    const refused = await start({});
    expect(refused.status).toBe(400);
    expect(refused.json.detail).toMatch(/No column is the external ID/);
    expect((await start({ columns: [{ column: "Nowhere", becomes: "name" }] })).status).toBe(400);
    expect((await start({ columns: [{ column: "Code", becomes: "email" }] })).status).toBe(400);
    const columns = [
      { column: "Code", becomes: "externalId" },
      { column: "Title", becomes: "name" },
      { column: "Plan", becomes: "trait", trait: "plan of today" },
      { column: "Junk", becomes: "nothing" },
    ];
    expect((await start({ dryRun: true, columns })).status).toBe(202);
    expect((await start({ columns })).status).toBe(409);
    await settle();
    expect(await show(json.id)).toMatchObject({
      state: "done",
      dryRun: true,
      columns,
      counts: { created: 1, traits: 1 },
    });
    expect((await call("GET", "/accounts")).json.items).toEqual([]);
    expect((await start({})).json).toMatchObject({ state: "running", dryRun: false, columns });
    await settle();
    expect((await call("GET", "/accounts")).json.items).toEqual([
      expect.objectContaining({ externalId: "1.10", name: "Acme", traits: { "plan of today": "Team" } }),
    ]);
    expect((await start({})).status).toBe(409);
  });

  test("gives its rejected rows back, and takes them mended", async () => {
    const { json } = await upload("kind=user", "id,name,plan\nnull,=Nobody,Team\nu-2\nu-3,Al,Free\n");
    await settle();
    const { text } = await call("GET", `/imports/${json.id}/rejected.csv`);
    expect(text).toBe(
      '\ufeffrejection reason,id,name,plan\r\n"The external ID ""null"" identifies nobody.",null,\'=Nobody,Team\r\n' +
        '"It has 1 cells, and there are 3 columns.",u-2\r\n',
    );
    const again = await upload("kind=user", text.replace(",null,", ",u-1,"));
    await settle();
    expect(await show(again.json.id)).toMatchObject({ state: "done", counts: { created: 1, rejected: 1, traits: 1 } });
    const rest = await call("GET", `/imports/${again.json.id}/rejected.csv?escape=false&bom=false`);
    expect(rest.text).toBe('rejection reason,id,name,plan\r\n"It has 1 cells, and there are 3 columns.",u-2\r\n');
    const last = await upload("kind=user", rest.text.replace(",u-2", ",u-2,,"));
    await settle();
    expect(await show(last.json.id)).toMatchObject({ state: "done", counts: { created: 1, rejected: 0 } });
    const { items } = (await call("GET", "/users")).json;
    const named = Object.fromEntries(
      items.map((one: { externalId: string; name: string }) => [one.externalId, one.name]),
    );
    expect(named).toEqual({ "u-1": "=Nobody", "u-2": null, "u-3": "Al" });
  });

  test.each([
    ["kind=user", "name\nx\n", "text/csv", 400, /external ID/],
    ["kind=user", "", "text/csv", 400, /empty/],
    ["kind=user", Buffer.from([0x69, 0x64, 0x0a, 0xe4, 0x0a]), "text/csv", 400, /UTF-8/],
    ["kind=user&encoding=klingon", "id\n1\n", "text/csv", 400, /encoding/],
    ["kind=planet", "id\n1\n", "text/csv", 400, /kind/],
    ["", "id\n1\n", "text/csv", 400, /kind/],
    ["kind=user", '{"id":1}', "application/json", 415, /./],
    ["kind=user", `id,name\n${"u,x\n".repeat(1_000_000)}`, "text/csv", 413, /longer than 3000000 bytes/],
  ])("is refused: %s", async (query, csv, type, status, says) => {
    const answer = await upload(query, csv, type);
    expect([answer.status, answer.json.detail]).toEqual([status, expect.stringMatching(says)]);
    expect((await call("GET", "/imports")).json.items).toEqual([]);
    const { rows } = await plumbline.database.pool.query("select from import_pieces where workspace_id = $1", [
      workspaceId,
    ]);
    expect(rows).toEqual([]);
  });

  test("that arrived is not thrown away by somebody who does not know it", async () => {
    const { json } = await upload("kind=user&start=false", "id\n1\n");
    await deleteUpload(plumbline.database.pool, { workspaceId, id: json.id });
    expect(await show(json.id)).toMatchObject({ state: "waiting" });
  });

  test("that turns out to be broken at its end changes nothing", async () => {
    const { json } = await upload(
      "kind=user",
      `id,name\n${Array.from({ length: 5_000 }, (_, n) => `u-${n},x`).join("\n")}\nu,"open`,
    );
    await settle();
    expect(await show(json.id)).toMatchObject({ state: "failed", message: expect.stringMatching(/quote is opened/) });
    const lines =
      "select after from audit_log where workspace_id = $1 and subject_id = $2 and action = 'import.failed'";
    const { rows } = await plumbline.database.pool.query(lines, [workspaceId, json.id]);
    expect(rows).toMatchObject([{ after: { kind: "user", dryRun: false, created: 0, updated: 0 } }]);
    expect(await listUsers()).toEqual([]);
  });
});

describe("an import that is interrupted", () => {
  const rows = Array.from({ length: 4_000 }, (_, n) => (n % 10 === 0 ? "null,x,1" : `u-${n},Name ${n},${n}`));
  const file = `id,name,number\n${rows.join("\n")}\n`;

  test.each([1, 2, 3])("is gone on with by another process, and nothing counts twice (%i)", async (batches) => {
    const { json } = await upload("kind=user", file);
    // A process that holds it, stops being heard of after some batches, and never lets it go.
    let saved = 0;
    let bury = () => {};
    const { pool } = plumbline.database;
    const dying = createImportRunner({
      database: {
        query: pool.query.bind(pool) as typeof pool.query,
        async connect() {
          const client = await pool.connect();
          return new Proxy(client, {
            get(target, name) {
              if (name !== "query") {
                const value = Reflect.get(target, name);
                return typeof value === "function" ? value.bind(target) : value;
              }
              return (...given: [string, ...unknown[]]) => {
                if (given[0] === "commit" && saved > batches) {
                  return new Promise((_resolve, reject) => {
                    bury = () => reject(new Error("It was dead."));
                  });
                }
                if (/update imports set held_until/.test(given[0]) && (given[1] as unknown[])[4] === "writing")
                  saved += 1;
                return Reflect.apply(target.query, target, given);
              };
            },
          });
        },
      },
      log: silentLog,
      clock: () => new Date(Date.now() - 60_000),
      onReleased: () => {},
    });
    const work = dying.work({ workspaceId, id: json.id });
    await expect.poll(() => saved, { timeout: 20_000 }).toBe(batches + 1);
    await expect.poll(async () => (await show(json.id)).counts.created, { timeout: 20_000 }).toBe(batches * 500);
    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`,
    );
    await settle();
    const done = await show(json.id);
    expect(done).toMatchObject({ state: "done", done: 3_600, total: 3_600 });
    expect(done.counts).toMatchObject({
      read: 4_000,
      created: 3_600,
      updated: 0,
      unchanged: 0,
      repeated: 0,
      rejected: 400,
      traits: 3_600,
    });
    const { rows: found } = await pool.query(
      "select count(*) as users, count(distinct external_id) as ids from users where workspace_id = $1",
      [workspaceId],
    );
    expect(found).toEqual([{ users: 3_600, ids: 3_600 }]);
    const changes = await pool.query("select count(*) as changes from trait_changes where workspace_id = $1", [
      workspaceId,
    ]);
    expect(changes.rows).toEqual([{ changes: 3_600 }]);
    expect(parse((await call("GET", `/imports/${json.id}/rejected.csv`)).text, { bom: true })).toHaveLength(401);
    bury();
    await work;
    expect(await show(json.id)).toEqual(done);
  });

  test("because the database was lost goes on, though nothing was wrong with the file", async () => {
    const { json } = await upload("kind=user", file);
    const { pool } = plumbline.database;
    const runner = createImportRunner({
      database: { connect: () => pool.connect(), query: createBreakingQuery(pool) },
      log: silentLog,
      clock: () => new Date(Date.now() - 60_000),
      onReleased: () => {},
    });
    await expect(runner.work({ workspaceId, id: json.id })).rejects.toThrow(/terminated/);
    expect(await show(json.id)).toMatchObject({ state: "running", message: null });
    await settle();
    expect(await show(json.id)).toMatchObject({ state: "done", counts: { created: 3_600 } });
  });

  test("by a person stops, keeps what is saved, and can begin anew", async () => {
    const { json } = await upload("kind=user", file);
    expect((await call("POST", `/imports/${json.id}/cancel`)).json).toMatchObject({ state: "cancelled" });
    await settle();
    expect(await listUsers()).toEqual([]);
    expect((await call("POST", `/imports/${json.id}/cancel`)).status).toBe(409);
    expect((await call("POST", `/imports/${json.id}/start`, {})).status).toBe(202);
    await settle();
    expect(await show(json.id)).toMatchObject({ state: "done", counts: { created: 3_600 } });
  });
});

/** Its connection breaks while a piece of a file is on its way. */
function createBreakingQuery(pool: Database): Database["query"] {
  return (async (text: string, values: unknown[]) => {
    if (!text.includes("from import_pieces")) return pool.query(text, values);
    const client = await pool.connect();
    const answer = client.query(text, values);
    (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
    return answer.finally(() => client.release(true));
  }) as unknown as Database["query"];
}

test("of another workspace is not there", async () => {
  const { json } = await upload("kind=user", "id\ncanary\n");
  ({ key } = await createApiKey(
    plumbline.database.pool,
    await createWorkspace(plumbline.database.pool),
    "other",
    new Date(),
  ));
  for (const [method, path, body] of [
    ["GET", ""],
    ["GET", "/rejected.csv"],
    ["POST", "/cancel"],
    ["POST", "/start", {}],
  ] as const)
    expect([path, (await call(method, `/imports/${json.id}${path}`, body)).status]).toEqual([path, 404]);
  expect((await call("GET", "/imports")).json.items).toEqual([]);
});
