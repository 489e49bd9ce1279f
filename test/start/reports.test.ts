// Reports as people and their scripts set them up on the command line: without a running Plumbline, and beside one.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { packageRoot } from "../../src/platform/package-root.ts";
import {
  createHome,
  createTestConnection,
  type Home,
  runCommand,
  runJsonCommand,
  startPlumbline,
  type TestConnection,
} from "../support/plumbline-process.ts";
import { runPlumbline } from "../support/run-plumbline.ts";

let simulator: PendoSimulator;
let home: Home;
let connection: TestConnection;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", days: 2, count: 100, visitors: 40, accounts: 8 });
  home = createHome({ PENDO_API_BASE_URL: simulator.url });
  connection = await createTestConnection(home);
  await runCommand(home, "connection", "set", connection.id, "--integration-key", simulator.integrationKey);
});
afterAll(async () => {
  home.remove();
  await simulator.stop();
});

const report = <T = any>(...words: string[]) => runJsonCommand<T>(home, "report", ...words);
const tell = (...words: string[]) => runCommand(home, "report", ...words);
const fail = async (...words: string[]) => {
  const { code, stdout, stderr } = await runPlumbline(home, ["report", ...words]);
  expect([code, stdout], stderr).toEqual([1, ""]);
  return stderr;
};

const rows = [
  { visitorId: "v-1", accountId: "a-1", minutes: 3, plan: "free", "Name, with comma": "=1+1" },
  { visitorId: "v-2", accountId: "a-1", minutes: 4, plan: "team", "Name, with comma": "x" },
  { visitorId: "v-3", accountId: "a-2", minutes: 5, plan: "free", "Name, with comma": "y" },
  { visitorId: "v-4", accountId: "", minutes: 6, plan: "free", "Name, with comma": "\u001b[31mred" },
];
const createPendoReport = (of = rows) => simulator.reports.create({ name: "Use", level: "visitor", rows: of });

test("from the list to traits, with nothing running", async () => {
  const { id: pendoId } = createPendoReport();
  const shown = await tell("list", connection.id);
  expect(shown).toContain("Use");
  expect(shown).not.toContain("Sign-up funnel");
  expect(shown).toMatch(/\d+ more cannot be synced: --all says why\./);
  expect(await tell("list", connection.id, "--all")).toContain("Sign-up funnel");

  const preview = await report("preview", connection.id, "--report", pendoId, "--rows", "1");
  expect(preview).toMatchObject({ id: pendoId, idColumn: "visitorId", level: "user", rows: [rows[0]] });
  const words = await tell("preview", connection.id, "--report", pendoId);
  expect(words).toContain("visitorId holds Pendo's ids of visitors, so level user is likely.");
  expect(words).toMatch(/minutes +pendo\.minutes +number +sum +4 of 4 +3 · 4 · 5/);
  expect(words).not.toContain("\u001b");

  const added = await report(
    "add",
    connection.id,
    ...["--report", pendoId, "--level", "account", "--id-column", "accountId"],
    ...["--columns", 'minutes:Minutes,plan,minutes:Users with minutes:number:count,"Name, with comma":name:number'],
    ...["--every", "6h"],
  );
  expect(added).toMatchObject({
    id: expect.any(String),
    level: "account",
    idKind: "account",
    everyHours: 6,
    columns: [
      { column: "minutes", trait: "Minutes", type: "number", combine: "sum" },
      { column: "plan", trait: "pendo.plan", combine: "latest" },
      { column: "minutes", trait: "Users with minutes", combine: "count" },
      { column: "Name, with comma", trait: "name", type: "number", combine: "sum" },
    ],
  });
  const { id } = added;
  expect(await fail("add", connection.id, "--report", pendoId, "--level", "account")).toContain(`it is ${id}.`);

  const run = await report("sync", id);
  expect(run).toMatchObject({
    number: 1,
    state: "done",
    rowsRead: 4,
    matched: 2,
    changed: 2,
    valuesChanged: 6,
    unmatched: 1,
    typeErrors: 4,
  });
  const again = await tell("sync", id);
  expect(again).toContain("Run 2: done");
  expect(again).toContain("Records 2, changed 0; values changed 0.");

  const listed = await report("list", connection.id);
  expect(listed.find((one: any) => one.id === pendoId).reports).toMatchObject([{ id, lastRun: { number: 2 } }]);
  expect((await report("runs", id)).map((one: any) => one.number)).toEqual([2, 1]);
  expect(await tell("runs", id)).toMatch(/^run +id +state/);

  const problems = await report("problems", run.id);
  expect(problems).toHaveLength(5);
  expect(problems[0]).toMatchObject({
    rowNumber: 1,
    column: "Name, with comma",
    value: "=1+1",
    reason: "not-a-number",
  });
  const file = join(home.dataDir, "problems.csv");
  expect(await tell("problems", run.id, "--csv", file)).toBe(`Written to ${file}.\n`);
  const csv = readFileSync(file, "utf8");
  expect(csv.trimEnd().split("\r\n")).toHaveLength(6);
  expect(csv).toContain('1,type-error,a-1,"Name, with comma",\'=1+1,not-a-number');
  expect(await tell("problems", run.id, "--csv", "-")).toBe(csv);
  expect(await tell("problems", run.id)).not.toContain("\u001b");

  expect(await report("set", id, "--columns", "minutes:Minutes", "--every", "24h")).toMatchObject({
    everyHours: 24,
    columns: [{ trait: "Minutes" }],
  });
  expect(await tell("pause", id)).toContain("paused");
  expect(await report("resume", id)).toMatchObject({ isOn: true });
  expect(await report("remove", id, "--clear")).toEqual({ id, cleared: 6 });
  expect(await fail("runs", id)).toContain(`There is no report ${id}`);
});

test("what cannot work is said, and nothing printed", async () => {
  const { id: pendoId } = createPendoReport();
  const add = (...words: string[]) => fail("add", connection.id, "--report", pendoId, ...words);
  expect(await add()).toContain("--level");
  expect(await add("--level", "team")).toContain("account, organization, user");
  expect(await add("--level", "organization")).toContain("The workspace has no organizations");
  expect(await add("--level", "user", "--every", "5h")).toContain('"5h" is no interval of a report');
  expect(await add("--level", "user", "--columns", "nosuch")).toContain('The report has no column "nosuch"');
  expect(await add("--level", "user", "--combine", "mean")).toContain("sum, average");
  expect(await fail("preview", connection.id, "--report", "nosuch")).toContain('Pendo has no report "nosuch"');
  expect(await fail("sync", connection.id)).toContain("There is no report");
  expect(await fail("sync", "nosuch")).toContain('"nosuch" is not the id of a report');
  expect(await fail("set", connection.id)).toContain("There is nothing to change");
  expect(await fail("problems", connection.id)).toContain("There is no run");
});

test("a report that has shrunk stops, and is confirmed", async () => {
  const pendo = createPendoReport();
  const { id } = await report("add", connection.id, "--report", pendo.id, "--level", "user", "--columns", "plan");
  await report("sync", id);
  simulator.reports.change(pendo, { rows: [rows[0]!] });
  const { code, stdout } = await runPlumbline(home, ["report", "sync", id, "--json"]);
  const stopped = JSON.parse(stdout);
  // Whatever called the command notices.
  expect(code).toBe(1);
  expect(stopped).toMatchObject({ state: "stopped", message: expect.stringContaining("fewer than half") });
  expect(await tell("confirm", stopped.id)).toContain("Run 3: done");
  expect(await fail("confirm", stopped.id)).toContain("there is nothing to confirm any more");
});

test("a run that fails says why; one that is left has changed nothing, and is begun again or cancelled", async () => {
  const pendo = createPendoReport();
  const { id } = await report("add", connection.id, "--report", pendo.id, "--level", "user", "--columns", "plan");
  simulator.reports.change(pendo, { isShared: false });
  expect(await fail("sync", id)).toContain("shared");
  const failed = await runPlumbline(home, ["report", "sync", id, "--json"]);
  expect([failed.code, JSON.parse(failed.stdout).state]).toEqual([1, "failed"]);
  simulator.reports.change(pendo, { isShared: true });

  simulator.faults.set([{ fault: "hang", route: "report" }]);
  const child = spawn(process.execPath, [join(packageRoot, "bin/plumbline.mjs"), "report", "sync", id], {
    env: home.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const asked = simulator.requests.total();
  while (simulator.requests.total() === asked) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill("SIGINT");
  expect(await exited).toBe(1);
  expect(stderr).toContain("Left before its end: no trait is changed.");
  simulator.faults.set([]);
  const [left] = await report("runs", id);
  expect(left).toMatchObject({ number: 3, state: "running", changed: null });
  expect(await report("cancel", left.id)).toMatchObject({ id: left.id, state: "cancelled" });
  expect(await fail("cancel", left.id)).toContain("Run 3 is cancelled: there is nothing to cancel.");
  expect(await report("sync", id)).toMatchObject({ number: 4, state: "done", changed: 4 });
});

test("beside a running Plumbline, whoever is first does the work", async () => {
  const plumbline = await startPlumbline(home);
  try {
    const pendo = createPendoReport();
    const { id } = await report("add", connection.id, "--report", pendo.id, "--level", "user", "--columns", "plan");
    expect(await report("sync", id)).toMatchObject({ state: "done", rowsRead: 4, matched: 4 });
    const begun = await report("sync", id, "--no-wait");
    expect(begun).toMatchObject({ reportId: id });
    await expect.poll(async () => (await report("runs", id))[0].state, { timeout: 30_000, interval: 500 }).toBe("done");
  } finally {
    await plumbline.stop();
  }
});
