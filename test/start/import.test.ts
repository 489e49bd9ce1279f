// Records from files, the workspace and what is parked, as users and their scripts meet them, beside a running Plumbline.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Api,
  createApi,
  createHome,
  createTestConnection,
  type Home,
  type PlumblineProcess,
  runCommand,
  runJsonCommand,
  settle,
  startPlumbline,
  type TestConnection,
} from "../support/plumbline-process.ts";
import { runPlumbline } from "../support/run-plumbline.ts";
import { sendDelivery } from "../support/sender.ts";

let home: Home;
let plumbline: PlumblineProcess;
let api: Api;
let connection: TestConnection;
beforeAll(async () => {
  home = createHome();
  plumbline = await startPlumbline(home);
  api = await createApi(home, plumbline.url);
  connection = await createTestConnection(home);
  await runCommand(home, "connection", "set", connection.id, "--missing", "link");
});
afterAll(async () => {
  await plumbline.stop();
  home.remove();
});

function write(name: string, text: string): string {
  const file = join(home.dataDir, name);
  writeFileSync(file, text);
  return file;
}

async function send(visitorId: string): Promise<string> {
  const body = { event: "trackEventReceived", uniqueId: `of ${visitorId}`, visitorId, properties: { name: "Went" } };
  const answer = await sendDelivery(`${plumbline.url}${connection.path}`, JSON.stringify(body));
  return JSON.parse(answer.body).deliveryId;
}

const fail = async (...words: string[]) => {
  const { code, stdout, stderr } = await runPlumbline(home, [...words, "--json"]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).not.toMatch(/\n\s+at |Error:|ENOENT/);
  return stderr;
};

test("the workspace shows and sets whether it has organizations", async () => {
  const shown = await runJsonCommand<{ id: string }>(home, "workspace", "show");
  expect(shown).toEqual({ id: connection.workspaceId, name: "My workspace", hierarchy: "off" });
  const organizations = write("organizations.csv", "external_id,name\no-1,Group\n");
  expect(await fail("import", "organizations", organizations)).toMatch(/--hierarchy on/);
  expect(await runJsonCommand(home, "workspace", "set", "--hierarchy", "on")).toEqual({ ...shown, hierarchy: "on" });
  expect(await runJsonCommand(home, "import", "organizations", organizations)).toMatchObject({ created: 1 });

  // They stay while a connection's accounts are organizations.
  await runCommand(home, "connection", "set", connection.id, "--level", "organization");
  expect(await fail("workspace", "set", "--hierarchy", "off")).toMatch(/Pendo's accounts are organizations/);
  await runCommand(home, "connection", "set", connection.id, "--level", "account");
  expect(await runJsonCommand(home, "workspace", "set", "--hierarchy", "off")).toMatchObject({ hierarchy: "off" });
  expect(await fail("workspace", "set")).toMatch(/--hierarchy/);
  expect(await fail("workspace", "set", "--hierarchy", "maybe")).toMatch(/Allowed choices are on, off/);
});

test("an import frees what waited for its records; the running worker records it at once", async () => {
  const ids = [await send("u-1"), await send("u-2"), await send("u-3")];
  await settle(home);
  const [group, ...others] = await runJsonCommand<object[]>(home, "parked", "list");
  expect(others).toEqual([]);
  expect(group).toMatchObject({
    connectionId: connection.id,
    connectionName: "Test",
    reason: "no-such-user",
    message: "No user has this external ID, and the connection only links to existing records.",
    count: 3,
    oldestAt: expect.stringMatching(/Z$/),
    nextTryAt: expect.stringMatching(/Z$/),
    examples: ids.map((deliveryId) => expect.objectContaining({ deliveryId })),
  });
  const words = await runCommand(home, "parked", "list", "--connection", connection.id);
  expect(words).toContain('No user has the external ID "u-1".');

  const users = write("users.csv", "External ID,E-Mail,plan\nu-1,jo@acme.example,Team\nnull,,\nu-9,,\n");
  const expected = {
    read: 3,
    created: 2,
    updated: 0,
    unchanged: 0,
    repeated: 0,
    rejected: 1,
    traits: 1,
    made: { organizations: 0, accounts: 0 },
    released: 1,
    rejections: [{ row: 3, reason: 'The external ID "null" identifies nobody.' }],
  };
  expect(await runJsonCommand(home, "import", "users", users, "--dry-run")).toEqual({
    ...expected,
    dryRun: true,
    rejectedFile: null,
  });
  expect(existsSync(`${users}.rejected.csv`)).toBe(false);
  expect((await api("/users")).items).toEqual([]);
  expect(await runJsonCommand(home, "import", "users", users)).toEqual({
    ...expected,
    dryRun: false,
    rejectedFile: `${users}.rejected.csv`,
  });
  expect(readFileSync(`${users}.rejected.csv`, "utf8")).toMatch(
    /^\ufeffrejection reason,External ID,E-Mail,plan\n"The external/,
  );
  await settle(home);
  expect((await api("/events")).items).toMatchObject([{ name: "Went", user: { externalId: "u-1" } }]);
  expect(await api<{ traits: object }>("/users/u-1")).toMatchObject({
    email: "jo@acme.example",
    traits: { plan: "Team" },
  });
  expect((await api("/parked")).items).toMatchObject([{ count: 2 }]);
});

test("what is parked is tried again: one, by reason, of a connection, all", async () => {
  const [group] = await runJsonCommand<{ examples: { deliveryId: string }[] }[]>(home, "parked", "list");
  const { deliveryId } = group!.examples[0]!;
  expect(await runJsonCommand(home, "parked", "retry", deliveryId)).toEqual({ matched: 1, retried: 1, leftOut: [] });
  await settle(home);
  for (const words of [["--reason", "no-such-user"], ["--connection", connection.id], ["--all"]]) {
    expect(await runJsonCommand(home, "parked", "retry", ...words)).toMatchObject({ matched: 2, retried: 2 });
    await settle(home);
  }
  expect(await runJsonCommand(home, "parked", "retry", "--reason", "no-such-account")).toMatchObject({ matched: 0 });
  expect(await fail("parked", "retry")).toMatch(/Name a delivery, --reason, --connection, or --all/);
  expect(await fail("parked", "retry", connection.id)).toMatch(/There is no delivery/);
  expect(await fail("parked", "retry", deliveryId, "--reason", "no-such-account")).toMatch(/for another reason/);
  const [made] = (await api("/events")).items;
  expect(await fail("parked", "retry", made!.deliveryId as string)).toMatch(/is not parked: it is recorded/);
});

test("the options of an import: an encoding that is said, columns that stay text", async () => {
  const file = join(home.dataDir, "old.csv");
  writeFileSync(file, Buffer.from("id;name;version\nw-1;M\xfcller;1.10\n", "latin1"));
  expect(await fail("import", "users", file)).toMatch(/not UTF-8.*--encoding windows-1252/);
  expect(await fail("import", "users", file, "--encoding", "klingon")).toMatch(/klingon.*not known/);
  const words = ["import", "users", file, "--encoding", "windows-1252", "--text", "version"];
  expect(await runCommand(home, ...words)).toBe(
    "1 rows: 1 created, 0 updated, 0 unchanged, 0 rejected.\n1 values of traits written.\n",
  );
  expect(await api("/users/w-1")).toMatchObject({ name: "Müller", traits: { version: "1.10" } });
});

test("what cannot be imported is said in plain words", async () => {
  expect(await fail("import", "users", join(home.dataDir, "none.csv"))).toMatch(
    /none\.csv cannot be read: there is no/,
  );
  expect(await fail("import", "users", home.dataDir)).toMatch(/cannot be read: it is a folder/);
  expect(await fail("import", "people", "x.csv")).toMatch(/Allowed choices are organizations, accounts, users/);
  expect(await fail("import", "users", write("names.csv", "name\nJo\n"))).toMatch(/No column is the external ID/);
  expect(await fail("import", "users", write("quote.csv", 'id\nu-1\n"u-2'))).toMatch(/Line 3: a quote is opened/);
  expect(await fail("import", "users", write("x.csv", "id\n1"), "--workspace", connection.id)).toMatch(
    /There is no workspace/,
  );
  expect((await api("/users?externalId=u-2")).items).toEqual([]);
});

test("a rejected row that has nowhere to go ends the import before it begins", async () => {
  const file = write("homeless.csv", "id\nnull\nu-7\n");
  mkdirSync(`${file}.rejected.csv`);
  expect(await fail("import", "users", file)).toMatch(/homeless\.csv\.rejected\.csv cannot be written: it is a folder/);
  expect((await api("/users?externalId=u-7")).items).toEqual([]);
});
