import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createReportPlace, oneColumn, type ReportPlace, readTraitsOf } from "../../test/support/reports.ts";
import { createTestDatabase, type TestDatabase } from "../../test/support/test-database.ts";
import { watchStatements } from "../../test/support/watched-database.ts";
import { findReadAt } from "../reports/last-seen-queries.ts";
import { listReportProblems } from "../reports/report-problems-table.ts";
import { cancelRun } from "../reports/report-runs-table.ts";
import { findReport } from "../reports/reports-table.ts";
import { removeRecord } from "./remove-record.ts";
import { listTraits } from "./use/traits-queries.ts";

let database: TestDatabase;
const places: ReportPlace[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const place of places) await place.stop();
  await database.drop();
});

async function createTestPlace(given: Parameters<typeof createReportPlace>[1] = {}): Promise<ReportPlace> {
  const place = await createReportPlace(database.pool, given);
  places.push(place);
  return place;
}

const row = (accountId: unknown, seats: unknown, more: object = {}) => ({ accountId, seats, ...more }) as never;

async function listChanges({ workspaceId, pool }: ReportPlace) {
  const { rows } = await pool.query(
    `select name, old_value as "oldValue", new_value as "newValue", report_run_id as "runId" from trait_changes
     where workspace_id = $1 order by trait_change_id`,
    [workspaceId],
  );
  return rows;
}

describe("a run", () => {
  test("makes the records that are missing, and their traits with a line of history each", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    const run = await place.run(report, [row("acme", 5), row("globex", 7)]);
    expect(run).toMatchObject({
      state: "done",
      message: null,
      rowsRead: 2,
      columnsSeen: ["accountId", "seats"],
      matched: 2,
      changed: 2,
      valuesChanged: 2,
      unmatched: 0,
      typeErrors: 0,
    });
    expect(run.answers).toEqual([expect.objectContaining({ status: 200, rows: 2, trouble: null })]);
    expect(await readTraitsOf(place.pool, report)).toEqual({
      acme: { "pendo.seats": 5 },
      globex: { "pendo.seats": 7 },
    });
    expect(await listChanges(place)).toEqual([
      { name: "pendo.seats", oldValue: null, newValue: expect.any(Number), runId: run.id },
      { name: "pendo.seats", oldValue: null, newValue: expect.any(Number), runId: run.id },
    ]);
    const { rows } = await place.pool.query("select made_by_connection from accounts where workspace_id = $1", [
      place.workspaceId,
    ]);
    expect(rows).toEqual([{ made_by_connection: place.connectionId }, { made_by_connection: place.connectionId }]);
  });

  test("writes only what differs", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    await place.run(report, [row("acme", 5), row("globex", 7)]);
    const before = await place.pool.query("select xmin, * from traits where workspace_id = $1", [place.workspaceId]);
    const same = await place.run(report, [row("globex", 7), row("acme", "5")]);
    expect(same).toMatchObject({ matched: 2, changed: 0, valuesChanged: 0 });
    const after = await place.pool.query("select xmin, * from traits where workspace_id = $1", [place.workspaceId]);
    expect(after.rows).toEqual(before.rows);
    const other = await place.run(report, [row("globex", 8), row("acme", 5)]);
    expect(other).toMatchObject({ changed: 1, valuesChanged: 1 });
    expect((await listChanges(place)).slice(2)).toEqual([
      { name: "pendo.seats", oldValue: 7, newValue: 8, runId: other.id },
    ]);
  });

  test("leaves other sources of the same name alone", async () => {
    const place = await createTestPlace();
    const [one, other] = [await place.addReport(), await place.addReport()];
    await place.run(one, [row("acme", 5)]);
    await place.run(other, [row("acme", 9)]);
    expect(await readTraitsOf(place.pool, one)).toEqual({ acme: { "pendo.seats": 5 } });
    expect(await readTraitsOf(place.pool, other)).toEqual({ acme: { "pendo.seats": 9 } });
  });

  test("tells rows and cells that it cannot use, in the order of rows", async () => {
    const place = await createTestPlace({ rules: { missingRecords: "link" } });
    await place.pool.query(
      "insert into accounts (workspace_id, account_id, external_id) values ($1, gen_random_uuid(), 'acme')",
      [place.workspaceId],
    );
    const report = await place.addReport();
    const rows = [
      row("acme", "many"),
      row("unknown", 1),
      row("undefined", "x"),
      row(null, 2),
      row("x".repeat(1_001), 3),
    ];
    const run = await place.run(report, rows);
    expect(run).toMatchObject({ state: "done", matched: 1, unmatched: 4, typeErrors: 2, changed: 0 });
    expect(await listReportProblems(place.pool, run, { limit: 10 })).toEqual([
      { rowNumber: 1, column: "seats", kind: "type-error", reason: "not-a-number", rowId: "acme", value: "many" },
      { rowNumber: 2, column: "", kind: "unmatched", reason: "no-such-account", rowId: "unknown", value: null },
      { rowNumber: 3, column: "", kind: "unmatched", reason: "nobody", rowId: "undefined", value: null },
      { rowNumber: 3, column: "seats", kind: "type-error", reason: "not-a-number", rowId: "undefined", value: "x" },
      { rowNumber: 4, column: "", kind: "unmatched", reason: "no-id", rowId: null, value: null },
      { rowNumber: 5, column: "", kind: "unmatched", reason: "id-unusable", rowId: "x".repeat(200), value: null },
    ]);
    const page = { after: { rowNumber: 3, column: "" }, limit: 1 };
    expect(await listReportProblems(place.pool, run, page)).toMatchObject([{ rowNumber: 3, column: "seats" }]);
  });

  test("takes the name that Pendo gives the report by now, and keeps the old one where Pendo tells none", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    const readName = async () => (await findReport(place.pool, report.id))?.name;
    expect(await place.run(report, [row("acme", 5)])).toMatchObject({ message: null });
    expect(await readName()).toBe("Test");
    place.server.list = [
      { id: "other", name: "Other" },
      { id: report.pendoReportId, name: "Seats\0, renamed" },
    ];
    const run = await place.run(report, [row("acme", 6)]);
    expect(run).toMatchObject({ state: "done", message: expect.stringContaining("At Pendo it is called") });
    expect(await readName()).toBe("Seats\uFFFD, renamed");
    expect(await place.run(report, [row("acme", 7)])).toMatchObject({ state: "done", message: null });
  });

  test("tells of a value that is kept when it was read last, until it comes back", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    const accountId = async () =>
      (
        await place.pool.query(
          "select account_id as id from accounts where external_id = 'acme' and workspace_id = $1",
          [place.workspaceId],
        )
      ).rows[0].id;
    const readTimes = async () => {
      const of = { workspaceId: place.workspaceId, kind: "account" as const, recordId: await accountId() };
      const [trait] = await listTraits(place.pool, of);
      const { rows } = await place.pool.query("select xmin from traits where workspace_id = $1 order by record_id", [
        place.workspaceId,
      ]);
      return { readAt: trait!.readAt, value: trait!.value, rows };
    };
    const [both, one] = [[row("acme", 1), row("globex", 1)], [row("globex", 1)]];
    await place.run(report, both);
    const second = await place.run(report, both);
    const there = await readTimes();
    expect(there.readAt).toEqual(findReadAt(second));
    await place.run(report, one);
    const gone = await readTimes();
    expect(gone).toMatchObject({ value: 1, readAt: there.readAt });
    await place.run(report, [row("acme", null), row("globex", 1)]);
    await place.run(report, [row("acme", "many"), row("globex", 1)]);
    expect(await readTimes()).toEqual(gone);
    const back = await place.run(report, both);
    expect(back).toMatchObject({ changed: 0 });
    expect((await readTimes()).readAt).toEqual(findReadAt(back));
    await place.run(report, one);
    const changed = await place.run(report, [row("acme", 2), row("globex", 1)]);
    const last = await readTimes();
    expect(last.value).toBe(2);
    expect(last.readAt.getTime()).toBeGreaterThanOrEqual(findReadAt(changed).getTime());
  });

  test("names columns that nobody was shown when it was set up, once", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    const rows = Array.from({ length: 201 }, (_, index) => row(`a${index}`, index, index === 200 ? { plan: "x" } : {}));
    expect(await place.run(report, rows)).toMatchObject({
      state: "done",
      message:
        'The report has columns that the first 200 rows do not have: "plan". They become no traits until they are chosen.',
    });
    expect(await place.run(report, rows)).toMatchObject({ state: "done", message: null });
    const more = rows.map((one) => ({ ...(one as object), size: 3 }) as never);
    expect(await place.run(report, more)).toMatchObject({
      message: expect.stringMatching(/^The report has columns that were not there before: "size"\./),
    });
    const chosen = await place.changeReport(report, {
      columns: [oneColumn({ column: "plan", trait: "plan", type: "text" })],
    });
    expect(await place.run(chosen, more)).toMatchObject({ state: "done", message: null, valuesChanged: 1 });
  });

  test("keeps numbers that JSON writes with an exponent", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    expect(await place.run(report, [row("acme", 1.5e21), row("globex", -1e300)])).toMatchObject({ typeErrors: 0 });
    expect(await readTraitsOf(place.pool, report)).toEqual({
      acme: { "pendo.seats": 1.5e21 },
      globex: { "pendo.seats": -1e300 },
    });
    const summed = await place.addReport({ columns: [oneColumn({ combine: "sum" })] });
    await place.run(summed, [row("acme", 1e21), row("acme", 5e20)]);
    expect(await readTraitsOf(place.pool, summed)).toEqual({ acme: { "pendo.seats": 1.5e21 } });
  });

  test("takes texts as they are, whatever is in them", async () => {
    const place = await createTestPlace();
    const columns = [
      oneColumn({ column: "__proto__", trait: "proto", type: "text" }),
      oneColumn({ column: "tags", trait: "tags", type: "list" }),
    ];
    const report = await place.addReport({ columns });
    const nasty = "a\tb\\N\n\r\\.\u0000🙂\ud800'\"";
    const rows = [
      JSON.parse(
        JSON.stringify({ accountId: "\\N\tacme", tags: [nasty, 1] }).replace(
          "{",
          `{"__proto__":${JSON.stringify(nasty)},`,
        ),
      ),
    ];
    const run = await place.run(report, rows);
    expect(run).toMatchObject({ state: "done", matched: 1, valuesChanged: 2 });
    const kept = nasty.toWellFormed().replaceAll("\0", "\uFFFD");
    expect(await readTraitsOf(place.pool, report)).toEqual({ "\\N\tacme": { proto: kept, tags: [kept, 1] } });
  });

  test("takes five hundred columns of texts and numbers", async () => {
    const place = await createTestPlace();
    const columns = Array.from({ length: 500 }, (_, index) =>
      oneColumn({ column: `c${index}`, trait: `t${index}`, type: index % 3 === 0 ? "number" : "text" }),
    );
    const report = await place.addReport({ columns, vanished: "clear" });
    const cells = columns.map(({ column, type }, index) => [
      column,
      type === "number" ? index + 0.5 : `twenty characters ${index}`,
    ]);
    const rows = ["acme", "globex"].map((id) => row(id, null, Object.fromEntries(cells)));
    expect(await place.run(report, rows)).toMatchObject({ state: "done", matched: 2, valuesChanged: 1_000 });
    expect(await place.run(report, rows)).toMatchObject({ state: "done", matched: 2, valuesChanged: 0 });
    const { acme } = await readTraitsOf(place.pool, report);
    expect([acme?.t0, acme?.t498, acme?.t499]).toEqual([0.5, 498.5, "twenty characters 499"]);
  });

  test("a text of 32 KB is kept, a longer one told of", async () => {
    const place = await createTestPlace();
    const report = await place.addReport({ columns: [oneColumn({ type: "text" })] });
    const run = await place.run(report, [row("short", "é".repeat(16_384)), row("long", "é".repeat(16_385))]);
    expect(run).toMatchObject({ typeErrors: 1, valuesChanged: 1 });
    expect(await listReportProblems(place.pool, run, { limit: 10 })).toMatchObject([
      { rowNumber: 2, column: "seats", reason: "too-long", value: `${"é".repeat(200)}…` },
    ]);
  });

  test("keeps what a report has no longer, or clears it; a cell that does not fit changes nothing", async () => {
    const place = await createTestPlace();
    const columns = [oneColumn(), oneColumn({ column: "plan", trait: "plan", type: "text" })];
    const first = [row("gone", 1, { plan: "a" }), row("empty", 2, { plan: "b" }), row("odd", 3, { plan: "c" })];
    const second = [row("empty", null, { plan: "b" }), row("odd", "three", { plan: "c" })];
    const kept = await place.addReport({ columns });
    await place.run(kept, first);
    expect(await place.run(kept, second)).toMatchObject({ changed: 0, typeErrors: 1 });
    expect(await readTraitsOf(place.pool, kept)).toEqual({
      gone: { "pendo.seats": 1, plan: "a" },
      empty: { "pendo.seats": 2, plan: "b" },
      odd: { "pendo.seats": 3, plan: "c" },
    });
    const cleared = await place.addReport({ columns, vanished: "clear" });
    await place.run(cleared, first);
    const run = await place.run(cleared, second);
    expect(run).toMatchObject({ changed: 2, valuesChanged: 3, matched: 2 });
    expect(await readTraitsOf(place.pool, cleared)).toEqual({
      empty: { plan: "b" },
      odd: { "pendo.seats": 3, plan: "c" },
    });
    const gone = (await listChanges(place)).filter(({ runId }) => runId === run.id);
    expect(gone.map(({ name, oldValue, newValue }) => [name, oldValue, newValue]).sort()).toEqual([
      ["pendo.seats", 1, null],
      ["pendo.seats", 2, null],
      ["plan", "a", null],
    ]);
    const renamed = await place.changeReport(cleared, { columns: [oneColumn({ trait: "seats" })] });
    await place.run(renamed, [row("odd", 3)]);
    expect(await readTraitsOf(place.pool, cleared)).toEqual({ odd: { seats: 3 } });
  });

  test("a value of another type is another value", async () => {
    const place = await createTestPlace();
    const report = await place.addReport({ columns: [oneColumn({ type: "date" })] });
    await place.run(report, [row("acme", "2026-11-20")]);
    const asText = await place.changeReport(report, { columns: [oneColumn({ type: "text" })] });
    expect(await place.run(asText, [row("acme", "2026-11-20")])).toMatchObject({ valuesChanged: 1 });
    const { rows } = await place.pool.query("select type, value from traits where source = $1", [
      `pendo-report:${report.id}`,
    ]);
    expect(rows).toEqual([{ type: "text", value: "2026-11-20" }]);
  });
});

describe("whose rows are", () => {
  test("visitors by a field of their metadata: two that are called the same are one", async () => {
    const place = await createTestPlace({ mapping: { userIdFrom: "agent.email" } });
    const identities = [
      ["v1", "mapped", "ada@acme.example", "agent.email"],
      ["v2", "mapped", "ada@acme.example", "agent.email"],
      ["v3", "no-value", null, "agent.email"],
      ["v4", "unknown", null, "agent.email"],
      ["v5", "mapped", "old", "custom.crm"],
    ];
    for (const [id, state, externalId, field] of identities)
      await place.pool.query(
        `insert into pendo_identities (workspace_id, connection_id, kind, pendo_id, state, external_id, field, read_at)
         values ($1, $2, 'visitor', $3, $4, $5, $6, now())`,
        [place.workspaceId, place.connectionId, id, state, externalId, field],
      );
    let wanted = 0;
    const columns = [oneColumn({ combine: "sum" })];
    const report = await place.addReport({ level: "user", idKind: "visitor", idColumn: "visitorId", columns });
    const rows = ["v1", "v2", "v3", "v4", "v5", "v6"].map((visitorId, place) => ({ visitorId, seats: 10 ** place }));
    const run = await place.run(report, rows, { onWanted: () => (wanted += 1) });
    expect(run).toMatchObject({ state: "done", matched: 1, unmatched: 4 });
    expect(run.message).toContain("2 rows");
    expect(await readTraitsOf(place.pool, report)).toEqual({ "ada@acme.example": { "pendo.seats": 11 } });
    expect(
      (await listReportProblems(place.pool, run, { limit: 10 })).map(({ rowId, reason }) => [rowId, reason]),
    ).toEqual([
      ["v3", "field-empty-for-visitor"],
      ["v4", "visitor-unknown-to-pendo"],
      ["v5", "identity-wanted"],
      ["v6", "identity-wanted"],
    ]);
    const { rows: asked } = await place.pool.query(
      "select pendo_id, state, field from pendo_identities where workspace_id = $1 and state = 'wanted' order by 1",
      [place.workspaceId],
    );
    expect(asked).toEqual([
      { pendo_id: "v5", state: "wanted", field: "agent.email" },
      { pendo_id: "v6", state: "wanted", field: "agent.email" },
    ]);
    expect(wanted).toBe(1);
  });

  test("is not known yet under a new mapping: no value is cleared until all identities were read", async () => {
    const place = await createTestPlace({ mapping: { userIdFrom: "agent.email" } });
    const putIdentity = (id: string) =>
      place.pool.query(
        `insert into pendo_identities (workspace_id, connection_id, kind, pendo_id, state, external_id, field, read_at)
         values ($1, $2, 'visitor', $3, 'mapped', $3, 'agent.email', now())`,
        [place.workspaceId, place.connectionId, id],
      );
    for (const id of ["ada", "bob", "eve"]) await putIdentity(id);
    const report = await place.addReport({
      level: "user",
      idKind: "visitor",
      idColumn: "visitorId",
      vanished: "clear",
    });
    const rows = ["ada", "bob", "eve"].map((visitorId) => ({ visitorId, seats: 1 }));
    await place.run(report, rows);
    await place.pool.query("delete from pendo_identities where workspace_id = $1 and pendo_id = 'bob'", [
      place.workspaceId,
    ]);
    const early = await place.run(report, rows.slice(0, 2));
    expect(early).toMatchObject({
      state: "done",
      valuesChanged: 0,
      message: expect.stringContaining("no value is cleared"),
    });
    expect(Object.keys(await readTraitsOf(place.pool, report))).toEqual(["ada", "bob", "eve"]);

    await place.pool.query("update connections set identities_read_at = now() where workspace_id = $1", [
      place.workspaceId,
    ]);
    const later = await place.run(report, rows.slice(0, 2));
    expect(later.message).not.toContain("cleared");
    expect(Object.keys(await readTraitsOf(place.pool, report))).toEqual(["ada"]);
  });

  test("organizations: those that the accounts are in today, rows of several accounts together", async () => {
    const place = await createTestPlace();
    await place.pool.query(
      `with o as (insert into organizations (workspace_id, organization_id, external_id) values ($1, gen_random_uuid(), 'group') returning *)
       insert into accounts (workspace_id, account_id, external_id, organization_id)
       select $1, gen_random_uuid(), id, case when id <> 'alone' then o.organization_id end from o, unnest('{one,two,alone}'::text[]) id`,
      [place.workspaceId],
    );
    const report = await place.addReport({ level: "organization", columns: [oneColumn({ combine: "sum" })] });
    const run = await place.run(report, [row("one", 1), row("two", 2), row("alone", 4), row("new", 8)]);
    expect(run).toMatchObject({ matched: 1, unmatched: 2 });
    expect(await readTraitsOf(place.pool, report)).toEqual({ group: { "pendo.seats": 3 } });
    expect((await listReportProblems(place.pool, run, { limit: 10 })).map(({ reason }) => reason)).toEqual([
      "no-organization",
      "no-such-account",
    ]);
  });

  test("organizations by a mapping of organizations, and external IDs as they stand", async () => {
    const place = await createTestPlace({ mapping: { level: "organization", accountIdFrom: null } });
    const report = await place.addReport({ level: "organization" });
    await place.run(report, [row("group", 1)]);
    expect(await readTraitsOf(place.pool, report)).toEqual({ group: { "pendo.seats": 1 } });
    const external = await place.addReport({ level: "user", idKind: "external", idColumn: "email" });
    await place.run(external, [{ email: "ada@acme.example", seats: 3 }]);
    expect(await readTraitsOf(place.pool, external)).toEqual({ "ada@acme.example": { "pendo.seats": 3 } });
    const accounts = await place.addReport();
    expect(await place.run(accounts, [row("acme", 1)])).toMatchObject({
      state: "failed",
      message: expect.stringContaining("organizations here"),
    });
  });

  test("frees deliveries that waited for a record", async () => {
    const place = await createTestPlace();
    await place.pool.query(
      `insert into deliveries (workspace_id, delivery_id, connection_id, received_at, size, signed, state, reason, pendo_account_id)
       values ($1, gen_random_uuid(), $2, now(), 1, false, 'parked', 'no-such-account', 'acme')`,
      [place.workspaceId, place.connectionId],
    );
    let released = 0;
    await place.run(await place.addReport(), [row("acme", 1)], { onReleased: () => (released += 1) });
    const { rows } = await place.pool.query("select state from deliveries where workspace_id = $1", [
      place.workspaceId,
    ]);
    expect([rows, released]).toEqual([[{ state: "waiting" }], 1]);
  });
});

describe("a surprise stops it before anything changes", () => {
  const many = (count: number) => Array.from({ length: count }, (_, place) => row(`a${place}`, place));

  test("fewer than half of the rows, until a person confirms exactly that", async () => {
    const place = await createTestPlace();
    const report = await place.addReport({ vanished: "clear" });
    await place.run(report, many(10));
    expect(await place.run(report, many(5))).toMatchObject({ state: "done" });
    const stopped = await place.run(report, many(2));
    expect(stopped).toMatchObject({ state: "stopped", rowsRead: 2, valuesChanged: null });
    expect(stopped.message).toContain("2 rows, fewer than half of the 5 in run 2");
    expect(Object.keys(await readTraitsOf(place.pool, report))).toHaveLength(5);
    expect(
      await place.run(report, [{ accountId: "a0" }, { accountId: "a1" }] as never, { confirms: stopped }),
    ).toMatchObject({
      state: "stopped",
      message: expect.stringContaining('the column "seats"'),
    });
    const again = await place.run(report, many(2));
    expect(again.state).toBe("stopped");
    expect(await place.run(report, many(2), { confirms: again })).toMatchObject({ state: "done", changed: 3 });
    expect(await place.run(report, many(2))).toMatchObject({ state: "done", changed: 0 });
  });

  test("a column that is gone; confirmed, it is no surprise any more", async () => {
    const place = await createTestPlace();
    const report = await place.addReport({ columns: [oneColumn({ latestBy: "day" })] });
    const rows = [row("acme", 1, { day: "2026-01-01" })];
    await place.run(report, rows);
    const stopped = await place.run(report, [row("acme", 2)]);
    expect(stopped).toMatchObject({ state: "stopped", message: expect.stringContaining('the column "day"') });
    expect(await place.run(report, [{ account: "acme", day: 1 }])).toMatchObject({
      message: expect.stringContaining('the columns "accountId", "seats"'),
    });
    const last = await place.run(report, [row("acme", 2)]);
    expect(await place.run(report, [row("acme", 2)], { confirms: last })).toMatchObject({ state: "done" });
    expect(await place.run(report, [row("acme", 3)])).toMatchObject({ state: "done", changed: 1 });
  });

  test("says how much a confirmation would clear", async () => {
    const place = await createTestPlace();
    const columns = [oneColumn(), oneColumn({ column: "size", trait: "size" })];
    const report = await place.addReport({ columns, vanished: "clear" });
    await place.run(
      report,
      many(4).map((one) => ({ ...(one as object), size: 1 }) as never),
    );
    const renamed = await place.run(report, [{ account: "a0", seats: 1, size: 1 }]);
    const everything =
      "Values that vanish are cleared: confirming it takes away all 8 values that the report has given.";
    expect(renamed).toMatchObject({ state: "stopped", message: expect.stringContaining('the column "accountId"') });
    expect(renamed.message).toContain(everything);
    expect((await place.run(report, [])).message).toContain(everything);
    const some = "confirming it takes away those that are no longer there, of 8 values that the report has given.";
    expect((await place.run(report, many(4))).message).toContain(some);
    const kept = await place.changeReport(report, { vanished: "keep" });
    expect((await place.run(kept, [])).message).not.toContain("clear");
  });

  test("no rows where there were some; none where there never were are fine", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    expect(await place.run(report, [])).toMatchObject({ state: "done", message: "The report has no rows." });
    await place.run(report, [row("acme", 1)]);
    expect(await place.run(report, [])).toMatchObject({
      state: "stopped",
      message: expect.stringContaining("no rows, and had 1"),
    });
  });
});

describe("what comes between", () => {
  test("a run that is cancelled while Pendo answers changes nothing and gives its connection back", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    place.server.onAnswer = async () => {
      const { rows } = await place.pool.query("select report_run_id from report_runs where report_id = $1", [
        report.id,
      ]);
      await cancelRun(place.pool, place.workspaceId, rows[0].report_run_id, "Cancelled.", new Date());
    };
    const rows = Array.from({ length: 5_000 }, (_, index) => row(`a${index}`, index));
    const run = await place.run(report, rows, { clock: fastClock() });
    expect(run).toMatchObject({ state: "cancelled", message: "Cancelled." });
    expect(await readTraitsOf(place.pool, report)).toEqual({});
    const { rows: tables } = await place.pool.query("select relname from pg_class where relname like 'report\\_rows%'");
    expect(tables).toEqual([]);
  });

  test("a record that goes while the run is on its way gets no traits", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    await place.run(report, [row("acme", 1), row("globex", 1)]);
    const database = beforeStatement(place, "insert into pg_temp.trait_merge", async () => {
      await place.pool.query("delete from accounts where workspace_id = $1 and external_id = 'acme'", [
        place.workspaceId,
      ]);
      await place.pool.query("delete from traits where workspace_id = $1 and source = $2", [
        place.workspaceId,
        `pendo-report:${report.id}`,
      ]);
    });
    const run = await place.run(report, [row("acme", 2), row("globex", 2)], { database });
    expect(run).toMatchObject({ state: "done", changed: 1 });
    expect(await readTraitsOf(place.pool, report)).toEqual({ globex: { "pendo.seats": 2 } });
    expect((await listChanges(place)).filter(({ runId }) => runId === run.id)).toHaveLength(1);
  });

  test("a record that is deleted while its traits are written: both get to their end, and no trait is left over", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    await place.run(report, [row("acme", 1), row("globex", 1)]);
    const { rows } = await place.pool.query(
      "select account_id as id from accounts where workspace_id = $1 and external_id = 'acme'",
      [place.workspaceId],
    );
    let removal: Promise<boolean> | undefined;
    let isRemoved = false;
    const database = beforeStatement(place, "insert into trait_changes", async () => {
      removal ??= removeRecord(place.pool, {
        workspaceId: place.workspaceId,
        kind: "account",
        id: rows[0].id,
        at: new Date(),
      }).finally(() => (isRemoved = true));
      // Whichever of the two PostgreSQL has try again: where it is the run, the record is gone by then.
      await waitUntilLocked(place, () => isRemoved);
    });
    const run = await place.run(report, [row("acme", 2), row("globex", 2)], { database });
    expect(run.state).toBe("done");
    expect(await removal).toBe(true);
    expect(await readTraitsOf(place.pool, report)).toEqual({ globex: { "pendo.seats": 2 } });
  });

  test("a mapping that changes on the way has the run begin again", async () => {
    const place = await createTestPlace();
    const report = await place.addReport();
    const database = beforeStatement(place, "create temporary table report_values", async () => {
      await place.pool.query(
        "insert into connection_mappings (workspace_id, connection_id, version) values ($1, $2, 2) on conflict do nothing",
        [place.workspaceId, place.connectionId],
      );
      await place.pool.query("update connections set mapping_version = 2 where connection_id = $1", [
        place.connectionId,
      ]);
    });
    const run = await place.run(report, [row("acme", 1)], { database });
    expect(run).toMatchObject({ state: "running", message: expect.stringContaining("mapping has changed") });
    expect(await readTraitsOf(place.pool, report)).toEqual({});
  });
});

/** Every look at it is two seconds later: a run tells how far it is each time. */
function fastClock(): () => Date {
  let now = Date.now();
  return () => {
    now += 2_000;
    return new Date(now);
  };
}

/** Until somebody waits for a lock that somebody else holds. */
async function waitUntilLocked({ pool }: ReportPlace, isOver = () => false): Promise<void> {
  while (!isOver()) {
    const { rows } = await pool.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Does something before a statement of the run that begins so. */
function beforeStatement({ pool }: ReportPlace, beginning: string, work: () => Promise<void>) {
  return watchStatements(pool, (text) => (text.startsWith(beginning) ? work() : undefined));
}
