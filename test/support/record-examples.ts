// Plays through the API once, on a small world with Pendo's simulator, and keeps what was asked and answered: the examples of the
// document. Ids, times and secrets become fixed ones, so that the same world gives the same examples.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startPendoSimulator } from "../../simulator/api/start-pendo-simulator.ts";
import type { ApiDocument, Examples, Operation } from "../../src/openapi/complete-document.ts";
import { packageRoot } from "../../src/platform/package-root.ts";
import { setHierarchy } from "../../src/settings/workspaces-table.ts";
import { addFailedJob } from "./jobs.ts";
import { shortPatience } from "./pendo-client.ts";
import { addReplay } from "./replays.ts";
import { createBody, createTestApp, type TestApp } from "./test-app.ts";

export type Recorded = { examples: Examples; document: ApiDocument };
type Answer = { status: number; json: any };

const simulated = { seed: "7", visitors: 20, accounts: 4, days: 2, count: 100 } as const;

export async function recordExamples(): Promise<Recorded> {
  const simulator = await startPendoSimulator(simulated);
  const plumbline = await createTestApp({ pendoUrl: simulator.url, pendo: { patience: shortPatience } });
  try {
    const document = (await (await fetch(`${plumbline.url}/api/v1/openapi.json`)).json()) as ApiDocument;
    const recorder = createRecorder(plumbline, document);
    const ids = await playWrites(plumbline, recorder, simulator);
    await playReads(recorder, document, ids);
    await recorder.ask("DELETE", `/reports/${ids.reports}`);
    await recorder.ask("DELETE", `/connections/${ids.connections}/integration-key`);
    return { document, examples: recorder.list() };
  } finally {
    await plumbline.stop();
    await simulator.stop();
  }
}

type Recorder = {
  ask: (method: string, path: string, body?: object) => Promise<Answer>;
  has: (operationId: string) => boolean;
  list: () => Examples;
};

function createRecorder(plumbline: TestApp, document: ApiDocument): Recorder {
  const kept: Record<string, { request?: unknown; response?: unknown }> = {};
  const settle = createSettler();
  const operations = Object.entries(document.paths).flatMap(([path, all]) =>
    Object.entries(all).map(([method, { operationId }]) => ({
      operationId: operationId!,
      method,
      pattern: new RegExp(
        `^${path
          .replace("/api/v1", "")
          .replace(/\{\w+\}/g, "[^/]+")
          .replaceAll(".", "\\.")}$`,
      ),
      isExact: !path.includes("{"),
    })),
  );
  return {
    async ask(method, path, body) {
      const answer = method === "GET" ? await plumbline.get(path) : await plumbline.call(method, path, body);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
      const found = operations
        .filter((one) => one.method === method.toLowerCase() && one.pattern.test(path.split("?")[0]!))
        .sort((one, other) => Number(other.isExact) - Number(one.isExact))[0];
      if (!found) throw new Error(`No operation is ${method} ${path}.`);
      kept[found.operationId] ??= { ...(body && { request: settle(body) }), response: settle(shorten(answer.json)) };
      return answer;
    },
    has: (operationId) => operationId in kept,
    list: () => Object.fromEntries(Object.entries(kept).sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** Two of a kind are enough to see what it is. */
function shorten(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 2).map(shorten);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shorten(one)]));
}

function createSettler(): (value: unknown) => unknown {
  const known = new Map<string, string>();
  const name = (text: string) => {
    if (!known.has(text)) known.set(text, `019f3a5c-1b2d-7e4f-8a6b-${(known.size + 1).toString(16).padStart(12, "0")}`);
    return known.get(text)!;
  };
  const settleText = (text: string) =>
    text
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, name)
      .replace(/20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "2026-03-31T14:00:00.000Z")
      .replace(/^20\d\d-\d\d-\d\d$/, "2026-03-31")
      .replace(/plk_[\w-]{43}/g, `plk_${"x".repeat(43)}`)
      .replace(/^plk_[\w-]{4}$/, "plk_xxxx")
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, "https://plumbline.example")
      .replace(/(invitation#)[\w-]{43}/g, `$1${"x".repeat(43)}`)
      .replace(/(hooks\/pendo\/)[\w-]{32}/g, `$1${"x".repeat(32)}`)
      .replace(/^[\w-]{32}$/, "x".repeat(32));
  return function settle(value: unknown): unknown {
    if (typeof value === "string") return settleText(value);
    if (Array.isArray(value)) return value.map(settle);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, settle(one)]));
  };
}

type Ids = Readonly<Record<string, string>>;

async function playWrites(
  plumbline: TestApp,
  { ask }: Recorder,
  simulator: { integrationKey: string; reports: { list: () => readonly { id: string; name: string }[] } },
): Promise<Ids> {
  const { database, workspaceId } = plumbline;
  await setHierarchy(database.pool, workspaceId, true);
  const made = await ask("POST", "/connections", { name: "Production" });
  const connection = made.json.connection.id;
  const send = (body: object) =>
    plumbline.send({ url: `${plumbline.url}${new URL(made.json.url).pathname}`, secret: null } as never, body);
  await send(createBody("trackEventReceived", { name: "Account Upgraded", eventProperties: { toTier: "pro" } }));
  await send(readSample("npsSubmitted"));
  const poll = { id: "7c0xkcewvju", question: "How easy was it?", response: 4, type: "NumberScale" };
  await send(
    createBody("pollSubmitted", { guideId: "g-1", guideProperties: { name: "After the export" }, poll }, {
      timestamp: 1_626_800_000,
    } as never),
  );
  await plumbline.settle();
  await importFile(plumbline, "kind=user", "External ID,Name\nuser-1,Ada Lovelace\n");
  await importFile(plumbline, "kind=account", "External ID,Name\nacme-1,Acme\n");
  await plumbline.app.imports.settleAll();
  await ask("PATCH", `/connections/${connection}`, { missingRecords: "create", filteredKinds: ["guideDisplayed"] });
  await ask("PUT", `/connections/${connection}/integration-key`, { key: simulator.integrationKey, region: "us" });
  await ask("POST", `/connections/${connection}/integration-key/test`);
  await ask("PATCH", `/connections/${connection}/mapping`, { userIdFrom: "agent.email" });
  await ask("POST", `/connections/${connection}/match-again`);
  await ask("POST", `/connections/${connection}/match-again/cancel`);
  await ask("POST", `/connections/${connection}/identities/read`);
  await plumbline.readIdentities();
  await ask("POST", `/connections/${connection}/held`, { action: "discard" });
  await ask("POST", `/connections/${connection}/samples`);
  await plumbline.settle();
  await ask("DELETE", `/connections/${connection}/samples`);
  const delivery = (await ask("GET", "/deliveries")).json.items[0].id;
  await ask("POST", `/deliveries/${delivery}/replay`);
  await ask("POST", "/deliveries/replay", { state: "failed", dryRun: true });
  await ask("POST", "/parked/retry", { reason: "no-such-user" });
  const replay = await addReplay(database.pool, workspaceId);
  await ask("GET", `/replays/${replay}`);
  await ask("POST", `/replays/${replay}/cancel`);
  await plumbline.settle();
  await importFile(plumbline, "kind=organization");
  await plumbline.app.imports.settleAll();
  for (const kind of ["users", "accounts", "organizations"] as const) {
    const { externalId } = (await ask("GET", `/${kind}`)).json.items[0];
    await ask("PATCH", `/${kind}/${encodeURIComponent(externalId)}/traits`, { traits: { plan: "Team", seats: 12 } });
  }
  await ask("PUT", "/traits/user/seats", { type: "number" });
  const { id: pendoReportId } = simulator.reports.list().find(({ name }) => name === "Account health")!;
  const report = await ask("POST", "/reports", { connectionId: connection, pendoReportId, level: "account" });
  await ask("PATCH", `/reports/${report.json.id}`, { everyHours: 24 });
  const run = await ask("POST", `/reports/${report.json.id}/sync`);
  await ask("POST", `/report-runs/${run.json.id}/cancel`);
  const job = await addFailedJob(database.pool);
  await ask("GET", "/jobs");
  await ask("POST", `/jobs/${job}/retry`);
  const key = await ask("POST", "/api-keys", { name: "Our backend", scopes: ["read", "write"] });
  await ask("DELETE", `/api-keys/${key.json.id}`);
  const file = await importFile(plumbline);
  await ask("POST", `/imports/${file}/start`, { dryRun: true, columns: [{ column: "Plan", becomes: "trait" }] });
  await plumbline.app.imports.settleAll();
  await ask("POST", `/imports/${await importFile(plumbline)}/cancel`);
  const invited = await ask("POST", "/invitations", { email: "jo@acme.example", role: "member" });
  await ask("DELETE", `/invitations/${invited.json.id}`);
  const other = await ask("POST", "/connections", { name: "Backend", kind: "analytics" });
  await ask("POST", `/connections/${other.json.connection.id}/rotate`, { graceMinutes: 60 });
  return {
    connections: connection,
    deliveries: delivery,
    reports: report.json.id,
    "report-runs": run.json.id,
    imports: file,
    pendoReportId,
  };
}

/** What Pendo sends. */
function readSample(kind: string): object {
  return JSON.parse(readFileSync(join(packageRoot, `test/fixtures/pendo/${kind}.json`), "utf8")) as object;
}

async function importFile(
  { url, key }: TestApp,
  query = "kind=account&start=false",
  body = "External ID,Name,Plan\na-1,Acme,Team\nnull,Nobody,Free\n",
): Promise<string> {
  const response = await fetch(`${url}/api/v1/imports?${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "text/csv" },
    body,
  });
  return ((await response.json()) as { id: string }).id;
}

/** What a list cannot do without. */
const needed: Record<string, string> = { activity: "?account=acme-1&days=400", search: "?q=acme" };

/** Every GET of JSON, with ids that are there; of a list that is empty there is nothing to get. */
async function playReads(recorder: Recorder, document: ApiDocument, ids: Ids): Promise<void> {
  const known = new Map(Object.entries(ids));
  for (const [path, all] of Object.entries(document.paths)) {
    const { get } = all as { get?: Operation };
    // A key has neither a session nor a password.
    if (
      !get ||
      get.tags?.includes("Signing in") ||
      recorder.has(get.operationId!) ||
      !get.responses["200"]?.content?.["application/json"]
    )
      continue;
    const [, list] = path.replace("/api/v1", "").split("/") as [string, string];
    if (path.includes("{id}") && !known.has(list)) {
      const { json } = await recorder.ask("GET", `/${list}`);
      if (json.items.length === 0) continue;
      known.set(list, json.items[0].id);
    }
    const filled = path
      .replace("/api/v1", "")
      .replace("{id}", known.get(list)!)
      .replace("{reportId}", ids.pendoReportId!)
      .replace("{level}/{name}", "user/seats")
      .replace("{name}", "seats");
    const needsLevel = get.parameters?.some(
      ({ name, in: where, required }) => name === "level" && where === "query" && required,
    );
    const query = needsLevel ? "?level=user" : (needed[list] ?? "");
    await recorder.ask("GET", `${filled}${query}`);
  }
}
