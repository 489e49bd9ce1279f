// Chapter 8: reports become traits.
//
// What Pendo has counted for a visitor or an account, a report of Pendo's says; and as a trait it stands where people look. A
// report that was chosen is read every twelve hours (src/reports/start-due-reports.ts), row by row, goes the same way from ids
// to records as webhooks do, and changes only what is really another (src/pipeline/sync-report.ts). Each trait tells where it
// comes from, when it was read, and what it was before.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { startDueReports } from "../../src/reports/start-due-reports.ts";
import type { CreatedConnection } from "../../src/settings/connections.ts";
import { connectToPendo } from "../support/pendo.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

let now = new Date("2026-11-20T15:00:00.000Z");
let pendo: PendoSimulator;
let plumbline: TestApp;
let connection: CreatedConnection;
let atPendo: ReturnType<PendoSimulator["reports"]["create"]>;
let reportId: string;
beforeAll(async () => {
  pendo = await startPendoSimulator({ seed: "8", now: now.getTime() / 1000, days: 30, count: 500 });
  plumbline = await createTestApp({ clock: () => now, pendoUrl: pendo.url, pendo: { patience: { tries: 1 } } });
  connection = await connectToPendo(plumbline, pendo, {});
  atPendo = pendo.reports.create({ name: "Use of the product", level: "visitor", rows: monday });
});
afterAll(async () => {
  await plumbline.stop();
  await pendo.stop();
});

/** Three visitors of two accounts, one line for each visitor, as Pendo shows them on one day. */
const monday = [
  { visitorId: "ada", accountId: "acme", minutes: 30, "last visit": 1763985600000, plan: "pro" },
  { visitorId: "ben", accountId: "acme", minutes: 12.5, "last visit": 1763899200000, plan: "pro" },
  { visitorId: "cy", accountId: "umbrella", minutes: 0, "last visit": 1763812800000, plan: "" },
];

async function run(): Promise<any> {
  await plumbline.app.reportRuns.settleAll();
  return (await plumbline.get(`/reports/${reportId}/runs`)).json.items[0];
}
async function syncNow(): Promise<any> {
  expect((await plumbline.call("POST", `/reports/${reportId}/sync`)).status).toBe(202);
  return run();
}
const traitsOf = async (account: string) => (await plumbline.get(`/accounts/${account}`)).json.traits;

test("Pendo's shared reports of visitors and accounts can be looked at before anything is chosen", async () => {
  const { items } = (await plumbline.get(`/connections/${connection.id}/pendo-reports`)).json;
  expect(items.find((one: { id: string }) => one.id === atPendo.id)).toMatchObject({
    name: "Use of the product",
    isSyncable: true,
  });
  const looked = await plumbline.get(`/connections/${connection.id}/pendo-reports/${atPendo.id}/preview`);
  expect(looked.json).toMatchObject({ idColumn: "visitorId", idKind: "visitor", level: "user", rows: monday });
  // What each column would become is proposed from its first rows; all of it can be changed.
  const proposed = looked.json.columns.map(({ column, trait, type }: Record<string, string>) => [column, trait, type]);
  expect(proposed).toContainEqual(["minutes", "pendo.minutes", "number"]);
  expect(proposed).toContainEqual(["last visit", "pendo.last visit", "date"]);
  expect(proposed).toContainEqual(["plan", "pendo.plan", "text"]);
});

test("a report of visitors may say something of their accounts: then rows are combined", async () => {
  const made = await plumbline.call("POST", "/reports", {
    connectionId: connection.id,
    pendoReportId: atPendo.id,
    level: "account",
    idColumn: "accountId",
    columns: [
      { column: "minutes", combine: "sum" },
      { column: "visitorId", trait: "people", combine: "count" },
      { column: "last visit", trait: "last visit", combine: "max" },
      { column: "plan", trait: "plan", combine: "latest", latestBy: "last visit" },
    ],
  });
  expect(made.status).toBe(201);
  reportId = made.json.id;
  // The first run is due at once. However many processes look, it is begun once.
  const begun = await Promise.all([1, 2, 3].map(() => startDueReports(plumbline.database.pool, now)));
  expect(begun.toSorted()).toEqual([0, 0, 1]);
  expect(await run()).toMatchObject({ state: "done", rowsRead: 3, matched: 2, changed: 2, unmatched: 0 });
  expect(await traitsOf("acme")).toEqual({
    "pendo.minutes": 42.5,
    people: 2,
    "last visit": "2025-11-24T12:00:00.000Z",
    plan: "pro",
  });
  // Zero is a value; an empty cell is none.
  expect(await traitsOf("umbrella")).toEqual({
    "pendo.minutes": 0,
    people: 1,
    "last visit": "2025-11-22T12:00:00.000Z",
  });
});

test("a run in which nothing has changed changes nothing; every twelve hours there is one", async () => {
  expect(await startDueReports(plumbline.database.pool, now)).toBe(0);
  now = new Date(now.getTime() + 12 * 3_600_000);
  expect(await startDueReports(plumbline.database.pool, now)).toBe(1);
  expect(await run()).toMatchObject({ state: "done", matched: 2, changed: 0, valuesChanged: 0 });
  // Two days without a run are caught up by one.
  now = new Date(now.getTime() + 48 * 3_600_000);
  expect(await startDueReports(plumbline.database.pool, now)).toBe(1);
  await run();
  expect(await startDueReports(plumbline.database.pool, now)).toBe(0);
});

test("what changes is kept with what it was, so that it can be drawn", async () => {
  pendo.reports.change(atPendo, { rows: [{ ...monday[0], minutes: 50 }, monday[1]!, monday[2]!] });
  expect(await syncNow()).toMatchObject({ state: "done", changed: 1, valuesChanged: 1 });
  const { items } = (await plumbline.get("/accounts/acme/traits")).json;
  const minutes = items.find((one: { name: string }) => one.name === "pendo.minutes");
  expect(minutes).toMatchObject({ value: 62.5, type: "number", sourceName: "Use of the product", reportId });
  expect(minutes.history).toMatchObject([
    { oldValue: 42.5, newValue: 62.5 },
    { oldValue: null, newValue: 42.5 },
  ]);
});

test("what does not fit is reported and not guessed; who is not known is listed with the reason", async () => {
  pendo.reports.change(atPendo, {
    rows: [{ ...monday[0], minutes: "many" }, monday[1]!, monday[2]!, { ...monday[0], accountId: "undefined" }],
  });
  const done = await syncNow();
  expect(done).toMatchObject({ state: "done", rowsRead: 4, unmatched: 1, typeErrors: 1 });
  const csv = await plumbline.getText(`/report-runs/${done.id}/problems.csv`);
  expect(csv.text).toContain("many");
  expect(csv.text).toContain("undefined");
});

test("a report that has lost most of its rows is not believed until somebody says that it is right", async () => {
  const before = await traitsOf("acme");
  pendo.reports.change(atPendo, { rows: [monday[2]!] });
  const stopped = await syncNow();
  expect(stopped.state).toBe("stopped");
  expect(stopped.message).toMatch(/1 row.*4/);
  expect(await traitsOf("acme")).toEqual(before);
  await plumbline.call("POST", `/report-runs/${stopped.id}/confirm`);
  expect(await run()).toMatchObject({ state: "done", isConfirmed: true, matched: 1 });
  // What a report has no longer is kept, unless the report is set to clear it.
  expect(await traitsOf("acme")).toEqual(before);
  await plumbline.call("PATCH", `/reports/${reportId}`, { vanished: "clear" });
  await syncNow();
  expect(await traitsOf("acme")).toEqual({});
});

test("a trait of one name from two sources is two values; people choose which one is shown", async () => {
  await plumbline.call("PATCH", "/accounts/umbrella/traits", { traits: { people: 7 } });
  await syncNow();
  expect((await traitsOf("umbrella")).people).toBe(7);
  await plumbline.call("PUT", "/traits/account/people", { sources: [`pendo-report:${reportId}`] });
  expect((await traitsOf("umbrella")).people).toBe(1);
});
