// Traits on the command line, beside a running Plumbline: setting them, what is decided about them, and what an import makes of it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Api,
  createApi,
  createHome,
  type Home,
  type PlumblineProcess,
  runCommand,
  runJsonCommand,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { runPlumbline } from "../support/run-plumbline.ts";

let home: Home;
let plumbline: PlumblineProcess;
let api: Api;
beforeAll(async () => {
  home = createHome();
  plumbline = await startPlumbline(home);
  api = await createApi(home, plumbline.url);
  await importAccounts("external_id,name\nacme-1,Acme\n");
});
afterAll(async () => {
  await plumbline.stop();
  home.remove();
});

function importAccounts<T>(text: string, ...words: string[]): Promise<T> {
  const file = join(home.dataDir, "accounts.csv");
  writeFileSync(file, text);
  return runJsonCommand<T>(home, "import", "accounts", file, ...words);
}

const fail = async (...words: string[]) => {
  const { code, stdout, stderr } = await runPlumbline(home, [...words, "--json"]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).not.toMatch(/\n\s+at |Error:/);
  return stderr;
};

test("traits of one record are set, merged and taken away", async () => {
  const write = (...pairs: string[]) =>
    runJsonCommand<{ changed: number }>(home, "trait", "write", "account", ...pairs);
  expect(await write("acme-1", "plan=Team", "seats=12", "note=a=b")).toMatchObject({ changed: 3 });
  expect(await write("acme-1", "plan=null", "seats=12")).toMatchObject({ changed: 1 });
  expect(await api("/accounts/acme-1")).toMatchObject({ traits: { seats: 12, note: "a=b" } });
  expect(await fail("trait", "write", "account", "nobody", "a=b")).toMatch(/There is no account "nobody"/);
  expect(await fail("trait", "write", "account", "acme-1", "a")).toMatch(/"a" is not name=value/);
  expect(await fail("trait", "write", "account", "acme-1", `${"n".repeat(201)}=1`)).toMatch(/longer than 200/);
});

test("a type that is set holds for the command line and for imports", async () => {
  const set = (...words: string[]) =>
    runJsonCommand(home, "trait", "set", "--level", "account", "--name", "seats", ...words);
  expect(await set("--type", "number")).toEqual({ level: "account", name: "seats", type: "number", sources: null });
  expect(await fail("trait", "write", "account", "acme-1", "seats=many", "other=1")).toMatch(
    /The trait "seats" is a number in this workspace, and "many" is none\.\nNothing was changed\./,
  );
  expect(await importAccounts("external_id,seats\nacme-1,13\nacme-2,many\n")).toMatchObject({
    updated: 1,
    created: 0,
    rejections: [{ row: 3, reason: 'The trait "seats" is a number in this workspace, and "many" is none.' }],
  });
  expect(await api("/accounts/acme-1")).toMatchObject({ traits: { seats: 13, note: "a=b" } });
  expect(await set("--precedence", "custom")).toMatchObject({ type: "number", sources: ["custom"] });
  expect(await set("--type", "as-is", "--precedence", "usual")).toMatchObject({ type: null, sources: null });
  expect(await importAccounts("external_id,seats\nacme-2,many\n")).toMatchObject({ created: 1 });
});

test("every trait in use is listed", async () => {
  const names = await runJsonCommand<object[]>(home, "trait", "list", "--level", "account");
  expect(names).toMatchObject([
    { level: "account", name: "note", records: 1, from: [{ source: "custom", types: [{ type: "text", records: 1 }] }] },
    { level: "account", name: "seats", records: 2, from: [{ sourceName: "Plumbline", records: 2 }] },
  ]);
  expect(await runCommand(home, "trait", "list")).toMatch(
    /account +seats +as it comes +2 +Plumbline +2 +\w+ \(1\) \w+ \(1\)/,
  );
  expect(await runJsonCommand(home, "trait", "list", "--level", "user")).toEqual([]);
});

test("what cannot be decided is refused", async () => {
  const about = ["trait", "set", "--level", "account", "--name", "seats"];
  expect(await fail(...about)).toMatch(/Say --type, --precedence, or both/);
  expect(await fail(...about, "--precedence", "strype")).toMatch(/Nothing here is the source "strype"/);
  expect(await fail(...about, "--precedence", "019f3a5c-1b2d-7e4f-8a6b-0c1d2e3f4a5b")).toMatch(
    /Nothing here is the source "pendo-report:019f3a5c-/,
  );
  expect(await fail(...about, "--type", "integer")).toMatch(/integer/);
});
