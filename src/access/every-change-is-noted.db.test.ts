// Every change of the API leaves a line in the audit log. This reads the OpenAPI document, makes a successful request of every
// route that is no GET, and looks for the line: a new route fails here until its request is written down below.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PendoSimulator, startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { addFailedJob } from "../../test/support/jobs.ts";
import { connectToPendo } from "../../test/support/pendo.ts";
import { shortPatience } from "../../test/support/pendo-client.ts";
import { addReplay } from "../../test/support/replays.ts";
import { createBody, createTestApp, type TestApp } from "../../test/support/test-app.ts";
import { saveRecords } from "../pipeline/save-records.ts";
import { createApiKey } from "./api-keys-table.ts";

let simulator: PendoSimulator;
let plumbline: TestApp;
let key: string;
beforeAll(async () => {
  simulator = await startPendoSimulator({ seed: "9", visitors: 10, accounts: 4, days: 1, count: 50 });
  plumbline = await createTestApp({ pendoUrl: simulator.url, pendo: { patience: shortPatience } });
  ({ key } = await createApiKey(plumbline.database.pool, plumbline.workspaceId, "auditor", new Date(), {
    scopes: ["read", "write", "admin"],
  }));
  const to = { workspaceId: plumbline.workspaceId, source: "api" as const, at: new Date() };
  for (const kind of ["user", "account", "organization"] as const)
    await saveRecords(plumbline.database.pool, { ...to, kind }, [{ externalId: `${kind}-1`, traits: [] }]);
  // The last administrator stays one: this is who stays.
  await signUp("admin");
});
afterAll(async () => {
  await plumbline.stop();
  await simulator.stop();
});

/** What a request needs beside its method and route: what stands for `{…}`, a body (a text is a CSV file), who asks if not the key. */
type Request = { path?: Record<string, string>; query?: string; body?: object | string; as?: Person; action: string };

/** Somebody who is signed in, by a cookie. */
type Person = { cookie: string; email: string };
const password = "four words nobody guesses";

/**
 * A request of every route that succeeds and changes something. Where something has to be there first, it is made here,
 * straight in the database or over the API.
 */
const requests: Record<string, () => Promise<Request>> = {
  "POST /api-keys": async () => ({ body: { name: "x", scopes: ["read"] }, action: "api-key.made" }),
  "DELETE /api-keys/{id}": async () => ({
    path: { id: (await createApiKey(plumbline.database.pool, plumbline.workspaceId, "y", new Date())).id },
    action: "api-key.revoked",
  }),
  "POST /jobs/{id}/retry": async () => ({
    path: { id: await addFailedJob(plumbline.database.pool) },
    action: "job.retried",
  }),
  ...Object.fromEntries(
    ["user", "account", "organization"].map((kind) => [
      `PATCH /${kind}s/{id}/traits`,
      async () => ({ path: { id: `${kind}-1` }, body: { traits: { plan: "gold" } }, action: "record.changed" }),
    ]),
  ),
  "PUT /traits/{level}/{name}": async () => ({
    path: { level: "user", name: "plan" },
    body: { type: "text" },
    action: "trait.settings-changed",
  }),
  "POST /reports": async () => ({
    body: { connectionId: await connect(), pendoReportId: createPendoReport(), level: "user" },
    action: "report.made",
  }),
  "PATCH /reports/{id}": async () => ({
    path: { id: await addReport() },
    body: { isOn: false },
    action: "report.changed",
  }),
  "DELETE /reports/{id}": async () => ({ path: { id: await addReport() }, action: "report.removed" }),
  "POST /reports/{id}/sync": async () => ({ path: { id: await addReport() }, action: "report.run-started" }),
  "POST /report-runs/{id}/cancel": async () => ({ path: { id: await runReport() }, action: "report.run-cancelled" }),
  "POST /report-runs/{id}/confirm": async () => ({ path: { id: await stopRun() }, action: "report.run-confirmed" }),
  "POST /connections": async () => ({ body: { name: "made" }, action: "connection.made" }),
  "PATCH /connections/{id}": async () => ({
    path: { id: await connect() },
    body: { missingRecords: "link" },
    action: "connection.changed",
  }),
  "POST /connections/{id}/rotate": async () => ({
    path: { id: await connect() },
    body: {},
    action: "connection.rotated",
  }),
  "POST /connections/{id}/samples": async () => ({ path: { id: await connect() }, action: "connection.sampled" }),
  "DELETE /connections/{id}/samples": async () => {
    const id = await connect();
    await ask("POST", `/connections/${id}/samples`);
    await plumbline.settle();
    return { path: { id }, action: "record.deleted" };
  },
  "POST /connections/{id}/held": async () => ({
    path: { id: await connect() },
    body: { action: "discard" },
    action: "delivery.discarded",
  }),
  "PUT /connections/{id}/integration-key": async () => ({
    path: { id: await connect() },
    body: { key: simulator.integrationKey },
    action: "integration-key.set",
  }),
  "DELETE /connections/{id}/integration-key": async () => ({
    path: { id: await connect() },
    action: "integration-key.removed",
  }),
  "POST /connections/{id}/integration-key/test": async () => ({
    path: { id: await connect() },
    action: "integration-key.tested",
  }),
  "PATCH /connections/{id}/mapping": async () => ({
    path: { id: await connect() },
    body: { userIdFrom: "agent.email" },
    action: "mapping.saved",
  }),
  "POST /connections/{id}/match-again": async () => ({ path: { id: await connect() }, action: "match-job.started" }),
  "POST /connections/{id}/match-again/cancel": async () => {
    const id = await connect();
    await ask("POST", `/connections/${id}/match-again`);
    return { path: { id }, action: "match-job.cancelled" };
  },
  "POST /connections/{id}/identities/read": async () => {
    const id = await connect();
    await ask("PATCH", `/connections/${id}/mapping`, { userIdFrom: "agent.email" });
    return { path: { id }, action: "match-job.started" };
  },
  "POST /deliveries/{id}/replay": async () => ({ path: { id: await deliver() }, action: "delivery.replayed" }),
  "POST /deliveries/replay": async () => {
    await deliver();
    return { body: { state: "recorded" }, action: "delivery.replayed" };
  },
  "POST /replays/{id}/cancel": async () => ({
    path: { id: await addReplay(plumbline.database.pool, plumbline.workspaceId) },
    action: "delivery.replay-cancelled",
  }),
  "POST /parked/retry": async () => {
    await park();
    return { body: { all: true }, action: "delivery.replayed" };
  },
};

const requestsOfFiles: typeof requests = {
  "POST /imports": async () => ({ query: "?kind=user", body: file, action: "import.uploaded" }),
  "POST /imports/{id}/start": async () => ({ path: { id: await upload("false") }, body: {}, action: "import.begun" }),
  "POST /imports/{id}/cancel": async () => ({ path: { id: await upload("true") }, action: "import.cancelled" }),
};
const file = "id,name\nu-1,Jo\n";
const upload = async (start: string) => (await ask("POST", `/imports?kind=user&start=${start}`, file)).json.id;

const requestsOfPeople: typeof requests = {
  "POST /invitations": async () => ({ body: { email: nextEmail(), role: "viewer" }, action: "member.invited" }),
  "DELETE /invitations/{id}": async () => ({
    path: { id: (await ask("POST", "/invitations", { email: nextEmail(), role: "viewer" })).json.id },
    action: "member.invitation-withdrawn",
  }),
  "PATCH /members/{id}": async () => ({
    path: { id: await findMemberId(await signUp()) },
    body: { role: "viewer" },
    action: "member.role-changed",
  }),
  "DELETE /members/{id}": async () => ({ path: { id: await findMemberId(await signUp()) }, action: "member.removed" }),
  "POST /password-links": async () => ({
    body: { memberId: await findMemberId(await signUp()) },
    action: "member.password-link-made",
  }),
  "POST /session": async () => ({ body: { email: (await signUp()).email, password }, action: "session.begun" }),
  "DELETE /session": async () => ({ as: await signUp(), action: "session.ended" }),
  "DELETE /sessions/{id}": async () => {
    const person = await signUp();
    const { json } = await ask("GET", `/sessions?member=${await findMemberId(person)}`);
    return { path: { id: json.items[0].id }, action: "session.ended" };
  },
  "DELETE /sessions": async () => {
    const person = await signUp();
    await ask("POST", "/session", { email: person.email, password });
    return { as: person, action: "session.others-ended" };
  },
  "POST /me/password": async () => ({
    as: await signUp(),
    body: { current: password, next: `${password} either` },
    action: "member.password-changed",
  }),
  "POST /workspaces": async () => ({ as: await signUp("admin"), body: { name: "Another" }, action: "workspace.made" }),
  "PATCH /workspaces/{id}": async () => ({
    path: { id: plumbline.workspaceId },
    body: { name: "Renamed" },
    action: "workspace.changed",
  }),
};

/** Routes that change nothing worth a line, each with the reason. */
const exceptions: Record<string, string> = {};

async function ask(
  method: string,
  path: string,
  body?: object | string,
  as?: Person,
): Promise<{ status: number; json: any }> {
  const who = as
    ? { cookie: as.cookie, origin: plumbline.url, "x-requested-with": "Plumbline" }
    : { authorization: `Bearer ${key}` };
  const response = await fetch(`${plumbline.url}/api/v1${path}`, {
    method,
    headers: {
      ...who,
      ...(body && { "content-type": typeof body === "string" ? "text/csv" : "application/json" }),
    } as Record<string, string>,
    ...(body && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

let people = 0;
function nextEmail(): string {
  people += 1;
  return `person-${people}@acme.example`;
}

/** Invited over the API, and through the page of the invitation. */
async function signUp(role = "member"): Promise<Person> {
  const email = nextEmail();
  const { url } = (await ask("POST", "/invitations", { email, role })).json;
  const response = await fetch(`${plumbline.url}/invitation`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: plumbline.url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ token: new URL(url).hash.slice(1), name: email, password }).toString(),
  });
  return { email, cookie: response.headers.getSetCookie()[0]!.split(";")[0]! };
}

async function findMemberId({ email }: Person): Promise<string> {
  return (await ask("GET", "/members")).json.items.find((one: any) => one.email === email).id;
}

const connect = async () => (await connectToPendo(plumbline, simulator, {})).id;

function createPendoReport(rows = [{ visitorId: "v-1", minutes: 1 }]): string {
  return simulator.reports.create({ name: "A report", level: "visitor", rows: rows as never }).id;
}

async function addReport(): Promise<string> {
  const body = { connectionId: await connect(), pendoReportId: createPendoReport(), level: "user" };
  return (await ask("POST", "/reports", body)).json.id;
}

async function runReport(): Promise<string> {
  return (await ask("POST", `/reports/${await addReport()}/sync`)).json.id;
}

/** A run that a guard has stopped; what the guard saw does not matter here. */
async function stopRun(): Promise<string> {
  const id = await runReport();
  await plumbline.database.pool.query(
    "update report_runs set state = 'stopped', finished_at = now(), message = 'It looks different.' where report_run_id = $1",
    [id],
  );
  return id;
}

async function deliver(): Promise<string> {
  const answer = await plumbline.send(await plumbline.connect(), createBody("guideDisplayed", { guideId: "g" }));
  await plumbline.settle();
  return JSON.parse(answer.body).deliveryId;
}

async function park(): Promise<void> {
  const connection = await plumbline.connect();
  await ask("PATCH", `/connections/${connection.id}`, { missingRecords: "link" });
  await plumbline.send(connection, createBody("guideDisplayed", { guideId: "g" }, { visitorId: "nobody-yet" }));
  await plumbline.settle();
}

/** Lines of somebody who asked the API, of whichever workspace. */
async function readLines(): Promise<{ id: string; action: string; kind: string; name: string; address: string }[]> {
  const { rows } = await plumbline.database.pool.query(
    "select audit_id as id, action, by_kind as kind, by_name as name, address from audit_log where by_kind in ('api-key', 'member')",
  );
  return rows;
}

test("every change of the API leaves its line: who, and from where", async () => {
  const document = await ask("GET", "/openapi.json");
  expect([document.status, document.json.detail]).toEqual([200, undefined]);
  const { paths } = document.json;
  const routes = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/^\/api\/v1/, "")}`),
  );
  const changing = routes.filter((route) => !/^(GET|HEAD) /.test(route) && !(route in exceptions));
  expect(changing.length).toBeGreaterThan(5);
  const known = { ...requests, ...requestsOfFiles, ...requestsOfPeople };
  expect(changing.filter((route) => !(route in known))).toEqual([]);
  for (const route of changing) {
    const { path = {}, query = "", body, as, action } = await known[route]!();
    const before = new Set((await readLines()).map(({ id }) => id));
    const [method = "", template = ""] = route.split(" ");
    const url = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name]!));
    const { status, json } = await ask(method, url + query, body, as);
    expect([route, status < 300 ? "done" : json]).toEqual([route, "done"]);
    const lines = (await readLines()).filter(({ id }) => !before.has(id));
    expect([route, lines.map((line) => line.action)]).toEqual([route, expect.arrayContaining([action])]);
    for (const { kind, name, address } of lines)
      expect([route, kind === "member" || name === "auditor", address]).toEqual([route, true, "127.0.0.1"]);
  }
}, 120_000);

test("a request that was refused leaves none", async () => {
  const before = (await readLines()).length;
  expect((await ask("POST", "/api-keys", { name: "x" })).status).toBe(400);
  expect((await ask("DELETE", "/reports/00000000-0000-0000-0000-000000000000")).status).toBe(404);
  expect(await readLines()).toHaveLength(before);
});

test("no secret is in it, whatever was set", async () => {
  const { rows } = await plumbline.database.pool.query("select a::text as line from audit_log a");
  const lines = rows.map(({ line }) => line).join("\n");
  expect(lines).toContain("integration-key.set");
  expect(lines).toContain("integration-key.used");
  expect(lines).not.toContain(simulator.integrationKey);
  expect(lines).not.toContain("gold");
});
