// Reports of Pendo against the simulator, over real HTTP: what is listed, and what arrives.
import { expect, test } from "vitest";
import { catchPendoError, createReportTaker } from "../../../test/support/pendo-client.ts";
import { asJson, useSimulatedReports } from "../../../test/support/simulated-reports.ts";

const { simulator, client, createClient, find, makeReport, readAll, listen } = useSimulatedReports();

test("every report is listed, and only shared ones of visitors and accounts can be synced", async () => {
  const listed = await client().listReports();
  const known = simulator().reports.list();
  expect(listed.map(({ id, name }) => [id, name])).toEqual(known.map(({ id, name }) => [id, name]));
  for (const [place, report] of known.entries()) {
    const { level, type, isShared, isSyncable, whyNot } = listed[place]!;
    expect({ level, type, isShared }).toEqual({ level: report.level, type: report.type, isShared: report.isShared });
    expect(isSyncable, report.name).toBe(report.isShared && report.hasResults);
    expect(whyNot === null).toBe(isSyncable);
  }
  expect(listed.filter(({ isSyncable }) => !isSyncable)).toHaveLength(5);
});

test("a list of reports that is wrapped, or holds what nobody knows, is read all the same", async () => {
  const list = [{ id: "a", name: "A", definition: { x: "y".repeat(500_000) } }, { nothing: true }, { id: 5 }];
  for (const answer of [list, { results: list }, { reports: list }]) {
    const from = createClient({}, await listen((_request, response) => response.end(JSON.stringify(answer))));
    expect((await from.listReports()).map(({ id }) => id)).toEqual(["a", "5"]);
  }
});

test.each([
  "Accounts at a glance",
  "Visitor activity",
  "Wide",
  "Mixed types",
  "Every account twice",
  "Größe · 会社 · 🙂",
  "Empty cells",
  "Ten thousand visitors",
  "Nobody yet",
])("%s: every row arrives as it is, in order and in batches", async (name) => {
  const { rows, batches, begun, attempts, reading } = await readAll(name);
  const expected = asJson(simulator().reports.listRows(find(name)));
  expect(rows).toEqual(expected);
  expect(Math.max(0, ...batches)).toBeLessThanOrEqual(1_000);
  expect(begun).toBe(1);
  const { bytes } = simulator().requests.last().at(-1)!;
  expect(reading).toEqual({ rows: expected.length, bytes, milliseconds: expect.any(Number), status: 200 });
  expect(attempts).toEqual([{ ...reading, at: expect.any(Date), trouble: null }]);
  expect(simulator().requests.total()).toBe(1);
});

test.each(["results", "rows"] as const)("a list under %s is as good as a bare one", async (shape) => {
  const report = makeReport([{ accountId: "a" }, { accountId: "b" }]);
  simulator().reports.change(report, { shape });
  const { taken, taker } = createReportTaker();
  expect(await client().readReport(report.id, taker)).toMatchObject({ rows: 2 });
  expect(taken.rows).toEqual([{ accountId: "a" }, { accountId: "b" }]);
  simulator().reports.change(report, { rows: [] });
  expect(await client().readReport(report.id, taker)).toMatchObject({ rows: 0 });
});

test("digits that JavaScript would round arrive as they are", async () => {
  const url = await listen((_request, response) => response.end('[{"visitorId":90071992547409931,"n":1.5}]'));
  const { taken, taker } = createReportTaker();
  await createClient({}, url).readReport("a", taker);
  expect(taken.rows).toEqual([{ visitorId: "90071992547409931", n: 1.5 }]);
});

test("where JSON is refused, CSV is asked for, and its cells are texts", async () => {
  const rows = [
    { accountId: "a,b", seats: 3, note: 'x "y"\nz' },
    { accountId: "ü", seats: null, note: "" },
  ];
  const report = makeReport(rows);
  simulator().reports.change(report, { shape: "csv" });
  const { taken, taker } = createReportTaker();
  expect(await client().readReport(report.id, taker)).toMatchObject({ rows: 2, status: 200 });
  expect(taken.rows).toEqual([
    { accountId: "a,b", seats: "3", note: 'x "y"\nz' },
    { accountId: "ü", seats: "", note: "" },
  ]);
  expect(taken.attempts.map(({ status, trouble }) => [status, trouble])).toEqual([
    [406, "request-refused"],
    [200, null],
  ]);
  expect(taken.begun).toBe(2);
  const first = await client().readFirstRows(report.id, 1);
  expect(first).toEqual({ columns: ["accountId", "seats", "note"], rows: [taken.rows[0]] });
});

test("a slow taker keeps Pendo waiting, instead of rows in memory, and no time-out is to blame for it", async () => {
  let sent = 0;
  let sentToSlow = Number.POSITIVE_INFINITY;
  const row = JSON.stringify({ accountId: "somebody", note: "x".repeat(200) });
  const block = Array(300).fill(row).join(",");
  const blocks = 2_000;
  const url = await listen((_request, response) => {
    let count = 0;
    response.write("[");
    const write = () => {
      while (count < blocks) {
        count += 1;
        sent += block.length;
        if (!response.write(count === blocks ? block : `${block},`)) return;
      }
      response.end("]");
    };
    response.on("drain", write);
    write();
  });
  const from = createClient({ patience: { report: { headers: 1_000, idle: 1_000, total: 60_000 } } }, url);
  let rows = 0;
  let isFirst = true;
  const reading = await from.readReport("a", {
    begin: async () => {},
    async take(batch) {
      rows += batch.length;
      if (!isFirst) return;
      isFirst = false;
      await waitUntilStill(() => sent);
      sentToSlow = sent;
      // Longer than Pendo may be silent.
      await new Promise((resolve) => setTimeout(resolve, 2_500));
    },
  });
  // Buffers of the two sockets, and little else.
  expect(sentToSlow).toBeLessThan(16_000_000);
  expect(sent).toBeGreaterThan(100_000_000);
  expect(reading.rows).toBe(300 * blocks);
  expect(rows).toBe(300 * blocks);
}, 60_000);

/** Resolves when the number no longer grows. */
async function waitUntilStill(read: () => number): Promise<void> {
  for (let before = -1; before !== read(); ) {
    before = read();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

test("rows that are very wide come in smaller batches", async () => {
  const report = makeReport(
    Array.from({ length: 400 }, (_, place) => ({ accountId: `a${place}`, x: "y".repeat(20_000) })),
  );
  const { taken, taker } = createReportTaker();
  await client().readReport(report.id, taker);
  expect(taken.rows).toHaveLength(400);
  expect(taken.batches.length).toBeGreaterThan(2);
});

test("the first rows of a million are a moment's work, and leave other requests alone", async () => {
  const report = find("A million visitors");
  const expected = asJson(takeFirst(simulator().reports.listRows(report), 25));
  const startedAt = performance.now();
  const others = Array.from({ length: 3 }, () => readAll("Ten thousand visitors"));
  const firsts = await Promise.all(Array.from({ length: 6 }, () => client().readFirstRows(report.id, 25)));
  for (const first of firsts) expect(first).toEqual({ columns: Object.keys(expected[0] as object), rows: expected });
  for (const { rows } of await Promise.all(others)) expect(rows).toHaveLength(10_000);
  expect(await client().verifyToken()).toEqual({ mayWrite: false });
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  const ended = () =>
    simulator()
      .requests.last()
      .filter(({ path }) => path.includes(report.id));
  await expect.poll(() => ended().length).toBe(firsts.length);
  for (const { bytes } of ended()) expect(bytes).toBeLessThan(20_000_000);
});

test("fewer rows than asked for are all there are; columns are those of any row", async () => {
  const { id } = makeReport([
    { accountId: "a", seats: 1 },
    { accountId: "b", plan: "x" },
  ]);
  expect(await client().readFirstRows(id, 25)).toEqual({
    columns: ["accountId", "seats", "plan"],
    rows: [
      { accountId: "a", seats: 1 },
      { accountId: "b", plan: "x" },
    ],
  });
  expect(await client().readFirstRows(id, 1)).toEqual({
    columns: ["accountId", "seats"],
    rows: [{ accountId: "a", seats: 1 }],
  });
  expect(await client().readFirstRows(find("Nobody yet").id, 25)).toEqual({ columns: [], rows: [] });
  simulator().faults.set([{ fault: "cut", bytes: 30 }]);
  expect(await catchPendoError(client().readFirstRows(id, 25))).toMatchObject({ trouble: "half-answer" });
});

function* takeFirst<T>(all: Iterable<T>, count: number): Iterable<T> {
  let taken = 0;
  for (const one of all) {
    if (taken === count) return;
    taken += 1;
    yield one;
  }
}
