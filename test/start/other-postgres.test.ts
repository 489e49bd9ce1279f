// DATABASE_URL: a PostgreSQL that is not ours, of the oldest version that will do or a newer one. Runs where its programs
// are installed, as Debian's packages put them.
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPool, type DatabasePool } from "../../src/platform/database/pool.ts";
import { findServerUser } from "../../src/platform/embedded-postgres/server-user.ts";
import {
  createApi,
  createHome,
  createOpenFolder,
  createTestConnection,
  findFreePort,
  type Home,
  readLedgerOf,
  runJsonCommand,
  settle,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { runPlumbline } from "../support/run-plumbline.ts";
import { sendDelivery } from "../support/sender.ts";
import { silentLog } from "../support/test-database.ts";

const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql") : [];
const oldest = versions.filter((version) => Number(version) >= 15).sort((a, b) => Number(a) - Number(b))[0];
const programs = `/usr/lib/postgresql/${oldest}/bin`;
const password = "p@ss/word";

let home: Home;
let server: { url: (database: string) => string; stop: () => void } | undefined;
beforeAll(async () => {
  home = createHome();
  if (oldest) server = await startServer(createOpenFolder());
  else console.log("Another PostgreSQL is not tested: there is none below /usr/lib/postgresql.");
});
afterAll(() => {
  server?.stop();
  home.remove();
});

async function startServer(folder: string): Promise<NonNullable<typeof server>> {
  const user = findServerUser(join(folder, "data"));
  const as = user ? { uid: user.uid, gid: user.gid } : {};
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "password"), password);
  if (user) chownSync(join(folder, "data"), user.uid, user.gid);
  const options = { cwd: "/", env: { PATH: "/usr/bin:/bin", LC_ALL: "C" }, ...as };
  const setUp = ["-D", join(folder, "data"), "-U", "plum", "--auth=scram-sha-256", `--pwfile=${folder}/password`];
  execFileSync(join(programs, "initdb"), [...setUp, "--encoding=UTF8", "--locale=C"], options);
  const port = await findFreePort();
  const settings = ["-c", `port=${port}`, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];
  const child = spawn(join(programs, "postgres"), ["-D", join(folder, "data"), ...settings], {
    ...options,
    stdio: "ignore",
  });
  process.once("exit", () => child.kill("SIGINT"));
  const url = (database: string) => `postgres://plum:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  const admin = createPool({ connectionString: url("postgres") }, { max: 1, name: "tests", log: silentLog });
  await waitUntilReady(admin);
  for (const database of ["main", "copy"]) await admin.query(`create database ${database}`);
  await admin.query("create database latin encoding 'LATIN1' template template0");
  await admin.query(`create role guest login password '${password}'`);
  await admin.end();
  return { url, stop: () => child.kill("SIGINT") };
}

async function waitUntilReady(database: DatabasePool): Promise<void> {
  for (const until = Date.now() + 30_000; Date.now() < until; ) {
    const isReady = await database.query("select 1").then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The other PostgreSQL does not answer.");
}

const on = (database: string): Home => ({
  ...home,
  environment: { ...home.environment, DATABASE_URL: server!.url(database) },
});

test.runIf(oldest)("start, webhooks, commands, backup and restore", async () => {
  const main = on("main");
  const plumbline = await startPlumbline(main);
  const { path, secret } = await createTestConnection(main, "not-a-real-secret");
  const body = JSON.stringify({
    event: "npsSubmitted",
    uniqueId: "1",
    visitorId: "v",
    accountId: "a",
    properties: { nps: { rating: 0, reason: "Zürich 🙂" } },
  });
  for (const _ of [1, 2]) expect((await sendDelivery(`${plumbline.url}${path}`, body, { secret })).status).toBe(200);
  expect(await settle(main)).toMatchObject({ received: 2, recorded: 1, duplicate: 1, difference: 0 });
  const api = await createApi(main, plumbline.url);
  expect((await api("/nps-responses")).items).toMatchObject([
    { score: 0, feedback: "Zürich 🙂", user: { externalId: "v" }, account: { externalId: "a" } },
  ]);
  const file = join(home.dataDir, "backup.gz");
  const { rows } = await runJsonCommand<{ rows: number }>(main, "backup", file);
  expect(await runJsonCommand(on("copy"), "restore", file)).toEqual({ rows });
  expect(await readLedgerOf(on("copy"))).toEqual(await readLedgerOf(main));
  expect(existsSync(join(home.dataDir, "postgres"))).toBe(false);
  expect(await plumbline.stop()).toBe(0);
});

test.runIf(oldest)("what is wrong with the server, the user or the database is said in plain words", async () => {
  const cases: [string, RegExp][] = [
    [server!.url("main").replace("plum:", "guest:").replace("word@", "wrong@"), /refuses the user or the password/],
    [server!.url("nothing"), /has no such database \(database "nothing" does not exist\)/],
    [server!.url("latin"), /The database latin has the encoding LATIN1, which cannot hold every text/],
    [server!.url("postgres").replace("plum:", "guest:"), /The user guest may not make tables in the database postgres/],
  ];
  for (const [url, message] of cases) {
    const ran = await runPlumbline(home, ["start"], { environment: { DATABASE_URL: url } });
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([1, "", expect.stringMatching(message)]);
    expect(ran.stderr).not.toContain("%2F");
  }
});
