// A server that is told to shut down while it recovers from a crash of one of its processes would hang for ever.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createHome, startPlumbline } from "../support/plumbline-process.ts";
import { connectDirectly, findPostmaster, findServer, listChildren, sendSignal } from "./support/postgres-processes.ts";

test("Plumbline starts again after it was killed while its database recovered from a crash", async () => {
  const home = createHome();
  const first = await startPlumbline(home);
  const db = connectDirectly(home.dataDir);
  const { rows } = await db.query("select pg_backend_pid() as pid");
  const postmaster = findPostmaster(home.dataDir)!;
  sendSignal(rows[0].pid, "SIGKILL");
  const isStartup = (pid: number) => readTextOf(`/proc/${pid}/cmdline`).startsWith("postgres: startup");
  const startup = await poll(() => listChildren(postmaster).find(isStartup));
  // Held still until the shutdown is asked for: recovering takes too short a time to be met by chance.
  sendSignal(startup, "SIGSTOP");
  await first.kill();
  const pidFile = join(findServer(home.dataDir).data, "postmaster.pid");
  await poll(() => readTextOf(pidFile).includes("stopping"));
  sendSignal(startup, "SIGCONT");
  await db.end();

  const second = await startPlumbline(home);
  expect(findPostmaster(home.dataDir)).not.toBe(postmaster);
  await second.stop();
  home.remove();
});

function readTextOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Looks again and again until there is something. */
async function poll<T>(look: () => T | undefined | false): Promise<T> {
  const until = performance.now() + 20_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > until) throw new Error("It did not come.");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
