import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { createWorkspace } from "../../test/support/inbox.ts";
import { createBody, createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { silentLog } from "../../test/support/test-database.ts";
import { type CreatedConnection, changeConnection, createConnection } from "../settings/connections.ts";
import { setPendoAccess } from "../settings/integration-keys.ts";
import { setHierarchy } from "../settings/workspaces-table.ts";
import { applyMapping, type MappingChange } from "./apply-mapping.ts";
import { cancelRunningJob, getJob, type MatchJob } from "./match/match-jobs-table.ts";
import { createMatchAgain } from "./match-again.ts";
import { previewMapping } from "./preview-mapping.ts";
import { createReadIdentities } from "./read-identities.ts";
import type { RecordKind, RecordSaid } from "./records.ts";
import { createMatchJobRunner, type MatchJobRunner, type RunMatchJob } from "./run-match-jobs.ts";
import { saveRecords } from "./save-records.ts";

let simulator: PendoSimulator;
let plumbline: TestApp;
let now = new Date("2026-11-20T15:00:00.000Z");
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", now: now.getTime() / 1000, days: 2, count: 20 });
  for (const id of visitors) simulator.people.create("visitor", id);
  for (const id of accounts) simulator.people.create("account", id);
  plumbline = await createTestApp({ clock: () => now, pendoUrl: simulator.url, pendo: { patience: { tries: 1 } } });
});
afterAll(async () => {
  await plumbline.stop();
  await simulator.stop();
});

const visitors = ["v0", "v1", "v2", "v3", "x@e", "7"];
const accounts = ["a0", "a1", "a2"];
const strangers = [undefined, "", "anonymous", "_PENDO_T_1", "0", { id: "v1" }, ["v1"], "ghost"];
const values = ["x@e", "y@e", "z@e", "a0", "", null, "null", 0, 12, true, ["x@e"], ["x@e", "y@e"], "_PENDO_T_1"];
const fields = { visitor: ["email", "crm"], account: ["crm", "code"] } as const;

const pick = <T>(of: readonly T[]) => fc.constantFrom(...of);
const delivery = fc.record({
  kind: pick(["track", "track", "nps", "nps", "poll"] as const),
  visitorId: fc.oneof({ weight: 4, arbitrary: pick<unknown>(visitors) }, pick<unknown>(strangers)),
  accountId: fc.oneof({ weight: 4, arbitrary: pick<unknown>(accounts) }, pick<unknown>(strangers)),
  score: pick([null, 3, 9]),
  reason: pick([null, "Good", "Bad"]),
  hour: fc.nat(20),
});
const mapping = fc.record({
  userIdFrom: pick([null, null, "agent.email", "crm"]),
  accountIdFrom: pick([null, null, "custom.crm", "agent.code"]),
  level: pick(["account", "account", "organization"] as const),
});
const said = fc.record({
  kind: pick<RecordKind>(["user", "account", "organization"]),
  externalId: pick(["x@e", "y@e", "a0", "v1", "12"]),
  name: pick([undefined, "By hand"]),
  isTied: fc.boolean(),
});
const metadata = fc.record({
  kind: pick(["visitor", "account"] as const),
  person: fc.nat(5),
  group: pick(["agent", "custom"]),
  field: fc.nat(1),
  value: pick<any>(values),
});
const operation = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(delivery, { minLength: 1, maxLength: 8 }).map((of) => ({ what: "send", of }) as const),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(mapping, fc.option(fc.nat(12)))
      .map(([of, killedAfter]) => ({ what: "apply", of, killedAfter }) as const),
  },
  { weight: 1, arbitrary: mapping.map((of) => ({ what: "cancelled", of }) as const) },
  { weight: 1, arbitrary: metadata.map((of) => ({ what: "metadata", of }) as const) },
  { weight: 1, arbitrary: said.map((of) => ({ what: "say", of }) as const) },
);
const story = fc.record({
  isLinking: fc.boolean(),
  start: fc.array(metadata, { minLength: 6, maxLength: 24 }),
  operations: fc.array(operation, { minLength: 2, maxLength: 9 }),
  last: mapping,
});
type Delivery = typeof delivery extends fc.Arbitrary<infer T> ? T : never;

type Home = { connection: CreatedConnection; workspaceId: string; connectionId: string; sent: string[] };

async function createHome(isLinking: boolean): Promise<Home> {
  const workspaceId = await createWorkspace(plumbline.database.pool);
  await setHierarchy(plumbline.database.pool, workspaceId, true);
  const connection = await createConnection(plumbline.settings, { name: "Pendo", workspaceId });
  await setPendoAccess(plumbline.settings, connection.id, { integrationKey: simulator.integrationKey });
  if (isLinking) await changeConnection(plumbline.settings, connection.id, { missingRecords: "link" });
  return { connection, workspaceId, connectionId: connection.id, sent: [] };
}

const base = 1_795_000_000;

async function send(home: Home, of: Delivery): Promise<void> {
  const place = home.sent.length;
  const about = {
    visitorId: of.visitorId,
    accountId: of.accountId,
    timestamp: base + of.hour * 3_600 + place,
    uniqueId: `item-${place}`,
  };
  const guide = { guideId: "guide-1" };
  const [event, properties] = {
    track: ["trackEventReceived", { name: `Event ${place}` }],
    nps: ["npsSubmitted", { ...guide, nps: { rating: of.score, reason: of.reason } }],
    poll: ["pollSubmitted", { ...guide, pollId: "p", pollType: "NumberScale", pollResponse: place }],
  }[of.kind] as [string, object];
  const { deliveryId } = JSON.parse((await plumbline.send(home.connection, createBody(event, properties, about))).body);
  home.sent.push(deliveryId);
}

const createRunner = (killedAfter: number | null = null): MatchJobRunner => {
  const { database, settings, app } = plumbline;
  const onReleased = () => {};
  const again = createMatchAgain({ database: database.pool, clock: settings.clock, onReleased, sliceSize: 3 });
  return createMatchJobRunner({
    database: database.pool,
    log: silentLog,
    clock: settings.clock,
    run: {
      "read-identities": createReadIdentities({
        database: database.pool,
        clients: app.pendo,
        clock: settings.clock,
        onReleased,
      }),
      "match-again": killedAfter === null ? again : killAfter(again, killedAfter),
    },
  });
};

/** Ends the job as a killed process would: what is committed stays, and nobody tells anybody. */
function killAfter(run: RunMatchJob, steps: number): RunMatchJob {
  let left = steps;
  return (way) =>
    run({
      ...way,
      async step(work) {
        left -= 1;
        if (left < 0) throw Object.assign(new Error("killed"), { code: "57P01" });
        return way.step(work);
      },
    });
}

const apply = (home: Home, change: MappingChange) =>
  applyMapping(
    {
      database: plumbline.database.pool,
      clients: plumbline.app.pendo,
      clock: plumbline.settings.clock,
      author: plumbline.settings.author,
    },
    home,
    change,
  );

async function settle(runner: MatchJobRunner): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    await plumbline.settleWithPendo();
    await runner.settleAll().catch(() => {});
    await plumbline.settleWithPendo();
    const { rows } = await plumbline.database.pool.query(
      "select min(held_until) as until from match_jobs where state = 'running'",
    );
    if (rows[0].until === null) return;
    now = new Date(Math.max(now.getTime(), rows[0].until.getTime()) + 1);
  }
  throw new Error("a job does not come to its end");
}

async function applyAll(home: Home, change: MappingChange, killedAfter: number | null = null): Promise<MatchJob> {
  const { job } = await apply(home, change);
  if (killedAfter !== null) {
    const killed = createRunner(killedAfter);
    await killed.settleAll().catch(() => {});
    await plumbline.settleWithPendo();
    await killed.settleAll().catch(() => {});
  }
  await settle(createRunner());
  const done = await getJob(plumbline.database.pool, home.workspaceId, job.id);
  expect(done).toMatchObject({ state: "done" });
  return done;
}

async function say(home: Home, { kind, isTied, ...record }: typeof said extends fc.Arbitrary<infer T> ? T : never) {
  const tied: Partial<RecordSaid> =
    !isTied || kind === "organization"
      ? {}
      : kind === "user"
        ? { accounts: ["a0"], organizations: ["o"] }
        : { organization: "o" };
  const to = { workspaceId: home.workspaceId, kind, source: "import" as const, at: now };
  await saveRecords(plumbline.database.pool, to, [
    { externalId: record.externalId, ...(record.name && { name: record.name }), ...tied, traits: [] },
  ]);
}

function setMetadata({ kind, person, group, field, value }: typeof metadata extends fc.Arbitrary<infer T> ? T : never) {
  const people = kind === "visitor" ? visitors : accounts;
  simulator.people.setMetadata(kind, people[person % people.length]!, group, { [fields[kind][field]!]: value });
}

function clearMetadata() {
  for (const kind of ["visitor", "account"] as const)
    for (const id of kind === "visitor" ? visitors : accounts)
      for (const group of ["agent", "custom"])
        simulator.people.setMetadata(kind, id, group, Object.fromEntries(fields[kind].map((field) => [field, null])));
}

/** Everything that matching decides, in words that mean the same in both workspaces. */
async function dump({ workspaceId, sent }: Home, isExact = false) {
  const read = async (sql: string) => (await plumbline.database.pool.query(sql, [workspaceId])).rows;
  const owner = `u.external_id as user, a.external_id as account, o.external_id as organization, f.mapping_version as version,
                 f.pendo_visitor_id as visitor, f.pendo_account_id as pendo, f.delivery_id as delivery`;
  const owners = `left join users u on u.workspace_id = f.workspace_id and u.user_id = f.user_id
                  left join accounts a on a.workspace_id = f.workspace_id and a.account_id = f.account_id
                  left join organizations o on o.workspace_id = f.workspace_id and o.organization_id = f.organization_id`;
  const place = new Map(sent.map((id, index) => [id, index]));
  const number = (rows: any[]) =>
    rows
      .map(({ delivery: of, version, ...row }) => ({ ...row, of: place.get(of), ...(isExact && { version }) }))
      .sort((one, other) => one.of - other.of || (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  const mine = isExact ? ", source, pendo_visitor_id, pendo_account_id, mapping_version" : ", source";
  return {
    events: number(await read(`select ${owner}, f.name from events f ${owners} where f.workspace_id = $1`)),
    nps: number(
      await read(`select ${owner}, f.score, f.feedback, whole.delivery_id = f.delivery_id as "isOwn", whole.score as "partOfScore"
                  from nps_responses f ${owners}
                  left join nps_responses whole on whole.workspace_id = f.workspace_id and whole.nps_response_id = f.part_of
                  where f.workspace_id = $1`),
    ),
    polls: number(await read(`select ${owner}, f.answer from poll_responses f ${owners} where f.workspace_id = $1`)),
    users: await read(
      "select external_id, name, made_by_connection is null as hand from users where workspace_id = $1 order by 1",
    ),
    accounts: await read(
      "select external_id, name, made_by_connection is null as hand from accounts where workspace_id = $1 order by 1",
    ),
    organizations: await read(
      "select external_id, name, made_by_connection is null as hand from organizations where workspace_id = $1 order by 1",
    ),
    inAccounts: await read(
      `select a.external_id as account, u.external_id as user ${mine} from account_users m
       join accounts a using (workspace_id, account_id) join users u using (workspace_id, user_id) where workspace_id = $1 order by 1, 2`,
    ),
    inOrganizations: await read(
      `select o.external_id as organization, u.external_id as user ${mine} from organization_users m
       join organizations o using (workspace_id, organization_id) join users u using (workspace_id, user_id) where workspace_id = $1 order by 1, 2`,
    ),
    deliveries: number(
      await read("select delivery_id as delivery, state, reason, kind from deliveries f where workspace_id = $1"),
    ),
  };
}

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;

async function tell(home: Home, operations: readonly Operation[]): Promise<{ sent: Delivery[]; told: Said[] }> {
  const sent: Delivery[] = [];
  const told: (typeof said extends fc.Arbitrary<infer T> ? T : never)[] = [];
  for (const operation of operations) {
    switch (operation.what) {
      case "send":
        for (const one of operation.of) await send(home, one);
        sent.push(...operation.of);
        await plumbline.settleWithPendo();
        break;
      case "apply":
        await applyAll(home, operation.of, operation.killedAfter);
        break;
      case "cancelled":
        await apply(home, operation.of);
        await createRunner(5)
          .settleAll()
          .catch(() => {});
        await cancelRunningJob(plumbline.database.pool, home, "Enough.", now);
        break;
      case "metadata":
        setMetadata(operation.of);
        break;
      case "say":
        await say(home, operation.of);
        told.push(operation.of);
        break;
    }
  }
  return { sent, told };
}

const look = (home: Home, change: MappingChange) =>
  previewMapping({ database: plumbline.database.pool, clients: plumbline.app.pendo }, home.connectionId, change);

async function readOwned({ workspaceId }: Home) {
  const list = async (table: string) =>
    (
      await plumbline.database.pool.query(
        `select external_id from ${table} where workspace_id = $1 order by external_id`,
        [workspaceId],
      )
    ).rows.map((row) => row.external_id as string);
  return { users: await list("users"), accounts: await list("accounts"), organizations: await list("organizations") };
}

test("whatever came before, the end is that of a fresh import with the last mapping", {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ isLinking, start, operations, last }) => {
      clearMetadata();
      for (const change of start) setMetadata(change);
      const home = await createHome(isLinking);
      const { sent, told } = await tell(home, operations);
      await applyAll(home, last);

      const fresh = await createHome(isLinking);
      for (const one of told) await say(fresh, one);
      await apply(fresh, last);
      await settle(createRunner());
      for (const one of sent) await send(fresh, one);
      await settle(createRunner());
      const wanted = await dump(fresh);
      const once = await dump(home, true);
      expect(await dump(home)).toEqual(wanted);

      await applyAll(home, {});
      expect(await dump(home, true)).toEqual(once);
    }),
    { numRuns: Number(process.env.RUNS ?? 12), endOnFailure: process.env.SHRINK === undefined },
  );
});

describe("the preview", () => {
  test("tells beforehand what matching again does", { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ isLinking, start, operations, last }) => {
        clearMetadata();
        for (const change of start) setMetadata(change);
        const home = await createHome(isLinking);
        await tell(home, operations);
        await applyAll(home, {});
        const before = await readOwned(home);
        const preview = await look(home, last);
        const job = await applyAll(home, last);
        const after = await readOwned(home);
        const { events, npsResponses } = preview.facts;
        expect({ moved: events.move + npsResponses.move, removed: events.park + npsResponses.park }).toEqual({
          moved: job.counts.moved ?? 0,
          removed: (job.counts.removed ?? 0) + (job.counts.withoutOwner ?? 0),
        });
        for (const kind of ["users", "accounts", "organizations"] as const) {
          const gone = before[kind].filter((id) => !after[kind].includes(id));
          expect([kind, preview.records[kind].removed]).toEqual([kind, { count: gone.length, externalIds: gone }]);
        }
      }),
      { numRuns: Number(process.env.RUNS ?? 8), endOnFailure: process.env.SHRINK === undefined },
    );
  });
});

const track = (visitorId: unknown, accountId: unknown = "a0"): Delivery =>
  ({ kind: "track", visitorId, accountId, score: null, reason: null, hour: 0 }) as Delivery;
const own = { userIdFrom: null, accountIdFrom: null } as const;
const readOwners = async (home: Home) =>
  (await dump(home, true)).events.map(({ user, account, version }) => ({ user, account, version }));

describe("what the mapping cannot tell", () => {
  test("is parked with its reason, and comes back when it can be told", async () => {
    clearMetadata();
    setMetadata({ kind: "visitor", person: 0, group: "agent", field: 0, value: "x@e" });
    const home = await createHome(false);
    for (const visitor of ["v0", "v1"]) await send(home, track(visitor));
    await plumbline.settle();
    const { counts } = await applyAll(home, { userIdFrom: "agent.email" });
    expect(counts).toMatchObject({ moved: 1, removed: 1, removedUsers: 2, removedMemberships: 2 });
    const { events, deliveries, users } = await dump(home);
    expect([events.map(({ user }) => user), users.map((one) => one.external_id)]).toEqual([["x@e"], ["x@e"]]);
    expect(deliveries[1]).toMatchObject({ state: "parked", reason: "field-empty-for-visitor" });

    setMetadata({ kind: "visitor", person: 1, group: "agent", field: 0, value: "y@e" });
    now = new Date(now.getTime() + 3_600_000);
    await settle(createRunner());
    expect((await readOwners(home)).map(({ user }) => user)).toEqual(["x@e", "y@e"]);
  });

  test("takes a reason away from the score that it completed, and brings it back", async () => {
    clearMetadata();
    setMetadata({ kind: "account", person: 0, group: "custom", field: 0, value: "x@e" });
    const home = await createHome(false);
    const answer = { kind: "nps", visitorId: "v0", score: 9, hour: 0 } as const;
    await send(home, { ...answer, accountId: "a0", reason: null });
    await send(home, { ...answer, accountId: "a1", reason: "Good" });
    await plumbline.settle();
    const readFeedback = async () => (await dump(home)).nps.map(({ feedback }) => feedback);
    expect(await readFeedback()).toEqual(["Good", "Good"]);
    await applyAll(home, { accountIdFrom: "custom.crm" });
    expect(await readFeedback()).toEqual([null]);
    await applyAll(home, own);
    expect(await readFeedback()).toEqual(["Good", "Good"]);
  });

  test("without a raw body stays, names nobody, and is somebody's again by the mapping of before", async () => {
    clearMetadata();
    const home = await createHome(false);
    for (const visitor of ["v0", "anonymous"]) await send(home, track(visitor));
    await plumbline.settle();
    await plumbline.database.pool.query("delete from delivery_bodies where workspace_id = $1", [home.workspaceId]);
    const { counts, message } = await applyAll(home, { userIdFrom: "agent.email" });
    expect(counts).toMatchObject({ removed: 0, withoutOwner: 1, removedUsers: 1 });
    expect(message).toContain("kept without an owner");
    const [, nobody] = await readOwners(home);
    expect(await readOwners(home)).toEqual([
      { user: null, account: null, version: 0 },
      { user: null, account: "a0", version: nobody!.version },
    ]);
    expect((await look(home, own)).facts.events).toMatchObject({ move: 1, park: 0 });
    await applyAll(home, own);
    expect((await readOwners(home)).map(({ user, account }) => [user, account])).toEqual([
      ["v0", "a0"],
      [null, "a0"],
    ]);
  });
});

describe("a job", () => {
  test("is one for a connection at a time, and another mapping ends it", async () => {
    const home = await createHome(false);
    const first = await apply(home, { ...own, level: "organization" });
    const again = await apply(home, {});
    expect([again.job.id, again.isChanged]).toEqual([first.job.id, false]);
    const other = await apply(home, { level: "account" });
    expect(other.job.id).not.toBe(first.job.id);
    const states = async () => [
      (await getJob(plumbline.database.pool, home.workspaceId, first.job.id)).state,
      (await getJob(plumbline.database.pool, home.workspaceId, other.job.id)).state,
    ];
    expect(await states()).toEqual(["cancelled", "running"]);
    await settle(createRunner());
    expect(await states()).toEqual(["cancelled", "done"]);
  });

  test("waits for what Pendo is asked, and says so", async () => {
    clearMetadata();
    const home = await createHome(false);
    await send(home, track("v0"));
    await plumbline.settle();
    simulator.faults.set([{ fault: 500 }]);
    const { job } = await apply(home, { userIdFrom: "agent.email" });
    await plumbline.database.pool.query("update match_jobs set state = 'failed' where kind = 'read-identities'");
    await createRunner().settleAll();
    const waiting = await getJob(plumbline.database.pool, home.workspaceId, job.id);
    expect(waiting).toMatchObject({
      state: "running",
      message: "Pendo is being asked about 1 visitors and accounts first.",
    });
    simulator.faults.set([]);
    now = new Date(now.getTime() + 3_600_000);
    await settle(createRunner());
    expect(await getJob(plumbline.database.pool, home.workspaceId, job.id)).toMatchObject({
      state: "done",
      message: null,
    });
  });

  test("does not begin while the connection is off", async () => {
    const home = await createHome(false);
    await changeConnection(plumbline.settings, home.connectionId, { isOn: false });
    await expect(apply(home, {})).rejects.toThrow("The connection is off");
  });

  test("leaves what other connections and people made", async () => {
    clearMetadata();
    const home = await createHome(false);
    const other = await createConnection(plumbline.settings, { name: "Other", workspaceId: home.workspaceId });
    await send(home, track("v0"));
    await send(home, track("v1"));
    await send(home, track("v2"));
    await plumbline.send(other, createBody("trackEventReceived", { name: "E" }, { visitorId: "v0", accountId: "a0" }));
    await plumbline.settle();
    await say(home, { kind: "user", externalId: "v1", name: "By hand", isTied: false });
    for (const person of [0, 1, 2]) setMetadata({ kind: "visitor", person, group: "agent", field: 0, value: "x@e" });
    const { counts } = await applyAll(home, { userIdFrom: "agent.email" });
    expect(counts).toMatchObject({ moved: 3, removedUsers: 1, removedMemberships: 2 });
    const { rows } = await plumbline.database.pool.query(
      `select u.external_id as user, m.connection_id = $2 as "isOthers" from account_users m join users u using (workspace_id, user_id)
       where workspace_id = $1 order by 1`,
      [home.workspaceId, other.id],
    );
    expect(rows).toEqual([
      { user: "v0", isOthers: true },
      { user: "x@e", isOthers: false },
    ]);
  });
});
