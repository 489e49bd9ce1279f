import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { connectToPendo, setMapping } from "../../test/support/pendo.ts";
import { createBody, createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { silentLog } from "../../test/support/test-database.ts";
import { createPendoClients } from "../pendo/client/pendo-clients.ts";
import { isNobody } from "../pendo/read-id.ts";
import { inTransaction } from "../platform/database/transaction.ts";
import type { CreatedConnection } from "../settings/connections.ts";
import { setPendoAccess } from "../settings/integration-keys.ts";
import { cancelRunningJob, listJobs, type MatchJob, startJob } from "./match/match-jobs-table.ts";
import { createReadIdentities, findLastTurn, startDueReadings } from "./read-identities.ts";
import { createMatchJobRunner, type MatchJobRunner } from "./run-match-jobs.ts";

const byMetadata = { userIdFrom: "agent.email", accountIdFrom: "custom.crm_id" };
const start = new Date("2026-11-20T15:00:00.000Z");
const pageSize = 100;

let simulator: PendoSimulator;
let plumbline: TestApp;
let now = start;
let connection: CreatedConnection;
beforeAll(async () => {
  simulator = await startPendoSimulator({
    seed: "7",
    now: start.getTime() / 1000,
    days: 30,
    count: 3000,
    visitors: 900,
  });
  plumbline = await createTestApp({
    clock: () => now,
    pendoUrl: simulator.url,
    pendo: { patience: { tries: 1, long: { headers: 1_000, idle: 1_000, total: 5_000 } }, pageSize },
  });
});
afterAll(async () => {
  await plumbline.stop();
  await simulator.stop();
});
beforeEach(async () => {
  now = start;
  connection = await connectToPendo(plumbline, simulator, byMetadata);
  simulator.requests.clear();
});
afterEach(async () => {
  simulator.faults.set([]);
  await plumbline.database.pool.query("update match_jobs set state = 'cancelled' where state = 'running'");
});

/** Time enough to do something between two pages. */
const slowly = [{ fault: "slow" as const, milliseconds: 50 }];

const pass = (minutes: number) => {
  now = new Date(now.getTime() + minutes * 60_000);
};

type Known = Record<string, string | null>;

/** What each of them is called by the simulator's own metadata. */
function expectNames(kind: "visitor" | "account", group: string, field: string): Known {
  const ids = [...simulator.people.list(kind)].filter((id) => !isNobody(id));
  return Object.fromEntries(
    ids.map((id) => {
      const value = simulator.people.findMetadata(kind, id)?.[group]?.[field];
      return [id, typeof value === "string" && value !== "" ? value : null];
    }),
  );
}

async function readNames(kind: "visitor" | "account"): Promise<Known> {
  const { rows } = await plumbline.database.pool.query(
    "select pendo_id, external_id from pendo_identities where connection_id = $1 and kind = $2",
    [connection.id, kind],
  );
  return Object.fromEntries(rows.map((row) => [row.pendo_id, row.external_id]));
}

async function findIdentity(pendoId: string) {
  const { rows } = await plumbline.database.pool.query(
    "select * from pendo_identities where connection_id = $1 and pendo_id = $2 and kind = 'visitor'",
    [connection.id, pendoId],
  );
  return rows[0];
}

const of = () => ({ workspaceId: connection.workspaceId, connectionId: connection.id });
const getLastJob = async (): Promise<MatchJob> => (await listJobs(plumbline.database.pool, of()))[0]!;
async function refresh(): Promise<MatchJob> {
  const { mappingVersion } = await getLastJob();
  await inTransaction(plumbline.database.pool, (tx) =>
    startJob(tx, { ...of(), kind: "read-identities", mappingVersion }, now),
  );
  await plumbline.readIdentities();
  return getLastJob();
}

const listVisitorsWithEmail = () =>
  Object.entries(expectNames("visitor", "agent", "email")).flatMap(([id, value]) => (value === null ? [] : [id]));
const setEmail = (id: string, email: string | null) => simulator.people.setMetadata("visitor", id, "agent", { email });

async function record(visitorId: string): Promise<string> {
  const answer = await plumbline.send(
    connection,
    createBody("trackEventReceived", { name: "Signed In" }, { visitorId, accountId: undefined }),
  );
  await plumbline.settle();
  return JSON.parse(answer.body).deliveryId;
}
const readDelivery = async (id: string) => (await plumbline.get(`/deliveries/${id}`)).json;
const countListRequests = () =>
  simulator.requests.last().filter(({ body }) => JSON.stringify(body).includes("plumbline-list")).length;

test("a saved mapping has everybody read, and nobody need be asked about afterwards", async () => {
  expect(await getLastJob()).toMatchObject({ kind: "read-identities", state: "running", mappingVersion: 2, done: 0 });
  await plumbline.readIdentities();
  const [visitors, accounts] = [expectNames("visitor", "agent", "email"), expectNames("account", "custom", "crm_id")];
  expect(await readNames("visitor")).toEqual(visitors);
  expect(await readNames("account")).toEqual(accounts);
  const job = await getLastJob();
  const mapped = [...Object.values(visitors), ...Object.values(accounts)].filter((value) => value !== null).length;
  expect(job).toMatchObject({ state: "done", message: null, counts: { mapped, moved: 0 }, finishedAt: now });
  expect(job.done).toBe(job.total);
  const { rows } = await plumbline.database.pool.query(
    "select identities_read_at from connections where connection_id = $1",
    [connection.id],
  );
  expect(rows).toEqual([{ identities_read_at: now }]);
  const requests = simulator.requests.total();
  const [visitorId] = listVisitorsWithEmail();
  expect(await readDelivery(await record(visitorId!))).toMatchObject({ state: "recorded" });
  await plumbline.settleWithPendo();
  expect(simulator.requests.total()).toBe(requests);
});

test("read again, nothing is written where nothing has changed", async () => {
  await plumbline.readIdentities();
  const read = async () => {
    const { rows } = await plumbline.database.pool.query(
      "select kind, pendo_id, ctid::text, xmin::text, xmax::text from pendo_identities where connection_id = $1 order by 1, 2",
      [connection.id],
    );
    return rows;
  };
  const before = await read();
  pass(24 * 60);
  expect(await refresh()).toMatchObject({ state: "done", counts: { changed: 0, moved: 0, released: 0 } });
  expect(await read()).toEqual(before);
});

describe("somebody who is called something else at Pendo", () => {
  test("is noticed: new facts go to the new record, the old ones stay, and the identity tells both", async () => {
    await plumbline.readIdentities();
    const [visitorId] = listVisitorsWithEmail();
    const before = expectNames("visitor", "agent", "email")[visitorId!];
    const old = await readDelivery(await record(visitorId!));
    setEmail(visitorId!, "renamed@example.com");
    pass(24 * 60);
    expect(await refresh()).toMatchObject({ state: "done", counts: { changed: 1, moved: 1 } });
    const fresh = await readDelivery(await record(visitorId!));
    const userOf = async (delivery: any) =>
      (await plumbline.get(`/events/${delivery.made[0].id}`)).json.user.externalId;
    expect([await userOf(old), await userOf(fresh)]).toEqual([before, "renamed@example.com"]);
    expect(await findIdentity(visitorId!)).toMatchObject({
      external_id: "renamed@example.com",
      previous_external_id: before,
      changed_at: now,
    });
    setEmail(visitorId!, before!);
  });

  test("is handed on where the connection moves what it recorded, in the transaction that notes it", async () => {
    await plumbline.readIdentities();
    await plumbline.database.pool.query("update connections set changed_identities = 'move' where connection_id = $1", [
      connection.id,
    ]);
    const [first, second] = listVisitorsWithEmail();
    const names = expectNames("visitor", "agent", "email");
    setEmail(first!, "one@example.com");
    setEmail(second!, null);
    const handedOn: unknown[] = [];
    const runner = createRunner({
      async onMoved(tx, { kind, pendoIds }) {
        const { rows } = await tx.query(
          "select external_id from pendo_identities where connection_id = $1 and pendo_id = any($2)",
          [connection.id, pendoIds],
        );
        handedOn.push({ kind, pendoIds, rows });
      },
    });
    const { mappingVersion } = await getLastJob();
    await inTransaction(plumbline.database.pool, (tx) =>
      startJob(tx, { ...of(), kind: "read-identities", mappingVersion }, now),
    );
    await runner.settleAll();
    await runner.stop();
    expect(handedOn).toEqual([{ kind: "visitor", pendoIds: [first], rows: [{ external_id: "one@example.com" }] }]);
    expect(await findIdentity(second!)).toMatchObject({ state: "no-value", previous_external_id: names[second!] });
    setEmail(first!, names[first!]!);
    setEmail(second!, names[second!]!);
  });
});

test("what waited goes on with the reading", async () => {
  await plumbline.readIdentities();
  const [visitorId] = listVisitorsWithEmail();
  const before = expectNames("visitor", "agent", "email")[visitorId!];
  setEmail(visitorId!, "");
  await refresh();
  const id = await record(visitorId!);
  expect(await readDelivery(id)).toMatchObject({ state: "parked", reason: "field-empty-for-visitor" });
  setEmail(visitorId!, before!);
  expect(await refresh()).toMatchObject({ counts: { changed: 1, released: 1 } });
  await plumbline.settle();
  expect(await readDelivery(id)).toMatchObject({ state: "recorded" });
});

describe("trouble on the way", () => {
  test("of all kinds: it goes on behind the last page, and the end is the same", async () => {
    simulator.faults.set([
      { fault: "cut", share: 0.2 },
      { fault: 500, share: 0.2 },
      { fault: 429, share: 0.1 },
      { fault: "empty", share: 0.1 },
      { fault: "reset", share: 0.1 },
    ]);
    let waits = 0;
    for (; (await getLastJob()).state === "running"; waits += 1) {
      await plumbline.readIdentities();
      const job = await getLastJob();
      if (job.state === "running") expect(job.message).toMatch(/\w/);
      expect(waits).toBeLessThan(100);
      pass(60);
    }
    expect(waits).toBeGreaterThan(1);
    expect(await getLastJob()).toMatchObject({ state: "done", message: null, failures: 0 });
    expect(await readNames("visitor")).toEqual(expectNames("visitor", "agent", "email"));
    expect(await readNames("account")).toEqual(expectNames("account", "custom", "crm_id"));
  });

  test("a key that is refused fails it with words, and another key begins it anew", async () => {
    await setPendoAccess(plumbline.settings, connection.id, { integrationKey: "wrong" });
    await plumbline.readIdentities();
    const failed = await getLastJob();
    expect(failed).toMatchObject({ state: "failed", finishedAt: now });
    expect(failed.message).toMatch(/key/);
    expect(await startDueReadings(plumbline.database.pool, now)).toBe(0);
    pass(1);
    await setPendoAccess(plumbline.settings, connection.id, { integrationKey: simulator.integrationKey });
    await startDueReadings(plumbline.database.pool, now);
    await plumbline.readIdentities();
    expect(await getLastJob()).toMatchObject({ state: "done" });
    expect(await readNames("account")).toEqual(expectNames("account", "custom", "crm_id"));
  });

  test("a process that stops leaves it to the next one, which reads no page twice", async () => {
    simulator.faults.set(slowly);
    const first = createRunner();
    first.start();
    while ((await getLastJob()).done < 3 * pageSize) await new Promise((resolve) => setTimeout(resolve, 2));
    await first.stop();
    const left = await getLastJob();
    expect(left).toMatchObject({ state: "running", step: "visitor" });
    await plumbline.readIdentities();
    const job = await getLastJob();
    expect(job).toMatchObject({ state: "done" });
    expect([job.done, job.counts.read]).toEqual([job.total, job.total]);
    expect(await readNames("visitor")).toEqual(expectNames("visitor", "agent", "email"));
  });

  test("a process that dies keeps its lease for a minute, then another one goes on", async () => {
    const { id } = await getLastJob();
    await plumbline.database.pool.query(
      "update match_jobs set held_by = gen_random_uuid(), held_until = $2 where match_job_id = $1",
      [id, new Date(now.getTime() + 60_000)],
    );
    await plumbline.readIdentities();
    expect(await getLastJob()).toMatchObject({ state: "running", done: 0 });
    pass(1);
    await plumbline.readIdentities();
    expect(await getLastJob()).toMatchObject({ state: "done" });
  });

  test("two processes never work on one job", async () => {
    await Promise.all([createRunner(), createRunner(), createRunner()].map((runner) => runner.settleAll()));
    const job = await getLastJob();
    expect([job.state, job.done]).toEqual(["done", job.total]);
    const expected = Object.keys({ ...expectNames("visitor", "agent", "email") }).length / pageSize;
    expect(countListRequests()).toBeLessThan(expected + 6);
  });

  test("cancelled, it stops at the next page", async () => {
    simulator.faults.set(slowly);
    const runner = createRunner();
    runner.start();
    while ((await getLastJob()).done === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(await cancelRunningJob(plumbline.database.pool, of(), "Somebody cancelled it.", now)).toBe(true);
    const { done } = await getLastJob();
    await runner.stop();
    expect(await getLastJob()).toMatchObject({ state: "cancelled", done, message: "Somebody cancelled it." });
    expect(Object.keys(await readNames("visitor")).length).toBeLessThanOrEqual(done);
  });

  test("another mapping ends it and begins its own; nothing of the old one is written afterwards", async () => {
    simulator.faults.set(slowly);
    const runner = createRunner();
    runner.start();
    while ((await getLastJob()).done === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    pass(1);
    await setMapping(plumbline, connection, { userIdFrom: "crm_id" });
    const [next, before] = await listJobs(plumbline.database.pool, of());
    expect(before).toMatchObject({ state: "cancelled", mappingVersion: 2 });
    expect(next).toMatchObject({ mappingVersion: 3 });
    while ((await getLastJob()).state === "running") {
      runner.wake();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await runner.stop();
    expect(await readNames("visitor")).toEqual(expectNames("visitor", "custom", "crm_id"));
    const { rows } = await plumbline.database.pool.query(
      "select distinct field from pendo_identities where connection_id = $1 and kind = 'visitor'",
      [connection.id],
    );
    expect(rows).toEqual([{ field: "crm_id" }]);
  });
});

describe("every day", () => {
  const turn = () => findLastTurn(connection.id, now);

  test("each connection has a minute of its own", () => {
    const minutes = Array.from({ length: 200 }, (_, n) =>
      findLastTurn(`00000000-0000-7000-8000-${(n * 7919).toString(16).padStart(12, "0")}`, now).getTime(),
    );
    expect(new Set(minutes).size).toBeGreaterThan(150);
    for (const minute of minutes) {
      expect(minute).toBeLessThanOrEqual(now.getTime());
      expect(minute).toBeGreaterThan(now.getTime() - 24 * 60 * 60_000);
    }
  });

  test("it is read once when its minute has come, and not while it is off or mapped by Pendo's own ids", async () => {
    await plumbline.readIdentities();
    const countOwn = async () => (await listJobs(plumbline.database.pool, of())).length;
    const look = async (at: Date) => {
      now = at;
      await startDueReadings(plumbline.database.pool, now);
      await plumbline.readIdentities();
      return countOwn();
    };
    expect(await look(now)).toBe(1);
    const next = new Date(turn().getTime() + 24 * 60 * 60_000);
    expect(await look(new Date(next.getTime() - 1))).toBe(1);
    expect(await look(next)).toBe(2);
    expect(await look(new Date(next.getTime() + 60_000))).toBe(2);
    await plumbline.database.pool.query("update connections set is_on = false where connection_id = $1", [
      connection.id,
    ]);
    expect(await look(new Date(next.getTime() + 25 * 60 * 60_000))).toBe(2);
    await plumbline.database.pool.query("update connections set is_on = true where connection_id = $1", [
      connection.id,
    ]);
    expect(await look(now)).toBe(3);
    await setMapping(plumbline, connection, { userIdFrom: null, accountIdFrom: null });
    expect(await look(new Date(next.getTime() + 49 * 60 * 60_000))).toBe(3);
  });
});

const runners: MatchJobRunner[] = [];
function createRunner(given: Partial<Parameters<typeof createReadIdentities>[0]> = {}): MatchJobRunner {
  const { database, settings } = plumbline;
  const clients = createPendoClients({
    database: database.pool,
    secretBox: settings.secretBox,
    clock: () => now,
    log: silentLog,
    baseUrl: simulator.url,
    intervalMs: 0,
    pageSize,
  });
  const readIdentities = createReadIdentities({
    database: database.pool,
    clients,
    clock: () => now,
    onReleased: () => {},
    ...given,
  });
  const runner = createMatchJobRunner({
    database: database.pool,
    log: silentLog,
    clock: () => now,
    run: { "read-identities": readIdentities },
  });
  runners.push(runner);
  return runner;
}
afterAll(async () => {
  for (const runner of runners) await runner.stop();
});
