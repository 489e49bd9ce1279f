// A server that is told to shut down while it recovers from a crash of one of its processes would hang for ever.
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createHome, startPlumbline } from "../support/plumbline-process.ts";
import {
  connectDirectly,
  findPostmaster,
  findServer,
  findStartup,
  poll,
  readTextOf,
  sendSignal,
} from "./support/postgres-processes.ts";

test("Plumbline starts again after it was killed while its database recovered from a crash", async () => {
  const home = createHome();
  onTestFinished(home.remove);
  const first = await startPlumbline(home);
  onTestFinished(first.kill);
  const db = connectDirectly(home.dataDir);
  const { rows } = await db.query("select pg_backend_pid() as pid");
  const postmaster = findPostmaster(home.dataDir)!;
  sendSignal(rows[0].pid, "SIGKILL");
  const startup = await poll(() => findStartup(postmaster));
  // Held still until the shutdown is asked for: recovering takes too short a time to be met by chance.
  sendSignal(startup, "SIGSTOP");
  await first.kill();
  const pidFile = join(findServer(home.dataDir).data, "postmaster.pid");
  await poll(() => readTextOf(pidFile).includes("stopping"));
  sendSignal(startup, "SIGCONT");
  await db.end();

  const start = performance.now();
  const second = await startPlumbline(home);
  onTestFinished(async () => void (await second.stop()));
  // The watchdog ended the server after ten seconds; waiting for it to be found hanging would take 45.
  expect(performance.now() - start).toBeLessThan(35_000);
  expect(findPostmaster(home.dataDir)).not.toBe(postmaster);
});
