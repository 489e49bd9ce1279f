// A start that cannot be: one message that says what to do, code 1, and nothing left behind.
import { spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { preparePlaces } from "../../src/platform/embedded-postgres/places.ts";
import { isServerAlive, readPid } from "../../src/platform/embedded-postgres/running-server.ts";
import { packageRoot } from "../../src/platform/package-root.ts";
import { createHome, findFreePort, type Home, runCommand, startPlumbline } from "../support/plumbline-process.ts";
import { type Ran, runPlumbline } from "../support/run-plumbline.ts";

let home: Home;
let taken: Server;
let takenPort: number;
beforeAll(async () => {
  home = createHome();
  await runCommand(home, "connection", "create", "--name", "Sealed", "--secret", "not-a-real-secret");
  takenPort = await findFreePort();
  taken = await new Promise((resolve) => {
    const server = createServer().listen(takenPort, "127.0.0.1", () => resolve(server));
  });
});
afterAll(() => {
  taken.close();
  home.remove();
});

async function fail(environment: Record<string, string>): Promise<string> {
  const ran: Ran = await runPlumbline(home, ["start"], {
    environment: { PORT: String(await findFreePort()), ...environment },
  });
  expect(ran.stderr).not.toMatch(/\n\s+at /);
  expect([ran.code, ran.stdout]).toEqual([1, ""]);
  return ran.stderr;
}

function isDatabaseRunning(): boolean {
  const { data } = preparePlaces(home.dataDir);
  return isServerAlive(readPid(data), data);
}

test("everything that is wrong with the configuration is said at once", async () => {
  const said = await fail({ PORT: "abc", LOG_LEVEL: "loud", DATABASE_URL: "mysql://x", PUBLIC_URL: "ftp://x" });
  expect(said).toContain("The configuration has 4 problems:");
  for (const name of ["PORT", "LOG_LEVEL", "DATABASE_URL", "PUBLIC_URL"]) expect(said).toContain(`\n  - ${name} `);
});

test("a port that is in use, and an address that is not ours", async () => {
  expect(await fail({ PORT: String(takenPort) })).toContain(
    `Port ${takenPort} on 127.0.0.1 is in use: stop the program that has it, or start with another port (PORT=${takenPort + 1} npm start).`,
  );
  expect(await fail({ HOST: "192.0.2.1" })).toContain("HOST=192.0.2.1 is no address of this machine");
  expect(await fail({ HOST: "nowhere.invalid" })).toContain("HOST=nowhere.invalid is no address of this machine");
  expect(isDatabaseRunning()).toBe(false);
});

test("a second start on the same folder and port says so, and leaves the first one alone", async () => {
  const first = await startPlumbline(home);
  expect(await fail({ PORT: String(first.port) })).toContain(`Port ${first.port} on 127.0.0.1 is in use`);
  expect(await (await fetch(`${first.url}/ready`)).json()).toEqual({ status: "ready" });
  expect(await first.stop()).toBe(0);
});

test("a data folder that is a file, holds something else, or was made by another PostgreSQL", async () => {
  const file = join(home.dataDir, "a-file");
  writeFileSync(file, "");
  expect(await fail({ DATA_DIR: file })).toBe(`${file} (DATA_DIR) is not a folder: set DATA_DIR to another one.\n`);
  expect(await fail({ DATA_DIR: join(file, "below") })).toContain("(DATA_DIR) is not a folder");

  const strange = join(home.dataDir, "strange");
  mkdirSync(join(strange, "postgres"), { recursive: true });
  writeFileSync(join(strange, "postgres/something"), "");
  expect(await fail({ DATA_DIR: strange })).toContain("/postgres holds something, but no database: move it away");

  writeFileSync(join(strange, "postgres/PG_VERSION"), "16\n");
  expect(await fail({ DATA_DIR: strange })).toMatch(
    /was made by PostgreSQL 16, but this version brings PostgreSQL \d+\. Start the version that made it, write a backup/,
  );
});

test.skipIf(process.getuid?.() === 0)("a data folder that this user may not write", async () => {
  const closed = join(home.dataDir, "closed");
  mkdirSync(closed, { mode: 0o500 });
  expect(await fail({ DATA_DIR: closed })).toContain("(DATA_DIR) cannot be written by this user");
  chmodSync(closed, 0o700);
});

test("a PostgreSQL that does not answer", async () => {
  const said = await fail({ DATABASE_URL: "postgres://plumbline:not-told@127.0.0.1:1/plumbline" });
  expect(said).toMatch(/^The PostgreSQL of DATABASE_URL at 127\.0\.0\.1:1 does not answer \(.*ECONNREFUSED/);
  expect(said).not.toContain("not-told");
});

test("a key that is not the one the stored secrets were sealed with", async () => {
  expect(await fail({ PLUMBLINE_SECRET_KEY: "ab".repeat(32) })).toMatch(
    /The secrets of Sealed were sealed with key \w{16}, but this process has key \w{16}: set PLUMBLINE_SECRET_KEY/,
  );
  const ran = await runPlumbline(home, ["connection", "create", "--name", "N", "--secret", "s"], {
    environment: { PLUMBLINE_SECRET_KEY: "ab".repeat(32) },
  });
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining("were sealed with key")]);
});

test.runIf(existsSync("/dev/full"))(
  "output that cannot be written ends a command with code 1, and no server",
  async () => {
    const full = openSync("/dev/full", "w");
    const port = await findFreePort();
    const run = (...words: string[]) => {
      const child = spawn(process.execPath, [join(packageRoot, "bin/plumbline.mjs"), ...words], {
        env: { ...home.environment, PORT: String(port) },
        stdio: ["ignore", full, full],
      });
      return { child, ended: new Promise((resolve) => child.once("exit", resolve)) };
    };
    const server = run("start");
    const isReady = () =>
      fetch(`http://127.0.0.1:${port}/ready`).then(
        (answer) => answer.status,
        () => "not yet",
      );
    await expect.poll(isReady, { timeout: 20_000 }).toBe(200);
    expect(await run("ledger", "--json").ended).toBe(1);
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    closeSync(full);
  },
);
