// Reports through the real app: what Pendo has, what is refused, a run from its beginning to its problems as a file.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { connectToPendo, setMapping } from "../../test/support/pendo.ts";
import { shortPatience } from "../../test/support/pendo-client.ts";
import { createTestApp, type TestApp } from "../../test/support/test-app.ts";
import type { JsonObject } from "../platform/json.ts";
import { type CreatedConnection, createConnection } from "../settings/connections.ts";
import { setPendoAccess } from "../settings/integration-keys.ts";

let simulator: PendoSimulator;
let plumbline: TestApp;
let connection: CreatedConnection;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", visitors: 60, accounts: 12, days: 2, count: 100 });
  plumbline = await createTestApp({ pendoUrl: simulator.url, pendo: { patience: shortPatience } });
  connection = await connectToPendo(plumbline, simulator, {});
});
afterAll(async () => {
  await plumbline.stop();
  await simulator.stop();
});

const findPendoReport = (name: string) => simulator.reports.list().find((report) => report.name === name)!;
let made = 0;

/** A report of these rows at Pendo; resolves to its id there. */
function createPendoReport(level: "visitor" | "account", rows: JsonObject[]): string {
  made += 1;
  return simulator.reports.create({ name: `Report ${made}`, level, rows: rows as never }).id;
}

async function add(body: object): Promise<any> {
  const { status, json } = await plumbline.call("POST", "/reports", { connectionId: connection.id, ...body });
  expect(json).toMatchObject({ id: expect.any(String) });
  expect(status).toBe(201);
  return json;
}

async function sync(reportId: string): Promise<any> {
  const { status, json } = await plumbline.call("POST", `/reports/${reportId}/sync`);
  expect(status).toBe(202);
  await plumbline.app.reportRuns.settleAll();
  return (await plumbline.get(`/report-runs/${json.id}`)).json;
}

async function readTraits(kind: string, externalId: string): Promise<unknown> {
  const { json } = await plumbline.get(`/${kind}?externalId=${encodeURIComponent(externalId)}`);
  return json.items[0]?.traits;
}

async function expectRefusal(work: Promise<{ status: number; json: any }>, status: number, words: string | RegExp) {
  const answer = await work;
  expect(answer.json.detail).toMatch(words);
  expect(answer.status).toBe(status);
}

describe("what Pendo has", () => {
  test("is listed, also what cannot be synced, beside what is synced", async () => {
    const health = findPendoReport("Account health");
    const report = await add({ pendoReportId: health.id, level: "account", columns: [{ column: "seats" }] });
    const { status, json } = await plumbline.get(`/connections/${connection.id}/pendo-reports`);
    expect(status).toBe(200);
    const find = (name: string) => json.items.find((item: any) => item.name === name);
    expect(find("Account health")).toMatchObject({
      id: health.id,
      level: "account",
      isSyncable: true,
      whyNot: null,
      reports: [{ id: report.id, level: "account", everyHours: 12, isOn: true, lastRun: null }],
    });
    expect(find("Sign-up funnel")).toMatchObject({
      isSyncable: false,
      whyNot: expect.stringMatching(/\w/),
      reports: [],
    });
    expect(find("My own accounts")).toMatchObject({ isShared: false, isSyncable: false });
    simulator.reports.change(health, { isDeleted: true });
    const after = await plumbline.get(`/connections/${connection.id}/pendo-reports`);
    expect(after.json.items.at(-1)).toMatchObject({
      id: health.id,
      isSyncable: false,
      whyNot: expect.stringContaining("does not list it any more"),
      reports: [{ id: report.id }],
    });
    simulator.reports.change(health, { isDeleted: false });
  });

  test("is shown with what it would become", async () => {
    const { id } = findPendoReport("Visitor activity");
    const { status, json } = await plumbline.get(`/connections/${connection.id}/pendo-reports/${id}/preview?rows=2`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      id,
      name: "Visitor activity",
      idColumn: "visitorId",
      idKind: "visitor",
      level: "user",
    });
    expect(json.rows).toHaveLength(2);
    expect(json.rows[0]).toHaveProperty("numMinutes");
    expect(json.rowsLookedAt).toBe(simulator.reports.find(id)!.size);
    const types = Object.fromEntries(json.columns.map(({ column, type, combine }: any) => [column, [type, combine]]));
    expect(types).toEqual({
      visitorId: ["text", "latest"],
      accountId: ["text", "latest"],
      visitor_agent_email: ["text", "latest"],
      role: ["text", "latest"],
      firstvisit: ["date", "latest"],
      daysActive: ["number", "sum"],
      numMinutes: ["number", "sum"],
      lastvisit: ["date", "latest"],
    });
  });

  test("is shown with every cell, whatever its column is called", async () => {
    const rows = [JSON.parse('{"accountId":"a","two\\nlines":1,"__proto__":2,"":3,"constructor":4}')];
    const { id } = simulator.reports.create({ name: "Names", level: "account", rows });
    const { json } = await plumbline.get(`/connections/${connection.id}/pendo-reports/${id}/preview`);
    expect(Object.entries(json.rows[0])).toEqual(Object.entries(rows[0]));
  });

  test("that cannot be shown is refused in words", async () => {
    const preview = (id: string) => plumbline.get(`/connections/${connection.id}/pendo-reports/${id}/preview`);
    await expectRefusal(preview("nosuch"), 404, 'Pendo has no report "nosuch" that this key may see');
    await expectRefusal(preview(findPendoReport("Sign-up funnel").id), 400, '"Sign-up funnel" cannot be synced: ');
    await expectRefusal(preview(findPendoReport("My own accounts").id), 400, '"My own accounts" cannot be synced: ');
  });
});

describe("who cannot ask Pendo", () => {
  test("has no connection, no key, or a wrong one", async () => {
    const other = await createConnection(plumbline.settings, { name: "Keyless" });
    await expectRefusal(
      plumbline.get(`/connections/${other.id}/pendo-reports`),
      409,
      "the connection Keyless has no integration key: set one first",
    );
    for (const id of ["nosuch", "019f3a5c-1b2d-7e4f-8a6b-0c1d2e3f4a5b"])
      await expectRefusal(plumbline.get(`/connections/${id}/pendo-reports`), 404, `There is no connection "${id}"`);
    await setPendoAccess(plumbline.settings, other.id, { integrationKey: "wrong" });
    await expectRefusal(plumbline.get(`/connections/${other.id}/pendo-reports`), 409, /key/);
    await setPendoAccess(plumbline.settings, other.id, { integrationKey: simulator.integrationKey });
    simulator.faults.set([{ fault: 500 }]);
    await expectRefusal(plumbline.get(`/connections/${other.id}/pendo-reports`), 503, /Pendo/);
    simulator.faults.set([]);
  });
});

describe("setting a report up", () => {
  test("is as it is proposed, unless something else is said; the first run is due at once", async () => {
    const before = new Date();
    const pendoReportId = createPendoReport("visitor", [
      { visitorId: "v-1", accountId: "a-1", minutes: 3, lastvisit: 1_700_000_000_000, plan: "free" },
    ]);
    const report = await add({ pendoReportId, level: "user" });
    expect(report).toMatchObject({
      pendoReportId,
      level: "user",
      idColumn: "visitorId",
      idKind: "visitor",
      columns: [
        { column: "accountId", trait: "pendo.accountId", type: "text", combine: "latest", latestBy: null },
        { column: "minutes", trait: "pendo.minutes", type: "number", combine: "sum", latestBy: null },
        { column: "lastvisit", trait: "pendo.lastvisit", type: "date", combine: "latest", latestBy: null },
        { column: "plan", trait: "pendo.plan", type: "text", combine: "latest", latestBy: null },
      ],
      vanished: "keep",
      everyHours: 12,
      isOn: true,
      lastRun: null,
    });
    expect(Date.parse(report.nextAt)).toBeGreaterThanOrEqual(before.getTime());
    expect(Date.parse(report.nextAt)).toBeLessThanOrEqual(Date.now());
    const other = await add({
      pendoReportId,
      level: "account",
      columns: [
        { column: "minutes", trait: "Minutes" },
        { column: "plan", latestBy: "lastvisit" },
      ],
      combine: "average",
      vanished: "clear",
      everyHours: 3,
    });
    expect(other).toMatchObject({
      idColumn: "accountId",
      idKind: "account",
      columns: [
        { column: "minutes", trait: "Minutes", combine: "average" },
        { column: "plan", combine: "latest", latestBy: "lastvisit" },
      ],
      vanished: "clear",
      everyHours: 3,
    });
    expect((await plumbline.get(`/reports/${other.id}`)).json).toEqual(other);
    const { json } = await plumbline.get(`/reports?connection=${connection.id}`);
    expect(json.items.slice(-2)).toEqual([report, other]);
    await expectRefusal(
      plumbline.call("POST", "/reports", { connectionId: connection.id, pendoReportId, level: "user" }),
      409,
      `is synced at level user already: it is ${report.id}.`,
    );
  });

  test("twice at once is one report", async () => {
    const body = {
      connectionId: connection.id,
      pendoReportId: createPendoReport("visitor", [{ visitorId: "v", x: 1 }]),
      level: "user",
    };
    const answers = await Promise.all([1, 2, 3].map(() => plumbline.call("POST", "/reports", body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const created = answers.find(({ status }) => status === 201)!;
    for (const { status, json } of answers) if (status === 409) expect(json.detail).toContain(created.json.id);
  });

  test("that cannot work is refused, and nothing is there", async () => {
    const visitors = createPendoReport("visitor", [{ visitorId: "v-1", accountId: "a-1", x: 1 }]);
    const nameless = createPendoReport("account", [{ crm: "c-1", x: 1 }]);
    const empty = createPendoReport("account", []);
    const before = (await plumbline.get("/reports")).json.items.length;
    const refused = (body: object, status: number, words: string | RegExp) =>
      expectRefusal(plumbline.call("POST", "/reports", { connectionId: connection.id, ...body }), status, words);
    await refused({ pendoReportId: visitors, level: "organization" }, 400, "The workspace has no organizations");
    await refused(
      { pendoReportId: visitors, level: "account", idColumn: "visitorId" },
      400,
      "a visitor is a user: choose level user",
    );
    await refused(
      { pendoReportId: visitors, level: "user", idColumn: "accountId" },
      400,
      "an account is no user: choose level account",
    );
    await refused(
      { pendoReportId: nameless, level: "account" },
      400,
      "No column is named like Pendo's id of an account",
    );
    await refused({ pendoReportId: visitors, level: "user", columns: [{ column: "y" }] }, 400, 'no column "y"');
    await refused({ pendoReportId: empty, level: "account" }, 400, "Pendo has no rows for this report at the moment");
    await refused({ pendoReportId: "nosuch", level: "account" }, 404, 'Pendo has no report "nosuch"');
    await refused({ pendoReportId: findPendoReport("Paths to export").id, level: "user" }, 400, "cannot be synced");
    await refused({ pendoReportId: visitors, level: "team" }, 400, /level/);
    await refused({ pendoReportId: visitors, level: "user", everyHours: 2 }, 400, /everyHours/);
    await refused({ pendoReportId: visitors, level: "user", nosuch: 1 }, 400, /is not known here/);
    await refused({ pendoReportId: visitors, level: "user", columns: [{ column: "x", trait: "a\0" }] }, 400, "U+0000");
    await refused({ connectionId: "nosuch", pendoReportId: visitors, level: "user" }, 404, "There is no connection");
    expect((await plumbline.get("/reports")).json.items).toHaveLength(before);
    await add({
      pendoReportId: empty,
      level: "account",
      idColumn: "accountId",
      columns: [{ column: "seats", type: "number" }],
    });
  });

  test("with Pendo's accounts as organizations", async () => {
    await plumbline.database.pool.query("update workspaces set hierarchy = true");
    const organizations = await connectToPendo(plumbline, simulator, { level: "organization" });
    const pendoReportId = createPendoReport("account", [{ accountId: "a-1", x: 1 }]);
    const at = (level: string, more = {}) =>
      plumbline.call("POST", "/reports", { connectionId: organizations.id, pendoReportId, level, ...more });
    await expectRefusal(at("account"), 400, "In this connection Pendo's accounts are organizations here");
    expect(await at("organization")).toMatchObject({ status: 201, json: { level: "organization", idKind: "account" } });
    expect(await at("account", { idKind: "external" })).toMatchObject({ status: 201, json: { idKind: "external" } });
    // Where they are accounts, a report can be about the organizations that they are in.
    await add({ pendoReportId, level: "organization" });
    await setMapping(plumbline, organizations, { level: "account" });
    await plumbline.database.pool.query("update workspaces set hierarchy = false");
  });
});

describe("changing a report", () => {
  test("finds columns that only rows further behind have", async () => {
    const rows = Array.from({ length: 260 }, (_, index) => ({
      accountId: `late-${index}`,
      a: index,
      ...(index > 220 && { late: index, later: "x" }),
    }));
    const pendoReportId = createPendoReport("account", rows);
    const wanted = { connectionId: connection.id, pendoReportId, level: "account" };
    const columns = (...late: object[]) => ({ ...wanted, columns: [{ column: "a" }, ...late] });
    await expectRefusal(
      plumbline.call("POST", "/reports", columns({ column: "late" })),
      400,
      'The rows that were looked at have no column "late". If later ones have it, say its type',
    );
    const report = await add(columns({ column: "late", type: "number" }));
    expect(await sync(report.id)).toMatchObject({ state: "done", message: expect.stringContaining(': "later".') });
    expect(await readTraits("accounts", "late-250")).toMatchObject({ "pendo.late": 250 });
    const change = (body: object) => plumbline.call("PATCH", `/reports/${report.id}`, body);
    expect((await change({ columns: [{ column: "late", trait: "L" }] })).json.columns).toMatchObject([
      { column: "late", trait: "L", type: "number" },
    ]);
    expect(await change({ idColumn: "later", idKind: "external" })).toMatchObject({ json: { idColumn: "later" } });
    const misspelt = { ...wanted, level: "user", idColumn: "accountId", idKind: "external" };
    const wrong = await add({ ...misspelt, columns: [{ column: "nosuch", type: "text" }] });
    expect(await sync(wrong.id)).toMatchObject({
      state: "stopped",
      message: expect.stringContaining('No row has the column "nosuch"'),
    });
  });

  test("changes what is given, and asks Pendo only about columns", async () => {
    const pendoReportId = createPendoReport("visitor", [{ visitorId: "v-1", a: 1, b: 2, seen: "2026-01-01" }]);
    const report = await add({
      pendoReportId,
      level: "user",
      columns: [{ column: "a", trait: "A" }, { column: "seen" }],
    });
    const change = (body: object) => plumbline.call("PATCH", `/reports/${report.id}`, body);
    simulator.requests.clear();
    expect((await change({ isOn: false })).json).toEqual({
      ...report,
      isOn: false,
      updatedAt: expect.any(String),
    });
    expect((await change({ vanished: "clear", everyHours: 1, isOn: true })).json).toMatchObject({
      vanished: "clear",
      everyHours: 1,
      isOn: true,
      columns: report.columns,
      nextAt: report.nextAt,
    });
    expect(simulator.requests.total()).toBe(0);
    expect((await change({ combine: "max" })).json.columns).toMatchObject([
      { column: "a", trait: "A", combine: "max" },
      { column: "seen", combine: "max" },
    ]);
    expect((await change({ columns: [{ column: "b" }, { column: "a" }] })).json.columns).toMatchObject([
      { column: "b", trait: "pendo.b", combine: "sum" },
      { column: "a", trait: "A", combine: "max" },
    ]);
    await expectRefusal(change({ columns: [{ column: "c" }] }), 400, 'The report has no column "c"');
    await expectRefusal(change({ idColumn: "c" }), 400, 'The report has no column "c"');
    await expectRefusal(change({ idKind: "account" }), 400, "an account is no user");
    await expectRefusal(change({}), 400, /fewer than 1/);
    await expectRefusal(change({ level: "account" }), 400, /is not known here/);
    await expectRefusal(plumbline.call("PATCH", "/reports/nosuch", { isOn: true }), 404, 'There is no report "nosuch"');
  });

  test("to another interval moves its next window, unless it is due", async () => {
    const pendoReportId = createPendoReport("visitor", [{ visitorId: "v-1", a: 1 }]);
    const { id } = await add({ pendoReportId, level: "user", everyHours: 24 });
    const later = new Date(Date.now() + 20 * 3_600_000);
    await plumbline.database.pool.query("update reports set next_at = $2 where report_id = $1", [id, later]);
    const { json } = await plumbline.call("PATCH", `/reports/${id}`, { everyHours: 1 });
    expect(Date.parse(json.nextAt) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(Date.parse(json.nextAt)).toBeGreaterThan(Date.now());
  });
});

describe("a run", () => {
  const columns = [{ column: "minutes", type: "number" }, { column: "plan" }, { column: "note" }];
  const rows = [
    { visitorId: "run-1", minutes: 3, plan: "free", note: "=1+1" },
    { visitorId: "run-1", minutes: 4, plan: "team", note: "x" },
    { visitorId: "run-2", minutes: "n/a", plan: "free", note: "y" },
    { visitorId: "", minutes: 1, plan: "free", note: "z" },
    { visitorId: "undefined", minutes: 1, plan: "=cmd()", note: "z" },
  ];

  test("reads, matches, writes, and says what it could not use", async () => {
    const { id } = await add({ pendoReportId: createPendoReport("visitor", rows), level: "user", columns });
    const run = await sync(id);
    expect(run).toMatchObject({
      reportId: id,
      number: 1,
      windowAt: null,
      state: "done",
      rowsRead: 5,
      columnsSeen: ["visitorId", "minutes", "plan", "note"],
      matched: 2,
      changed: 2,
      valuesChanged: 5,
      unmatched: 2,
      typeErrors: 1,
      answers: [{ status: 200, rows: 5, trouble: null }],
    });
    expect(await readTraits("users", "run-1")).toEqual({ "pendo.minutes": 7, "pendo.note": "x", "pendo.plan": "team" });
    expect((await plumbline.get(`/reports/${id}`)).json.lastRun).toEqual(run);
    const again = await sync(id);
    expect(again).toMatchObject({ number: 2, state: "done", matched: 2, changed: 0, valuesChanged: 0 });
    const { json } = await plumbline.get(`/reports/${id}/runs?limit=1`);
    expect(json.items).toEqual([again]);

    const problems = await plumbline.get(`/report-runs/${run.id}/problems?limit=2`);
    expect(problems.json.items).toMatchObject([
      { rowNumber: 3, column: "minutes", kind: "type-error", reason: "not-a-number", rowId: "run-2", value: "n/a" },
      {
        rowNumber: 4,
        column: null,
        kind: "unmatched",
        reason: "no-id",
        message: "The id column is empty in this row.",
      },
    ]);
    const rest = await plumbline.get(`/report-runs/${run.id}/problems?limit=2&from=${problems.json.next}`);
    expect(rest.json).toMatchObject({ items: [{ rowNumber: 5, reason: "nobody", rowId: "undefined" }], next: null });
    for (const from of ["nosuch", Buffer.from('["a",1]').toString("base64url")])
      await expectRefusal(
        plumbline.get(`/report-runs/${run.id}/problems?from=${from}`),
        400,
        "`from` is not the `next`",
      );
    await expectRefusal(plumbline.get("/report-runs/nosuch/problems"), 404, 'There is no run "nosuch"');

    const csv = await plumbline.getText(`/report-runs/${run.id}/problems.csv`);
    expect(csv.status).toBe(200);
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(csv.headers.get("content-disposition")).toBe('attachment; filename="report-run-1-problems.csv"');
    expect(csv.text.replace("\ufeff", "").split("\r\n")).toEqual([
      "row,kind,id,column,value,reason,message",
      '3,type-error,run-2,minutes,n/a,not-a-number,"The cell is not a number, or has more digits than a number keeps."',
      "4,unmatched,,,,no-id,The id column is empty in this row.",
      "5,unmatched,undefined,,,nobody,The id identifies nobody: it is one of those that stand where there is none.",
      "",
    ]);
  });

  test("as a file has as many problems as there are, and none that a spreadsheet would run", async () => {
    const many = Array.from({ length: 2_345 }, (_, place) => ({ visitorId: `many-${place}`, n: `=${place}` }));
    const pendoReportId = createPendoReport("visitor", many);
    const { id } = await add({ pendoReportId, level: "user", columns: [{ column: "n", type: "number" }] });
    const run = await sync(id);
    expect(run).toMatchObject({ state: "done", typeErrors: 2_345 });
    const { text } = await plumbline.getText(`/report-runs/${run.id}/problems.csv`);
    const lines = text.trimEnd().split("\r\n");
    expect(lines).toHaveLength(2_346);
    expect(lines[1_500]).toContain("1500,type-error,many-1499,n,'=1499,not-a-number,");
    const none = await add({ pendoReportId: createPendoReport("visitor", [{ visitorId: "v", x: 1 }]), level: "user" });
    const empty = await plumbline.getText(`/report-runs/${(await sync(none.id)).id}/problems.csv`);
    expect(empty.text.trimEnd()).toBe("\ufeffrow,kind,id,column,value,reason,message");
  });

  test("that is asked for while one is running is that one, and can be cancelled", async () => {
    const { id } = await add({ pendoReportId: createPendoReport("visitor", rows), level: "user", columns });
    const [one, other] = [1, 2].map(() => plumbline.call("POST", `/reports/${id}/sync`));
    const run = (await one!).json;
    expect((await other!).json.id).toBe(run.id);
    expect(run).toMatchObject({ state: "running", number: 1 });
    const cancelled = await plumbline.call("POST", `/report-runs/${run.id}/cancel`);
    expect(cancelled).toMatchObject({
      status: 200,
      json: { id: run.id, state: "cancelled", message: "It was cancelled by a person." },
    });
    await expectRefusal(plumbline.call("POST", `/report-runs/${run.id}/cancel`), 409, "Run 1 is cancelled");
    await expectRefusal(plumbline.call("POST", `/report-runs/${run.id}/confirm`), 409, "only a stopped run can be");
    expect((await sync(id)).number).toBe(2);
  });

  test("that stopped goes on when a person says so", async () => {
    const before = rows.slice(0, 3).map((row) => ({ ...row, visitorId: row.visitorId.replace("run", "stop") }));
    const { id } = await add({ pendoReportId: createPendoReport("visitor", before), level: "user", columns });
    const pendoReport = simulator.reports.list().at(-1)!;
    await sync(id);
    simulator.reports.change(pendoReport, { rows: [{ visitorId: "stop-1", minutes: 100, plan: "free", note: "x" }] });
    const stopped = await sync(id);
    expect(stopped).toMatchObject({ state: "stopped", message: expect.stringContaining("fewer than half of the 3") });
    expect(await readTraits("users", "stop-1")).toMatchObject({ "pendo.minutes": 7 });
    const confirmed = await plumbline.call("POST", `/report-runs/${stopped.id}/confirm`);
    expect(confirmed).toMatchObject({ status: 202, json: { state: "running", isConfirmed: true } });
    await expectRefusal(plumbline.call("POST", `/report-runs/${stopped.id}/confirm`), 409, "Run 3 of this report is");
    await plumbline.app.reportRuns.settleAll();
    await expectRefusal(
      plumbline.call("POST", `/report-runs/${stopped.id}/confirm`),
      409,
      "A later run than 2 is done",
    );
    expect(await readTraits("users", "stop-1")).toMatchObject({ "pendo.minutes": 100 });
  });

  test("is nowhere for who asks from another workspace", async () => {
    const { id } = await add({ pendoReportId: createPendoReport("visitor", rows), level: "user", columns });
    const run = await sync(id);
    const other = await createTestApp({ pendoUrl: simulator.url });
    await expectRefusal(other.get(`/reports/${id}`), 404, "There is no report");
    await expectRefusal(other.get(`/report-runs/${run.id}`), 404, "There is no run");
    await expectRefusal(other.call("POST", `/reports/${id}/sync`), 404, "There is no report");
    await other.stop();
  });
});

describe("removing a report", () => {
  const rows = [
    { visitorId: "gone-1", n: 1, s: "x" },
    { visitorId: "gone-2", n: 2, s: "" },
  ];

  test("leaves the traits it has given, and takes its runs", async () => {
    const { id } = await add({ pendoReportId: createPendoReport("visitor", rows), level: "user" });
    const run = await sync(id);
    expect(await plumbline.call("DELETE", `/reports/${id}`)).toEqual({ status: 200, json: { id, cleared: 0 } });
    await expectRefusal(plumbline.get(`/reports/${id}`), 404, "There is no report");
    await expectRefusal(plumbline.get(`/report-runs/${run.id}`), 404, "There is no run");
    await expectRefusal(plumbline.call("DELETE", `/reports/${id}`), 404, "There is no report");
    expect(await readTraits("users", "gone-1")).toEqual({ "pendo.n": 1, "pendo.s": "x" });
  });

  test("or clears them, and nothing else, and history keeps that", async () => {
    const kept = await add({ pendoReportId: createPendoReport("visitor", rows), level: "user" });
    await sync(kept.id);
    const rows2 = rows.map((row) => ({ ...row, n: row.n + 10 }));
    const { id } = await add({ pendoReportId: createPendoReport("visitor", rows2), level: "user" });
    await sync(id);
    const count = async (source: string) =>
      (await plumbline.database.pool.query("select count(*) from traits where source = $1", [source])).rows[0].count;
    expect(await count(`pendo-report:${id}`)).toBe(3);
    const removed = await plumbline.call("DELETE", `/reports/${id}?clear=true`);
    expect(removed).toEqual({ status: 200, json: { id, cleared: 3 } });
    expect(await count(`pendo-report:${id}`)).toBe(0);
    expect(await count(`pendo-report:${kept.id}`)).toBe(3);
    const { rows: changes } = await plumbline.database.pool.query(
      `select old_value, new_value, report_run_id is null as "byPerson" from trait_changes
       where source = $1 order by read_at, name, old_value`,
      [`pendo-report:${id}`],
    );
    expect(changes.slice(-3)).toEqual([
      { old_value: 11, new_value: null, byPerson: true },
      { old_value: 12, new_value: null, byPerson: true },
      { old_value: "x", new_value: null, byPerson: true },
    ]);
  });

  test("while it runs ends the run without a change", async () => {
    const { id } = await add({ pendoReportId: createPendoReport("visitor", rows), level: "user" });
    await plumbline.call("POST", `/reports/${id}/sync`);
    const working = plumbline.app.reportRuns.settleAll();
    await plumbline.call("DELETE", `/reports/${id}?clear=true`);
    await working;
    const { rows: left } = await plumbline.database.pool.query("select from traits where source = $1", [
      `pendo-report:${id}`,
    ]);
    expect(left).toEqual([]);
  });
});
