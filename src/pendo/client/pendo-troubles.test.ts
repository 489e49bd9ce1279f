// The client on the bad days of the simulator, over real HTTP: what each trouble is called, and what is to be done.
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FaultKind } from "../../../simulator/api/http/faults.ts";
import { type PendoSimulator, startPendoSimulator } from "../../../simulator/api/start-pendo-simulator.ts";
import { catchPendoError, createTestPendoClient, type TestPendoClient } from "../../../test/support/pendo-client.ts";
import type { Patience } from "./ask.ts";
import type { Identity } from "./pipelines.ts";

const integrationKey = "0123456789abcdef-a-key-that-nobody-may-see";

let simulator: PendoSimulator;
let clients: TestPendoClient[];
let server: Server | undefined;
beforeEach(async () => {
  simulator = await startPendoSimulator({ seed: "7", count: 300, integrationKey });
  clients = [];
});
afterEach(async () => {
  // Whatever happened: the key is in no line.
  for (const { lines } of clients) expect(lines.join("")).not.toContain(integrationKey);
  for (const { stop } of clients) await stop();
  await simulator.stop();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

function createClient(patience: Partial<Patience> = {}, url = simulator.url): TestPendoClient {
  const client = createTestPendoClient({ url, integrationKey }, { patience, pageSize: 400 });
  clients.push(client);
  return client;
}

async function listVisitors(client: TestPendoClient): Promise<Identity[]> {
  const all: Identity[] = [];
  for await (const page of client.listIdentities("visitor", "all")) all.push(...page);
  return all;
}

const hasty = { headers: 1_000, idle: 1_000, total: 1_500 };

const again = { kind: "try-again" };
const key = { kind: "fix-settings", setting: "integration-key" };

type Expected = [fault: FaultKind, trouble: string, next: object, message: RegExp];
const troubles: Expected[] = [
  [401, "key-refused", key, /refuses the integration key \(401\).*Integration Keys/],
  [403, "key-refused", key, /refuses the integration key \(403\)/],
  [408, "server-error", again, /\(408\)/],
  [418, "request-refused", { kind: "give-up" }, /refuses the request \(418\)/],
  [422, "request-refused", { kind: "give-up" }, /\(422\)/],
  [429, "rate-limited", again, /asked too often \(429\)/],
  [500, "server-error", again, /trouble answering \(500\)/],
  [502, "server-error", again, /\(502\)/],
  [503, "server-error", again, /\(503\)/],
  ["cut", "half-answer", again, /nothing of it is used/],
  ["reset", "not-reachable", again, /not reachable \((ECONNRESET|UND_ERR_SOCKET)\)/],
  ["hang", "timed-out", again, /in time/],
  ["slow", "timed-out", again, /in time/],
  ["empty", "half-answer", again, /empty/],
  ["html", "wrong-content", again, /proxy/],
];

test.each(troubles)(
  "%s while asking: %s",
  async (fault, trouble, next, message) => {
    const client = createClient({ long: hasty, short: hasty });
    simulator.faults.set([{ fault }]);
    const ids = [...simulator.people.list("visitor")].slice(0, 10);
    for (const ask of [
      () => client.verifyToken(),
      () => client.readMetadataSchema("visitor"),
      () => client.findIdentities("visitor", ids, "all"),
      () => listVisitors(client),
    ]) {
      const error = await catchPendoError(ask());
      expect(error).toMatchObject({ trouble, next, message: expect.stringMatching(message) });
      expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain(integrationKey);
    }
    simulator.faults.set([]);
    expect((await client.findIdentities("visitor", ids, "all")).size).toBe(10);
  },
  60_000,
);

test("400: the key alone tells a key of another region from a request that Pendo does not understand", async () => {
  const client = createClient();
  simulator.faults.set([{ fault: 400, route: "aggregation" }]);
  const refused = await catchPendoError(client.countIdentities("visitor"));
  expect(refused).toMatchObject({ trouble: "request-refused", status: 400, next: { kind: "give-up" } });
  simulator.faults.set([{ fault: 400 }]);
  for (const ask of [
    () => client.countIdentities("visitor"),
    () => client.verifyToken(),
    () => client.findIdentities("visitor", ["a"], []),
  ])
    expect(await catchPendoError(ask())).toMatchObject({
      trouble: "wrong-region",
      next: { kind: "fix-settings", setting: "region" },
      message: expect.stringMatching(/choose the region/),
    });
  const foreign = createTestPendoClient({ url: simulator.url, integrationKey: `${integrationKey}.eu` });
  clients.push(foreign);
  simulator.faults.set([]);
  expect(await catchPendoError(foreign.verifyToken())).toMatchObject({ trouble: "wrong-region" });
  expect(await catchPendoError(foreign.countIdentities("account"))).toMatchObject({ trouble: "wrong-region" });
});

test("a single trouble is got over without anybody noticing, but the log", async () => {
  const client = createClient({ tries: 3, long: hasty });
  const accounts = [...simulator.people.list("account")].length;
  for (const fault of [500, 503, 429, "cut", "reset", "hang", "empty", "html"] as const) {
    simulator.faults.set([{ fault, times: 2, milliseconds: 0 }]);
    client.lines.length = 0;
    expect(await client.countIdentities("account"), String(fault)).toBe(accounts);
    const lines = client.lines.map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ request: "count-accounts", attempt: 2, waitMs: expect.any(Number) });
  }
}, 60_000);

test("refused keys and requests are not tried again", async () => {
  const client = createClient({ tries: 3 });
  for (const fault of [401, 403, 404, 422]) {
    simulator.faults.set([{ fault }]);
    simulator.requests.clear();
    await catchPendoError(client.countIdentities("account"));
    expect(simulator.requests.total(), String(fault)).toBe(1);
  }
});

test("it waits as long as Pendo says, in seconds or as a date, and longer each time where Pendo does not say", async () => {
  const asked: number[] = [];
  const answers = ["1", "date", undefined, undefined, undefined];
  const url = await listen((_request, response) => {
    const retryAfter = answers[asked.push(Date.now()) - 1];
    if (asked.length > answers.length) return response.end('{"valid":true}');
    // A date has no milliseconds: one second more keeps it in the future.
    const date = new Date(Date.now() + 2_000).toUTCString();
    if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter === "date" ? date : retryAfter);
    return response.writeHead(429).end();
  });
  const client = createClient({ tries: 9, rateLimitMs: 20 }, url);
  expect(await client.verifyToken()).toEqual({ mayWrite: false });
  const waits = client.lines.map((line) => JSON.parse(line).waitMs);
  expect(waits[0]).toBe(1000);
  expect(waits[1]).toBeGreaterThan(900);
  expect(waits[1]).toBeLessThanOrEqual(2000);
  expect(waits.slice(2)).toEqual([80, 160, 320]);
  // Timers may fire a little early.
  for (const [place, wait] of waits.entries())
    expect(asked[place + 1]! - asked[place]!).toBeGreaterThanOrEqual(wait - 5);
});

test("who would have to wait too long is told when to come back", async () => {
  const client = createClient({ tries: 5, longestWaitMs: 60_000 });
  simulator.faults.set([{ fault: 429, milliseconds: 90_000 }]);
  simulator.requests.clear();
  const error = await catchPendoError(client.verifyToken());
  expect(error).toMatchObject({
    trouble: "rate-limited",
    retryAfterMs: 90_000,
    next: { kind: "try-again", afterMs: 90_000 },
  });
  expect(simulator.requests.total()).toBe(1);
});

test("403 with the words of a rate limit is one", async () => {
  const url = await listen((_request, response) =>
    response.writeHead(403).end('{"error":{"code":"rateLimitExceeded"}}'),
  );
  expect(await catchPendoError(createClient({}, url).verifyToken())).toMatchObject({ trouble: "rate-limited" });
});

test("redirects are not followed", async () => {
  let followed = 0;
  const target = await listen(() => (followed += 1));
  const first = server!;
  const url = await listen((_request, response) =>
    response.writeHead(307, { location: `${target}/api/v1/token/verify` }).end(),
  );
  expect(await catchPendoError(createClient({}, url).verifyToken())).toMatchObject({
    trouble: "wrong-content",
    message: expect.stringMatching(/redirect \(307\)/),
  });
  expect(followed).toBe(0);
  first.closeAllConnections();
  first.close();
});

test("an answer that comes slowly, but comes, is read; one that stops is not waited for", async () => {
  let isStopping = false;
  const url = await listen((_request, response) => {
    response.write('{"results":[');
    let count = 0;
    const timer = setInterval(() => {
      if (isStopping && count === 3) return clearInterval(timer);
      response.write(`${count === 0 ? "" : ","}{"accountId":"a-${count}","metadata":{}}`);
      count += 1;
      if (count < 12) return;
      clearInterval(timer);
      response.end("]}");
    }, 100);
    response.on("close", () => clearInterval(timer));
  });
  const client = createClient({ long: { headers: 1_000, idle: 1_000, total: 20_000 } }, url);
  const ids = Array.from({ length: 12 }, (_, count) => `a-${count}`);
  expect([...(await client.findIdentities("account", ids, "all")).keys()]).toEqual(ids);
  isStopping = true;
  expect(await catchPendoError(client.findIdentities("account", ids, "all"))).toMatchObject({ trouble: "timed-out" });
  isStopping = false;
  const hurried = createClient({ long: { headers: 1_000, idle: 1_000, total: 500 } }, url);
  expect(await catchPendoError(hurried.findIdentities("account", ids, "all"))).toMatchObject({ trouble: "timed-out" });
}, 30_000);

test("an answer without end is given up in bounded memory", async () => {
  let sent = 0;
  const url = await listen((_request, response) => {
    const write = () => {
      while (!response.destroyed) {
        sent += 65_536;
        if (!response.write(" ".repeat(65_536))) return;
      }
    };
    response.on("drain", write);
    response.write('{"valid":');
    write();
  });
  const error = await catchPendoError(createClient({}, url).verifyToken());
  expect(error).toMatchObject({ trouble: "too-large", next: { kind: "give-up" } });
  expect(sent).toBeLessThan(40 * 1024 * 1024);
});

test("what Pendo says of an error is kept for a person, on one line, and without the key", async () => {
  const url = await listen((request, response) =>
    response
      .writeHead(418)
      .end(`bad\n\u001b[31m pipeline for ${request.headers["x-pendo-integration-key"]} ${"x".repeat(50_000)}`),
  );
  const { detail, message } = await catchPendoError(createClient({}, url).countIdentities("visitor"));
  expect(detail).toMatch(/^bad \[31m pipeline for … x{200,}$/);
  expect(detail!.length).toBeLessThanOrEqual(300);
  expect(message).not.toContain("pipeline for");
});

test("large pages that Pendo cannot manage become smaller ones, and nobody is missing", async () => {
  const sizes: number[] = [];
  const everybody = Array.from({ length: 700 }, (_, count) => `a-${String(count).padStart(4, "0")}`);
  const url = await listen((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      const { pipeline } = JSON.parse(text).request as { pipeline: { filter?: string; limit?: number }[] };
      const limit = pipeline.find((stage) => stage.limit)!.limit!;
      sizes.push(limit);
      if (limit > 150) return response.writeHead(504).end();
      const after = /> "(.*)"/.exec(pipeline.find((stage) => stage.filter)?.filter ?? '> ""')![1]!;
      const results = everybody
        .filter((id) => id > after)
        .slice(0, limit)
        .map((accountId) => ({ accountId, metadata: {} }));
      return response.end(JSON.stringify({ results }));
    });
  });
  const listed: string[] = [];
  for await (const page of createClient({}, url).listIdentities("account", "all"))
    listed.push(...page.map(({ id }) => id));
  expect(listed).toEqual(everybody);
  expect(sizes.slice(0, 2)).toEqual([400, 100]);
});

test("a list that stands still ends in words, not in an endless loop", async () => {
  const url = await listen((_request, response) =>
    response.end('{"results":[{"accountId":"a","metadata":{}},{"accountId":"b","metadata":{}}]}'),
  );
  const list = async () => {
    for await (const _page of createClient({}, url).listIdentities("account", "all"));
  };
  expect(await catchPendoError(list())).toMatchObject({ trouble: "wrong-content", next: { kind: "give-up" } });
});

test("nobody there, no name, no TLS, no HTTP: not reachable, or no answer of Pendo's", async () => {
  const silent = createTcpServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  const troublesOf = async (url: string) => {
    const error = await catchPendoError(createClient({}, url).verifyToken());
    expect(error.next.kind).toBe("try-again");
    return `${error.trouble}: ${error.message}`;
  };
  expect(await troublesOf("http://127.0.0.1:1")).toMatch(/^not-reachable: .*ECONNREFUSED/);
  expect(await troublesOf("http://nosuch.invalid")).toMatch(/^not-reachable: .*(ENOTFOUND|EAI_AGAIN)/);
  expect(await troublesOf(simulator.url.replace("http:", "https:"))).toMatch(
    /^not-reachable: .*(SSL|EPROTO|ECONN|UND_ERR)/,
  );
  expect(await troublesOf(`http://127.0.0.1:${port}`)).toMatch(/^wrong-content: .*not HTTP/);
  silent.close();
});

test("when the process stops, requests and waits end at once", async () => {
  for (const fault of ["hang", 500] as const) {
    const stopping = new AbortController();
    const patience = { tries: 3, backOffMs: 50_000 };
    const client = createTestPendoClient({ url: simulator.url, integrationKey }, { signal: stopping.signal, patience });
    clients.push(client);
    simulator.faults.set([{ fault }]);
    simulator.requests.clear();
    const asking = catchPendoError(client.verifyToken());
    await expect.poll(() => (fault === "hang" ? simulator.requests.total() : client.lines.length)).toBe(1);
    const startedAt = performance.now();
    stopping.abort();
    expect(await asking).toMatchObject({ trouble: "stopped", next: { kind: "try-again", afterMs: 0 } });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await catchPendoError(client.verifyToken())).toMatchObject({ trouble: "stopped" });
  }
});

/** A server of its own, for what the simulator never does. */
async function listen(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
