// The timetable, as an administrator sees it. That it is kept is told in src/platform/jobs.db.test.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHome, type Home, runCommand, runJsonCommand, startPlumbline } from "../support/plumbline-process.ts";

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
