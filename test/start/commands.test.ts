// The command line as its users and their scripts meet it, beside a running Plumbline.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createHome,
  type Home,
  type PlumblineProcess,
  readLedgerOf,
  runCommand,
  runJsonCommand,
  settle,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { runPlumbline } from "../support/run-plumbline.ts";
import { sendDelivery } from "../support/sender.ts";

const nobody = "019f3a5c-1b2d-7e4f-8a6b-0c1d2e3f4a5b";
const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

let home: Home;
let plumbline: PlumblineProcess;
beforeAll(async () => {
  home = createHome();
  plumbline = await startPlumbline(home);
});
afterAll(async () => {
  await plumbline.stop();
  home.remove();
});

type Connection = { id: string; workspaceId: string; url: string; secret: string | null };

async function connect(...options: string[]): Promise<Connection & { path: string }> {
  const created = await runJsonCommand<Connection>(home, "connection", "create", "--name", "N", ...options);
  return { ...created, path: `${plumbline.url}${new URL(created.url).pathname}` };
}

const track = (uniqueId: string) =>
  JSON.stringify({ event: "trackEventReceived", uniqueId, visitorId: "v", properties: { name: "Signed In" } });

async function send(to: { path: string; secret: string | null }, body: string): Promise<string> {
  const answer = await sendDelivery(to.path, body, { secret: to.secret });
  return JSON.parse(answer.body).deliveryId;
}

test("each command says what it is for, and so do its parts", async () => {
  const commands = [
    ["start"],
    ["migrate"],
    ["connection", "create"],
    ["connection", "list"],
    ["connection", "rotate"],
    ["connection", "on"],
    ["connection", "off"],
    ["connection", "set"],
    ["workspace", "show"],
    ["workspace", "set"],
    ["import"],
    ["parked", "list"],
    ["parked", "retry"],
    ["api-key", "create"],
    ["api-key", "list"],
    ["api-key", "revoke"],
    ["show"],
    ["replay"],
    ["ledger"],
    ["backup"],
    ["restore"],
  ];
  await Promise.all(
    commands.map(async (words) => {
      const { code, stdout } = await runPlumbline(home, [...words, "--help"]);
      expect([words, code]).toEqual([words, 0]);
      const [usage, , description] = stdout.split("\n");
      expect(usage).toContain(`Usage: plumbline ${words.join(" ")} `);
      expect(description!.length).toBeGreaterThan(10);
    }),
  );
});

test("a connection: made with a secret from a file, listed, rotated, switched, set", async () => {
  const secretFile = join(home.dataDir, "secret.txt");
  writeFileSync(secretFile, "from-a-file\n");
  const created = await runJsonCommand(home, "connection", "create", "--name", "N", "--secret-file", secretFile);
  expect(created).toEqual({
    id: uuid,
    workspaceId: uuid,
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:4000\/hooks\/pendo\/[\w-]{32}$/),
    secret: "from-a-file",
    token: null,
  });
  const fromInput = await runPlumbline(home, ["connection", "create", "--name", "N", "--secret-file", "-", "--json"], {
    input: "from-input\n",
  });
  expect(JSON.parse(fromInput.stdout)).toMatchObject({ secret: "from-input" });
  expect(await connect()).toMatchObject({ secret: null });

  const { id } = created as Connection;
  const listed = await runJsonCommand<{ id: string }[]>(home, "connection", "list");
  expect(listed.find((one) => one.id === id)).toMatchObject({ name: "N", state: "on", secrets: ["…file"], held: 0 });
  expect(await runJsonCommand(home, "connection", "rotate", id, "--grace", "5")).toEqual({
    id,
    url: expect.stringMatching(/hooks\/pendo\/[\w-]{32}$/),
    secret: null,
    token: null,
    oldWorksUntil: expect.stringMatching(/Z$/),
  });
  expect(await runJsonCommand(home, "connection", "rotate", id, "--keep-address", "--remove-secret")).toMatchObject({
    url: null,
    oldWorksUntil: null,
  });
  const keep = ["connection", "rotate", id, "--keep-address", "--secret"];
  const first = await runPlumbline(home, [...keep, "first-secret"]);
  expect(first.stdout).toBe("Every request must be signed with the secret.\n");
  const second = await runPlumbline(home, [...keep, "second-secret"]);
  expect(second.stdout).toMatch(/with the new secret, or with one that it replaces\.\nWhat is replaced works until /);
  await runJsonCommand(home, "connection", "rotate", id, "--keep-address", "--remove-secret");
  const called = ["--anonymous", "filter", "--name", "Production"];
  const set = [...called, "--missing", "link", "--filter-kinds", "guideDisplayed, pollDisplayed", "--record-kinds", ""];
  expect(await runJsonCommand(home, "connection", "set", id, ...set)).toMatchObject({
    name: "Production",
    anonymousVisitors: "filter",
    missingRecords: "link",
    filteredKinds: ["guideDisplayed", "pollDisplayed"],
    recordedKinds: [],
    secrets: [],
  });
});

test("off and on again: what was held is processed or discarded", async () => {
  const connection = await connect();
  expect(await runJsonCommand(home, "connection", "off", connection.id)).toMatchObject({ state: "off" });
  await send(connection, track("held-1"));
  await settle(home);
  expect(await runJsonCommand(home, "connection", "on", connection.id)).toMatchObject({ state: "on", held: 1 });
  expect(await runJsonCommand(home, "connection", "on", connection.id, "--held", "process")).toMatchObject({
    held: 0,
    processed: 1,
  });
  await settle(home);
  expect(await runJsonCommand(home, "ledger", "--connection", connection.id)).toMatchObject({ recorded: 1 });
  await runCommand(home, "connection", "off", connection.id);
  await send(connection, track("held-2"));
  await settle(home);
  expect(await runCommand(home, "connection", "on", connection.id, "--held", "discard")).toBe(
    "N is on. Given up: 1.\n",
  );
  expect(await runJsonCommand(home, "ledger", "--connection", connection.id)).toMatchObject({
    received: 2,
    recorded: 1,
    filtered: 1,
    held: 0,
  });
});

test("a connection of the Analytics API: its token is shown once, changed, and asks for no secret and no mapping", async () => {
  const created = await runJsonCommand<Connection & { token: string }>(
    home,
    "connection",
    "create",
    "--name",
    "Backend",
    "--kind",
    "analytics",
  );
  expect(created).toMatchObject({
    url: expect.stringMatching(/:4000\/analytics\/v1\/$/),
    token: expect.stringMatching(/^[\w-]{32}$/),
    secret: null,
  });
  const rotated = await runJsonCommand<{ token: string }>(home, "connection", "rotate", created.id);
  expect(rotated.token).toMatch(/^[\w-]{32}$/);
  expect(rotated.token).not.toBe(created.token);
  const send = (token: string) =>
    fetch(`${plumbline.url}/analytics/v1/account`, {
      method: "POST",
      headers: { authorization: `Basic ${token}` },
      body: JSON.stringify({ accountId: "a", traits: {}, messageId: "m" }),
    });
  for (const token of [created.token, rotated.token]) expect((await send(token)).status).toBe(200);
  const secret = await runPlumbline(home, ["connection", "rotate", created.id, "--secret", "s"]);
  expect(secret).toMatchObject({ code: 1, stderr: expect.stringContaining("its token is its secret") });
  const mapping = await runPlumbline(home, ["connection", "set", created.id, "--user-id-from", "agent.email"]);
  expect(mapping).toMatchObject({ code: 1, stderr: expect.stringContaining("of the Analytics API") });
});

test("an API key opens the API until it is revoked", async () => {
  const expiring = ["--scopes", "read,ingest", "--expires", "90d"];
  const created = await runJsonCommand<{ id: string; key: string; createdAt: string; expiresAt: string }>(
    home,
    ...["api-key", "create", "--name", "K", ...expiring],
  );
  expect(created).toMatchObject({
    id: uuid,
    key: expect.stringMatching(/^plk_[\w-]{43}$/),
    scopes: ["read", "ingest"],
  });
  expect(Date.parse(created.expiresAt) - Date.parse(created.createdAt)).toBe(90 * 24 * 60 * 60 * 1000);
  const ask = async () =>
    (await fetch(`${plumbline.url}/api/v1/ledger`, { headers: { authorization: `Bearer ${created.key}` } })).status;
  expect(await ask()).toBe(200);
  expect(await runJsonCommand<object[]>(home, "api-key", "list")).toMatchObject([
    { id: created.id, name: "K", prefix: created.key.slice(0, 8), state: "valid", revokedAt: null },
  ]);
  expect(await runJsonCommand(home, "api-key", "revoke", created.id)).toEqual({ id: created.id, revoked: true });
  expect(await ask()).toBe(401);
  const { items } = await runJsonCommand<{ items: object[] }>(home, "audit", "list", "--subject", created.id);
  expect(items).toMatchObject([
    { action: "api-key.revoked", by: { kind: "command-line" }, address: null },
    { action: "api-key.made", after: { name: "K", scopes: ["read", "ingest"] } },
  ]);
  for (const wrong of [
    ["--scopes", "read,fly"],
    ["--scopes", ""],
    ["--expires", "soon"],
    ["--expires", "0d"],
  ])
    await expect(runCommand(home, "api-key", "create", "--name", "K", ...wrong)).rejects.toThrow(
      /--scopes knows|span of time/,
    );
});

test("show, ledger, replay and backup have the shapes that are documented", async () => {
  const connection = await connect("--secret", "not-a-real-secret");
  const deliveryId = await send(connection, track("shown"));
  await settle(home);
  expect(await runJsonCommand(home, "show", deliveryId)).toMatchObject({
    id: deliveryId,
    connectionId: connection.id,
    workspaceId: connection.workspaceId,
    state: "recorded",
    signed: true,
    body: track("shown"),
    steps: [{ step: "door" }, { step: "inbox" }, { step: "match" }, { step: "record" }],
    made: [{ type: "event", id: uuid, record: { name: "Signed In", user: { externalId: "v" } } }],
  });
  expect(Object.keys(await readLedgerOf(home)).sort()).toEqual(
    [
      "received",
      "recorded",
      "duplicate",
      "filtered",
      "held",
      "parked",
      "failed",
      "waiting",
      "refused",
      "difference",
    ].sort(),
  );
  const filter = ["--connection", connection.id, "--state", "recorded", "--since", "2020-01-01"];
  expect(await runJsonCommand(home, "replay", ...filter, "--dry-run")).toEqual({
    matched: 1,
    replayed: 1,
    leftOut: [],
  });
  expect(await runJsonCommand(home, "replay", ...filter)).toEqual({ matched: 1, replayed: 1, leftOut: [] });
  expect(await runJsonCommand(home, "replay", "--kind", "nothing-like-it")).toMatchObject({ matched: 0 });
  await settle(home);
  expect(await runJsonCommand(home, "migrate")).toEqual({ applied: [] });

  const file = join(home.dataDir, "backup.gz");
  const backup = await runJsonCommand<{ rows: number }>(home, "backup", file);
  expect(backup).toMatchObject({ file, rows: expect.any(Number), bytes: expect.any(Number) });
  const other = createHome();
  try {
    expect(await runJsonCommand(other, "restore", file)).toEqual({ rows: backup.rows });
    expect(await readLedgerOf(other)).toEqual(await readLedgerOf(home));
    expect(await runJsonCommand(other, "show", deliveryId)).toMatchObject({ state: "recorded", signed: true });
  } finally {
    other.remove();
  }
});

// What is typed wrongly, or names what is not there: one message in plain words, code 1, nothing on standard output.
test.concurrent.each<[string[], RegExp]>([
  [["show", "17"], /"17" is not the id of a delivery; ids look like/],
  [["show", nobody], new RegExp(`There is no delivery ${nobody}\\.`)],
  [["replay"], /Name a delivery, a filter such as --state failed, or --all\./],
  [["replay", nobody], new RegExp(`There is no delivery ${nobody}\\.`)],
  [["replay", "--state", "lost"], /Allowed choices are recorded/],
  [["replay", "--since", "yesterday"], /"yesterday" is not a time; it looks like 2026-03-31/],
  [["ledger", "--connection", nobody], /There is no connection .*`plumbline connection list` shows them/],
  [["connection", "create"], /required option '--name <name>' not specified/],
  [["connection", "create", "--name", " "], /--name is empty/],
  [["connection", "create", "--name", "N", "--workspace", nobody], /There is no workspace/],
  [
    ["connection", "create", "--name", "N", "--secret-file", "/nonexistent/secret"],
    /could not be read from \/nonexistent/,
  ],
  [["connection", "create", "--name", "N", "--secret", "a", "--secret-file", "b"], /cannot be used with option/],
  [["connection", "create", "--name", "N", "--secret", ""], /The secret is empty/],
  [["connection", "rotate", nobody, "--keep-address"], /there must be something else to change/],
  [["connection", "rotate", nobody, "--grace", "-5"], /"-5" is not a whole number/],
  [["connection", "set", nobody], /There is nothing to change/],
  [["report", "runs", nobody, "--limit", "0"], /0 of them would be none: say 1 or more/],
  [["report", "problems", nobody, "--limit", "0"], /0 of them would be none/],
  [["api-key", "revoke", nobody], /There is no API key/],
  [
    ["backup", "/nonexistent/backup.gz"],
    /\/nonexistent\/backup\.gz cannot be written: there is no such file or folder/,
  ],
  [["restore", "/nonexistent/backup.gz"], /cannot be read: there is no such file or folder|The database is not empty/],
  [["start", "--roles", "door,cellar"], /--roles knows door, worker, web, scheduler, not "cellar"/],
  [["nonsense"], /unknown command 'nonsense'/],
])("%s fails in plain words", async (words, message) => {
  const ran = await runPlumbline(home, [
    ...words,
    ...(words[0] === "nonsense" || words[0] === "start" ? [] : ["--json"]),
  ]);
  expect(ran.stderr).toMatch(message);
  expect(ran.stderr).not.toMatch(/\n\s+at |Error:|invalid input syntax|violates/);
  expect([ran.code, ran.stdout]).toEqual([1, ""]);
});
