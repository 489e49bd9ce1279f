// Matching again, from the command line and in a Plumbline that is killed in the middle of it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { runLoad } from "../../bench/support/load.ts";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import {
  createApi,
  createHome,
  createTestConnection,
  type Home,
  type PlumblineProcess,
  runCommand,
  runJsonCommand,
  settle,
  startPlumbline,
  type TestConnection,
} from "../support/plumbline-process.ts";

const count = 20_000;
const secret = "match-again";
let simulator: PendoSimulator;
let home: Home;
let plumbline: PlumblineProcess;
let connection: TestConnection;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", now: Math.floor(Date.now() / 1000), days: 1, count: 10 });
  for (let index = 0; index < 5_000; index += 1) {
    simulator.people.create("visitor", `visitor-${index}`);
    simulator.people.setMetadata("visitor", `visitor-${index}`, "agent", { email: `v${index}@example.com` });
  }
  home = createHome({ PENDO_API_BASE_URL: simulator.url });
  plumbline = await startPlumbline(home);
  connection = await createTestConnection(home, secret);
  const url = plumbline.url + connection.path;
  await runLoad({ url, secret, connections: 16, count, rate: 0, bodyBytes: 600, seed: "again" });
  await settle(home, 120_000);
  const key = ["--integration-key", simulator.integrationKey];
  await runJsonCommand(home, "connection", "set", connection.id, ...key);
}, 180_000);
afterAll(async () => {
  await plumbline.stop();
  await simulator.stop();
  home.remove();
});

type Job = { kind: string; state: string; done: number; total: number; counts: Record<string, number> };
const readJob = async () => {
  const jobs = await runJsonCommand<Job[]>(home, "match", "status", connection.id);
  return jobs.find(({ kind }) => kind === "match-again");
};

async function waitForJob(isThere: (job: Job) => boolean): Promise<Job> {
  for (const until = Date.now() + 150_000; Date.now() < until; ) {
    const job = await readJob();
    if (job && isThere(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It does not get there: ${JSON.stringify(await readJob())}`);
}

/** What external IDs the visitors of a few hundred events have here. */
async function readUsers(): Promise<{ visitorId: string; user: string }[]> {
  const api = await createApi(home, plumbline.url);
  const { items } = await api<{ items: { pendo: { visitorId: string }; user: { externalId: string } }[] }>(
    "/events?limit=500",
  );
  return items.map(({ pendo, user }) => ({ visitorId: pendo.visitorId, user: user.externalId }));
}

const byEmail = ["--user-id-from", "agent.email"];

test("a job that was killed goes on, and the old mapping undoes it", { timeout: 400_000 }, async () => {
  const preview = await runJsonCommand<any>(home, "match", "preview", connection.id, ...byEmail);
  expect(preview).toMatchObject({ records: { users: { created: 5_000, removed: { count: 5_000 } } } });
  const { events, npsResponses } = preview.facts;
  expect(events.move + npsResponses.move).toBe(count);

  const begun = await runJsonCommand<any>(home, "match", "apply", connection.id, ...byEmail, "--no-wait");
  expect(begun).toMatchObject({ isChanged: true, job: { kind: "match-again", state: "running" } });
  const seen = await waitForJob(({ done }) => done > 0);
  await plumbline.kill();
  expect(seen).toMatchObject({ state: "running" });
  plumbline = await startPlumbline(home);
  // The lease of the process that died has to run out first.
  const done = await waitForJob(({ state }) => state !== "running");
  expect(done).toMatchObject({ state: "done", done: count, counts: { moved: count, removed: 0, removedUsers: 5_000 } });
  for (const { visitorId, user } of await readUsers()) expect(user).toBe(`v${visitorId.split("-")[1]}@example.com`);

  const again = await runJsonCommand<any>(home, "match", "apply", connection.id);
  expect(again.job).toMatchObject({ state: "done", counts: { moved: 0, removed: 0, removedUsers: 0 } });
  const undone = await runJsonCommand<any>(home, "match", "apply", connection.id, "--user-id-from", "visitorId");
  expect(undone.job).toMatchObject({ state: "done", counts: { moved: count, removedUsers: 5_000 } });
  for (const { visitorId, user } of await readUsers()) expect(user).toBe(visitorId);
  expect(await runCommand(home, "match", "cancel", connection.id)).toContain("Nothing is being matched again");
});
