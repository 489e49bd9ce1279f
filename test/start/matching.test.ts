// Matching by metadata as its users and their scripts set it up, beside a running Plumbline that asks a simulated Pendo.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import {
  type Api,
  createApi,
  createHome,
  createTestConnection,
  type Home,
  type PlumblineProcess,
  runCommand,
  runJsonCommand,
  startPlumbline,
  type TestConnection,
} from "../support/plumbline-process.ts";
import { runPlumbline } from "../support/run-plumbline.ts";
import { sendDelivery } from "../support/sender.ts";

let simulator: PendoSimulator;
let home: Home;
let plumbline: PlumblineProcess;
let api: Api;
let connection: TestConnection;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "7", days: 10, count: 500, visitors: 60, accounts: 10 });
  home = createHome({ PENDO_API_BASE_URL: simulator.url });
  plumbline = await startPlumbline(home);
  api = await createApi(home, plumbline.url);
  connection = await createTestConnection(home);
});
afterAll(async () => {
  await plumbline.stop();
  home.remove();
  await simulator.stop();
});

const set = <T extends object>(...words: string[]) =>
  runJsonCommand<T>(home, "connection", "set", connection.id, ...words);
const fail = async (...words: string[]) => {
  const { code, stdout, stderr } = await runPlumbline(home, words);
  expect([code, stdout]).toEqual([1, ""]);
  return stderr;
};

const findVisitor = () =>
  simulator.world.visitors.find(
    ({ id, isAnonymous }) => !isAnonymous && simulator.people.findMetadata("visitor", id)?.agent?.email !== undefined,
  )!.id;

async function send(visitorId: string, uniqueId: string): Promise<string> {
  const body = { event: "trackEventReceived", uniqueId, visitorId, properties: { name: "Signed In" } };
  const answer = await sendDelivery(`${plumbline.url}${connection.path}`, JSON.stringify(body));
  return JSON.parse(answer.body).deliveryId;
}

type Shown = {
  state: string;
  reason: string | null;
  message: string | null;
  steps: { step: string; result: string }[];
};
async function waitForState(deliveryId: string, state: string, reason?: string): Promise<Shown> {
  for (;;) {
    const shown = await api<Shown>(`/deliveries/${deliveryId}`);
    if (shown.state === state && (reason === undefined || shown.reason === reason)) return shown;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a mapping that cannot work is refused with what to do", async () => {
  expect(await fail("connection", "set", connection.id, "--user-id-from", "agent.email")).toContain(
    "no integration key: set one first",
  );
  expect(await fail("connection", "set", connection.id, "--level", "organization")).toContain(
    "plumbline workspace set --hierarchy on",
  );
  expect(await fail("match", "refresh", connection.id)).toContain("Pendo's own ids");
});

test("key and mapping in one go; whoever is not known yet is asked about, and what waited goes on", async () => {
  const changed = await set("--integration-key", simulator.integrationKey, "--user-id-from", "agent.email");
  expect(changed).toMatchObject({
    mapping: { version: 2, userIdFrom: "agent.email", accountIdFrom: null, level: "account" },
    changedIdentities: "stay",
    warnings: [],
    reading: expect.any(String),
  });
  const visitorId = findVisitor();
  const id = await send(visitorId, "matching-1");
  await waitForState(id, "recorded");
  const email = simulator.people.findMetadata("visitor", visitorId)!.agent!.email;
  expect(await api("/users")).toMatchObject({ items: [{ externalId: email }] });
  expect(JSON.stringify(await runJsonCommand(home, "connection", "list"))).not.toContain(simulator.integrationKey);
});

test("a field that Pendo does not list is saved with a warning, a name that is none is refused", async () => {
  expect(await set("--account-id-from", "agent.nothing")).toMatchObject({
    warnings: [expect.stringContaining("agent.nothing")],
    mapping: { version: 3 },
  });
  for (const name of [".email", "agent.", "x".repeat(201)])
    expect(await fail("connection", "set", connection.id, "--account-id-from", name)).toContain("metadata field");
  expect(await set("--account-id-from", "accountId")).toMatchObject({ mapping: { version: 4, accountIdFrom: null } });
  expect(await set("--account-id-from", "")).toMatchObject({ mapping: { version: 4 }, warnings: [], reading: null });
});

test("refresh reads everybody and says what it found", async () => {
  const people = [...simulator.people.list("visitor")].filter((id) => !id.startsWith("_PENDO_T_")).length;
  expect(await runJsonCommand(home, "match", "refresh", connection.id)).toMatchObject({
    state: "done",
    done: people,
    counts: { read: people, moved: 0 },
  });
  expect(await runCommand(home, "match", "refresh", connection.id)).toMatch(/^Read: \d+; with a value \d+/);
});

test("a refused key is told on what waits, counted as such, and mended at once", async () => {
  await set("--integration-key", "00000000-not-a-key-of-anybody");
  const id = await send("nobody-has-seen-me", "matching-2");
  const parked = await waitForState(id, "parked", "key-refused");
  expect(parked.message).toContain("Pendo refuses the connection's integration key");
  expect(await runJsonCommand(home, "parked", "list")).toMatchObject([{ reason: "key-refused", count: 1 }]);
  const listed = await runJsonCommand<{ id: string }[]>(home, "connection", "list");
  expect(listed.find((one) => one.id === connection.id)).toMatchObject({ asking: { reason: "key-refused" } });
  expect(await fail("match", "refresh", connection.id)).toContain("key");
  await set("--integration-key", simulator.integrationKey);
  await waitForState(id, "parked", "visitor-unknown-to-pendo");
  await set("--user-id-from", "visitorId");
  await waitForState(id, "recorded");
});

test("organizations: switched on, Pendo's accounts become them", async () => {
  await runCommand(home, "workspace", "set", "--hierarchy", "on");
  expect(await set("--level", "organization")).toMatchObject({ mapping: { level: "organization" }, reading: null });
  const body = { event: "accountCreated", uniqueId: "matching-3", visitorId: "u-1", accountId: "Acme", properties: {} };
  const answer = await sendDelivery(`${plumbline.url}${connection.path}`, JSON.stringify(body));
  await waitForState(JSON.parse(answer.body).deliveryId, "recorded");
  expect(await api("/organizations")).toMatchObject({ items: [{ externalId: "Acme" }] });
  expect(await api("/accounts")).toMatchObject({ items: [] });
});
