// npm run demo in a checkout of its own: it fills a workspace through the door once, and finds it the next time.
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../src/platform/package-root.ts";
import { createHome, createOpenFolder, findFreePort, type Home } from "../support/plumbline-process.ts";

const checkout = createOpenFolder();
const started: Demo[] = [];
let home: Home;
beforeAll(() => {
  home = createHome();
  const parts = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "bin",
    "scripts",
    "src",
    "simulator",
    "migrations",
  ];
  for (const name of parts) cpSync(join(packageRoot, name), join(checkout, name), { recursive: true });
  symlinkSync(join(packageRoot, "node_modules"), join(checkout, "node_modules"));
});
afterAll(async () => {
  for (const { child, ended } of started) {
    child.kill("SIGTERM");
    await ended;
  }
  home.remove();
  rmSync(checkout, { recursive: true, force: true });
});

type Demo = { child: ChildProcess; output: () => string; ended: Promise<number | null> };

function runDemo(port: number, ...words: string[]): Demo {
  const child = spawn("npm", ["run", "demo", "--", ...words], {
    cwd: checkout,
    // What the user has set up is not touched.
    env: { ...home.environment, PORT: String(port), DATABASE_URL: "postgres://127.0.0.1:1/mine" },
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const demo: Demo = { child, output: () => output, ended: new Promise((resolve) => child.once("exit", resolve)) };
  started.push(demo);
  return demo;
}

test("the demo fills its workspace once; what it says to paste shows something", async () => {
  const port = await findFreePort();
  const demo = runDemo(port, "--count", "1000");
  await expect.poll(demo.output, { timeout: 150_000 }).toContain("Ctrl-C ends the demo");
  const said = demo.output();
  expect(said.match(/\/setup#/g)).toHaveLength(1);
  expect(said).toMatch(new RegExp(`Pages {4}http://127\\.0\\.0\\.1:${port}/setup#\\S+`));
  expect(said).toContain(`API      http://127.0.0.1:${port}/api/v1 `);
  expect(said).toMatch(
    /In the workspace: [\d,]+ accounts, [\d,]+ users, [\d,]+ events, [\d,]+ NPS responses, [\d,]+ poll/,
  );

  const lines = [...said.matchAll(/^curl -H "Authorization: Bearer (?<key>plk_\S+)" "(?<url>\S+)"$/gm)];
  expect(lines.length).toBeGreaterThan(6);
  for (const { groups } of lines.slice(0, -1)) {
    const answer = await fetch(groups!.url!, { headers: { authorization: `Bearer ${groups!.key}` } });
    expect([groups!.url, ((await answer.json()) as { items: object[] }).items.length]).not.toEqual([groups!.url, 0]);
  }
  const ask = async (path: string) => {
    const headers = { authorization: `Bearer ${lines[0]!.groups!.key}` };
    return (await fetch(`http://127.0.0.1:${port}/api/v1${path}`, { headers })).json();
  };
  const ledger = (await ask("/ledger")) as Record<string, number>;
  expect(ledger.difference).toBe(0);
  for (const state of ["recorded", "duplicate", "filtered", "held", "parked", "failed", "refused"])
    expect([state, ledger[state]]).not.toEqual([state, 0]);

  const items = async (path: string) => ((await ask(path)) as { items: any[] }).items;
  const accounts = (await items("/accounts?limit=500")).filter(({ name }) => name !== null);
  expect(accounts.length).toBeGreaterThan(100);
  expect(accounts.filter(({ organization }) => organization !== null).length).toBeGreaterThan(50);
  const people = (await items("/users?limit=500")).filter(({ name, email }) => name !== null && email !== null);
  expect(people.length).toBeGreaterThan(200);
  expect((await items("/imports")).map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual([
    "account done",
    "organization done",
    "user done",
  ]);
  // The timetable runs them, too.
  const runs = async () => (await items("/reports")).map(({ lastRun }) => lastRun);
  const states = async () => (await runs()).map(({ state }) => state);
  await expect.poll(states, { timeout: 30_000 }).toEqual(["done", "done"]);
  expect((await runs()).some(({ unmatched, typeErrors }) => unmatched + typeErrors > 0)).toBe(true);
  const kinds = new Set((await items("/polls")).map(({ pollType }) => pollType));
  expect([...kinds].sort()).toEqual(["FreeForm", "NumberScale", "PickList", "PositiveNegative", "YesNo"]);

  const turned = /^(?<name>.+) turned from promoter to detractor: \S+\/accounts\/(?<id>\S+)$/m.exec(said)!.groups!;
  expect(await ask(`/accounts/${turned.id}`)).toMatchObject({ name: turned.name, traits: { "pendo.healthScore": 37 } });
  const past = await items(`/accounts/${turned.id}/traits/pendo.healthScore/history`);
  expect(past.map(({ newValue }) => newValue)).toEqual([84, 66, 37]);

  const received = async () => ((await ask("/ledger")) as Record<string, number>).received!;
  await expect.poll(received, { timeout: 60_000 }).toBeGreaterThan(ledger.received!);

  const silent = /^.+ has fallen silent: \S+\/accounts\/(?<id>\S+)$/m.exec(said)!.groups!;
  const { externalId } = (await ask(`/accounts/${silent.id}`)) as { externalId: string };
  const renaming = await fetch(`http://127.0.0.1:${port}/api/v1/imports?kind=account`, {
    method: "POST",
    headers: { authorization: `Bearer ${lines[0]!.groups!.key}`, "content-type": "text/csv" },
    body: `external_id,name\n${externalId},Renamed By The User`,
  });
  expect(renaming.status).toBe(201);
  await expect.poll(() => ask(`/accounts/${silent.id}`)).toMatchObject({ name: "Renamed By The User" });
  demo.child.kill("SIGTERM");
  await demo.ended;
  expect(existsSync(join(home.dataDir, "postgres"))).toBe(false);

  const again = runDemo(port, "--no-live");
  await expect.poll(again.output, { timeout: 30_000 }).toContain("Ctrl-C ends the demo");
  expect(again.output()).not.toContain("sent and recorded");
  expect(again.output()).toContain("Renamed By The User has fallen silent");
  expect(await received()).toBeLessThan(ledger.received! + 100);
  again.child.kill("SIGTERM");
  await again.ended;
}, 240_000);
