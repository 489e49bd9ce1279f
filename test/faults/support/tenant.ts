// One of two workspaces: what is done in it, and a look through everything that it is answered.
import type { Random } from "../../../simulator/random.ts";
import type { Ledger } from "../../support/plumbline-process.ts";
import type { sendDelivery } from "../../support/sender.ts";

export type Tenant = {
  workspaceId: string;
  mark: string;
  problems: string[];
  answers: number;
  /** Every uuid that it was told. */
  idsSeen: Set<string>;
  counts: Record<string, number>;
  /** Connections to Pendo, as they were made. */
  webhooks: { id: string; path: string; secret: string }[];
  backends: { id: string; token: string }[];
  /** A text that nobody else has. */
  text: (what: string) => string;
  ask: (method: string, path: string, body?: unknown) => Promise<{ status: number; json: any }>;
  deliver: (path: string, body: object, options: { secret?: string; token?: string }) => Promise<number>;
  read: (path: string) => Promise<void>;
  readLedger: () => Promise<Ledger>;
};

export type TenantOptions = {
  url: string;
  workspaceId: string;
  mark: string;
  otherMark: string;
  key: string;
  /** A key may ask a thousand times a minute. */
  createKey: () => Promise<string>;
  send: typeof sendDelivery;
};

/** Requests of one key, with room for those that are under way. */
const mostOfKey = 900;
/** Times that a request is sent while the answer is to try again: two writes that wait for each other are told so. */
const mostTries = 5;

export function createTenant(options: TenantOptions): Tenant {
  const { url, workspaceId, mark, otherMark, key, createKey, send } = options;
  let texts = 0;
  let current = { key, left: mostOfKey };
  const look = (what: string, text: string) => {
    tenant.answers += 1;
    for (const [id] of text.matchAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g))
      tenant.idsSeen.add(id);
    if (text.includes(otherMark))
      tenant.problems.push(
        `${mark}: ${what} has ${otherMark}: ${text.slice(Math.max(0, text.indexOf(otherMark) - 100)).slice(0, 300)}`,
      );
  };
  const authorize = async (path: string) => {
    // While a new one is being made, others go on with the old one.
    if (current.left-- === 0) current = { key: await createKey(), left: mostOfKey };
    return path.startsWith("/resources") ? basic(current.key) : `Bearer ${current.key}`;
  };
  const askOnce: Tenant["ask"] = async (method, path, body) => {
    const isText = typeof body === "string";
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: await authorize(path),
        ...(body !== undefined && { "content-type": isText ? "text/csv" : "application/json" }),
      },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    look(`${method} ${path}`, `${JSON.stringify([...response.headers])}\n${text}`);
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, json: isJson ? JSON.parse(text) : undefined };
  };
  const tenant: Tenant = {
    workspaceId,
    mark,
    problems: [],
    answers: 0,
    idsSeen: new Set(),
    counts: {},
    webhooks: [],
    backends: [],
    text: (what) => `${mark} ${what} ${++texts}`,
    async ask(method, path, body) {
      for (let tries = 1; ; tries += 1) {
        const answer = await askOnce(method, path, body);
        if (answer.status !== 503 || tries === mostTries) {
          if (answer.status >= 500)
            tenant.problems.push(
              `${mark}: ${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.json)}`,
            );
          return answer;
        }
      }
    },
    async deliver(path, body, { secret, token }) {
      const headers = token === undefined ? {} : { authorization: `Basic ${token}` };
      const answer = await send(url + path, JSON.stringify(body), { ...(secret && { secret }), headers });
      look(`a delivery to ${path.slice(0, 14)}`, answer.body);
      if (answer.status >= 500) tenant.problems.push(`${mark}: a delivery was answered ${answer.status}`);
      return answer.status;
    },
    async read(path) {
      const { status } = await tenant.ask("GET", path);
      // 429: four files are written at a time.
      if (status !== 200 && status !== 429) tenant.problems.push(`${mark}: GET ${path} was answered ${status}`);
    },
    readLedger: async () => (await tenant.ask("GET", "/api/v1/ledger")).json,
  };
  return tenant;
}

const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString("base64")}`;

/** The same ids on both sides: what tells them apart is the workspace alone. */
const ids = (random: Random) => ({
  user: `user-${random.int(1, 12)}`,
  account: `account-${random.int(1, 5)}`,
  organization: `organization-${random.int(1, 3)}`,
});

const isWell = ({ status }: { status: number }) => status >= 200 && status < 300;

type Operation = (tenant: Tenant, random: Random) => Promise<boolean>;

async function openWebhook(tenant: Tenant): Promise<Tenant["webhooks"][number]> {
  const secret = tenant.text("secret");
  const { json } = await tenant.ask("POST", "/api/v1/connections", { name: tenant.text("connection"), secret });
  const made = { id: json.connection.id as string, path: new URL(json.url).pathname, secret };
  tenant.webhooks.push(made);
  return made;
}

async function openBackend(tenant: Tenant): Promise<Tenant["backends"][number]> {
  const { json } = await tenant.ask("POST", "/api/v1/connections", { name: tenant.text("backend"), kind: "analytics" });
  const made = { id: json.connection.id as string, token: json.token as string };
  tenant.backends.push(made);
  return made;
}

/** One or more, of those there are or a new one. */
const pickWebhook = async (tenant: Tenant, random: Random) =>
  tenant.webhooks.length < 3 ? openWebhook(tenant) : random.pick(tenant.webhooks);
const pickBackend = async (tenant: Tenant, random: Random) =>
  tenant.backends.length < 2 ? openBackend(tenant) : random.pick(tenant.backends);

async function findOne(tenant: Tenant, random: Random, list: string): Promise<string | undefined> {
  const { json } = await tenant.ask("GET", `/api/v1/${list}?limit=20`);
  return json.items.length === 0 ? undefined : random.pick<{ id: string }>(json.items).id;
}

const kinds = ["organizations", "accounts", "users"] as const;

function buildWebhook(tenant: Tenant, random: Random): object {
  const { user, account } = ids(random);
  const { text } = tenant;
  const guide = { guideId: text("guide"), guideName: text("guide name") };
  const [event, properties] = random.pick([
    ["trackEventReceived", { name: text("event"), plan: text("plan") }],
    ["npsSubmitted", { ...guide, surveyId: text("survey"), npsScore: random.int(0, 10), npsReason: text("reason") }],
    [
      "pollSubmitted",
      {
        ...guide,
        pollId: text("poll"),
        pollType: "FreeForm",
        pollQuestion: text("question"),
        pollResponse: text("answer"),
      },
    ],
    [text("unheard of"), { note: text("note") }],
  ] as const);
  return {
    event,
    properties,
    visitorId: user,
    accountId: account,
    timestamp: Math.floor(Date.now() / 1000),
    // The same on both sides now and then: a duplicate on one's own side only.
    uniqueId: random.chance(0.2) ? `same-${random.int(1, 20)}` : text("unique"),
  };
}

function buildMessage(tenant: Tenant, random: Random): object {
  const { user: userId, account: accountId, organization: organizationId } = ids(random);
  const { text } = tenant;
  const traits = { name: text("name"), [text("trait")]: text("value"), plan: text("plan") };
  const message = random.pick([
    { type: "organization", organizationId, traits },
    { type: "account", accountId, organizationId, traits },
    { type: "user", userId, accountId, traits: { ...traits, email: `${random.int(1, 99)}@${tenant.mark}.example` } },
    { type: "user", userId: text("loner"), traits },
    { type: "track", userId, accountId, event: text("done"), properties: { what: text("thing") } },
    { type: "unlink", userId, accountId },
  ]);
  return { ...message, messageId: random.chance(0.2) ? `same-${random.int(1, 20)}` : text("message") };
}

/** Each resolves to whether it was done: what another operation has just taken away cannot be. */
export const operations: Record<string, Operation> = {
  async webhook(tenant, random) {
    const { path, secret } = await pickWebhook(tenant, random);
    return (await tenant.deliver(path, buildWebhook(tenant, random), { secret })) === 200;
  },
  async analytics(tenant, random) {
    const { token } = await pickBackend(tenant, random);
    const messages = Array.from({ length: random.int(1, 8) }, () => buildMessage(tenant, random));
    return (await tenant.deliver("/analytics/v1/batch", messages, { token })) === 200;
  },
  async "record made or changed"(tenant, random) {
    const kind = random.pick(kinds);
    const externalId = ids(random)[kind.slice(0, -1) as "user"];
    const body = { name: tenant.text("name"), traits: { [tenant.text("trait")]: tenant.text("value") } };
    const changed = await tenant.ask("PUT", `/resources/${kind}/${externalId}`, body);
    if (isWell(changed)) return true;
    const more = kind === "users" ? { accountIds: [ids(random).account] } : {};
    return isWell(await tenant.ask("POST", `/resources/${kind}`, { externalId, ...body, ...more }));
  },
  async "record deleted"(tenant, random) {
    const kind = random.pick(kinds);
    return isWell(await tenant.ask("DELETE", `/resources/${kind}/${ids(random)[kind.slice(0, -1) as "user"]}`));
  },
  async "NPS response"(tenant, random) {
    const user = await tenant.ask("GET", `/resources/users/${ids(random).user}`);
    if (!isWell(user)) return false;
    const body = {
      userId: user.json.id,
      score: random.int(0, 10),
      feedback: tenant.text("feedback"),
      externalId: `nps-${random.int(1, 9)}`,
    };
    return isWell(await tenant.ask("POST", "/resources/npsResponses", body));
  },
  async "lookup by what both have"(tenant, random) {
    const { user, account } = ids(random);
    await tenant.ask("GET", `/resources/users/search?externalId=${user}`);
    await tenant.ask("GET", `/api/v1/accounts?externalId=${account}`);
    await tenant.ask("GET", `/api/v1/events?account=${account}&user=${user}`);
    return isWell(await tenant.ask("GET", `/api/v1/deliveries?user=${user}`));
  },
  async traits(tenant, random) {
    const kind = random.pick(kinds);
    const id = await findOne(tenant, random, kind);
    const traits = { [tenant.text("trait")]: tenant.text("value"), plan: tenant.text("plan") };
    return id !== undefined && isWell(await tenant.ask("PATCH", `/api/v1/${kind}/${id}/traits`, { traits }));
  },
  async "trait settings"(tenant, random) {
    const level = random.pick(["user", "account", "organization"]);
    return isWell(await tenant.ask("PUT", `/api/v1/traits/${level}/plan`, { type: random.pick(["text", null]) }));
  },
  async connection(tenant, random) {
    const { id } = await pickWebhook(tenant, random);
    const change = random.pick([
      { isOn: true },
      { missingRecords: random.pick(["create", "link"]) },
      { recordedKinds: [tenant.text("kind")] },
    ]);
    return isWell(await tenant.ask("PATCH", `/api/v1/connections/${id}`, change));
  },
  async "new address"(tenant, random) {
    const webhook = await pickWebhook(tenant, random);
    const answer = await tenant.ask("POST", `/api/v1/connections/${webhook.id}/rotate`, { graceMinutes: 60 });
    if (!isWell(answer)) return false;
    webhook.path = new URL(answer.json.url).pathname;
    return true;
  },
  async replay(tenant, random) {
    const id = await findOne(tenant, random, "deliveries");
    return id !== undefined && isWell(await tenant.ask("POST", `/api/v1/deliveries/${id}/replay`));
  },
  async "match again"(tenant, random) {
    const { id } = await pickWebhook(tenant, random);
    return isWell(await tenant.ask("POST", `/api/v1/connections/${id}/match-again`));
  },
  async "API key"(tenant, random) {
    const made = await tenant.ask("POST", "/api/v1/api-keys", { name: tenant.text("key"), scopes: ["read"] });
    return (
      isWell(made) && (random.chance(0.5) || isWell(await tenant.ask("DELETE", `/api/v1/api-keys/${made.json.id}`)))
    );
  },
  async details(tenant, random) {
    const list = random.pick([...kinds, "events", "nps-responses", "poll-responses", "deliveries"]);
    const id = await findOne(tenant, random, list);
    return id !== undefined && isWell(await tenant.ask("GET", `/api/v1/${list}/${id}`));
  },
  async "pages by cursor"(tenant, random) {
    const list = random.pick([...kinds, "events", "deliveries", "audit-log"]);
    const first = await tenant.ask("GET", `/api/v1/${list}?limit=2`);
    if (!first.json.next) return isWell(first);
    return isWell(await tenant.ask("GET", `/api/v1/${list}?limit=2&from=${encodeURIComponent(first.json.next)}`));
  },
  async import(tenant, random) {
    const { user, account } = ids(random);
    const { text } = tenant;
    // One row that is taken, and one that is not: it is told why, with what stands in it.
    const file = `external_id,name,account,${text("column")}\n${user},${text("name")},${account},${text("value")}\nnull,${text("name")},,\n`;
    const made = await tenant.ask("POST", "/api/v1/imports?kind=user", file);
    if (!isWell(made)) return false;
    await tenant.ask("GET", `/api/v1/imports/${made.json.id}/rejected.csv`);
    return isWell(await tenant.ask("GET", `/api/v1/imports/${made.json.id}`));
  },
  async export(tenant, random) {
    const list = random.pick([...kinds, "events", "nps-responses", "poll-responses", "deliveries"]);
    return isWell(await tenant.ask("GET", `/api/v1/${list}.csv`));
  },
};
