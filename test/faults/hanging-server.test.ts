// PostgreSQL does not notice when its startup process is killed while it recovers from a crash: it says for ever that it
// recovers. Whoever runs Plumbline must not have to.
import { expect, onTestFinished, test } from "vitest";
import { startEmbeddedPostgres } from "../../src/platform/embedded-postgres/embedded-postgres.ts";
import { createHome } from "../support/plumbline-process.ts";
import {
  awaitServer,
  connectDirectly,
  findPostmaster,
  findStartup,
  poll,
  sendSignal,
  silentLog,
} from "./support/postgres-processes.ts";

test.each([
  ["the process that had it hang", true],
  ["the next one that starts", false],
])("a server that hangs in its recovery is ended and started again by %s", async (_, supervise) => {
  const { dataDir, remove } = createHome();
  onTestFinished(remove);
  const options = { dataDir, log: silentLog, longestSilence: 2_000 };
  const first = await startEmbeddedPostgres({ ...options, supervise });
  onTestFinished(first.stop);
  const db = connectDirectly(dataDir);
  onTestFinished(() => db.end());
  await db.query("create table kept as select 1 as one");
  const postmaster = findPostmaster(dataDir)!;
  const { rows } = await db.query("select pg_backend_pid() as pid");
  sendSignal(rows[0].pid, "SIGKILL");
  sendSignal(await poll(() => findStartup(postmaster)), "SIGKILL");

  if (!supervise) onTestFinished((await startEmbeddedPostgres({ ...options, supervise })).stop);
  await awaitServer(db, 30_000);
  expect(findPostmaster(dataDir)).not.toBe(postmaster);
  expect((await db.query("select one from kept")).rows).toEqual([{ one: 1 }]);
});
