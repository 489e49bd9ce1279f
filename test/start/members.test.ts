// The first administrator and the members, as who runs the server meets them.
import { afterEach, expect, test } from "vitest";
import {
  createHome,
  type Home,
  type PlumblineProcess,
  runJsonCommand,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { runPlumbline } from "../support/run-plumbline.ts";
import { createVisitor, tokenOf } from "../support/visitor.ts";

let home: Home | undefined;
let plumbline: PlumblineProcess | undefined;
afterEach(async () => {
  await plumbline?.stop();
  home?.remove();
});

test("the link of the start makes the first administrator; the command line invites, changes, removes, and lets people in again", async () => {
  home = createHome();
  plumbline = await startPlumbline(home);
  const first = await runJsonCommand<{ url: string }>(home, "member", "invite-first");
  const admin = createVisitor(plumbline.url);
  const password = "four words nobody guesses";
  const ada = { email: "ada@acme.example", name: "Ada", password };
  expect((await admin.submit("/setup", { ...ada, token: tokenOf(first.url) })).status).toBe(303);
  const again = await runPlumbline(home, ["member", "invite-first"]);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("There are members already")]);

  const { url } = await runJsonCommand<{ url: string }>(
    home,
    "member",
    "invite",
    "bob@acme.example",
    "--role",
    "viewer",
  );
  const bob = createVisitor(plumbline.url);
  expect((await bob.submit("/invitation", { token: tokenOf(url), name: "Bob", password })).status).toBe(303);
  expect(
    (await runJsonCommand<{ role: string }>(home, "member", "set", "BOB@acme.example", "--role", "admin")).role,
  ).toBe("admin");
  expect((await bob.call("GET", "/me")).json.scopes).toContain("admin");
  const link = await runJsonCommand<{ url: string }>(home, "member", "password-link", "bob@acme.example");
  const changed = await createVisitor(plumbline.url).submit("/new-password", {
    token: tokenOf(link.url),
    password: "another four words",
  });
  expect(changed.status).toBe(303);
  expect((await bob.call("GET", "/me")).status).toBe(401);
  await runJsonCommand(home, "member", "remove", "bob@acme.example");
  const last = await runPlumbline(home, ["member", "remove", "ada@acme.example"]);
  expect([last.code, last.stderr]).toEqual([1, expect.stringContaining("last administrator")]);

  const made = await runJsonCommand<{ id: string }>(
    home,
    "workspace",
    "create",
    "--name",
    "Second",
    "--hierarchy",
    "on",
  );
  await runJsonCommand(home, "workspace", "set", "--workspace", made.id, "--name", "Zweite");
  const workspaces = await runJsonCommand<{ name: string; hierarchy: string }[]>(home, "workspace", "list");
  expect(workspaces.map(({ name, hierarchy }) => [name, hierarchy])).toEqual([
    ["My workspace", "off"],
    ["Zweite", "on"],
  ]);
  const { members } = await runJsonCommand<{ members: { email: string }[] }>(home, "member", "list");
  expect(members.map(({ email }) => email)).toEqual(["ada@acme.example"]);
  const log = await runPlumbline(home, ["audit", "list"]);
  expect(log.stdout).toContain("member.removed");
}, 120_000);
