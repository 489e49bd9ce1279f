// Disks that are full or cannot be written. Real ones: small file systems in memory, which only root can mount.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createHome,
  createOpenFolder,
  createTestConnection,
  findFreePort,
  settle,
  startPlumbline,
} from "../support/plumbline-process.ts";
import { runPlumbline } from "../support/run-plumbline.ts";
import { sendDelivery, sendUntilAccepted } from "../support/sender.ts";

const folder = createOpenFolder();
const mounted: string[] = [];

function mount(name: string, options: string): string {
  const place = join(folder, name);
  mkdirSync(place);
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", place], { stdio: "ignore" });
  mounted.push(place);
  return place;
}

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    mount("probe", "size=1m");
    return true;
  } catch {
    return false;
  }
}

const isAble = canMount();
beforeAll(() => {
  if (!isAble) console.log("Disks are not tested: mounting a small file system needs root.");
});
afterAll(() => {
  for (const place of mounted) spawnSync("umount", ["-l", place]);
  rmSync(folder, { recursive: true, force: true });
});

async function failToStart(dataDir: string): Promise<string> {
  const home = createHome({ DATA_DIR: dataDir, PORT: String(await findFreePort()) });
  home.remove();
  const ran = await runPlumbline(home, ["start"]);
  expect([ran.code, ran.stdout]).toEqual([1, ""]);
  expect(ran.stderr).not.toMatch(/\n\s+at /);
  return ran.stderr;
}

test.runIf(isAble)("a read-only file system", async () => {
  const place = mount("read-only", "size=1m");
  execFileSync("mount", ["-o", "remount,ro", place]);
  for (const dataDir of [place, join(place, "data"), join(place, "deep/down")])
    expect(await failToStart(dataDir)).toBe(
      `${dataDir} (DATA_DIR) is on a read-only file system: set DATA_DIR to a folder that can be written.\n`,
    );
});

test.runIf(isAble)("a disk that is too small for a new database", async () => {
  expect(await failToStart(mount("small", "size=20m,mode=755"))).toMatch(/^The disk is full: /);
});

test.runIf(isAble)("a disk that fills up while it runs: 503, alive, and on again when there is space", async () => {
  const place = mount("filling", "size=100m,mode=755");
  const home = createHome({ DATA_DIR: place });
  const plumbline = await startPlumbline(home);
  const { path } = await createTestConnection(home);
  const url = `${plumbline.url}${path}`;
  let count = 0;
  const body = () =>
    JSON.stringify({
      event: "trackEventReceived",
      uniqueId: String(++count),
      properties: { name: "N".repeat(20_000) },
    });
  let accepted = await sendUntilAccepted([url], body()).then(() => 1);

  const ballast = join(place, "ballast");
  expect(() => writeFileSync(ballast, Buffer.alloc(100 * 1024 * 1024))).toThrow("ENOSPC");
  let answer = await sendDelivery(url, body());
  for (; answer.status === 200 && accepted < 5_000; answer = await sendDelivery(url, body())) accepted += 1;
  expect(answer).toMatchObject({ status: 503, headers: { "retry-after": expect.any(String) } });
  expect(plumbline.child.exitCode).toBeNull();

  rmSync(ballast);
  await sendUntilAccepted([url], body());
  accepted += 1;
  expect(await settle(home)).toMatchObject({ received: accepted, recorded: accepted, difference: 0 });
  expect(await plumbline.stop()).toBe(0);
  home.remove();
});
