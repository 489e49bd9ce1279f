// A workspace in which everything is, made as its users make it. Each text in it carries the workspace's mark, so that any
// answer to somebody else in which the mark stands has told too much.
import type { PendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import { createApiKey } from "../../src/access/api-keys-table.ts";
import type { Scope } from "../../src/platform/routes.ts";
import { createAnalyticsClient } from "../support/analytics.ts";
import { createWorkspace } from "../support/inbox.ts";
import { addFailedJob } from "../support/jobs.ts";
import { createMember, type Person } from "../support/members.ts";
import { addReplay } from "../support/replays.ts";
import { sendDelivery } from "../support/sender.ts";
import { createBody, type TestApp } from "../support/test-app.ts";
import { basic } from "../support/vitally-client.ts";

export type Answered = { status: number; text: string; json: any; headers: Headers };

export type FurnishedWorkspace = {
  workspaceId: string;
  mark: string;
  /** Of the key that may do everything. */
  key: string;
  /** Of the connection to the Analytics API. */
  token: string;
  webhook: { url: string; secret: string };
  pendoReportId: string;
  /** Its administrator, signed in. */
  member: Person;
  createKey: (scopes: readonly Scope[]) => Promise<string>;
};

const everything: readonly Scope[] = ["read", "write", "ingest", "admin"];

/** A request with a key, as a program sends it. */
export async function ask(
  url: string,
  {
    key,
    method = "GET",
    body,
    headers,
  }: { key?: string; method?: string; body?: unknown; headers?: Record<string, string> },
): Promise<Answered> {
  const response = await fetch(url, {
    method,
    redirect: "manual",
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": typeof body === "string" ? "text/csv" : "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = Buffer.from(await response.arrayBuffer()).toString("utf8");
  return { status: response.status, text, json: readJson(text), headers: response.headers };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function furnishWorkspace(
  plumbline: TestApp,
  simulator: PendoSimulator,
  mark: string,
): Promise<FurnishedWorkspace> {
  const { pool } = plumbline.database;
  const workspaceId = await createWorkspace(pool);
  await pool.query("update workspaces set name = $2 where workspace_id = $1", [workspaceId, `${mark} workspace`]);
  const createKey = async (scopes: readonly Scope[]) =>
    (await createApiKey(pool, workspaceId, `${mark} key`, new Date(), { scopes, madeBy: `${mark} maker` })).key;
  const key = await createKey(everything);
  const post = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
    const answer = await ask(`${plumbline.url}/api/v1${path}`, { key, method, body, ...(headers && { headers }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json;
  };

  const connect = async (body: object, headers?: Record<string, string>) => {
    const { connection, url, token } = await post("POST", "/connections", body, headers);
    // The app says the address that it is configured with, and a test listens on another port.
    return { id: connection.id as string, url: plumbline.url + new URL(url).pathname, token: token as string };
  };
  const secret = `${mark} secret`;
  const webhook = await connect({ name: `${mark} Pendo`, secret }, { "idempotency-key": `${mark}-1` });
  const linking = await connect({ name: `${mark} linking` });
  const backend = await connect({ name: `${mark} backend`, kind: "analytics" });
  for (const { id } of [webhook, linking])
    await post("PUT", `/connections/${id}/integration-key`, { key: simulator.integrationKey });
  await post("PATCH", `/connections/${linking.id}`, { missingRecords: "link" });
  await post("PATCH", `/connections/${linking.id}/mapping`, { userIdFrom: "agent.email" });

  const deliver = async (url: string, body: object, ofSecret: string | null) => {
    const answer = await sendDelivery(url, JSON.stringify(body), { secret: ofSecret });
    if (answer.status !== 200) throw new Error(`A webhook was answered ${answer.status}: ${answer.body}`);
  };
  for (const body of listWebhooks(mark)) await deliver(webhook.url, body, secret);
  for (const body of listWebhooks(mark)) await deliver(linking.url, { ...body, visitorId: `${mark} stranger` }, null);
  const messages = await createAnalyticsClient(backend).send("batch", listMessages(mark));
  if (messages.status !== 200) throw new Error(`A batch was answered ${messages.status}: ${messages.body}`);
  await plumbline.settleWithPendo();

  await addFailedJob(pool);
  await addReplay(pool, workspaceId, `${mark} maker`);
  await createKey(["read"]);
  await post(
    "POST",
    "/imports?kind=user",
    `external_id,${mark} seats\n${mark} imported,${mark} many\nnull,${mark} nobody\n`,
  );
  await plumbline.app.imports.settleAll();
  const users = await ask(`${plumbline.url}/api/v1/users?limit=1`, { key });
  await post("PATCH", `/users/${users.json.items[0].id}/traits`, { traits: { [`${mark} trait`]: `${mark} value` } });
  await ask(`${plumbline.url}/resources/npsResponses`, {
    method: "POST",
    headers: { authorization: basic(key) },
    body: { userId: users.json.items[0].id, score: 3, feedback: `${mark} feedback`, externalId: `${mark} response` },
  });
  await post("PUT", `/traits/user/${encodeURIComponent(`${mark} trait`)}`, { type: "text" });
  await post("POST", `/connections/${webhook.id}/match-again`);
  await plumbline.app.matchJobs.settleAll();

  const member = await invite(plumbline, post, mark);
  // Pendo is the same for all: the name there is nobody's secret here.
  const pendoReportId = simulator.reports.create({
    name: "A report",
    level: "visitor",
    rows: [
      { visitorId: `${mark} user`, minutes: `${mark} minutes` },
      { visitorId: null as never, minutes: "1" },
    ],
  }).id;
  const columns = [{ column: "minutes", trait: `${mark} minutes`, type: "number" }];
  const report = await post("POST", "/reports", { connectionId: webhook.id, pendoReportId, level: "user", columns });
  await post("POST", `/reports/${report.id}/sync`);
  await plumbline.app.reportRuns.settleAll();
  return {
    workspaceId,
    mark,
    key,
    token: backend.token,
    webhook: { url: webhook.url, secret },
    pendoReportId,
    member,
    createKey,
  };
}

/** An administrator who is signed in, and somebody who has not come yet. */
async function invite(
  plumbline: TestApp,
  post: (method: string, path: string, body?: unknown) => Promise<any>,
  mark: string,
): Promise<Person> {
  const by: Pick<Person, "call"> = {
    call: async (method, path, body) => ({ status: 201, json: await post(method, path, body), headers: new Headers() }),
  };
  await post("POST", "/invitations", { email: `${mark}-to-come@example.com`, role: "viewer" });
  return createMember(plumbline, by, { email: `${mark}-member@example.com`, role: "admin" });
}

function listWebhooks(mark: string): object[] {
  const who = { visitorId: `${mark} user`, accountId: `${mark} account` };
  const guide = { guideId: `${mark} guide`, guideName: `${mark} guide name` };
  return [
    createBody("trackEventReceived", { name: `${mark} event`, plan: `${mark} plan` }, who),
    createBody("npsSubmitted", { ...guide, surveyId: `${mark} survey`, npsScore: 9, npsReason: `${mark} reason` }, who),
    createBody(
      "pollSubmitted",
      {
        ...guide,
        pollId: `${mark} poll`,
        pollType: "FreeForm",
        pollQuestion: `${mark} question`,
        pollResponse: `${mark} answer`,
        responses: [{ pollId: `${mark} poll`, question: `${mark} question`, value: `${mark} answer` }],
      },
      who,
    ),
    createBody(`${mark} unheard of`, { note: `${mark} note` }, who),
  ];
}

function listMessages(mark: string): object[] {
  const message = (type: string, more: object, place: number) => ({
    type,
    ...more,
    messageId: `${mark} message ${place}`,
    timestamp: "2026-01-02T03:04:05.000Z",
  });
  const [userId, accountId, organizationId] = [`${mark} person`, `${mark} company`, `${mark} group`];
  return [
    message("organization", { organizationId, traits: { name: `${mark} group name`, city: `${mark} city` } }, 1),
    message("account", { accountId, organizationId, traits: { name: `${mark} company name` } }, 2),
    message("user", { userId, accountId, traits: { name: `${mark} name`, email: `${mark}@example.com` } }, 3),
    message("user", { userId: `${mark} member`, organizationId, traits: {} }, 4),
    message("track", { userId, accountId, event: `${mark} done`, properties: { what: `${mark} thing` } }, 5),
    message("user", { userId: `${mark} loner`, traits: { name: `${mark} loner name` } }, 6),
  ];
}
