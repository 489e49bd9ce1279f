// Reports of Pendo against the simulator, over real HTTP: what happens when something is wrong with them.
import type { RequestListener } from "node:http";
import { expect, test } from "vitest";
import { catchPendoError, createReportTaker } from "../../../test/support/pendo-client.ts";
import { asJson, useSimulatedReports } from "../../../test/support/simulated-reports.ts";
import type { RowTaker } from "./report.ts";

const { simulator, client, createClient, find, makeReport, readAll, listen } = useSimulatedReports();

test.each(["text/html", "application/json"])("CSV that calls itself %s is none", async (type) => {
  const url = await listen((request, response) => {
    if (request.url?.endsWith(".json")) return response.writeHead(404).end();
    return response.setHeader("content-type", type).end("please,wait\n1,2\n");
  });
  const error = await catchPendoError(createClient({}, url).readReport("a", createReportTaker().taker));
  expect(error).toMatchObject({ trouble: "wrong-content", message: expect.stringMatching(/proxy/) });
});

test("a report that is deleted or not shared is gone", async () => {
  const { taken, taker } = createReportTaker();
  for (const id of [find("My own accounts").id, "nobody", "..", "", "a/../../segment"]) {
    for (const ask of [() => client().readReport(id, taker), () => client().readFirstRows(id, 5)])
      expect(await catchPendoError(ask()), id).toMatchObject({
        trouble: "request-refused",
        status: 404,
        next: { kind: "give-up" },
        message: expect.stringMatching(/gone or no longer shared at Pendo/),
      });
  }
  expect(taken.attempts.slice(0, 2).map(({ status, trouble, rows }) => [status, trouble, rows])).toEqual([
    [404, "request-refused", 0],
    [404, "request-refused", 0],
  ]);
});

test("a report of a kind that has no rows is refused in words, a key of another region as one", async () => {
  const error = await catchPendoError(client().readReport(find("Sign-up funnel").id, createReportTaker().taker));
  expect(error).toMatchObject({ trouble: "request-refused", status: 400, next: { kind: "give-up" } });
  expect(error.message).toMatch(/only shared visitor and account reports/);
  const foreign = createClient({ integrationKey: `${simulator().integrationKey}.eu` });
  expect(await catchPendoError(foreign.readReport(find("Wide").id, createReportTaker().taker))).toMatchObject({
    trouble: "wrong-region",
  });
  const stranger = createClient({ integrationKey: "never-made" });
  expect(await catchPendoError(stranger.readReport(find("Wide").id, createReportTaker().taker))).toMatchObject({
    trouble: "key-refused",
    status: 403,
    next: { kind: "fix-settings" },
  });
});

test("after every trouble it is begun anew, and every attempt is told of", async () => {
  const from = createClient({ patience: { tries: 6, report: { headers: 1_000, idle: 1_000, total: 20_000 } } });
  simulator().faults.set([
    { fault: 429, times: 1, milliseconds: 0 },
    { fault: 503, times: 1, milliseconds: 0 },
    { fault: "cut", times: 1, bytes: 600_000 },
    { fault: "stall", times: 1, bytes: 600_000 },
    { fault: "html", times: 1 },
  ]);
  const { rows, begun, attempts, reading } = await readAll("Ten thousand visitors", from);
  expect(rows).toEqual(asJson(simulator().reports.listRows(find("Ten thousand visitors"))));
  expect(begun).toBe(6);
  expect(attempts.map(({ status, trouble }) => [status, trouble])).toEqual([
    [429, "rate-limited"],
    [503, "server-error"],
    [200, "half-answer"],
    [200, "timed-out"],
    [200, "wrong-content"],
    [200, null],
  ]);
  for (const { bytes, rows: count } of attempts.slice(2, 4)) {
    expect(bytes).toBe(600_000);
    expect(count).toBeGreaterThan(1_000);
    expect(count).toBeLessThan(reading.rows);
  }
}, 60_000);

test("a report that is never whole is an error, and its attempts are told of", async () => {
  const from = createClient({ patience: { tries: 2 } });
  simulator().faults.set([{ fault: "cut", bytes: 900_000 }]);
  const { taken, taker } = createReportTaker();
  const error = await catchPendoError(from.readReport(find("Ten thousand visitors").id, taker));
  expect(error).toMatchObject({ trouble: "half-answer", next: { kind: "try-again" } });
  expect(taken.attempts.map(({ trouble }) => trouble)).toEqual(["half-answer", "half-answer"]);
});

test("an answer that ends with its connection, but before its list does, is half", async () => {
  const url = await listen((_request, response) => response.end('[{"accountId":"a"},{"accountId":"b"}'));
  const { taken, taker } = createReportTaker();
  const error = await catchPendoError(createClient({}, url).readReport("a", taker));
  expect(error).toMatchObject({ trouble: "half-answer", message: expect.stringMatching(/nothing of it is used/) });
  expect(taken.attempts).toMatchObject([{ status: 200, trouble: "half-answer" }]);
});

test("what the taker throws arrives as it is, ends the answer and is not tried again", async () => {
  const broken = new Error("no room on the disk");
  const from = createClient({ patience: { tries: 3 } });
  const report = find("A hundred thousand visitors");
  const fail = async () => {
    throw broken;
  };
  const { taken, taker } = createReportTaker();
  await expect(from.readReport(report.id, { ...taker, take: fail })).rejects.toBe(broken);
  expect(taken.attempts).toMatchObject([{ status: 200, trouble: "interrupted" }]);
  await expect.poll(() => simulator().requests.total()).toBe(1);
  expect(simulator().requests.last()[0]!.bytes).toBeLessThan(15_000_000);
  simulator().requests.clear();
  await expect(from.readReport(report.id, { ...taker, begin: fail })).rejects.toBe(broken);
  expect(simulator().requests.total()).toBe(0);
  expect((await readAll("Wide", from)).reading.rows).toBe(1_000);
});

test("the last rows count: a taker that fails on them fails", async () => {
  const broken = new Error("no room on the disk");
  const report = makeReport([{ accountId: "a" }]);
  const { taken, taker } = createReportTaker();
  const fail = async () => {
    throw broken;
  };
  await expect(client().readReport(report.id, { ...taker, take: fail })).rejects.toBe(broken);
  expect(taken.attempts).toMatchObject([{ trouble: "interrupted" }]);
});

test("when the process stops, so does the answer", async () => {
  const stopping = new AbortController();
  const from = createClient({ signal: stopping.signal, patience: { tries: 3 } });
  const { taken, taker } = createReportTaker();
  const take: RowTaker["take"] = async (rows) => {
    await taker.take(rows);
    stopping.abort();
  };
  const error = await catchPendoError(from.readReport(find("A hundred thousand visitors").id, { ...taker, take }));
  expect(error).toMatchObject({ trouble: "stopped", next: { kind: "try-again", afterMs: 0 } });
  expect(taken.attempts).toMatchObject([{ status: 200, trouble: "stopped" }]);
});

test("Pendo may take its time: before it answers, and between rows", async () => {
  const report = { headers: 3_000, idle: 3_000, total: 30_000 };
  const from = createClient({ patience: { report } });
  simulator().faults.set([
    { fault: "slow", times: 1, milliseconds: 1_000 },
    { fault: "trickle", times: 1, milliseconds: 50 },
  ]);
  expect((await readAll("Ten thousand visitors", from)).reading.milliseconds).toBeGreaterThan(900);
  expect((await readAll("Ten thousand visitors", from)).reading.rows).toBe(10_000);
  const hurried = createClient({ patience: { report: { ...report, total: 500 } } });
  simulator().faults.set([{ fault: "trickle", milliseconds: 200 }]);
  const error = await catchPendoError(hurried.readReport(find("Ten thousand visitors").id, createReportTaker().taker));
  expect(error).toMatchObject({ trouble: "timed-out" });
}, 60_000);

test("whoever wants the rows no longer ends the request, before its answer, in it, and while it waits to be sent again", async () => {
  let open = 0;
  const answers: RequestListener[] = [
    () => {},
    (_request, response) => void response.write('[{"accountId":"a"},'),
    (_request, response) => response.writeHead(503).end(),
  ];
  for (const answer of answers) {
    const leaving = new AbortController();
    const url = await listen((request, response) => {
      open += 1;
      response.on("close", () => (open -= 1));
      answer(request, response);
      setImmediate(() => leaving.abort());
    });
    const from = createClient({ patience: { tries: 3, backOffMs: 60_000 } }, url);
    const error = await catchPendoError(from.readReport("a", createReportTaker().taker, leaving.signal));
    expect(error.trouble).toBe("stopped");
    await expect.poll(() => open).toBe(0);
  }
});
