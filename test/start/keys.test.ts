// Master keys as their operators meet them: a running Plumbline, whose door must go on checking signatures.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { packageRoot } from "../../src/platform/package-root.ts";
import {
  createHome,
  createTestConnection,
  findFreePort,
  type Home,
  type PlumblineProcess,
  runCommand,
  runJsonCommand,
  startPlumbline,
  type TestConnection,
} from "../support/plumbline-process.ts";
import { runPlumbline } from "../support/run-plumbline.ts";
import { sendDelivery } from "../support/sender.ts";

type Key = { keyId: string; use: string; secrets: number };
type Rotation = { keyId: string; isNew: boolean; webhookSecrets: number; integrationKeys: number; addresses: number };

const integrationKey = "0f9e-an-integration-key-beef";
let home: Home | undefined;
let plumbline: PlumblineProcess | undefined;
afterEach(async () => {
  await plumbline?.stop();
  home?.remove();
  plumbline = undefined;
  home = undefined;
});

let sent = 0;
async function send(connection: TestConnection, secret = connection.secret): Promise<number | undefined> {
  sent += 1;
  const body = { event: "ping", uniqueId: sent.toString(16).padStart(40, "0") };
  const answer = await sendDelivery(`${plumbline!.url}${connection.path}`, JSON.stringify(body), { secret });
  return answer.status;
}

/** Sends one after the other until told to stop; resolves to the statuses that came. */
function sendOn(connection: TestConnection): { stop: () => Promise<(number | undefined)[]> } {
  let isStopping = false;
  const statuses: (number | undefined)[] = [];
  const sending = (async () => {
    while (!isStopping) statuses.push(await send(connection));
  })();
  return {
    async stop() {
      isStopping = true;
      await sending;
      return statuses;
    },
  };
}

const listKeys = () => runJsonCommand<Key[]>(home!, "keys", "list");
const rotate = () => runJsonCommand<Rotation>(home!, "keys", "rotate");

test("the key in the file is replaced while the door checks signatures; not one is turned away", async () => {
  home = createHome();
  plumbline = await startPlumbline(home);
  const connection = await createTestConnection(home, "the webhook's secret");
  await runCommand(home, "connection", "set", connection.id, "--integration-key", integrationKey);
  expect(await send(connection)).toBe(200);
  const [first, ...others] = await listKeys();
  expect([first!.secrets, others]).toEqual([4, []]);

  const sending = sendOn(connection);
  const rotated = [await rotate(), await rotate()];
  const statuses = await sending.stop();
  expect(rotated).toEqual([
    { keyId: expect.any(String), isNew: true, webhookSecrets: 1, integrationKeys: 1, addresses: 2, left: {} },
    { keyId: expect.any(String), isNew: true, webhookSecrets: 1, integrationKeys: 1, addresses: 2, left: {} },
  ]);
  expect(statuses.length).toBeGreaterThan(10);
  expect([...new Set(statuses)]).toEqual([200]);
  expect(await send(connection, "another secret")).toBe(401);
  expect(await listKeys()).toEqual([
    { keyId: rotated[1]!.keyId, use: "seals and opens", secrets: 4 },
    { keyId: rotated[0]!.keyId, use: "opens", secrets: 0 },
    { keyId: first!.keyId, use: "opens", secrets: 0 },
  ]);
  expect(statSync(join(home.dataDir, "secret-key")).mode & 0o777).toBe(0o600);

  // The next start knows the keys, too; and the secrets are in no line and no backup.
  const output = plumbline.output();
  await plumbline.stop();
  plumbline = await startPlumbline(home);
  expect(await send(connection)).toBe(200);
  const backup = join(home.dataDir, "backup");
  await runCommand(home, "backup", backup);
  const everything = gunzipSync(readFileSync(backup)).toString("latin1") + output + plumbline.output();
  const keys = readFileSync(join(home.dataDir, "secret-key"), "utf8").trim().split("\n");
  expect(keys).toHaveLength(3);
  for (const secret of [integrationKey, connection.secret!, ...keys]) {
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(Buffer.from(secret).toString("hex"));
    expect(everything).not.toContain(Buffer.from(secret).toString("base64"));
  }
});

test("killed at any moment, a rotation loses nothing, and the next one ends it", async () => {
  home = createHome();
  plumbline = await startPlumbline(home);
  const connection = await createTestConnection(home, "the webhook's secret");
  const sending = sendOn(connection);
  const { environment } = home;
  // A whole one takes about a second: some are killed before, some while, some after the key is written.
  for (let kill = 0; kill < 8; kill += 1) {
    const child = spawn(process.execPath, [join(packageRoot, "bin/plumbline.mjs"), "keys", "rotate"], {
      env: environment,
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    const timer = setTimeout(() => child.kill("SIGKILL"), 300 + kill * 120);
    await ended;
    clearTimeout(timer);
  }
  await rotate();
  expect([...new Set(await sending.stop())]).toEqual([200]);
  const [current, ...older] = await listKeys();
  expect(current).toMatchObject({ use: "seals and opens", secrets: 3 });
  expect(older.every(({ secrets }) => secrets === 0)).toBe(true);
});

test("given keys are replaced in three steps; with the new one alone everything opens", async () => {
  const [old, fresh] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
  home = createHome({ PLUMBLINE_SECRET_KEY: old });
  plumbline = await startPlumbline(home);
  const connection = await createTestConnection(home, "the webhook's secret");
  const tooEarly = await runPlumbline(home, ["keys", "rotate", "--json"]);
  expect(tooEarly).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("PLUMBLINE_SECRET_KEY=<new>,<old>"),
  });

  home.environment.PLUMBLINE_SECRET_KEY = `${fresh},${old}`;
  await plumbline.stop();
  plumbline = await startPlumbline(home);
  const sending = sendOn(connection);
  expect(await rotate()).toMatchObject({ isNew: false, webhookSecrets: 1, integrationKeys: 0 });
  expect([...new Set(await sending.stop())]).toEqual([200]);

  home.environment.PLUMBLINE_SECRET_KEY = fresh;
  await plumbline.stop();
  plumbline = await startPlumbline(home);
  expect(await send(connection)).toBe(200);
  home.environment.PLUMBLINE_SECRET_KEY = old;
  const withOld = await runPlumbline(home, ["start"], { environment: { PORT: String(await findFreePort()) } });
  expect(withOld).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/sealed with key .* but this process has key/),
  });
});
