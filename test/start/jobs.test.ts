// The timetable, as an administrator sees it. That it is kept is told in src/platform/jobs.db.test.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "../../src/platform/config.ts";
import { openDatabase } from "../../src/platform/database/open-database.ts";
import { addFailedJob } from "../support/jobs.ts";
import { createHome, type Home, runCommand, runJsonCommand, startPlumbline } from "../support/plumbline-process.ts";
import { silentLog } from "../support/test-database.ts";

let home: Home;
beforeAll(() => {
  home = createHome();
});
afterAll(() => home.remove());

type Listed = { recurring: Record<string, string | null>[]; jobs: unknown[] };

test("jobs list shows what recurs; jobs retry says what it cannot find", async () => {
  expect(await runJsonCommand<Listed>(home, "jobs", "list")).toEqual({ recurring: [], jobs: [] });
  expect(await runCommand(home, "jobs", "list")).toContain("There is no timetable yet");
  const plumbline = await startPlumbline(home);
  try {
    const listed = await runJsonCommand<Listed>(home, "jobs", "list");
    const find = (name: string) => listed.recurring.find((job) => job.name === name);
    expect(find("startDueReports")).toMatchObject({ when: "* * * * *", zone: "UTC", lastFailure: null });
    for (const { name, when, why, nextAt } of listed.recurring) {
      expect([name, when, why, nextAt]).not.toContain(null);
      expect(Date.parse(nextAt!)).toBeGreaterThan(Date.now() - 60_000);
    }
    expect(await runCommand(home, "jobs", "list")).toContain("Begins the runs of the reports that are due.");
    await expect(runCommand(home, "jobs", "retry", "123456")).rejects.toThrow(
      "There is no job 123456: the list of jobs shows those there are.",
    );
  } finally {
    await plumbline.stop();
  }
});

test("jobs retry lets a job run at once, and the audit log has who did", async () => {
  const database = await openDatabase({
    config: readConfig(home.environment),
    log: silentLog,
    max: 2,
    supervise: false,
  });
  try {
    const id = await addFailedJob(database.pool);
    expect(await runJsonCommand(home, "jobs", "retry", id)).toMatchObject({ id, state: "waiting", attempts: 0 });
    const { items } = await runJsonCommand<{ items: object[] }>(home, "audit", "list", "--action", "job");
    expect(items).toMatchObject([
      { by: { kind: "command-line" }, action: "job.retried", subject: { type: "job", id } },
    ]);
  } finally {
    await database.stop();
  }
});
